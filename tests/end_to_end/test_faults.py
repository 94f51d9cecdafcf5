"""Brokers and workers that die half-way: every product is described, and once."""

import os
import signal
import time

import pytest
import redis

from catalog.choices import JobState

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

PRODUCTS = 6  # one batch of four, and two more whose photos are read meanwhile
#: Seconds that a deploy gives a worker once its batch is through; far below a lease.
GRACE = 4.0


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


def test_the_broker_is_emptied_half_way(
    start_broker, start_workers, create_job, finished, control, wait_until, settings
):
    start_broker()
    control.hold()
    start_workers()
    # The first message is at work, all others are forgotten.
    job = create_job(products=20)
    wait_until(control.holding_pid, "a worker to begin")
    redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET)).flushall()
    control.let_go()
    finished(job)
    assert attempts(job) == [(1, False)] * 20


def test_workers_are_killed_ten_times(
    start_broker, start_workers, create_job, finished, control, wait_until
):
    """Seven times the child that has the model, three times the whole worker."""
    start_broker()
    control.hold()
    worker = start_workers()
    job = create_job(products=90)
    for time_ in range(10):
        pid = wait_until(control.holding_pid, f"a worker to begin for the {time_}. time")
        if time_ % 4 == 3:
            worker.kill_group()
            control.forget()
            worker = start_workers(sweeper=False)
        else:
            os.kill(pid, signal.SIGKILL)
            control.forget()
    control.let_go()
    finished(job)
    assert sum(count for count, _ in attempts(job)) > 90


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
    # All that died with it, two of them while being read, were tried by themselves.
    assert attempts(job) == [(2, True)] * PRODUCTS
    assert [count for _, count in control.calls()] == [1] * PRODUCTS


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
    assert attempts(job) == [(2, True)] * PRODUCTS


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
    refused = "Nothing was written for 4 items"
    wait_until(lambda: refused in frozen.log.read_text(), "its writes to be refused")
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
    start = time.monotonic()
    worker.wait_for_end()
    assert worker.process.returncode == 0
    assert time.monotonic() - start < GRACE
    assert (
        sorted(job.items.values_list("state", "attempts"))
        == [("done", 1)] * 4 + [("queued", 0)] * 2
    )
    start_workers()
    finished(job)
    assert attempts(job) == [(1, False)] * PRODUCTS
