"""Reads of jobs. Progress is counted from the rows; no message ever carries it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from catalog.choices import OPEN_ITEM_STATES, FailureReason, JobItemState, JobState
from catalog.models import DescriptionJob

#: The speed shown is that of this span: long enough to be steady, short enough to be true.
SPEED_SPAN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is, in items. `total` is the sum of the five counts after it.

    `photos_per_second` is the speed of the last minute, or of the whole job once it has ended;
    None before the first photo. `seconds_left` is None where nobody can tell.
    """

    total: int
    done: int
    failed: int
    skipped: int
    cancelled: int
    left: int
    photos_per_second: float | None
    seconds_left: float | None


def job_progress(job: DescriptionJob) -> JobProgress:
    """Count the items of a job, in two queries."""
    rows = job.items.values_list("state").annotate(count=Count("pk")).order_by()
    counts = dict(rows)
    left = sum(counts.get(state, 0) for state in OPEN_ITEM_STATES)
    speed = _photos_per_second(job, counts.get(JobItemState.DONE, 0))
    return JobProgress(
        total=sum(counts.values()),
        done=counts.get(JobItemState.DONE, 0),
        failed=counts.get(JobItemState.FAILED, 0),
        skipped=counts.get(JobItemState.SKIPPED, 0),
        cancelled=counts.get(JobItemState.CANCELLED, 0),
        left=left,
        photos_per_second=speed,
        seconds_left=left / speed if speed and job.state == JobState.RUNNING else None,
    )


def failures_by_reason(job: DescriptionJob) -> dict[FailureReason, int]:
    """How many items of a job failed for which reason, the most frequent first."""
    rows = (
        job.items.filter(state=JobItemState.FAILED)
        .values_list("failure_reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "failure_reason")
    )
    return {FailureReason(reason): count for reason, count in rows}


def _photos_per_second(job: DescriptionJob, done: int) -> float | None:
    if job.started_at is None or not done:
        return None
    if job.ended_at is not None:
        return done / max((job.ended_at - job.started_at).total_seconds(), 0.001)
    now = timezone.now()
    since = max(job.started_at, now - SPEED_SPAN)
    recent = job.items.filter(state=JobItemState.DONE, ended_at__gte=since).count()
    return recent / max((now - since).total_seconds(), 0.001) if recent else None
