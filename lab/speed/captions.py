"""How many of the starter's captions are the same in a faster arithmetic."""

from pathlib import Path
from typing import Any

import torch

from lab.drawings import random_catalog, write_imagefolder
from moda_engine.describing.describer import DescribeOptions, Describer

_OPTIONS = DescribeOptions(batch_size=32)
#: Numeric modes, the one first to which the others are compared.
_NAMES = ("float32", "bfloat16", "int8")


def captions(folder: Path, photos: int = 256) -> dict[str, Any]:
    """Shares of captions of drawings that are, letter for letter, those of single precision."""
    write_imagefolder(random_catalog(photos, 1), folder, size=336)
    drawings = sorted((folder / "images").iterdir())
    texts = {
        name: [one.text for one in describer.describe(drawings, options=_OPTIONS)]
        for name in _NAMES
        for describer in [Describer.from_pretrained(dtype=getattr(torch, name))]
    }
    shares = {f"{name}_equal": _share(texts[name], texts[_NAMES[0]]) for name in _NAMES[1:]}
    return {"photos": photos, **shares}


def _share(texts: list[str], others: list[str]) -> float:
    return sum(one == other for one, other in zip(texts, others, strict=True)) / len(texts)
