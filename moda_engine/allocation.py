"""What the C library does with memory that was freed. Only glibc can be asked."""

import ctypes
from collections.abc import Callable

#: `mallopt`'s parameters, from glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def keep_freed_memory() -> bool:
    """Keep what is freed for what comes next, as long as the process lives; whether it is kept.

    A pass of training on a CPU asks for the same gigabyte of logits and gradients as the one
    before. Handed back and mapped anew, its pages cost a fifth of the time (`mallopt(3)`).
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, -1))


def return_free_memory() -> None:
    """Hand back what was freed and lies about (`malloc_trim(3)`)."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """The function, where the program's C library has it."""
    try:
        library = ctypes.CDLL(None)
    except TypeError:  # Windows knows no library without a name
        return None
    return getattr(library, name, None)
