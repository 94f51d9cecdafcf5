"""One wake: works while there is work and time, keeps nothing, sends a successor."""

import pytest
from django.db import OperationalError

from catalog.choices import JobItemState, JobState
from catalog.models import Description, DescriptionJob, DescriptionJobItem
from catalog.workers import stopping
from catalog.workers.wake import wake_run
from tests.describing import write_texts
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(version, settings):
    settings.LEASE_BATCH = 2
    job = DescriptionJobFactory()
    for _ in range(5):
        DescriptionJobItemFactory(job=job)
    return job


@pytest.fixture
def stop(monkeypatch):
    """A function that tells this worker to stop, as the signal would."""
    monkeypatch.setattr(stopping, "_byte", bytearray(1))
    return stopping.note_stop


def counts():
    states = DescriptionJobItem.objects.values_list("state", flat=True)
    return {state: list(states).count(state) for state in set(states)}


def test_a_wake_works_until_nothing_is_due_and_closes_the_job(job, wakes):
    assert wake_run() == 5
    assert counts() == {"done": 5}
    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert wakes == []


def test_a_wake_without_work_does_nothing(db, wakes):
    assert wake_run() == 0
    assert wakes == []


def test_when_its_time_is_over_another_wake_goes_on(job, wakes, settings):
    settings.WAKE_SECONDS = 0
    assert wake_run() == 0
    assert counts() == {"queued": 5}
    assert wakes == [1]


def test_a_worker_that_is_told_to_stop_finishes_its_batch_and_takes_no_more(
    job, wakes, stand_in, stop
):
    def describe(photos):
        stop()
        return write_texts(photos)

    stand_in(describe)
    assert wake_run() == 2
    assert counts() == {"done": 2, "queued": 3}
    assert wakes == [1]


def test_a_batch_that_was_not_begun_is_handed_back_untouched(job, wakes, stop, monkeypatch):
    from catalog.workers import wake

    def take_and_stop(*, limit):
        stop()
        return lease_take(limit=limit)

    lease_take = wake.lease_take
    monkeypatch.setattr(wake, "lease_take", take_and_stop)
    assert wake_run() == 2
    assert counts() == {"queued": 5}
    assert set(DescriptionJobItem.objects.values_list("attempts", flat=True)) == {0}
    assert wakes == [1]


def test_a_fault_of_ours_does_not_bring_the_same_items_back_for_ever(job, wakes, monkeypatch):
    def fail(**arguments):
        raise OperationalError("disk full")

    monkeypatch.setattr("catalog.workers.batch.draft_save", fail)
    with pytest.raises(OperationalError):
        wake_run()
    tried = DescriptionJobItem.objects.filter(attempts=1)
    assert set(tried.values_list("state", "alone")) == {(JobItemState.QUEUED, True)}
    for _ in range(15):
        try:
            wake_run()
        except OperationalError:
            continue
    assert counts() == {"failed": 5}
    assert DescriptionJob.objects.get().state == JobState.FAILED
    assert not Description.objects.exists()


def test_a_worker_that_is_ended_in_a_batch_hands_it_back(job, wakes, stand_in):
    def describe(photos):
        raise SystemExit

    stand_in(describe)
    with pytest.raises(SystemExit):
        wake_run()
    assert counts() == {"queued": 5}
    assert set(DescriptionJobItem.objects.values_list("alone", "attempts")) == {(False, 0)}


def test_a_model_that_cannot_be_prepared_is_reported_on_the_items(job, wakes, monkeypatch):
    def describe(*, version, photos, facts, options):
        raise ValueError("broken weights")

    monkeypatch.setattr("tests.describing.describe_photos", describe)
    wake_run()
    assert counts() == {"failed": 5}
    assert set(DescriptionJobItem.objects.values_list("detail", flat=True)) == {
        "ValueError: broken weights"
    }
