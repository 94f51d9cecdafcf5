"""Takes due items for one worker for a limited time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.choices import FailureReason, JobState
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob, DescriptionJobItem, ModelVersion, Product
from catalog.selectors.model_versions import model_version_active, versions_in_use
from catalog.transitions.job import job_start
from catalog.transitions.job_item import items_lease, items_renew

#: Share of a lease's time after which it is renewed before the model runs. A renewal writes every
#: item once more, which a lease that was taken a moment ago does not need.
SPENT = 0.1
#: Jobs looked into for one lease: a batch may gather the single photos of so many.
JOBS_A_LEASE = 16


@dataclass
class Lease:
    """Items of one kind that are this worker's until a time.

    `version` describes them all; None where no version in use may. They share language, options
    and priority.
    """

    token: UUID
    version: ModelVersion | None
    items: tuple[DescriptionJobItem, ...]
    until: datetime

    @property
    def is_alone(self) -> bool:
        """Whether its one item must have the process to itself: it was there when one died."""
        return any(item.alone for item in self.items)

    @property
    def missing(self) -> tuple[FailureReason, str]:
        """Why there is no version, and that in words for a person."""
        job = self.items[0].job
        if job.model_version_id is None and model_version_active() is None:
            return FailureReason.MODEL_MISSING, "No model version is active."
        detail = f"No model version in use writes “{job.language}”."
        return FailureReason.LANGUAGE_MISSING, detail

    @property
    def is_spent(self) -> bool:
        """Whether so much of its time is gone that it should be renewed before the model runs."""
        return (_deadline() - self.until).total_seconds() > SPENT * settings.LEASE_SECONDS


def jobs_due(*, urgent: bool = False) -> QuerySet[DescriptionJob]:
    """Jobs with items to lease now, in the order of their priority; with `urgent` only single ones.

    Asked of jobs, not of items: one look into the index a job, so that what waits in a paused job,
    or behind a long one, costs nothing.
    """
    now = timezone.now()
    items = DescriptionJobItem.objects.filter(job=OuterRef("pk"), due_at__lte=now)
    queued, retry = (Exists(items.filter(state=state)) for state in DescriptionJobItem.lease.due)
    jobs = DescriptionJob.objects.filter(
        queued | retry, state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    if urgent:
        jobs = jobs.filter(priority__gte=DescriptionJob.SINGLE_PRIORITY)
    return jobs.select_related("model_version").order_by("-priority", "id")


def lease_take(
    *, limit: int, urgent: bool = False, may_be_alone: bool = True, loaded: int | None = None
) -> Lease | None:
    """Up to `limit` due items that fit one batch, in one short transaction; None if none is due.

    All of a batch share version, language and options, and no two are of one product: the draft of
    one replaces that of the other. An item that was in a worker's hands when that died comes by
    itself; where it would be next and `may_be_alone` is false, None.

    `loaded` is the version that this process has at hand. Where versions are mixed, a canary among
    others, its items come first: those of another version gather at the head of the queue until
    they fill a batch, so weights are exchanged once a batch of them and not for each.
    """
    token = uuid4()
    with transaction.atomic():
        due = list(jobs_due(urgent=urgent)[:JOBS_A_LEASE])
        jobs = [job for job in due if _kind(job) == _kind(due[0])]
        batch = _first_due(jobs, limit)
        if not batch or (batch[0].alone and not may_be_alone):
            return None
        if batch[0].alone:
            batch = batch[:1]
        else:
            firsts = {item.product_id: item for item in reversed(batch) if not item.alone}
            batch = [item for item in batch if firsts.get(item.product_id) is item]
        version, batch = _one_version(batch, jobs[0].model_version, loaded)
        until = _deadline()
        items_lease(items=batch, token=token, until=until, version=version)
        _start_jobs(jobs, batch)
    items = tuple(sorted(batch, key=lambda item: item.pk))
    return Lease(token=token, version=version, items=items, until=until)


def lease_renew(*, lease: Lease) -> int:
    """Renew the whole time of a lease; returns how many of its items this worker still holds."""
    lease.until = _deadline()
    return items_renew(token=lease.token, until=lease.until)


def _one_version(
    batch: list[DescriptionJobItem], pinned: ModelVersion | None, loaded: int | None
) -> tuple[ModelVersion | None, list[DescriptionJobItem]]:
    """The items that one version writes: the loaded one's, if there are any, else the first's."""
    language = batch[0].job.language
    if pinned is not None:
        return pinned if pinned.writes(language) else None, batch
    in_use = versions_in_use()
    if in_use.are_one:
        return in_use.for_draft(key=0, brand="", language=language), batch
    products = Product.objects.filter(pk__in=[item.product_id for item in batch])
    brands = dict(products.values_list("pk", "brand"))
    groups: dict[ModelVersion | None, list[DescriptionJobItem]] = {}
    for item in batch:
        brand = brands[item.product_id]
        version = in_use.for_draft(key=item.pk, brand=brand, language=language)
        groups.setdefault(version, []).append(item)
    by_id = {version.pk: version for version in groups if version is not None}
    version = by_id.get(loaded or 0) or next(iter(groups))
    return version, groups[version]


def _deadline() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _kind(job: DescriptionJob) -> tuple[object, ...]:
    """What all of a batch share: the model writes it in one go, and its drafts by one rule."""
    return job.language, job.options, job.model_version_id, job.priority


def _first_due(jobs: list[DescriptionJob], limit: int) -> list[DescriptionJobItem]:
    """The first due items of the jobs in their order, locked, with their jobs and photos.

    One query a job and state: within these the index holds the items in the order that is asked
    for, so a lease costs the same however many wait. SQLite ignores the row locks; there the
    transaction itself keeps others out.
    """
    found: list[DescriptionJobItem] = []
    for job in jobs:
        rows: list[DescriptionJobItem] = []
        for state in DescriptionJobItem.lease.due:
            due = job.items.filter(state=state, due_at__lte=timezone.now())
            locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("image")
            rows += locked.order_by("due_at", "id")[: limit - len(found)]
        found += sorted(rows, key=lambda item: (item.due_at, item.pk))[: limit - len(found)]
        if len(found) == limit:
            break
    return found


def _start_jobs(jobs: list[DescriptionJob], batch: list[DescriptionJobItem]) -> None:
    begun = {item.job_id for item in batch}
    for job in jobs:
        if job.pk in begun and job.state == JobState.QUEUED:
            try:
                job_start(job=job)
            except TransitionRefused:
                continue  # another worker started it in this moment, or a person paused it
