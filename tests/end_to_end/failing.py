"""Parts that fail in worker processes: decoders that die of a photo, storage that is full or gone,
a model for which no thread can be started.

A photo of DEADLY's size kills the process that decodes it, at once and without a word, as a fault
in a decoder does. One of GREEDY's asks for more memory than the process may have.
"""

import errno
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any

from celery import signals
from django.core.files.storage import FileSystemStorage
from PIL import Image, PngImagePlugin

DEADLY, GREEDY = (13, 17), (17, 13)
#: Bytes that a process may take beyond what it has when it starts, and what a GREEDY photo takes.
ALLOWED, WANTED = 1 << 30, 1 << 31


class FailingPng(PngImagePlugin.PngImageFile):
    """PNG, but for two sizes."""

    def load(self) -> Any:
        if self.size == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.size == GREEDY:
            bytearray(WANTED)
        return super().load()


def decoders_register() -> None:
    """Use them in this process, and limit the address space of the worker's children."""
    Image.preinit()
    Image.register_open("PNG", FailingPng, lambda prefix: prefix[:4] == b"\x89PNG")
    signals.worker_process_init.connect(_limit_address_space, weak=False)


def _limit_address_space(**_: Any) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + ALLOWED
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class FailingStorage(FileSystemStorage):
    """The media folder; nothing is read while `full` lies in the folder TEST_STORAGE."""

    def _open(self, name: str, mode: str = "rb") -> Any:
        folder = Path(os.environ["TEST_STORAGE"])
        with (folder / "asked").open("a") as asked:
            asked.write(f"{name}\n")
        if (folder / "full").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super()._open(name, mode)


def describe_with_threads(**asked: Any) -> Any:
    """The stand-in, but a model that needs a thread; while `short` lies in TEST_THREADS there is
    no address space for its stack."""
    from tests import describing  # the settings, which read this file, come before the models

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    short = (Path(os.environ["TEST_THREADS"]) / "short").exists()
    former = threading.stack_size(256 << 20)
    if short:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (64 << 20), hard))
    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(former)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return describing.describe_photos(**asked)
