"""Puts right what crashes, lost messages and absent workers left behind. Runs every few seconds."""

import logging
from dataclasses import dataclass

from django.utils import timezone

from catalog.selectors.jobs import SPEED_SPAN
from catalog.transitions.job_item import items_expire
from catalog.transitions.job_tally import tallies_fold
from catalog.wakeups import wake_descriptions, wake_interactive
from catalog.workers.bulk_reviews import bulk_reviews_sweep
from catalog.workers.closing import jobs_close
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
