"""Photos that kill the process, want too much memory, or cannot be read for a while."""

from io import BytesIO

import pytest

from catalog.choices import JobState
from catalog.models import Description
from catalog.photos import photo_normalise
from catalog.workers.patience import MAX_STORAGE_ATTEMPTS
from tests.end_to_end.failing import DEADLY, GREEDY
from tests.factories import ProductImageFactory, photo_bytes

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def of_size(size):
    """A product whose photo is a PNG of this size."""
    content = photo_bytes(size=size, encoding="PNG")
    return ProductImageFactory(photo=photo_normalise(BytesIO(content), name="a.png")).product


@pytest.fixture
def ended(wait_until):
    def wait(job):
        def check():
            job.refresh_from_db()
            return job.state not in (JobState.QUEUED, JobState.RUNNING)

        wait_until(check, "the job to end")
        assert job.state == JobState.COMPLETED

    return wait


@pytest.mark.parametrize(("size", "reason"), [(DEADLY, "worker_died"), (GREEDY, "out_of_memory")])
def test_a_photo_that_costs_the_process_its_life_or_memory_fails_alone(
    size, reason, start_broker, start_workers, create_job, ended
):
    bad = of_size(size)
    start_broker()
    start_workers(TEST_DECODERS="1")
    job = create_job()
    ended(job)
    item = job.items.get(product=bad)
    assert (item.state, item.failure_reason, item.attempts) == ("failed", reason, 3)
    others = job.items.exclude(pk=item.pk).values_list("state", "attempts")
    assert {state for state, _ in others} == {"done"}
    assert all(attempts <= 2 for _, attempts in others)
    assert Description.objects.count() == len(others) == 5


@pytest.fixture
def storage(tmp_path):
    """A folder that tells the workers' storage whether it is full."""
    folder = tmp_path / "storage"
    folder.mkdir()
    (folder / "full").touch()
    return folder


def asked(storage):
    file = storage / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_a_full_disk_is_tried_again_until_there_is_room(
    start_broker, start_workers, create_job, finished, storage, wait_until
):
    start_broker()
    start_workers(TEST_STORAGE=str(storage))
    job = create_job()
    wait_until(lambda: asked(storage) > 6, "photos to be asked for again")
    (storage / "full").unlink()
    finished(job)


def test_a_disk_that_stays_full_fails_the_photos_with_that_reason(
    start_broker, start_workers, create_job, storage, wait_until
):
    start_broker()
    start_workers(TEST_STORAGE=str(storage))
    job = create_job()
    wait_until(lambda: not job.items.exclude(state="failed").exists(), "the photos to fail")
    rows = job.items.values_list("failure_reason", "attempts", "detail")
    (row,) = {(reason, attempts, "No space left" in detail) for reason, attempts, detail in rows}
    assert row == ("storage_unavailable", MAX_STORAGE_ATTEMPTS, True)


def test_a_process_that_may_start_no_thread_fails_no_photo(
    start_broker, start_workers, create_job, finished, tmp_path, wait_until
):
    (tmp_path / "short").touch()
    start_broker()
    start_workers(TEST_THREADS=str(tmp_path))
    job = create_job()
    waiting = job.items.filter(state="retry", detail__contains="can't start new thread")
    wait_until(waiting.exists, "photos to be tried again")
    assert not job.items.filter(state__in=["failed", "done"]).exists()
    (tmp_path / "short").unlink()
    finished(job)


def test_a_media_folder_that_is_gone_for_a_while_loses_nothing(
    start_broker, start_workers, create_job, finished, media_directory, wait_until
):
    job = create_job()
    away = media_directory.rename(media_directory.with_name("away"))
    start_broker()
    start_workers()
    wait_until(lambda: job.items.filter(state="retry").exists(), "photos to be tried again")
    away.rename(media_directory)
    finished(job)
