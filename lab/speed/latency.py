"""One photo, someone waiting; in 8 bits too, beside the machine's usual arithmetic."""

from typing import Any

from lab.speed.machine import memory_reader, photo_bytes, token_bytes
from lab.speed.rounds import in_turns
from lab.speed.subject import TOKENS, Subject
from lab.speed.throughput import BATCH
from moda_engine.model import ModaForCaptioning

#: Photos that int8 describes one after the other: fewer, for it is slow at many.
_PHOTOS = 4


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


def int8(model: ModaForCaptioning, single: Subject, fast: Subject, rounds: int) -> dict[str, Any]:
    """Photos a second, and seconds for one; int8 describes photos one after the other."""
    whole = Subject(model, fast.dtype, int8=True)
    pixels, alone = fast.pixels(BATCH), single.pixels(1)
    seconds = in_turns(
        {
            "int8": lambda: whole.describe(pixels[:_PHOTOS], 1),
            "bf16": lambda: fast.describe(pixels, BATCH),
            "int8_alone": lambda: whole.describe(pixels[:1], 1),
            "bf16_alone": lambda: fast.describe(pixels[:1], 1),
            "reference_fp32": lambda: single.plain(alone),
        },
        rounds,
    )
    return {
        "images_per_second": _PHOTOS / seconds["int8"],
        "bf16": BATCH / seconds["bf16"],
        "latency_seconds": seconds["int8_alone"],
        "bf16_latency_seconds": seconds["bf16_alone"],
        "reference_fp32_seconds": seconds["reference_fp32"],
    }
