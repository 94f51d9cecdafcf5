"""The named state changes of a job: which are allowed, and that a refused one changes nothing."""

import pytest

from catalog.choices import FailureReason, JobItemState, JobState
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob
from catalog.transitions.job import (
    job_cancel,
    job_close,
    job_pause,
    job_reopen,
    job_resume,
    job_start,
)
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ALLOWED = {
    (job_start, JobState.QUEUED): JobState.RUNNING,
    (job_pause, JobState.QUEUED): JobState.PAUSED,
    (job_pause, JobState.RUNNING): JobState.PAUSED,
    (job_resume, JobState.PAUSED): JobState.QUEUED,
    (job_cancel, JobState.QUEUED): JobState.CANCELLED,
    (job_cancel, JobState.RUNNING): JobState.CANCELLED,
    (job_cancel, JobState.PAUSED): JobState.CANCELLED,
    (job_close, JobState.QUEUED): JobState.COMPLETED,
    (job_close, JobState.RUNNING): JobState.COMPLETED,
    (job_reopen, JobState.COMPLETED): JobState.RUNNING,
    (job_reopen, JobState.FAILED): JobState.RUNNING,
}
STEPS = (job_start, job_pause, job_resume, job_cancel, job_close, job_reopen)


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_step_from_each_state(step, state):
    job = DescriptionJobFactory(state=state)
    expected = ALLOWED.get((step, state))
    if expected is None:
        before = DescriptionJob.objects.filter(pk=job.pk).values().get()
        with pytest.raises(TransitionRefused, match=f"is {state.label.lower()}, so"):
            step(job=job)
        assert DescriptionJob.objects.filter(pk=job.pk).values().get() == before
    else:
        step(job=job)
        assert DescriptionJob.objects.get(pk=job.pk).state == expected
        assert job.state == expected


def test_a_job_that_had_started_resumes_as_running():
    job = DescriptionJobFactory()
    job_start(job=job)
    started = job.started_at
    job_pause(job=job)
    job_resume(job=job)
    assert (job.state, job.started_at) == (JobState.RUNNING, started)


@pytest.mark.parametrize(
    "state", [JobItemState.QUEUED, JobItemState.RETRY], ids=lambda state: state.value
)
def test_a_job_with_open_items_is_not_closed(state):
    item = DescriptionJobItemFactory(state=state, job__state=JobState.RUNNING)
    with pytest.raises(TransitionRefused):
        job_close(job=item.job)
    assert DescriptionJob.objects.get().state == JobState.RUNNING


@pytest.mark.parametrize(
    ("items", "end"),
    [
        ([JobItemState.DONE, JobItemState.FAILED], JobState.COMPLETED),
        ([JobItemState.FAILED, JobItemState.FAILED], JobState.FAILED),
        ([JobItemState.FAILED, JobItemState.SKIPPED], JobState.FAILED),
        ([JobItemState.SKIPPED, JobItemState.SKIPPED], JobState.COMPLETED),
    ],
)
def test_a_job_in_which_nothing_was_described_has_failed(items, end):
    job = DescriptionJobFactory(state=JobState.RUNNING)
    for state in items:
        reason = FailureReason.MODEL_ERROR if state == JobItemState.FAILED else ""
        DescriptionJobItemFactory(job=job, state=state, failure_reason=reason)
    job_close(job=job)
    assert job.state == end
    assert job.ended_at is not None


def test_a_reopened_job_has_no_end():
    job = DescriptionJobFactory(state=JobState.RUNNING)
    job_close(job=job)
    job_reopen(job=job)
    assert job.ended_at is None
