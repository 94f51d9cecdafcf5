"""One photo, someone waiting."""

from typing import Any

from lab.speed.machine import memory_reader, photo_bytes, token_bytes
from lab.speed.rounds import in_turns
from lab.speed.subject import TOKENS, Subject


def latency(single: Subject, fast: Subject, rounds: int) -> dict[str, Any]:
    """Seconds from one photo's tensor to its text; the floor is what reading the weights takes."""
    alone, pixels = single.pixels(1), fast.pixels(1)
    size, read = memory_reader(fast.model.device)
    seconds = in_turns(
        {
            "ours": lambda: fast.describe(pixels, 1),
            "reference_fp32": lambda: single.plain(alone),
            "reference": lambda: fast.plain(pixels),
            "read": read,
        },
        rounds,
    )
    bandwidth = size / seconds.pop("read")
    return {
        "seconds": seconds["ours"],
        "reference_fp32": seconds["reference_fp32"],
        "reference": seconds["reference"],
        "gigabytes_a_second": bandwidth / 1e9,
        "floor": (photo_bytes(fast.model) + TOKENS * token_bytes(fast.model)) / bandwidth,
    }
