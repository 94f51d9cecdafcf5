"""Puts right what crashes, lost messages and absent workers left, and deletes what has expired."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.exceptions import RetrainingRefused
from catalog.models import (
    DeliveryState,
    IdempotentRequest,
    PhotoRequest,
    WebhookDelivery,
    WebhookEvent,
)
from catalog.selectors.jobs import SPEED_SPAN
from catalog.services.auto_approval import certified_drafts_approve
from catalog.services.idempotency import KEPT
from catalog.services.retraining import training_run_create_when_due
from catalog.transitions.job import tallies_fold
from catalog.transitions.job_item import items_expire
from catalog.transitions.training_run import runs_due, runs_interrupt_lost
from catalog.wakeups import wake_descriptions, wake_interactive, wake_training
from catalog.workers.bulk_reviews import bulk_reviews_sweep
from catalog.workers.endings import jobs_close
from catalog.workers.importing import imports_sweep
from catalog.workers.lease import jobs_due

logger = logging.getLogger(__name__)

#: How long the log of deliveries is kept once they have ended.
DELIVERIES_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did: items given back and given up, jobs ended, whether it woke a worker."""

    requeued: int
    failed: int
    closed: int
    woke: bool


def sweep_run() -> SweepReport:
    """Every few seconds: requeue expired leases, close finished jobs, wake workers that are due."""
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
    if approved := certified_drafts_approve():
        logger.info("%d drafts were approved by their certificates", approved)
    _training_sweep(now)
    return SweepReport(requeued=requeued, failed=failed, closed=closed, woke=woke)


@dataclass(frozen=True)
class TidyReport:
    """How many rows of each kind were deleted."""

    photo_requests: int
    answers: int
    deliveries: int


def tidy_run() -> TidyReport:
    """Every few minutes: delete photos without an asker, answers after a day, old deliveries."""
    now = timezone.now()
    photos, _ = PhotoRequest.objects.filter(expires_at__lt=now).delete()
    old = IdempotentRequest.objects.filter(created_at__lt=now - KEPT)
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


def _training_sweep(now: datetime) -> bool:
    """Interrupt runs whose host is lost, create one that is due, wake a host; whether it did."""
    if lost := runs_interrupt_lost(now=now):
        logger.warning("%d training runs lost their host", lost)
    try:
        training_run_create_when_due()
    except RetrainingRefused as refused:
        logger.warning("No run was started by itself: %s", refused)
    return runs_due().exists() and wake_training()
