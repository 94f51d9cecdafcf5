"""All measures of `python -m lab.speed`, as one object."""

import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import torch

from lab.drawings import random_catalog, write_imagefolder
from lab.speed.encoders import encoders
from lab.speed.files import files, write_photos
from lab.speed.latency import int8, latency
from lab.speed.memory import memory
from lab.speed.subject import Subject, full_size_model, full_size_processor
from lab.speed.throughput import growth, real_lengths, throughput
from moda_engine.describing.describer import Describer
from moda_engine.describing.description import DescribeOptions
from moda_engine.devices import default_device, fast_precision
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

#: What can be measured, in the order in which it is.
PARTS = (
    "throughput",
    "real_lengths",
    "latency",
    "files",
    "int8",
    "captions",
    "memory",
    "growth",
    "encoders",
)

_OPTIONS = DescribeOptions(batch_size=32)
#: Numeric modes, the one first to which the others are compared.
_NAMES = ("float32", "bfloat16", "int8")


def bench(rounds: int, parts: Collection[str]) -> dict[str, Any]:
    """Figures of `parts`, by name, and the machine that gave them."""
    torch.manual_seed(0)
    device = default_device()
    precision = fast_precision(device)
    model, processor = full_size_model(device), full_size_processor()
    single, fast = Subject(model, torch.float32), Subject(model, getattr(torch, precision))
    measures: dict[str, Callable[[Path], Any]] = {
        "throughput": lambda folder: throughput(single, fast, rounds),
        "real_lengths": lambda folder: real_lengths(fast, rounds),
        "latency": lambda folder: latency(single, fast, rounds),
        "files": lambda folder: files(fast, processor, folder, rounds),
        "int8": lambda folder: int8(model, single, fast, rounds),
        "captions": captions,
        "memory": lambda folder: _memory(fast.model, processor, folder, precision),
        "growth": lambda folder: growth(fast),
        "encoders": lambda folder: encoders(rounds),
    }
    figures: dict[str, Any] = {
        "device": _name(device),
        "precision": precision,
        "threads": torch.get_num_threads(),
        "rounds": rounds,
    }
    for part in parts:
        with tempfile.TemporaryDirectory() as folder:
            figures[part] = measures[part](Path(folder))
    return figures


def _memory(
    model: ModaForCaptioning, processor: ModaProcessor, folder: Path, precision: str
) -> dict[str, Any]:
    checkpoint = folder / "checkpoint"
    model.save_pretrained(checkpoint)
    processor.save_pretrained(checkpoint)
    photos = write_photos(folder / "photos")
    return memory(checkpoint, photos, precision)


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name()
    names = (
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
        if line.startswith("model name")
    )
    return f"{os.cpu_count()} cores of {next(names, 'an unnamed processor')}"


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
