"""Where the arithmetic runs, in which precision it is fast, and what becomes of its memory."""

import ctypes
import re
from collections.abc import Callable

import torch

from moda_engine.inference.operators import has_bfloat16, has_tiles

#: How torch says it on the CPU; on a GPU it has an exception of its own, whose message is alike.
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)

#: `mallopt`'s parameters, from glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def default_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; elsewhere it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and has_bfloat16()


def fast_precision(device: torch.device) -> str:
    """ "bfloat16" where the device is fast at it, else "float32": names of torch's dtypes."""
    return "bfloat16" if has_fast_bfloat16(device) else "float32"


def cache_precision(device: torch.device, dtype: torch.dtype) -> torch.dtype:
    """In what keys and values are kept, where queries come one at a time, for weights of `dtype`.

    For each of them a CPU without tiles (AMX) lays bfloat16 out again, at three times the cost of
    float32, which is twice as large.
    """
    return torch.float32 if device.type == "cpu" and not has_tiles() else dtype


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, whatever the device."""
    return isinstance(error, MemoryError) or bool(_OUT_OF_MEMORY.search(str(error)))


def keep_freed_memory() -> bool:
    """Keep what is freed for what comes next, as long as the process lives; whether it is kept.

    A pass of training on a CPU asks for the same gigabyte of logits and gradients as the one
    before. Where it is handed back and mapped again, its pages cost a fifth of the time
    (`mallopt(3)`).
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, -1))


def return_free_memory() -> None:
    """Hand freed memory back to the system (`malloc_trim(3)`)."""
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
