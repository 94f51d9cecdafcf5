"""Reads of jobs. Progress is summed from the job's tallies; no message ever carries it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.utils import timezone

from catalog.choices import (
    OPEN_JOB_STATES,
    DescriptionState,
    FailureReason,
    ItemOutcome,
    JobItemState,
    JobState,
    SkipReason,
)
from catalog.models import Description, DescriptionJob, DescriptionJobItem, DescriptionJobTally

#: The speed shown is that of this span: long enough to be steady, short enough to be true.
SPEED_SPAN = timedelta(seconds=60)
#: Ended jobs whose speed tells what to expect, and the photos that each must have had: below
#: that, starting up is most of the time.
JOBS_TO_JUDGE_BY = 5
PHOTOS_TO_JUDGE_BY = 20


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is, in items. `total` is the sum of the six counts after it.

    `done` have a draft; of `not_recognised` no photo shows an item that the model knows.
    `photos_per_second` is the speed of the last minute, or of the whole job once it has ended;
    None before the first photo. `seconds_left` is None where there is no speed to tell it by.
    """

    total: int
    done: int
    not_recognised: int
    failed: int
    skipped: int
    cancelled: int
    left: int
    photos_per_second: float | None
    seconds_left: float | None


def job_progress(job: DescriptionJob) -> JobProgress:
    """The counts of a job and its speed, in two queries whatever its size."""
    counts = job_counts([job])[job.pk]
    done, not_recognised = counts[JobItemState.DONE], counts[ItemOutcome.NOT_RECOGNISED]
    left = job.total - counts.total()
    speed = _photos_per_second(job, done + not_recognised)
    return JobProgress(
        total=job.total,
        done=done,
        not_recognised=not_recognised,
        failed=counts[JobItemState.FAILED],
        skipped=counts[JobItemState.SKIPPED],
        cancelled=counts[JobItemState.CANCELLED],
        left=left,
        photos_per_second=speed,
        seconds_left=left / speed if speed and job.state == JobState.RUNNING else None,
    )


def job_counts(jobs: Collection[DescriptionJob]) -> dict[int, Counter[str]]:
    """How many items of each job are in which end state, by the job's id, in one query.

    Done items without a draft are counted by their `ItemOutcome` instead.
    """
    counts: dict[int, Counter[str]] = {job.pk: Counter() for job in jobs}
    rows = _tallies(job__in=counts).values_list("job", "state", "reason")
    for job_id, state, reason, items in rows.annotate(items=Sum("count")):
        counts[job_id][
            reason if reason in ItemOutcome and state == JobItemState.DONE else state
        ] += items
    return counts


@dataclass(frozen=True, slots=True)
class JobFindings:
    """What people should know of a job's drafts that await review, as they stand now."""

    #: Drafts that say something that the catalog contradicts.
    contradictions: int
    #: Drafts whose photo probably shows another type of item than the catalog names.
    photo_disagrees: int


def job_findings(job: DescriptionJob) -> JobFindings:
    """Counted from the drafts that have a finding: few, and in indexes of their own."""
    drafts = Description.objects.filter(job_item__job=job, state=DescriptionState.DRAFT)
    return JobFindings(
        contradictions=drafts.filter(contradictions__gt=0).count(),
        photo_disagrees=drafts.filter(photo_disagrees=True).count(),
    )


def items_unrecognised(product: Any) -> QuerySet[DescriptionJobItem]:
    """The done item of a product whose photos show no item that the model knows.

    None, where a later one has a draft or the photo was deleted. `product` may be an `OuterRef`.
    """
    later = DescriptionJobItem.objects.filter(
        product=OuterRef("product"), state=JobItemState.DONE, outcome="", pk__gt=OuterRef("pk")
    )
    return DescriptionJobItem.objects.filter(
        ~Exists(later),
        product=product,
        state=JobItemState.DONE,
        outcome=ItemOutcome.NOT_RECOGNISED,
        image__isnull=False,
    )


def failures_by_reason(job: DescriptionJob) -> dict[FailureReason, int]:
    """How many items of a job are failed for which reason, the most frequent first."""
    return {FailureReason(reason): items for reason, items in _reasons(job, JobItemState.FAILED)}


def skips_by_reason(job: DescriptionJob) -> dict[SkipReason, int]:
    """How many products a job left out for which reason, the most frequent first."""
    return {SkipReason(reason): items for reason, items in _reasons(job, JobItemState.SKIPPED)}


def _reasons(job: DescriptionJob, state: JobItemState) -> QuerySet[Any, tuple[str, int]]:
    counted = _tallies(job=job, state=state).values_list("reason").annotate(items=Sum("count"))
    return counted.exclude(items=0).order_by("-items", "reason")


def seconds_expected(*, photos: int) -> float | None:
    """Seconds until so many further photos will be described; None before any job tells a speed.

    Counted with what waits already in jobs that are not ended, at the speed of the latest ones.
    """
    speed = _speed_of_late()
    if speed is None or not photos:
        return None
    jobs = list(DescriptionJob.objects.filter(state__in=(JobState.QUEUED, JobState.RUNNING)))
    counts = job_counts(jobs)
    waiting = sum(job.total - counts[job.pk].total() for job in jobs)
    return (waiting + photos) / speed


def _speed_of_late() -> float | None:
    """Photos a second of the running jobs, else of the latest ended ones."""
    since = timezone.now() - SPEED_SPAN
    recent = _tallies(state=JobItemState.DONE, at__gte=since, job__state__in=OPEN_JOB_STATES)
    done = recent.aggregate(items=Sum("count"))["items"]
    if done and done >= PHOTOS_TO_JUDGE_BY:
        return float(done / SPEED_SPAN.total_seconds())
    took = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    jobs = (
        DescriptionJob.objects.filter(state=JobState.COMPLETED, started_at__isnull=False)
        .annotate(
            photos=Sum("tallies__count", filter=Q(tallies__state=JobItemState.DONE)), took=took
        )
        .filter(photos__gte=PHOTOS_TO_JUDGE_BY)
        .order_by("-id")[:JOBS_TO_JUDGE_BY]
    )
    speeds = [job.photos / max(job.took.total_seconds(), 0.001) for job in jobs]
    return sum(speeds) / len(speeds) if speeds else None


def _photos_per_second(job: DescriptionJob, done: int) -> float | None:
    if job.started_at is None or not done:
        return None
    if job.ended_at is not None:
        return done / max((job.ended_at - job.started_at).total_seconds(), 0.001)
    now = timezone.now()
    since = max(job.started_at, now - SPEED_SPAN)
    rows = _tallies(job=job, state=JobItemState.DONE, at__gte=since)
    recent = rows.aggregate(items=Sum("count"))["items"]
    return recent / max((now - since).total_seconds(), 0.001) if recent else None


def _tallies(**wanted: object) -> QuerySet[DescriptionJobTally]:
    return DescriptionJobTally.objects.filter(**wanted).order_by()
