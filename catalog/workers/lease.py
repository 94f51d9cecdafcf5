"""Takes due items for one worker for a limited time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.choices import JobState, ModelVersionState
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJobItem, ModelVersion
from catalog.transitions.job import job_start
from catalog.transitions.job_item import DUE_STATES, items_lease, items_renew


@dataclass(frozen=True)
class Lease:
    """Items that are this worker's, to be described by one version; None when none is active."""

    token: UUID
    version: ModelVersion | None
    items: tuple[DescriptionJobItem, ...]


def items_due(*, now: datetime | None = None) -> QuerySet[DescriptionJobItem]:
    """What may be leased now, first things first. Paused and cancelled jobs own none of it."""
    return DescriptionJobItem.objects.filter(
        state__in=DUE_STATES,
        due_at__lte=now or timezone.now(),
        job__state__in=(JobState.QUEUED, JobState.RUNNING),
    ).order_by("-priority", "due_at", "id")


def active_version() -> ModelVersion | None:
    """The model version that describes the whole catalog."""
    return ModelVersion.objects.filter(scope="", state=ModelVersionState.ACTIVE).first()


def lease_take(*, limit: int) -> Lease | None:
    """Up to `limit` due items that fit one batch, in one short transaction; None if none is due.

    All of a batch run with the version that is active now and with the same options. An item that
    was in a worker's hands when that died comes by itself.
    """
    token = uuid4()
    with transaction.atomic():
        batch = _one_batch(_first_due(limit))
        if not batch:
            return None
        version = active_version()
        items_lease(
            item_ids=[item.pk for item in batch], token=token, until=_deadline(), version=version
        )
        _start_jobs(batch)
    held = DescriptionJobItem.objects.filter(lease_token=token).order_by("id")
    items = held.select_related("job", "product", "image", "model_version")
    return Lease(token=token, version=version, items=tuple(items))


def lease_renew(*, lease: Lease) -> int:
    """Begin the time of a lease anew; returns how many of its items are still this worker's."""
    return items_renew(token=lease.token, until=_deadline())


def _deadline() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _first_due(limit: int) -> list[DescriptionJobItem]:
    """The first due items, locked.

    One query a state: for a single state the index holds the items in the order that is asked for,
    so a lease costs the same however many wait. SQLite ignores the row locks; there the
    transaction itself keeps others out.
    """
    rows: list[DescriptionJobItem] = []
    for state in DUE_STATES:
        due = items_due().filter(state=state).select_related("job")
        rows += due.select_for_update(skip_locked=True, of=("self",))[:limit]
    return sorted(rows, key=lambda item: (-item.priority, item.due_at, item.pk))[:limit]


def _one_batch(rows: list[DescriptionJobItem]) -> list[DescriptionJobItem]:
    """The first row, and those after it that may run together with it."""
    if not rows or rows[0].alone:
        return rows[:1]
    options = rows[0].job.options
    return [row for row in rows if not row.alone and row.job.options == options]


def _start_jobs(batch: list[DescriptionJobItem]) -> None:
    for job in {item.job for item in batch if item.job.state == JobState.QUEUED}:
        try:
            job_start(job=job)
        except TransitionRefused:
            continue  # another worker started it in this moment, or a person paused it
