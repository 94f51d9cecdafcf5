"""What a person may ask for with jobs that describe photos."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog import wakeups
from catalog.choices import OPEN_JOB_STATES, JobItemState, SkipReason
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob, DescriptionJobItem, Product
from catalog.services.job_items import JobRequest, PlannedItem, items_plan, product_id_chunks
from catalog.transitions import job as job_transitions
from catalog.transitions import job_item as item_transitions

#: How often a chunk is planned anew after a rival took one of its requests.
PLANS_A_CHUNK = 3
#: Wake-ups sent for one job: enough to start every worker of a small host.
MOST_WAKEUPS = 4


@dataclass(frozen=True, slots=True)
class JobPreview:
    """What a job would do if it were made now. `skipped` holds the reasons that occur."""

    total: int
    to_describe: int
    skipped: dict[SkipReason, int]


def description_job_create(
    *,
    products: QuerySet[Product],
    actor: User | None = None,
    again: bool = False,
    language: str = "en",
    options: Mapping[str, Any] | None = None,
    priority: int = DescriptionJob.BULK_PRIORITY,
) -> DescriptionJob:
    """Ask workers to describe the main photo of each product; they are woken on commit.

    Every product is an item of the job. Skipped, with a reason, are those without a photo, those
    that wait for the same in another job, and, unless `again`, those that have a draft or an
    approved text in `language`. A job without work is completed at once. `actor` is who asks.
    """
    with transaction.atomic():
        job = DescriptionJob.objects.create(
            created_by=actor, language=language, options=dict(options or {}), priority=priority
        )
        request = JobRequest(
            language=language,
            options=job.options,
            again=again,
            scope=f"job {job.pk}" if again else "",
        )
        to_describe = sum(_insert_items(job, ids, request) for ids in product_id_chunks(products))
        if to_describe:
            _wake_on_commit(to_describe)
        else:
            job_transitions.job_close(job=job)
    return job


def description_job_preview(
    *,
    products: QuerySet[Product],
    again: bool = False,
    language: str = "en",
    options: Mapping[str, Any] | None = None,
) -> JobPreview:
    """Count what `description_job_create` would do with the same arguments. Writes nothing."""
    request = JobRequest(
        language=language,
        options=options or {},
        again=again,
        scope="a job to come" if again else "",
    )
    counts = Counter(
        item.skip
        for ids in product_id_chunks(products)
        for item in items_plan(product_ids=ids, request=request)
    )
    to_describe = counts.pop(None, 0)
    skipped = {reason: counts[reason] for reason in SkipReason if counts[reason]}
    return JobPreview(to_describe + counts.total(), to_describe, skipped)


def description_job_pause(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Lease no more of its items. Raises `TransitionRefused` unless it is queued or running."""
    job_transitions.job_pause(job=job, actor=actor)
    return job


def description_job_resume(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Go on with a paused job. Raises `TransitionRefused` unless it is paused."""
    with transaction.atomic():
        job_transitions.job_resume(job=job, actor=actor)
        _wake_on_commit(job.items.count())
    return job


def description_job_cancel(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """End a job; what is described already stays. Raises `TransitionRefused` if it has ended."""
    with transaction.atomic():
        job_transitions.job_cancel(job=job, actor=actor)
        item_transitions.items_cancel(job=job)
    return job


def description_job_retry_failed(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Try all failed items of a job once more, reopening it if it has ended.

    Raises `TransitionRefused` when it was cancelled, or when nothing is left to try.
    """
    try:
        with transaction.atomic():
            # Locked, so that the job cannot end between the look at its state and the requeue.
            fresh = DescriptionJob.objects.select_for_update().get(pk=job.pk)
            if fresh.state not in OPEN_JOB_STATES:
                job_transitions.job_reopen(job=fresh, actor=actor)
            requeued = item_transitions.items_requeue_failed(job=fresh)
            if not requeued:
                raise TransitionRefused(f"{job} has no failed item that could be tried again.")
            _wake_on_commit(requeued)
    finally:
        job.refresh_from_db()
    return job


def _insert_items(job: DescriptionJob, product_ids: list[int], request: JobRequest) -> int:
    """Insert one chunk's items; returns how many are to be described.

    Two jobs made at once can both find a request free. The database's unique constraint lets one
    of them in; the other waits for that commit at its INSERT, fails, and plans the chunk anew from
    a savepoint, now seeing the rival's items, so it skips them. Rows go in by rising product id
    everywhere, so two jobs cannot wait for each other. No lock is taken on what others read, and
    `ignore_conflicts` would drop the item without a trace of why.
    """
    for plans_left in reversed(range(PLANS_A_CHUNK)):
        items = [
            _item(job, planned) for planned in items_plan(product_ids=product_ids, request=request)
        ]
        try:
            with transaction.atomic():
                DescriptionJobItem.objects.bulk_create(items)
        except IntegrityError:
            if not plans_left:
                raise
        else:
            return sum(item.state == JobItemState.QUEUED for item in items)
    raise AssertionError("unreachable: the last plan returns or raises")


def _item(job: DescriptionJob, planned: PlannedItem) -> DescriptionJobItem:
    skipped = planned.skip is not None
    now = timezone.now()
    return DescriptionJobItem(
        job=job,
        product_id=planned.product_id,
        image_id=planned.image_id,
        state=JobItemState.SKIPPED if skipped else JobItemState.QUEUED,
        skip_reason=planned.skip or "",
        idempotency_key=planned.key,
        priority=job.priority,
        due_at=now,
        ended_at=now if skipped else None,
    )


def _wake_on_commit(items: int) -> None:
    batches = -(-items // settings.LEASE_BATCH)
    transaction.on_commit(partial(wakeups.wake_descriptions, count=min(batches, MOST_WAKEUPS)))
