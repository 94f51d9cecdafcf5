"""What a wake-up does: describe due photos for a while, then let another wake-up go on."""

import logging
import time

from django.conf import settings
from django.utils import timezone

from catalog.transitions.job_item import items_expire, items_release
from catalog.wakeups import wake_descriptions
from catalog.workers.batch import batch_run, model_prepare
from catalog.workers.closing import jobs_close
from catalog.workers.lease import Lease, items_due, lease_take
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)


def wake_run() -> int:
    """Lease and describe batches for WAKE_SECONDS at most; returns how many items were leased.

    Short wakes let a worker stop, and let others with a higher priority have their turn.
    """
    deadline = time.monotonic() + settings.WAKE_SECONDS
    leased = 0
    if items_due().exists():
        model_prepare()
    while time.monotonic() < deadline and not is_stopping():
        lease = lease_take(limit=settings.LEASE_BATCH)
        if lease is None:
            break
        leased += len(lease.items)
        _run(lease)
    jobs_close()
    if items_due().exists():
        wake_descriptions()
    return leased


def _run(lease: Lease) -> None:
    """Run one batch; whatever happens, nothing stays in the hands of this worker."""
    try:
        if not is_stopping():
            batch_run(lease=lease)
    except Exception:
        # A time limit, a fault of ours: one of these photos may be why. The same as if the worker
        # had died with them, so that what cannot be described does not come back for ever.
        logger.error("A batch of %d photos was given up.", len(lease.items))
        items_expire(now=timezone.now(), token=lease.token)
        raise
    finally:
        # What is still held was not begun: the worker is stopping.
        items_release(token=lease.token)
