"""What a machine that trains is, that it is there, and that it still works on a run."""

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

from catalog.exceptions import LeaseLost
from catalog.machine import usable_cores
from catalog.models import TrainingHost, TrainingRun
from catalog.processes.claims import AlreadyRunning, folder_lock
from catalog.transitions.training_run import run_beat
from catalog.wakeups import wake_training
from catalog.workers.stopping import is_stopping

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
    """Bytes of memory that a run took: of this process or, where several trained, of all."""
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


class Heartbeat:
    """Renews a run's lease inside a `with` block; `is_over` says whether to stop the work.

    In a thread, because a step, or reading photos, may take longer than a lease.
    """

    def __init__(self, run: TrainingRun, *, seconds: float) -> None:
        self._run, self._seconds = run, seconds
        self._progress: dict[str, Any] = {}
        self._ended, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {run.pk}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether the run was cancelled, or passed to another host."""
        return self._lost.is_set()

    def is_over(self) -> bool:
        """Whether to stop: the run is lost, or this worker was told to end."""
        return self.is_lost or is_stopping()

    def tell(self, **progress: Any) -> None:
        """Set how far the run is; the next beat writes it."""
        self._progress = progress

    def _beat(self) -> None:
        try:
            while not self._ended.wait(self._seconds / 4):
                self._once()
                if self.is_lost:
                    return
        finally:
            connection.close()

    def _once(self) -> None:
        try:
            run_beat(run=self._run, seconds=self._seconds, **self._progress)
        except LeaseLost as lost:
            logger.warning("%s Stopping.", lost)
            self._lost.set()
        except Error as error:
            # The next beat tries again; if none gets through in time, the run goes to another.
            logger.warning("The database does not answer (%s).", error)
            connection.close()
