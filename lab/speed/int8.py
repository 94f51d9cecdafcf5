"""The language model in whole numbers of 8 bits, beside the machine's usual arithmetic."""

from typing import Any

from lab.speed.rounds import in_turns
from lab.speed.subject import Subject
from lab.speed.throughput import BATCH
from moda_engine.model import ModaForCaptioning

#: Photos that int8 describes one after the other: fewer, for it is slow at many.
_PHOTOS = 4


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
