"""Lets a task learn that its worker stops.

The signal reaches the worker's parent process; tasks run in its children. One byte of memory that
parent and children share carries the news. So this module must be imported before the pool is
forked; `catalog.tasks` does that.
"""

import mmap
import os
from typing import Any

from celery import signals

_byte = mmap.mmap(-1, 1)


def note_stop(**_: Any) -> None:
    """Called in the parent, inside its handler of SIGTERM or Ctrl-C."""
    _byte[0] = 1
    # Not by logging, whose locks may be held by the very line that the signal interrupted.
    os.write(2, b"This worker ends after the batch it has begun.\n")


def is_stopping() -> bool:
    """Whether this worker may start nothing new."""
    return _byte[0] == 1


signals.worker_shutting_down.connect(note_stop)
