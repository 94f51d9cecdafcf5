"""Drafts written again are identical, whatever batch they were in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from benchmarks.learning.bench import Bench, Figures, share
from benchmarks.review_photos import Record
from moda_engine import Describer
from moda_engine.describing.describer import DescribeOptions

REPLAYED = 200
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"identical": 1.0, "identical_bfloat16": 0.99, "identical_int8": 0.99}
AT_MOST: dict[str, float] = {}


def run(bench: Bench) -> Figures:
    """Share of drafts that come out the same, by the numeric mode that each says it is of.

    Drafts are written among photos of other products, sixteen at a time, then written again among
    themselves, in another order, seven at a time.
    """
    drafts, others = bench.photos.measured[:REPLAYED], bench.photos.reviewed[:REPLAYED]
    among_others = [one for pair in zip(others, drafts, strict=True) for one in pair]
    order = random.Random(1).sample(range(len(drafts)), len(drafts))
    same = {}
    for mode in ("float32", "bfloat16", "int8"):
        describer = Describer.from_pretrained(bench.model, dtype=getattr(torch, mode))
        written = _drafts(bench, describer, among_others, 16)[1::2]
        again = _drafts(bench, describer, [drafts[row] for row in order], 7)
        pairs = [(written[row], one) for row, one in zip(order, again, strict=True)]
        same[mode] = share(one == other and one.mode == mode for one, other in pairs)
    return {
        "drafts": len(drafts),
        "identical": same["float32"],
        "identical_bfloat16": same["bfloat16"],
        "identical_int8": same["int8"],
    }


@dataclass(frozen=True)
class Draft:
    """What the catalog keeps of a description's words."""

    standard: str
    alt_text: str
    detailed: str
    mode: str


def _drafts(
    bench: Bench, describer: Describer, records: Sequence[Record], batch_size: int
) -> list[Draft]:
    """The records' photos described; every third with the catalog's facts."""
    described = describer.describe(
        [bench.photos.folder / one["file_name"] for one in records],
        [_known(one) if int(one["id"]) % 3 == 0 else None for one in records],
        DescribeOptions(batch_size=batch_size),
    )
    return [Draft(one.text, one.alt_text, one.detailed, one.mode) for one in described]


def _known(record: Record) -> str:
    return f"brand: {record['brand']}; colour: {record['colour']}"
