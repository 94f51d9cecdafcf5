"""What an operator watches: work that waits, leases, failures, versions, hosts.

Read at every scrape, so nothing here reads a whole large table: what a job still has to do is told
by its tallies, the oldest item of each job by an index.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Min, OuterRef, Subquery, Sum
from django.utils import timezone

from catalog.choices import USED_VERSION_STATES, JobItemState, JobState
from catalog.models import (
    DeliveryState,
    DescriptionJob,
    DescriptionJobItem,
    DescriptionJobTally,
    ImportPhoto,
    ModelVersion,
    ProductExport,
    ProductImport,
    TrainingHost,
    TrainingRun,
    WebhookDelivery,
)

#: The tables whose rows are leased, by the word for it; each has its `lease` policy.
_LEASED: dict[str, Any] = {
    "descriptions": DescriptionJobItem,
    "import_photos": ImportPhoto,
    "imports": ProductImport,
    "exports": ProductExport,
    "training": TrainingRun,
}
_RUNNABLE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Operations:
    """What is true now; ages in seconds, at least 0.

    `open_work` counts what has not ended, by kind; `oldest_due` is the age of the oldest that
    could run; `ended` counts the items of jobs by state and reason.
    """

    open_work: dict[str, int]
    oldest_due: dict[str, float]
    leases: dict[str, int]
    expired_leases: dict[str, int]
    ended: dict[tuple[str, str], int]
    #: (name, scope, state) of the versions that write drafts.
    versions: list[tuple[str, str, str]] = field(default_factory=list)
    #: Seconds since each training host was last seen.
    hosts: dict[str, float] = field(default_factory=dict)


def operations_now() -> Operations:
    """One look at the rows."""
    now = timezone.now()
    deliveries = _pending_deliveries().filter(due_at__lte=now)
    leased = {kind: model._default_manager.all() for kind, model in _LEASED.items()}
    held = {kind: rows.filter(lease_until__isnull=False) for kind, rows in leased.items()}
    return Operations(
        open_work=_open_work(),
        oldest_due={
            "descriptions": _age(_oldest_item(now), now),
            "webhooks": _age(deliveries.aggregate(at=Min("due_at"))["at"], now),
        },
        leases={kind: rows.count() for kind, rows in held.items()},
        expired_leases={
            kind: rows.filter(lease_until__lt=now).count() for kind, rows in held.items()
        },
        ended=dict(_items_ended()),
        versions=list(
            ModelVersion.objects.filter(state__in=USED_VERSION_STATES)
            .order_by("name")
            .values_list("name", "scope", "state")
        ),
        hosts={
            name: _age(seen_at, now)
            for name, seen_at in TrainingHost.objects.values_list("name", "seen_at")
        },
    )


def _open_work() -> dict[str, int]:
    """Items of jobs that may run, and rows of the other kinds that have not ended."""
    jobs = DescriptionJob.objects.filter(state__in=_RUNNABLE)
    total = jobs.aggregate(items=Sum("total"))["items"] or 0
    tallies = DescriptionJobTally.objects.filter(job__state__in=_RUNNABLE)
    ended = tallies.aggregate(items=Sum("count"))["items"] or 0
    work = {"descriptions": total - ended}
    for kind, model in _LEASED.items():
        if kind != "descriptions":
            states = {*model.lease.due, *model.lease.working}
            work[kind] = model._default_manager.filter(state__in=states).count()
    return {**work, "webhooks": _pending_deliveries().count()}


def _oldest_item(now: datetime) -> datetime | None:
    """When the oldest item that could be leased was due."""
    ages = {}
    for state in (JobItemState.QUEUED, JobItemState.RETRY):
        items = DescriptionJobItem.objects.filter(job=OuterRef("pk"), state=state, due_at__lte=now)
        ages[state.value] = Subquery(items.order_by("due_at").values("due_at")[:1])
    jobs = DescriptionJob.objects.filter(state__in=_RUNNABLE).annotate(**ages)
    found = jobs.values_list(*ages)
    return min((at for row in found for at in row if at is not None), default=None)


def _pending_deliveries() -> models.QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(
        state=DeliveryState.PENDING, endpoint__disabled_at__isnull=True
    )


def _items_ended() -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    rows = DescriptionJobTally.objects.order_by().values_list("state", "reason")
    for state, reason, count in rows.annotate(items=Sum("count")):
        counts[state, reason] += count
    return counts


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
