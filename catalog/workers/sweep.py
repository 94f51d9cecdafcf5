"""Puts right what crashes, lost messages and absent workers left behind. Runs every few seconds."""

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
from catalog.selectors.jobs import SPEED_SPAN
from catalog.transitions.job import tallies_fold
from catalog.transitions.job_item import items_expire
from catalog.wakeups import wake_descriptions, wake_interactive
from catalog.workers.bulk_reviews import bulk_reviews_sweep
from catalog.workers.endings import jobs_close
from catalog.workers.importing import imports_sweep
from catalog.workers.lease import jobs_due
from catalog.workers.training_sweep import training_sweep

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did: items given back and given up, jobs ended, whether it woke a worker."""

    requeued: int
    failed: int
    closed: int
    woke: bool


def sweep_run() -> SweepReport:
    """Requeue expired leases, close finished jobs, wake a worker if anything is due."""
    now = timezone.now()
    requeued, failed = items_expire(now=now)
    if requeued or failed:
        logger.warning("Leases expired: %d items requeued, %d given up", requeued, failed)
    closed = jobs_close()
    # Those of the last span are needed one by one to tell the speed.
    tallies_fold(before=now - 2 * SPEED_SPAN)
    if jobs_due(urgent=True).exists():
        wake_interactive()
    woke = jobs_due().exists() and wake_descriptions()
    imports_sweep()
    bulk_reviews_sweep()
    training_sweep(now=now)
    return SweepReport(requeued=requeued, failed=failed, closed=closed, woke=woke)


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
