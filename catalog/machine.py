"""What the machine has: its cores, and whether an error says that it is short of something.

Work that ran out of memory, threads, files or disk is tried again later; it is not at fault.
"""

import errno
import os
import re


def usable_cores() -> int:
    """Those that this process may use: a container is often given fewer than the machine has."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return known or 1


_SHORT = frozenset(
    {
        errno.EAGAIN,  # no more processes or threads
        errno.EMFILE,  # the process has too many files open
        errno.ENFILE,  # the machine has
        errno.ENOMEM,
        errno.ENOSPC,  # disk full
        errno.EDQUOT,  # disk quota used up
    }
)
_MEMORY = re.compile(
    r"out of memory|can't allocate memory|cannot allocate memory|not enough memory"
    r"|failed to map segment",  # of a library that is loaded
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"can't start new thread|can't start thread|thread creation failed"
    r"|resource temporarily unavailable|too many open files|no space left on device",
    re.IGNORECASE,
)


#: Bytes that reading an ordinary photo takes, generously.
ORDINARY_BYTES = 64 << 20


class MachineShort(Exception):
    """The machine lacks threads, files or disk for now. Smaller batches do not help."""


def is_memory_shortage(error: BaseException) -> bool:
    """Whether memory ran out, on any device; its causes are searched too."""
    return any(
        isinstance(one, MemoryError) or bool(_MEMORY.search(str(one))) for one in _causes(error)
    )


def has_memory() -> bool:
    """Whether an ordinary photo could be read now: one that ran out of memory needs too much."""
    try:
        bytearray(ORDINARY_BYTES)
    except MemoryError:
        return False
    return True


def is_shortage(error: BaseException) -> bool:
    """Whether the machine ran out of anything; the error's causes are searched too."""
    return is_memory_shortage(error) or any(
        isinstance(one, MachineShort)
        or (isinstance(one, OSError) and one.errno in _SHORT)
        or bool(_OTHER.search(str(one)))
        for one in _causes(error)
    )


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error and what it was raised from, the outermost first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found
