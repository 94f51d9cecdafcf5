"""Sides of a comparison, taken in turn in one run; medians are compared."""

import time
from collections.abc import Callable, Mapping
from statistics import median

import torch


def in_turns(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each side. A first round warms up and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, work in sides.items():
            seconds[name].append(seconds_of(work))
    return {name: median(values[1:]) for name, values in seconds.items()}


def seconds_of(work: Callable[[], object]) -> float:
    """How long `work` takes, what a GPU still has to do included."""
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start
