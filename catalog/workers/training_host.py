"""What a machine that trains is, and that it is there."""

import logging
import os
import resource
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import signals
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from catalog.machine import usable_cores
from catalog.models import TrainingHost
from catalog.processes.claims import AlreadyRunning, folder_lock
from catalog.wakeups import wake_training

logger = logging.getLogger(__name__)

#: Seconds between two announcements; well below the time after which a host is not counted on.
ANNOUNCE_SECONDS = 20.0


class NoRoom(Exception):
    """The disk of this host cannot take the run; the message says how much is missing."""


def host_name() -> str:
    """`MODA_TRAINING_HOST`, else the machine's name."""
    return str(settings.TRAINING_HOST or socket.gethostname())


def scratch() -> Path:
    """Where runs are worked on; made when asked for."""
    folder = Path(settings.DATA_DIRECTORY) / "training"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def host_alone() -> Iterator[bool]:
    """True while no other worker of this data folder trains: one run at a time a host."""
    try:
        with folder_lock(scratch()):
            yield True
    except AlreadyRunning:
        yield False


def room_check(folder: Path, *, needed: int) -> None:
    """Raises `NoRoom` unless the disk of `folder` has `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            f"{host_name()} has {free // 10**6} MB free in {folder}, and the run needs about "
            f"{needed // 10**6} MB. Make room there; the run goes on by itself."
        )


def peak_bytes(processes: int) -> int:
    """Memory that a run took: of this process or, where several trained, of all of those."""
    # macOS counts bytes, Linux kibibytes; training is Linux's.
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if processes > 1 else 0
    return max(mine, processes * largest) * 1024


def announce() -> None:
    """Say what this host is and that it is there."""
    TrainingHost.objects.update_or_create(
        name=host_name(),
        defaults={
            "seen_at": timezone.now(),
            "device": _device(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "free_bytes": shutil.disk_usage(scratch()).free,
        },
    )


@signals.worker_ready.connect
def announce_always(sender: Any, **_: Any) -> None:
    """In a worker that trains: announce now, and every few seconds for as long as it lives."""
    if "training" in sender.app.amqp.queues.consume_from:
        threading.Thread(target=_announce_always, name="announcing", daemon=True).start()
        wake_training()  # a run may wait since before


def _announce_always() -> None:
    waiting = threading.Event()
    while True:
        try:
            announce()
        except (Error, OSError) as error:
            logger.warning("This host could not be announced: %s", error)
            connection.close()
        waiting.wait(ANNOUNCE_SECONDS)


def _device() -> str:
    """GPUs by the driver's own list, else cores: torch is loaded when a run begins, not before."""
    gpus = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    models = [_gpu_model(path) for path in gpus]
    return ", ".join(models) or f"{usable_cores()} CPU cores"


def _gpu_model(information: Path) -> str:
    lines = information.read_text(encoding="utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("Model:"))
    return next(named, "GPU")
