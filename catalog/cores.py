"""How many processor cores there are to use. Knows nothing of the catalog."""

import os


def usable_cores() -> int:
    """Those that this process may use: a container is often given fewer than the machine has."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return known or 1
