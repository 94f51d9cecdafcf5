"""One wake: works while there is work and time, keeps nothing, sends a successor."""

import threading

import pytest

from catalog.choices import JobItemState, JobState
from catalog.models import Description, DescriptionJob, DescriptionJobItem
from catalog.workers import stopping
from catalog.workers.photos import photo_load
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

    def take_and_stop(**arguments):
        stop()
        return lease_take(**arguments)

    lease_take = wake.lease_take
    monkeypatch.setattr(wake, "lease_take", take_and_stop)
    assert wake_run() == 0
    assert counts() == {"queued": 5}
    assert set(DescriptionJobItem.objects.values_list("attempts", flat=True)) == {0}
    assert wakes == [1]


def test_a_fault_of_ours_does_not_bring_the_same_items_back_for_ever(job, wakes, monkeypatch):
    def fail(**arguments):
        raise LookupError("a fault of ours")

    monkeypatch.setattr("catalog.workers.batch.endings_write", fail)
    with pytest.raises(LookupError):
        wake_run()
    tried = DescriptionJobItem.objects.filter(attempts=1)
    assert list(tried.values_list("state", "alone")) == [(JobItemState.QUEUED, True)] * 2
    for _ in range(15):
        try:
            wake_run()
        except LookupError:
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
    def describe(*, version, photos, known, options):
        raise ValueError("broken weights")

    monkeypatch.setattr("tests.describing.describe_photos", describe)
    wake_run()
    assert counts() == {"failed": 5}
    assert set(DescriptionJobItem.objects.values_list("detail", flat=True)) == {
        "ValueError: broken weights"
    }


def test_the_next_photos_are_read_while_the_model_runs(job, wakes, stand_in, monkeypatch):
    read = threading.Event()
    loaded = []

    def load(*, item):
        loaded.append(item.pk)
        if len(loaded) == 4:
            read.set()
        return photo_load(item=item)

    def describe(photos):
        # The first batch waits here for the photos of the second.
        assert read.wait(timeout=30)
        return write_texts(photos)

    monkeypatch.setattr("catalog.workers.photos.photo_load", load)
    stand_in(describe)
    assert wake_run() == 5
    assert sorted(loaded) == list(job.items.order_by("pk").values_list("pk", flat=True))


def test_nothing_is_read_beside_an_item_that_must_be_alone(job, wakes, stand_in):
    job.items.update(alone=True)
    held = []

    def describe(photos):
        held.append(job.items.filter(state=JobItemState.LEASED).count())
        return write_texts(photos)

    stand_in(describe)
    assert wake_run() == 5
    assert held == [1] * 5


def test_a_fault_hands_back_the_batch_that_was_only_being_read(job, wakes, monkeypatch):
    def fail(**arguments):
        raise LookupError("a fault of ours")

    monkeypatch.setattr("catalog.workers.wake.batch_run", fail)
    with pytest.raises(LookupError):
        wake_run()
    rows = job.items.order_by("pk").values_list("state", "alone", "attempts")
    assert list(rows) == [("queued", True, 1)] * 2 + [("queued", False, 0)] * 3


def test_an_urgent_wake_does_what_somebody_waits_for_and_leaves_the_rest(job, wakes):
    single = DescriptionJobItemFactory(job__priority=DescriptionJob.SINGLE_PRIORITY)
    assert wake_run(urgent=True) == 1
    single.refresh_from_db()
    assert single.state == JobItemState.DONE
    assert counts() == {"done": 1, "queued": 5}
    assert wakes == []


def test_an_urgent_wake_loads_the_model_before_anybody_waits(version, wakes, monkeypatch):
    seen = []

    def describe(*, version, photos, known, options):
        seen.append((version, photos))
        return []

    monkeypatch.setattr("tests.describing.describe_photos", describe)
    assert wake_run(urgent=True) == 0
    assert seen == [(version, [])]


def test_a_machine_without_threads_fails_no_photo_and_ends_the_wake(job, wakes, stand_in):
    """Another worker may take the photos, and this one does not try photo after photo."""
    calls = []

    def describe(photos):
        calls.append(len(photos))
        raise RuntimeError("can't start new thread")

    stand_in(describe)
    job.items.update(attempts=50)
    assert wake_run() == 0
    assert (calls, wakes) == ([2], [])
    rows = job.items.order_by("pk").values_list("state", "attempts", "alone")
    assert list(rows) == [("retry", 51, False)] * 2 + [("queued", 50, False)] * 3
    assert "can't start new thread" in job.items.order_by("pk")[0].detail


def test_a_shortage_beside_the_model_counts_as_no_lost_worker(job, wakes, monkeypatch):
    def fail(**arguments):
        raise MemoryError

    monkeypatch.setattr("catalog.workers.batch.endings_write", fail)
    job.items.update(attempts=50)
    assert wake_run() == 0
    assert counts() == {"queued": 3, "retry": 2}
    assert set(job.items.values_list("alone", flat=True)) == {False}
