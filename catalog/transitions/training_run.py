"""The named state changes of a training run.

    queued -> preparing -> training -> evaluating -> succeeded;  any open state -> failed, cancelled
    preparing, training, evaluating -> interrupted: the host died, stopped, or has no room
    interrupted -> preparing: taken up by another host, or the same, from the last checkpoint
    failed -> queued: a person asks for another try

A host at work holds the lease: each of its writes has token and state in its WHERE, in the
transaction of what it writes about, so that one which lost it writes nothing.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import DUE_RUN_STATES, OPEN_RUN_STATES, WORKING_RUN_STATES, TrainingRunState
from catalog.exceptions import LeaseLost, TransitionRefused
from catalog.models import ModelVersion, TrainingEpoch, TrainingLogLine, TrainingRun

logger = logging.getLogger(__name__)

#: A run in whose lease hosts ended this often without an epoch done is given up.
MAX_ATTEMPTS = 3
_UNLEASED: dict[str, Any] = {"lease_token": None, "lease_until": None}


def runs_due() -> QuerySet[TrainingRun]:
    """Runs that wait for a host, the oldest first."""
    return TrainingRun.objects.filter(state__in=DUE_RUN_STATES).order_by("pk")


def run_lease(
    *, host: str, seconds: float, passed_over: Collection[int] = ()
) -> TrainingRun | None:
    """Take the oldest run that waits, under a fresh token; None if there is none.

    `passed_over` are runs for which this host has no room.
    """
    with transaction.atomic():
        due = runs_due().exclude(pk__in=passed_over)
        found = due.select_for_update(skip_locked=True, of=("self",)).first()
        if found is None:
            return None
        now = timezone.now()
        if found.attempts >= MAX_ATTEMPTS:
            found.state, found.ended_at = TrainingRunState.FAILED, now
            found.message = (
                f"Hosts ended {MAX_ATTEMPTS} times in the same epoch. {found.message}".rstrip()
            )
            run_log(run=found, text=found.message)
        else:
            found.state, found.host = TrainingRunState.PREPARING, host
            found.lease_token = uuid4()
            found.lease_until = now + timedelta(seconds=seconds)
            found.heartbeat_at = now
            found.attempts += 1
            found.started_at = found.started_at or now
            found.message = ""
            run_log(run=found, text=f"Taken up by {host}.")
        found.save()
    return found if found.lease_token else None


def run_beat(*, run: TrainingRun, seconds: float, **progress: Any) -> None:
    """Say that the host is alive, and how far it is. Raises `LeaseLost`."""
    now = timezone.now()
    rows = TrainingRun.objects.filter(
        pk=run.pk, state__in=WORKING_RUN_STATES, lease_token=run.lease_token or UUID(int=0)
    )
    until = now + timedelta(seconds=seconds)
    if not rows.update(heartbeat_at=now, lease_until=until, **progress):
        raise LeaseLost(f"{run} is no longer this host's.")


def run_step(*, run: TrainingRun, state: TrainingRunState, text: str, **values: Any) -> None:
    """From the present step to the next, by the host that holds it. Raises `LeaseLost`."""
    with transaction.atomic():
        _held(run, state=state, **values)
        run_log(run=run, text=text)
    run.state = state
    logger.info("%s: %s", run, text)


def run_keep(*, run: TrainingRun, text: str, **values: Any) -> None:
    """Write something about the run beside its state. Raises `LeaseLost`."""
    with transaction.atomic():
        _held(run, state=run.state, **values)
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
        _held(run, checkpoint=dict(checkpoint), attempts=0)
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

    A host that stops because it was asked to has tried nothing: then `counts` is false.
    """
    attempts = {} if counts else {"attempts": max(0, run.attempts - 1)}
    run_step(
        run=run,
        state=TrainingRunState.INTERRUPTED,
        text=message,
        message=message,
        **attempts,
        **_UNLEASED,
    )


def runs_interrupt_lost(*, now: datetime) -> int:
    """Runs whose host has not been heard of for its lease: said so, and free for another."""
    lost = TrainingRun.objects.filter(state__in=WORKING_RUN_STATES, lease_until__lt=now)
    count = 0
    for run in lost:
        seen = f"{run.heartbeat_at:%H:%M:%S} UTC" if run.heartbeat_at else "a while ago"
        try:
            run_interrupt(run=run, message=f"{run.host} was last heard of at {seen}.")
        except LeaseLost:
            continue  # it came back in this moment, or another sweep was quicker
        count += 1
    return count


def run_cancel(*, run: TrainingRun, actor: AbstractBaseUser | None) -> None:
    """Any open state to cancelled. A host in the middle of it finds its lease lost."""
    _change(
        run,
        *OPEN_RUN_STATES,
        actor=actor,
        text=f"Cancelled by {actor or 'the program'}.",
        state=TrainingRunState.CANCELLED,
        ended_at=timezone.now(),
        **_UNLEASED,
    )


def run_retry(*, run: TrainingRun, actor: AbstractBaseUser | None) -> None:
    """Failed to queued: what was learned until then stays, and is gone on from."""
    _change(
        run,
        TrainingRunState.FAILED,
        actor=actor,
        text=f"Asked to go on by {actor or 'the program'}.",
        state=TrainingRunState.QUEUED,
        attempts=0,
        ended_at=None,
        message="",
    )


def run_log(*, run: TrainingRun, text: str) -> None:
    """Add a line to what people read."""
    TrainingLogLine.objects.create(run=run, host=run.host, text=text)


def _end(run: TrainingRun, state: TrainingRunState, text: str, **values: Any) -> None:
    run_step(run=run, state=state, text=text, ended_at=timezone.now(), **values, **_UNLEASED)


def _held(run: TrainingRun, **values: Any) -> None:
    rows = TrainingRun.objects.filter(
        pk=run.pk, state=run.state, lease_token=run.lease_token or UUID(int=0)
    )
    if not rows.update(**values):
        raise LeaseLost(f"{run} is no longer this host's.")


def _change(
    run: TrainingRun,
    *former: TrainingRunState,
    actor: AbstractBaseUser | None,
    text: str,
    **values: Any,
) -> None:
    with transaction.atomic():
        changed = TrainingRun.objects.filter(pk=run.pk, state__in=former).update(**values)
        if changed:
            run_log(run=run, text=text)
    run.refresh_from_db()
    if not changed:
        raise TransitionRefused(
            _("%(run)s is in the state “%(state)s”, so this step is not possible now.")
            % {"run": run, "state": run.get_state_display()}
        )
    logger.info("%s is %s, by %s", run, run.state, actor or "the program")
