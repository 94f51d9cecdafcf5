"""Many photos: against the authors' way, plain `generate`, a static batch, and the ceiling."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch

from lab.speed.machine import photo_operations, products
from lab.speed.rounds import in_turns, seconds_of
from lab.speed.subject import TOKENS, Subject

#: The batch at which both ways are compared.
BATCH = 64
#: Batches among which the best is looked for.
_BATCHES = (64, 128, 256)
#: How many of the starter's training captions have how many of OPT's tokens, end included.
CAPTION_LENGTHS = {
    6: 2,
    7: 2667,
    8: 1082,
    9: 935,
    10: 820,
    11: 589,
    12: 205,
    13: 161,
    14: 446,
    15: 1014,
    16: 410,
    17: 1402,
    18: 367,
    19: 158,
    20: 38,
    21: 2,
}


def throughput(single: Subject, fast: Subject, rounds: int) -> dict[str, Any]:
    """Photos a second from tensors; `single` is in float32, `fast` as the machine is fast."""
    pixels = fast.pixels(max(_BATCHES))
    alone = single.pixels(1)
    best = min(_BATCHES, key=lambda batch: _seconds_a_photo(fast, pixels, batch))
    operations = products(fast.model.device, fast.dtype)
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: fast.describe(pixels[:BATCH], BATCH),
        "best": lambda: fast.describe(pixels[:best], best),
        "reference": lambda: fast.plain(pixels[:BATCH]),
        "published_way": lambda: single.plain(alone),
        **{str(count): product for count, product in operations.items()},
    }
    seconds = in_turns(sides, rounds)
    ceiling = max(count / seconds[str(count)] for count in operations)
    return {
        "images_per_second": BATCH / seconds["ours"],
        "reference": BATCH / seconds["reference"],
        "published_way": 1 / seconds["published_way"],
        "best_batch": best,
        "best_images_per_second": best / seconds["best"],
        "product_gflops": ceiling / 1e9,
        "photo_gflop": photo_operations(fast.model, TOKENS) / 1e9,
        "ceiling": ceiling / photo_operations(fast.model, TOKENS),
        "ceiling_share": best / seconds["best"] * photo_operations(fast.model, TOKENS) / ceiling,
    }


def _seconds_a_photo(subject: Subject, pixels: torch.Tensor, batch: int) -> float:
    subject.describe(pixels[:batch], batch, 4)
    return seconds_of(lambda: subject.describe(pixels[:batch], batch)) / batch


def real_lengths(fast: Subject, rounds: int, photos: int = 4 * BATCH) -> dict[str, Any]:
    """Texts of the starter's captions' lengths: rows leave and join, or wait for the longest."""
    pixels = fast.pixels(photos)
    lengths = random.Random(0).choices(
        list(CAPTION_LENGTHS), weights=list(CAPTION_LENGTHS.values()), k=photos
    )
    batches = [range(start, start + BATCH) for start in range(0, photos, BATCH)]

    def static(write: Callable[[torch.Tensor, int], object]) -> None:
        for rows in batches:
            write(pixels[rows.start : rows.stop], max(lengths[row] for row in rows))

    seconds = in_turns(
        {
            "ours": lambda: fast.describe(pixels, BATCH, lengths),
            "static": lambda: static(lambda part, length: fast.describe(part, BATCH, length)),
            "plain": lambda: static(fast.plain),
        },
        rounds,
    )
    return {
        "images_per_second": photos / seconds["ours"],
        "static_batch": photos / seconds["static"],
        "plain_static_batch": photos / seconds["plain"],
        "mean_tokens": sum(lengths) / photos,
    }


def growth(
    fast: Subject, batches: Sequence[int] = (1, 4, 16, 64, 128, 256)
) -> list[dict[str, Any]]:
    """Seconds a photo by batch and by tokens, the faster of two times each."""
    rows = []
    for batch in batches:
        pixels = fast.pixels(batch)
        for tokens in (10, 20, 40, 80, 120):
            work = partial(fast.describe, pixels, batch, tokens)
            seconds = min(seconds_of(work), seconds_of(work))
            rows.append({"batch": batch, "tokens": tokens, "seconds_a_photo": seconds / batch})
    return rows
