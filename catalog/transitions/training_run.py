"""The named state changes of a training run.

queued -> preparing -> training -> evaluating -> succeeded;  any open state -> failed, cancelled
preparing, training, evaluating -> interrupted: the host died, stopped, or has no room
interrupted -> preparing: another host, or the same, takes it from the last checkpoint
failed -> queued: a person asks for another try
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from catalog.choices import OPEN_RUN_STATES, TrainingRunState
from catalog.exceptions import LeaseLost
from catalog.leasing import UNLEASED, LeaseQuerySet, deadline, row_change_state
from catalog.models import ModelVersion, TrainingEpoch, TrainingLogLine, TrainingRun

logger = logging.getLogger(__name__)


def runs_due() -> LeaseQuerySet[TrainingRun]:
    """Runs that wait for a host, the oldest first."""
    return TrainingRun.objects.due().order_by("pk")


def run_lease(
    *, host: str, seconds: float, passed_over: Collection[int] = ()
) -> TrainingRun | None:
    """Take the oldest run that waits, under a new token; None if there is none.

    `passed_over` are runs for which this host has no room.
    """
    with transaction.atomic():
        found = runs_due().exclude(pk__in=passed_over).lock_first()
        if found is None:
            return None
        if found.is_worn_out:
            ended = f"Hosts ended {found.lease.attempts} times in the same epoch."
            found.give_up(f"{ended} {found.message}".rstrip())
            run_log(run=found, text=found.message)
            return None
        now = timezone.now()
        found.take(
            seconds=seconds,
            host=host,
            heartbeat_at=now,
            started_at=found.started_at or now,
            message="",
        )
        run_log(run=found, text=f"Taken up by {host}.")
    return found


def run_beat(*, run: TrainingRun, seconds: float, **progress: Any) -> None:
    """Say that the host is alive, and how far it is. Raises `LeaseLost`."""
    # By key and token: the heartbeat's thread does not follow the run's steps.
    held = TrainingRun.objects.held(run.lease_token).filter(pk=run.pk)
    if not held.renew(until=deadline(seconds), heartbeat_at=timezone.now(), **progress):
        raise LeaseLost(f"{run} is no longer this host's.")


def run_step(*, run: TrainingRun, state: TrainingRunState, text: str, **values: Any) -> None:
    """From the present step to the next, by the host that holds it. Raises `LeaseLost`."""
    with transaction.atomic():
        run.update_held(state=state, **values)
        run_log(run=run, text=text)
    run.state = state
    logger.info("%s: %s", run, text)


def run_keep(*, run: TrainingRun, text: str, **values: Any) -> None:
    """Write something about the run beside its state. Raises `LeaseLost`."""
    with transaction.atomic():
        run.update_held(**values)
        run_log(run=run, text=text)
    for name, value in values.items():
        setattr(run, name, value)


def run_epoch(
    *, run: TrainingRun, epoch: TrainingEpoch, checkpoint: Mapping[str, str], text: str
) -> None:
    """An epoch has ended, and all that the next needs is in storage. Raises `LeaseLost`.

    An epoch that was written already, by a host that died just after, stays as it is.
    """
    with transaction.atomic():
        run.update_held(checkpoint=dict(checkpoint), attempts=0)
        if not TrainingEpoch.objects.filter(run=run, number=epoch.number).exists():
            epoch.run = run
            epoch.save(force_insert=True)
            run_log(run=run, text=text)
    run.checkpoint = dict(checkpoint)


def run_succeed(*, run: TrainingRun, version: ModelVersion, text: str) -> None:
    """Evaluating to succeeded, in the transaction that makes the version. Raises `LeaseLost`."""
    _end(run, TrainingRunState.SUCCEEDED, text, version=version, message="")


def run_fail(*, run: TrainingRun, message: str) -> None:
    """To failed, for a reason that another host would not change. Raises `LeaseLost`."""
    _end(run, TrainingRunState.FAILED, message, message=message)


def run_interrupt(*, run: TrainingRun, message: str, counts: bool = True) -> None:
    """Hand the run back, to go on from its last checkpoint. Raises `LeaseLost`.

    A host that was asked to stop has tried nothing: then `counts` is false.
    """
    attempts = {} if counts else {"attempts": max(0, run.attempts - 1)}
    state = TrainingRunState.INTERRUPTED
    run_step(run=run, state=state, text=message, message=message, **attempts, **UNLEASED)


def runs_interrupt_lost(*, now: datetime) -> int:
    """Interrupt runs whose host was not heard of for its lease; returns how many."""
    count = 0
    for run in TrainingRun.objects.lapsed(now):
        seen = f"{run.heartbeat_at:%H:%M:%S} UTC" if run.heartbeat_at else "a while ago"
        try:
            run_interrupt(run=run, message=f"{run.host} was last heard of at {seen}.")
        except LeaseLost:
            continue  # it came back in this moment, or another sweep was quicker
        count += 1
    return count


def run_cancel(*, run: TrainingRun, actor: AbstractBaseUser | None) -> None:
    """Any open state to cancelled. A host in the middle of it finds its lease lost."""
    with transaction.atomic():
        ended: dict[str, Any] = {"ended_at": timezone.now(), **UNLEASED}
        row_change_state(run, *OPEN_RUN_STATES, to=TrainingRunState.CANCELLED, actor=actor, **ended)
        run_log(run=run, text=f"Cancelled by {actor or 'the program'}.")


def run_retry(*, run: TrainingRun, actor: AbstractBaseUser | None) -> None:
    """Failed to queued: the next host goes on from what was learned until then."""
    with transaction.atomic():
        fresh: dict[str, Any] = {"attempts": 0, "ended_at": None, "message": ""}
        row_change_state(
            run, TrainingRunState.FAILED, to=TrainingRunState.QUEUED, actor=actor, **fresh
        )
        run_log(run=run, text=f"Asked to go on by {actor or 'the program'}.")


def run_log(*, run: TrainingRun, text: str) -> None:
    """Add a line to what people read."""
    TrainingLogLine.objects.create(run=run, host=run.host, text=text)


def _end(run: TrainingRun, state: TrainingRunState, text: str, **values: Any) -> None:
    run_step(run=run, state=state, text=text, ended_at=timezone.now(), **values, **UNLEASED)
