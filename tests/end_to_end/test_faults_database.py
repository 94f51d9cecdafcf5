"""PostgreSQL killed and started again while workers are at a batch."""

import os
import signal
import subprocess

import pytest
from django.db import connections

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def restarted(server):
    """Whether it could be started; at first, processes of the killed one may be in the way."""
    try:
        server.ensure_postgres_running()
    except subprocess.SubprocessError:
        return False
    return True


def test_postgres_is_killed_and_comes_back(
    start_broker, start_workers, create_job, finished, control, wait_until, postgres_server
):
    start_broker()
    control.hold()
    worker = start_workers()
    job = create_job(products=12)
    wait_until(control.holding_pid, "a worker to begin")
    connections.close_all()
    os.kill(postgres_server.get_pid(), signal.SIGKILL)
    control.let_go()
    # The batch is described, but cannot be written: the worker waits, and asks again.
    asking = "The database does not answer"
    wait_until(lambda: asking in worker.log.read_text(), "the worker to miss its database")
    wait_until(lambda: restarted(postgres_server), "PostgreSQL to come back")
    finished(job)
    # What was in its hands was written by the same worker, without a second attempt.
    assert job.items.filter(attempts=1).count() == 12
    assert worker.log.read_text().count(asking) < 40
