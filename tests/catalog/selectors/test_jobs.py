"""Progress as it is counted from the rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import FailureReason, ItemOutcome, JobItemState, JobState
from catalog.selectors.jobs import JobProgress, failures_by_reason, job_progress
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def items(job, state: JobItemState, count: int, **columns) -> None:
    if state == JobItemState.LEASED:
        columns |= {"lease_token": "0" * 32, "lease_until": timezone.now()}
    DescriptionJobItemFactory.create_batch(count, job=job, state=state, **columns)


def test_counts_every_state(django_assert_num_queries):
    job = DescriptionJobFactory()
    for count, state in enumerate(JobItemState, start=1):
        reason = FailureReason.MODEL_ERROR if state == JobItemState.FAILED else ""
        items(job, state, count, failure_reason=reason)
    items(job, JobItemState.DONE, 9, outcome=ItemOutcome.NOT_RECOGNISED)
    items(DescriptionJobFactory(), JobItemState.DONE, 2)

    with django_assert_num_queries(1):
        progress = job_progress(job)

    counts = {state: count for count, state in enumerate(JobItemState, start=1)}
    assert progress == JobProgress(
        total=37,
        done=counts[JobItemState.DONE],
        not_recognised=9,
        failed=counts[JobItemState.FAILED],
        skipped=counts[JobItemState.SKIPPED],
        cancelled=counts[JobItemState.CANCELLED],
        left=sum(counts[state] for state in ("queued", "leased", "retry")),
        photos_per_second=None,
        seconds_left=None,
    )


def test_an_empty_job_has_nothing_to_tell():
    assert job_progress(DescriptionJobFactory()) == JobProgress(0, 0, 0, 0, 0, 0, 0, None, None)


def test_the_speed_of_a_running_job_is_that_of_the_last_minute():
    now = timezone.now()
    job = DescriptionJobFactory(state=JobState.RUNNING, started_at=now - timedelta(hours=1))
    items(job, JobItemState.DONE, 5, ended_at=now - timedelta(minutes=30))
    items(job, JobItemState.DONE, 6, ended_at=now - timedelta(seconds=10))
    items(job, JobItemState.QUEUED, 3)

    progress = job_progress(job)

    assert progress.photos_per_second == pytest.approx(0.1, rel=0.05)
    assert progress.seconds_left == pytest.approx(30, rel=0.05)


def test_the_speed_of_a_young_job_is_that_since_its_start():
    now = timezone.now()
    job = DescriptionJobFactory(state=JobState.RUNNING, started_at=now - timedelta(seconds=10))
    items(job, JobItemState.DONE, 5, ended_at=now)

    assert job_progress(job).photos_per_second == pytest.approx(0.5, rel=0.1)


def test_the_speed_of_an_ended_job_is_that_of_the_whole():
    now = timezone.now()
    job = DescriptionJobFactory(
        state=JobState.COMPLETED, started_at=now - timedelta(seconds=100), ended_at=now
    )
    items(job, JobItemState.DONE, 5, ended_at=now)

    assert job_progress(job).photos_per_second == pytest.approx(0.05)
    assert job_progress(job).seconds_left is None


def test_a_paused_or_stalled_job_does_not_say_when_it_ends():
    now = timezone.now()
    hour_ago = now - timedelta(hours=1)
    paused = DescriptionJobFactory(state=JobState.PAUSED, started_at=hour_ago)
    items(paused, JobItemState.DONE, 5, ended_at=now)
    items(paused, JobItemState.QUEUED, 5)
    stalled = DescriptionJobFactory(state=JobState.RUNNING, started_at=hour_ago)
    items(stalled, JobItemState.DONE, 5, ended_at=hour_ago)
    items(stalled, JobItemState.QUEUED, 5)

    assert job_progress(paused).seconds_left is None
    assert job_progress(stalled).photos_per_second is None


def test_failures_by_reason_with_the_most_frequent_first():
    job = DescriptionJobFactory()
    items(job, JobItemState.FAILED, 1, failure_reason=FailureReason.MODEL_ERROR)
    items(job, JobItemState.FAILED, 2, failure_reason=FailureReason.PHOTO_MISSING)
    items(job, JobItemState.DONE, 3)

    assert list(failures_by_reason(job).items()) == [
        (FailureReason.PHOTO_MISSING, 2),
        (FailureReason.MODEL_ERROR, 1),
    ]
