"""Keeps freed memory for the next pass of training on a CPU."""

import ctypes

#: `mallopt`'s parameters, from glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def keep_freed_memory() -> bool:
    """Have the C library keep what is freed, for the rest of the process; whether it does.

    Each pass asks for the same gigabyte of logits and gradients. Handed back and mapped anew, its
    pages cost a fifth of the time (`mallopt(3)`). Only glibc knows how; elsewhere nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, -1))
