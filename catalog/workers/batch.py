"""Describes the items of one lease and ends each: done with a draft, failed, or to be retried."""

import logging
from collections.abc import Callable, Sequence
from textwrap import shorten

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils.module_loading import import_string
from PIL import Image

from catalog.choices import FailureReason
from catalog.engine.describe import GeneratedText, ModelUnavailable
from catalog.exceptions import LeaseLost
from catalog.models import DescriptionJobItem
from catalog.transitions.job_item import MAX_ATTEMPTS, item_fail, item_retry
from catalog.workers.backoff import MAX_STORAGE_ATTEMPTS, retry_at
from catalog.workers.drafts import draft_save
from catalog.workers.lease import Lease, active_version, lease_renew
from catalog.workers.outcomes import Outcome, outcomes
from catalog.workers.photos import PhotoFailed, StorageUnavailable, photo_load

logger = logging.getLogger(__name__)

#: Used where the setting DESCRIBE_FUNCTION, a dotted path, names no other function of this shape.
DESCRIBE_FUNCTION = "catalog.engine.describe.describe_photos"

#: Characters of an error that are kept with the item.
DETAIL_LENGTH = 300


def batch_run(*, lease: Lease) -> None:
    """End every item of the lease, in no transaction but the short ones that write.

    Items whose lease passed to another meanwhile are left alone.
    """
    if lease.version is None:
        for item in lease.items:
            _fail(lease, item, FailureReason.MODEL_MISSING, "No model version is active.")
        return
    loaded = [(item, photo) for item in lease.items if (photo := _load(lease, item)) is not None]
    if not loaded:
        return
    try:
        results = outcomes(
            photos=[photo for _, photo in loaded],
            describe=lambda photos: _describe(lease, photos),
        )
    except ModelUnavailable as error:
        logger.error("No model: %s", error)
        results = [Outcome(error=error)] * len(loaded)
    for (item, _), outcome in zip(loaded, results, strict=True):
        _end(lease, item, outcome)


def model_prepare() -> None:
    """Load the active version before any item is leased, so that no lease runs out meanwhile.

    What goes wrong is only logged: it comes again, and is then written on the items.
    """
    version = active_version()
    if version is None:
        return
    try:
        describe_function()(version=version, photos=[], facts=[], options={})
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (see above)
        logger.warning("%s could not be loaded: %s", version, error)


def describe_function() -> Callable[..., list[GeneratedText]]:
    """What describes photos: the engine, or what the setting names."""
    return import_string(getattr(settings, "DESCRIBE_FUNCTION", DESCRIBE_FUNCTION))


def _load(lease: Lease, item: DescriptionJobItem) -> Image.Image | None:
    """The photo, or None once the item is ended because there is none to be had."""
    try:
        return photo_load(item=item)
    except PhotoFailed as error:
        _fail(lease, item, error.reason, _words(error))
    except StorageUnavailable as error:
        if item.attempts < MAX_STORAGE_ATTEMPTS:
            _retry(lease, item, error)
        else:
            _fail(lease, item, FailureReason.STORAGE_UNAVAILABLE, _words(error))
    return None


def _describe(lease: Lease, photos: Sequence[Image.Image]) -> list[GeneratedText]:
    """Run the model, with the whole lease's time before it."""
    lease_renew(lease=lease)
    return describe_function()(
        version=lease.version,
        photos=photos,
        facts=[""] * len(photos),
        options=lease.items[0].job.options,
    )


def _end(lease: Lease, item: DescriptionJobItem, outcome: Outcome) -> None:
    """Write down what came of one item."""
    error = outcome.error
    if outcome.text is not None:
        try:
            draft_save(item=item, token=lease.token, text=outcome.text)
        except LeaseLost as lost:
            logger.warning("Nothing was written: %s", lost)
    elif isinstance(error, MemoryError | ModelUnavailable) and item.attempts < MAX_ATTEMPTS:
        # By itself: the others of a batch may have needed the memory.
        _retry(lease, item, error, alone=isinstance(error, MemoryError))
    else:
        _fail(lease, item, FailureReason.MODEL_ERROR, _words(error))


def _fail(lease: Lease, item: DescriptionJobItem, reason: FailureReason, detail: str) -> None:
    logger.warning("Item %d of %s failed (%s): %s", item.pk, item.job, reason, detail)
    try:
        item_fail(item=item, token=lease.token, reason=reason, detail=detail)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)


def _words(error: Exception | None) -> str:
    """An error for a person: what it says, its kind if it is not ours; all of it is in the log."""
    ours = isinstance(error, PhotoFailed | StorageUnavailable | ModelUnavailable)
    text = str(error) if ours else f"{type(error).__name__}: {error}"
    return shorten(text.replace("\x00", ""), DETAIL_LENGTH, placeholder=" …")


def _retry(
    lease: Lease, item: DescriptionJobItem, error: Exception, *, alone: bool = False
) -> None:
    due_at = retry_at(attempts=item.attempts)
    detail = _words(error)
    logger.warning("Item %d of %s is tried again: %s", item.pk, item.job, detail)
    try:
        item_retry(item=item, token=lease.token, due_at=due_at, detail=detail, alone=alone)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)
