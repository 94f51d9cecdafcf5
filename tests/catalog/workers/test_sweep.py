"""What the sweep puts right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import JobItemState, JobState
from catalog.models import DescriptionJobItem
from catalog.workers.lease import lease_take
from catalog.workers.sweep import SweepReport, sweep_run
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOTHING = SweepReport(requeued=0, failed=0, closed=0, woke=False)


def let_leases_expire():
    past = timezone.now() - timedelta(seconds=1)
    DescriptionJobItem.objects.filter(state=JobItemState.LEASED).update(lease_until=past)


def test_where_nothing_is_wrong_nothing_happens(version, wakes):
    DescriptionJobItemFactory()
    lease_take(limit=1)
    assert sweep_run() == NOTHING
    assert wakes == []


def test_due_items_wake_a_worker(version, wakes):
    DescriptionJobItemFactory()
    assert sweep_run() == SweepReport(requeued=0, failed=0, closed=0, woke=True)
    assert wakes == [1]


def test_items_of_a_paused_job_wake_nobody(version, wakes):
    DescriptionJobItemFactory(job__state=JobState.PAUSED)
    assert sweep_run() == NOTHING


def test_a_dead_workers_items_are_tried_alone_and_given_up_after_three_times(version, wakes):
    item = DescriptionJobItemFactory()
    for attempt in (1, 2):
        assert lease_take(limit=16).items[0].pk == item.pk
        let_leases_expire()
        assert sweep_run() == SweepReport(requeued=1, failed=0, closed=0, woke=True)
        item.refresh_from_db()
        assert (item.state, item.alone, item.attempts) == (JobItemState.QUEUED, True, attempt)
    lease_take(limit=16)
    let_leases_expire()
    assert sweep_run() == SweepReport(requeued=0, failed=1, closed=1, woke=False)
    item.refresh_from_db()
    assert (item.state, item.failure_reason) == (JobItemState.FAILED, "worker_died")
    assert item.job.state == JobState.FAILED


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_jobs_in_which_nothing_is_left_are_closed(wakes, state):
    job = DescriptionJobFactory(state=state)
    DescriptionJobItemFactory(job=job, state=JobItemState.DONE)
    still_open = DescriptionJobItemFactory(state=JobItemState.RETRY, job__state=JobState.PAUSED)
    assert sweep_run().closed == 1
    job.refresh_from_db()
    still_open.job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert still_open.job.state == JobState.PAUSED
