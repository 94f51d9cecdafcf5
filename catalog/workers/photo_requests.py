"""Describes photos for which somebody waits. Runs in the worker of the queue `interactive`."""

import io
import logging
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone
from PIL import Image

from catalog.choices import PageText
from catalog.exceptions import LeaseLost
from catalog.known_product import conditioned_on
from catalog.models import PhotoRequest, PhotoRequestState
from catalog.models.description import TEXT_FIELDS
from catalog.selectors.model_versions import model_version_active
from catalog.transitions.job_item import (
    photo_request_fail,
    photo_request_finish,
    photo_request_lease,
)
from catalog.workers.batch import describe_function, model_prepare

logger = logging.getLogger(__name__)

#: Nobody waits for longer than this.
STALE = timedelta(seconds=10)
#: Who waits for one photo gets the texts of a page with it: they take no time.
_OPTIONS = {"slots": PageText.values}


def photo_requests_run() -> int:
    """Describe what waits, the oldest first, one by one; returns how many.

    The model is loaded even when nothing waits, so that who comes next need not wait for that.
    """
    model_prepare(model_version_active())
    described = 0
    while (row := _next()) is not None:
        described += 1
        try:
            _describe(row)
        except LeaseLost as lost:
            logger.info("Nothing was written: %s", lost)
    return described


def _next() -> PhotoRequest | None:
    """The oldest request that is still waited for, leased."""
    waiting = PhotoRequest.objects.filter(
        state=PhotoRequestState.QUEUED, created_at__gte=timezone.now() - STALE
    ).order_by("created_at")
    return next((row for row in waiting[:10] if photo_request_lease(key=row.pk)), None)


def _describe(row: PhotoRequest) -> None:
    version = model_version_active()
    if version is None:
        photo_request_fail(key=row.pk, reason="No model version is active.")
        return
    photo = Image.open(io.BytesIO(bytes(row.photo)), formats=("JPEG",)).convert("RGB")
    try:
        [text] = describe_function()(
            version=version, photos=[photo], known=[conditioned_on({}, row.facts)], options=_OPTIONS
        )
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # whatever the model raises, the next one must have its turn
        logger.exception("A photo request failed.")
        photo_request_fail(key=row.pk, reason="The model could not describe this photo.")
        return
    answer = {
        field: getattr(text, field)
        for field in (*TEXT_FIELDS, "confidence", "recognised", "reason")
    }
    answer["bullets"] = text.bullets.splitlines()
    answer["model_version"] = version.name
    photo_request_finish(key=row.pk, answer=answer)
