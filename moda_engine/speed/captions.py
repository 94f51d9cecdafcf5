"""How many of the starter's captions are the same in a faster arithmetic."""

from pathlib import Path
from typing import Any

import torch

from moda_engine.describer import DescribeOptions, Describer
from moda_engine.drawings import random_catalog, write_imagefolder
from moda_engine.speed.int8 import exchange_products

_OPTIONS = DescribeOptions(batch_size=32)


def captions(folder: Path, photos: int = 256) -> dict[str, Any]:
    """Shares of captions of drawings that are, letter for letter, those of single precision."""
    write_imagefolder(random_catalog(photos, 1), folder, size=336)
    drawings = sorted((folder / "images").iterdir())
    single = _texts(Describer.from_pretrained(dtype=torch.float32), drawings)
    halves = Describer.from_pretrained(dtype=torch.bfloat16)
    half = _texts(halves, drawings)
    exchange_products(halves.model, halves._encode, halves._writer)
    whole = _texts(halves, drawings)
    return {
        "photos": photos,
        "bfloat16_equal": _share(half, single),
        "int8_language_model_equal": _share(whole, single),
    }


def _texts(describer: Describer, drawings: list[Path]) -> list[str]:
    return [one.text for one in describer.describe(drawings, options=_OPTIONS)]


def _share(texts: list[str], others: list[str]) -> float:
    return sum(one == other for one, other in zip(texts, others, strict=True)) / len(texts)
