"""The commands of the parts of MODA: workers that describe, one that sweeps, the web server."""

import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from catalog.machine import usable_cores
from catalog.processes.supervisor import Child

#: Often more than there are cores: a client keeps its connection, and so its process. With two, one
#: got far more than half of the requests by chance, and these waited for each other.
WEB_WORKERS = 4
WEB_THREADS = 4


def describer(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """One process with the model, for bulk work."""
    return Child(
        directory=settings.ROOT,
        name="descriptions worker",
        command=_worker("descriptions", "descriptions", "--pool", "prefork"),
        environment=environment,
        log=log,
        stop_seconds=float(settings.LEASE_SECONDS),  # a batch ends within its lease
    )


def interactive(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """Another process with the model, idle unless somebody waits: bulk work never holds it up."""
    return Child(
        directory=settings.ROOT,
        name="interactive worker",
        command=_worker("interactive", "interactive", "--pool", "prefork"),
        environment=environment,
        log=log,
        stop_seconds=float(settings.LEASE_SECONDS),
    )


def importer(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """Imports and exports, a process a core: photos are decoded and encoded."""
    return Child(
        directory=settings.ROOT,
        name="imports worker",
        command=_worker("imports", "imports", "--pool", "prefork", concurrency=usable_cores()),
        environment=environment,
        log=log,
        stop_seconds=float(settings.LEASE_SECONDS),
    )


def trainer(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """A host that trains, one run at a time. It has the process to itself: no pool."""
    return Child(
        directory=settings.ROOT,
        name="training worker",
        command=_worker("training", "training", "--pool", "solo"),
        environment=environment,
        log=log,
        stop_seconds=float(settings.LEASE_SECONDS),  # it saves what it has after its step
    )


def maintenance(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """The sweeper with its clock. There must be one of it, so it is not the describer's job."""
    return Child(
        directory=settings.ROOT,
        name="maintenance worker",
        command=_worker("maintenance", "maintenance", "--pool", "prefork", "--beat"),
        environment=environment,
        log=log,
    )


def webhooks(*, environment: Mapping[str, str], log: Path | None) -> Child:
    """Delivers webhooks, in a process of its own, as receivers may be slow."""
    return Child(
        directory=settings.ROOT,
        name="webhooks worker",
        command=_worker("webhooks", "webhooks", "--pool", "prefork"),
        environment=environment,
        log=log,
        stop_seconds=15.0,  # a receiver has ten seconds
    )


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


def _worker(name: str, queues: str, *more: str, concurrency: int = 1) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "--app", "config", "--quiet", "worker"),
        *("--hostname", f"{name}@%h", "--queues", queues, "--concurrency", str(concurrency)),
        *("--loglevel", "warning", "--without-gossip", "--without-mingle"),
        *more,
    ]
