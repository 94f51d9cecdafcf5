"""Brokers and workers that die half-way: every product is described, and once."""

import os
import signal
import time

import pytest

from catalog.choices import JobState
from catalog.models import Description, Product
from catalog.services.jobs import description_job_create
from tests.factories import ModelVersionFactory, ProductImageFactory

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

PRODUCTS = 6  # one batch of four, and two more
#: Seconds in which a person's request must be answered, whatever the broker does.
ANSWER = 2.0


@pytest.fixture
def start_workers(workers, control):
    """Starts a describer with the stand-in for the model, and by default a sweeper with it."""

    def start(*, sweeper=True):
        more = {"DESCRIBE_CONTROL": str(control.folder)}
        if sweeper:
            workers("maintenance", **more)
        return workers("describer", **more)

    return start


@pytest.fixture
def finished(wait_until):
    """Waits for the end of a job and checks that each product has one draft."""

    def check(job):
        def ended():
            job.refresh_from_db()
            return job.state not in (JobState.QUEUED, JobState.RUNNING)

        wait_until(ended, "the job to end")
        assert job.state == JobState.COMPLETED
        assert list(job.items.values_list("state", flat=True)) == ["done"] * PRODUCTS
        drafts = Description.objects.values_list("product", "state")
        assert sorted(drafts) == [(pk, "draft") for pk in sorted(product_ids())]

    return check


def product_ids():
    return list(Product.objects.values_list("pk", flat=True))


@pytest.fixture
def create_job(environment):
    """Makes the job of all products; by itself it takes no longer than a person would wait."""
    ModelVersionFactory()
    for _ in range(PRODUCTS):
        ProductImageFactory()

    def create():
        start = time.monotonic()
        job = description_job_create(products=Product.objects.all())
        assert time.monotonic() - start < ANSWER
        return job

    return create


def attempts(job):
    return sorted(job.items.values_list("attempts", "alone"))


def test_nothing_goes_wrong(start_broker, start_workers, create_job, finished):
    start_broker()
    start_workers()
    job = create_job()
    finished(job)
    assert attempts(job) == [(1, False)] * PRODUCTS


def test_the_broker_is_down_when_the_job_is_made(start_broker, start_workers, create_job, finished):
    job = create_job()
    assert job.state == JobState.QUEUED
    start_broker()
    start_workers()
    finished(job)


def test_the_broker_is_frozen_when_the_job_is_made(
    start_broker, start_workers, create_job, finished
):
    broker = start_broker()
    os.kill(broker.pid, signal.SIGSTOP)
    job = create_job()
    assert job.state == JobState.QUEUED
    os.kill(broker.pid, signal.SIGCONT)
    start_workers()
    finished(job)


def test_the_broker_is_killed_half_way(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    broker = start_broker()
    control.hold()
    start_workers()
    job = create_job()
    wait_until(control.holding_pid, "a worker to begin")
    os.kill(broker.pid, signal.SIGKILL)
    wait_until(lambda: not broker.is_running(), "the broker to be gone")
    start_broker()
    control.let_go()
    finished(job)


def test_the_pools_child_is_killed_half_way(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    start_broker()
    control.hold()
    start_workers()
    job = create_job()
    os.kill(wait_until(control.holding_pid, "a worker to begin"), signal.SIGKILL)
    control.let_go()
    finished(job)
    # The four that died with it were tried by themselves; the others never noticed.
    assert attempts(job) == [(1, False)] * 2 + [(2, True)] * 4
    assert [count for _, count in control.calls()].count(1) == 4


def test_the_whole_worker_is_killed_half_way(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    start_broker()
    control.hold()
    worker = start_workers()
    job = create_job()
    wait_until(control.holding_pid, "a worker to begin")
    worker.kill_group()
    control.let_go()
    start_workers(sweeper=False)
    finished(job)
    assert attempts(job) == [(1, False)] * 2 + [(2, True)] * 4


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    start_broker()
    control.hold()
    frozen = start_workers()
    job = create_job()
    pid = wait_until(control.holding_pid, "a worker to begin")
    os.killpg(frozen.process.pid, signal.SIGSTOP)
    control.let_go()
    start_workers(sweeper=False)
    finished(job)
    os.killpg(frozen.process.pid, signal.SIGCONT)
    wait_until(lambda: (pid, 4) in control.calls(), "the frozen worker to go on")
    refused = "Nothing was written"
    wait_until(lambda: frozen.log.read_text().count(refused) == 4, "its writes to be refused")
    finished(job)


def test_a_worker_that_is_told_to_stop_finishes_its_batch(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    start_broker()
    control.hold()
    worker = start_workers(sweeper=False)
    job = create_job()
    wait_until(control.holding_pid, "a worker to begin")
    worker.ask_to_end()
    noticed = "ends after the batch"
    wait_until(lambda: noticed in worker.log.read_text(), "the worker to notice")
    control.let_go()
    worker.wait_for_end()
    assert worker.process.returncode == 0
    assert (
        sorted(job.items.values_list("state", "attempts"))
        == [("done", 1)] * 4 + [("queued", 0)] * 2
    )
    start_workers()
    finished(job)
    assert attempts(job) == [(1, False)] * PRODUCTS
