"""The commands of the parts of MODA: workers that describe, one that sweeps, the web server."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from django.conf import settings

from catalog.machine import usable_cores
from catalog.processes.supervisor import Child

#: Often more than there are cores: a client keeps its connection, and so its process. With two, one
#: got far more than half of the requests by chance, and these waited for each other.
WEB_WORKERS = 4
WEB_THREADS = 4


def _worker(
    queue: str,
    *more: str,
    environment: Mapping[str, str],
    log: Path | None,
    concurrency: int = 1,
    stop_seconds: float | None = None,
) -> Child:
    """The worker of a queue. By default it may take a lease's time to end, as a batch does."""
    command = [
        *(sys.executable, "-m", "celery", "--app", "config", "--quiet", "worker"),
        *("--hostname", f"{queue}@%h", "--queues", queue, "--concurrency", str(concurrency)),
        *("--loglevel", "warning", "--without-gossip", "--without-mingle"),
        *more,
    ]
    return Child(
        directory=settings.ROOT,
        name=f"{queue} worker",
        command=command,
        environment=environment,
        log=log,
        stop_seconds=settings.LEASE_SECONDS if stop_seconds is None else stop_seconds,
    )


#: One process with the model, for bulk work.
describer = partial(_worker, "descriptions", "--pool", "prefork")
#: Another process with the model, idle unless somebody waits: bulk work never holds it up.
interactive = partial(_worker, "interactive", "--pool", "prefork")
#: Imports and exports, a process a core: photos are decoded and encoded.
importer = partial(_worker, "imports", "--pool", "prefork", concurrency=usable_cores())
#: A host that trains, one run at a time. It has the process to itself: no pool.
trainer = partial(_worker, "training", "--pool", "solo")
#: The sweeper with its clock. There must be one of it, so it is not the describer's job.
maintenance = partial(_worker, "maintenance", "--pool", "prefork", "--beat", stop_seconds=30.0)
#: Delivers webhooks, in a process of its own: receivers may be slow, each has ten seconds.
webhooks = partial(_worker, "webhooks", "--pool", "prefork", stop_seconds=15.0)


def web(*, host: str, port: int, environment: Mapping[str, str], log: Path | None) -> Child:
    """The web server."""
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", f"{host}:{port}"),
        *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        *("--graceful-timeout", "10", "--log-level", "warning"),
        "--no-control-socket",
    ]
    return Child(
        directory=settings.ROOT,
        name="web server",
        command=command,
        environment=environment,
        log=log,
    )
