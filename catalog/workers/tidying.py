"""Deletes what was kept for a time only. Runs every few minutes."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from catalog.models import (
    DeliveryState,
    IdempotentRequest,
    PhotoRequest,
    WebhookDelivery,
    WebhookEvent,
)

logger = logging.getLogger(__name__)

#: How long an answer is kept for a request that may be repeated.
ANSWERS_KEPT = timedelta(hours=24)
#: How long the log of deliveries is kept once they have ended.
DELIVERIES_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class TidyReport:
    """How many rows of each kind were deleted."""

    photo_requests: int
    answers: int
    deliveries: int


def tidy_run() -> TidyReport:
    """Delete photos whose asker was lost, answers after a day, ended deliveries after a month."""
    now = timezone.now()
    photos, _ = PhotoRequest.objects.filter(expires_at__lt=now).delete()
    old = IdempotentRequest.objects.filter(created_at__lt=now - ANSWERS_KEPT)
    answers, _ = old.delete()
    ended = WebhookDelivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT).exclude(
        state=DeliveryState.PENDING
    )
    deliveries = ended.count()
    ended.delete()
    WebhookEvent.objects.filter(
        created_at__lt=now - DELIVERIES_KEPT, deliveries__isnull=True
    ).delete()
    return TidyReport(photos, answers, deliveries)
