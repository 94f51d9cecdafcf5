"""The named state changes of import sources: active -> stopped, and back by a person.

A worker leases a source for one look. Its import goes on by itself; `import_source_settle` says
that one worker, and no other, deals with what became of it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.choices import ImportSourceState, ImportState
from catalog.leasing import UNLEASED, LeaseQuerySet, row_change_state
from catalog.models import ImportSource
from catalog.models.import_source import MOST_FAILURES

#: States of an import after which its source is looked at again.
ENDED = (ImportState.COMPLETED, ImportState.FAILED, ImportState.CANCELLED)
#: What makes the next look take the file in whatever its server says.
FORGOTTEN: dict[str, Any] = {"etag": "", "last_modified": "", "digest": ""}


def import_sources_due() -> LeaseQuerySet[ImportSource]:
    """Sources to look at, the longest due first; one whose last import has not ended waits."""
    return (
        ImportSource.objects.due()
        .filter(Q(last_import=None) | Q(settled__in=ENDED))
        .filter(due_at__lte=timezone.now())
        .order_by("due_at", "pk")
    )


def import_source_lease(*, seconds: float) -> ImportSource | None:
    """Take a source that is due under a new token; None if there is none."""
    with transaction.atomic():
        found = import_sources_due().lock_first()
        if found is None:
            return None
        if found.is_worn_out:
            found.give_up(f"The worker ended {found.lease.attempts} times while it looked.")
            return None
        found.take(seconds=seconds)
    return found


def import_source_looked(*, source: ImportSource, **values: Any) -> None:
    """The look is over: the next one is due after the interval. Raises `LeaseLost`."""
    now = timezone.now()
    source.update_held(**UNLEASED, attempts=0, looked_at=now, due_at=next_look(source, now),
                       **values)  # fmt: skip


def import_source_fail(*, source: ImportSource, message: str) -> bool:
    """Note a failure; returns whether it was one too many, so that the source is stopped now.

    Nothing is noted for a worker whose lease passed to another.
    """
    with transaction.atomic():
        rows = ImportSource.objects.select_for_update().filter(
            pk=source.pk, state=ImportSourceState.ACTIVE, lease_token=source.lease_token
        )
        row = rows.first()
        if row is None:
            return False
        now = timezone.now()
        failures = row.failures + 1
        stopped = failures >= MOST_FAILURES
        rows.update(
            state=ImportSourceState.STOPPED if stopped else ImportSourceState.ACTIVE,
            ended_at=now if stopped else None,
            failures=failures,
            message=message,
            looked_at=now,
            due_at=next_look(row, now),
            attempts=0,
            **UNLEASED,
            **FORGOTTEN,
        )
    return stopped


def import_source_settle(*, source: ImportSource, state: str, **values: Any) -> bool:
    """Note that the last import's `state` is dealt with; False where another was quicker."""
    rows = ImportSource.objects.filter(pk=source.pk, last_import=source.last_import_id)
    return bool(rows.exclude(settled=state).update(settled=state, **values))


def import_source_start(*, source: ImportSource) -> None:
    """Active or stopped to active: look at once, and take the file in even if it is unchanged."""
    row_change_state(
        source,
        *(ImportSourceState.ACTIVE, ImportSourceState.STOPPED),
        to=ImportSourceState.ACTIVE,
        due_at=timezone.now(),
        failures=0,
        attempts=0,
        message="",
        ended_at=None,
        **FORGOTTEN,
    )


def import_source_stop(*, source: ImportSource) -> None:
    """Active to stopped, by a person. Raises `TransitionRefused` where it is stopped already."""
    row_change_state(
        source,
        ImportSourceState.ACTIVE,
        to=ImportSourceState.STOPPED,
        ended_at=timezone.now(),
        **UNLEASED,
    )


def next_look(source: ImportSource, now: datetime) -> datetime:
    """When a source is looked at again."""
    return now + timedelta(minutes=source.every_minutes)
