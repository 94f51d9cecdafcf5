"""What a wake-up does: describe due photos for a while, then let another wake-up go on."""

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from catalog.selectors.model_versions import model_version_active
from catalog.transitions.job_item import items_expire, items_release
from catalog.wakeups import wake_descriptions, wake_interactive
from catalog.workers.batch import batch_run, model_prepare
from catalog.workers.closing import jobs_close
from catalog.workers.lease import Lease, jobs_due, lease_take
from catalog.workers.pace import Pace
from catalog.workers.patience import patiently
from catalog.workers.reading import Batch, PhotoReader, photo_reader
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)

#: Of this process, from one wake to the next.
_pace = Pace()


@dataclass
class _Shift:
    """One wake: what it may take, and until when."""

    reader: PhotoReader
    urgent: bool
    deadline: float
    #: The version of the batch before, which the process has loaded.
    loaded: int | None = None

    def take(self, *, may_be_alone: bool) -> Batch | None:
        """The next batch, its photos on their way; None when the wake is over."""
        if time.monotonic() >= self.deadline or is_stopping():
            return None
        limit = _pace.limit()
        lease = patiently(
            lambda: lease_take(
                limit=limit, urgent=self.urgent, may_be_alone=may_be_alone, loaded=self.loaded
            )
        )
        if lease is None:
            return None
        self.loaded = lease.version.pk if lease.version else None
        return self.reader.begin(lease)


def wake_run(*, urgent: bool = False) -> int:
    """Lease and describe batches for WAKE_SECONDS at most; returns how many items were run.

    Short wakes let a worker stop, and let others with a higher priority have their turn. An
    `urgent` wake takes what somebody waits for and nothing else; it loads the model even when
    nothing is due, so that who comes next need not wait for that.
    """
    deadline = time.monotonic() + settings.WAKE_SECONDS
    if urgent or patiently(jobs_due().exists):
        model_prepare(patiently(model_version_active))
    with photo_reader() as reader:
        run = _run_all(_Shift(reader=reader, urgent=urgent, deadline=deadline))
    patiently(jobs_close)
    if patiently(jobs_due(urgent=urgent).exists):
        wake_interactive() if urgent else wake_descriptions()
    return run


def _run_all(shift: _Shift) -> int:
    """Run batch after batch, the next one's photos being read while the model is at this one.

    An item that must be alone has the whole process: nothing is read beside it that could die
    with it, or kill it. Returns how many items were run.
    """
    run = 0
    batch = shift.take(may_be_alone=True)
    while batch is not None:
        following = None if batch.lease.is_alone else shift.take(may_be_alone=False)
        try:
            run += _run(batch)
        except BaseException:
            if following is not None:
                _release(following.lease)
            raise
        batch = following or shift.take(may_be_alone=True)
    return run


def _run(batch: Batch) -> int:
    """Run one batch; whatever happens, nothing stays in the hands of this worker."""
    begun = time.monotonic()
    try:
        if is_stopping():
            return 0
        batch_run(batch=batch)
    except Exception:
        # A time limit, a fault of ours: one of these photos may be why. The same as if the worker
        # had died with them, so that what cannot be described does not come back for ever.
        logger.error("A batch of %d photos was given up.", len(batch.photos))
        patiently(lambda: items_expire(now=timezone.now(), token=batch.lease.token))
        raise
    finally:
        # What is still held was not begun: the worker is stopping.
        _release(batch.lease)
    if not batch.lease.is_alone:
        _pace.note(photos=len(batch.photos), seconds=time.monotonic() - begun)
    return len(batch.photos)


def _release(lease: Lease) -> None:
    patiently(lambda: items_release(token=lease.token))
