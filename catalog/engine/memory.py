"""How torch says that memory ran out."""

import re

#: On the CPU; on a GPU it has an exception of its own, whose message is alike.
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


def raise_for_memory(error: RuntimeError) -> None:
    """Raises `MemoryError` when that is what `error` says, whatever the device."""
    if _OUT_OF_MEMORY.search(str(error)):
        raise MemoryError(str(error)) from error
