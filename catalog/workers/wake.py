"""What a wake-up does: describe due photos for a while, then let another wake-up go on."""

import logging
import time
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.utils import timezone

from catalog.machine import MachineShort, is_shortage
from catalog.selectors.model_versions import model_version_active
from catalog.transitions.job_item import items_expire, items_release, items_retry
from catalog.wakeups import wake_descriptions, wake_interactive
from catalog.workers.batch import DETAIL_LENGTH, batch_run, model_prepare
from catalog.workers.endings import jobs_close
from catalog.workers.lease import Lease, jobs_due, lease_take
from catalog.workers.patience import patiently, retry_at
from catalog.workers.photos import Batch, PhotoReader
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)

#: Seconds that a batch should take: long enough that the database costs little beside the model,
#: short enough that urgent work, and a request to stop, wait no longer than that.
BATCH_SECONDS = 1.0
#: Photos that the engine runs at a time. Fewer cost it nearly as long, so batches are multiples of
#: this, even where one takes longer than BATCH_SECONDS.
ENGINE_BATCH = 16
#: Seconds beyond which a batch is made smaller all the same; well below a lease.
LONGEST_SECONDS = 10.0


class Pace:
    """Learns how fast the process describes, and says how much it should take at a time."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._largest = ENGINE_BATCH

    def limit(self) -> int:
        """Photos for the next batch: what takes about BATCH_SECONDS, `LEASE_BATCH` at most."""
        if self._speed is None:
            return min(ENGINE_BATCH, settings.LEASE_BATCH)
        engine_batches = max(1, int(self._speed * BATCH_SECONDS) // ENGINE_BATCH)
        slow = max(1, int(self._speed * LONGEST_SECONDS))
        # It grows by doubling: a first batch that happened to be quick proves little.
        return min(engine_batches * ENGINE_BATCH, slow, self._largest, settings.LEASE_BATCH)

    def note(self, *, photos: int, seconds: float) -> None:
        """A batch took so long. Its speed and the former ones count half each."""
        speed = photos / max(seconds, 0.001)
        self._speed = speed if self._speed is None else (self._speed + speed) / 2
        self._largest = max(self._largest, 2 * photos)


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
    #: Items run so far.
    run: int = 0

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
    with PhotoReader() as reader:
        shift = _Shift(reader=reader, urgent=urgent, deadline=deadline)
        try:
            _run_all(shift)
        except MachineShort as short:
            # No successor: the sweep wakes a worker again, this one or one with more room.
            logger.error("This machine is short of something, so this wake ends: %s", short)
            return shift.run
    patiently(jobs_close)
    if patiently(jobs_due(urgent=urgent).exists):
        wake_interactive() if urgent else wake_descriptions()
    return shift.run


def _run_all(shift: _Shift) -> None:
    """Run batch after batch, the next one's photos being read while the model is at this one.

    An item that must be alone has the whole process: nothing is read beside it that could die
    with it, or kill it.
    """
    batch = shift.take(may_be_alone=True)
    while batch is not None:
        following = None if batch.lease.is_alone else shift.take(may_be_alone=False)
        try:
            shift.run += _run(batch)
        except BaseException:
            if following is not None:
                _release(following.lease)
            raise
        batch = following or shift.take(may_be_alone=True)


def _run(batch: Batch) -> int:
    """Run one batch; whatever happens, nothing stays in the hands of this worker."""
    begun = time.monotonic()
    ended = False
    try:
        if is_stopping():
            return 0
        batch_run(batch=batch)
        ended = True
    except Exception as error:
        logger.error("A batch of %d photos was given up.", len(batch.photos))
        if is_shortage(error):
            patiently(partial(_postpone, batch.lease, error))
            raise MachineShort(f"{type(error).__name__}: {error}") from error
        # A time limit, or a bug: one of these photos may be the reason. The same as if the worker
        # had died with them, so that none of them is tried without end.
        patiently(lambda: items_expire(now=timezone.now(), token=batch.lease.token))
        raise
    finally:
        # What is still held was not begun: the worker is stopping.
        if not ended:
            _release(batch.lease)
    if not batch.lease.is_alone:
        _pace.note(photos=len(batch.photos), seconds=time.monotonic() - begun)
    return len(batch.photos)


def _postpone(lease: Lease, error: Exception) -> None:
    """The machine is short of something: no photo is at fault, and another worker may have it."""
    items_retry(
        item_ids=[item.pk for item in lease.items],
        token=lease.token,
        due_at=retry_at(attempts=lease.items[0].attempts),
        detail=f"{type(error).__name__}: {error}"[:DETAIL_LENGTH],
    )


def _release(lease: Lease) -> None:
    patiently(lambda: items_release(token=lease.token))
