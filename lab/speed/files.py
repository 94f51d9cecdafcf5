"""Photo in, text out: JPEG files on disk, read while the model works."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from lab.drawings import random_catalog, write_imagefolder
from lab.speed.rounds import in_turns
from lab.speed.subject import Subject
from lab.speed.throughput import BATCH
from moda_engine.describing.reading import ReadAhead
from moda_engine.exceptions import PhotoError
from moda_engine.processor import ModaProcessor

_SIZE = (1_800, 2_400)
#: Different files; they are read in turn.
_FILES = 16


def files(
    fast: Subject, processor: ModaProcessor, folder: Path, rounds: int, photos: int = 2 * BATCH
) -> dict[str, Any]:
    """Photos a second from files, and from tensors that are ready."""
    paths = list(islice(cycle(write_photos(folder)), photos))
    pixels = fast.pixels(photos)
    seconds = in_turns(
        {
            "files": lambda: fast.describe(_read(paths, processor, fast), BATCH),
            "tensors": lambda: fast.describe(pixels, BATCH),
            "reading": lambda: list(_read(paths, processor, fast)),
        },
        rounds,
    )
    return {
        "images_per_second": photos / seconds["files"],
        "tensors": photos / seconds["tensors"],
        "reading_alone": photos / seconds["reading"],
    }


def write_photos(folder: Path) -> list[Path]:
    """Drawings of 1800 × 2400 pixels with the grain of a camera, so that they are as slow to
    decode as photos are."""
    write_imagefolder(random_catalog(_FILES, 1), folder, size=336)
    generator = np.random.default_rng(0)
    grain = generator.normal(0, 4, (_SIZE[1], _SIZE[0], 1))
    paths = []
    for drawing in sorted((folder / "images").iterdir()):
        large = Image.open(drawing).convert("RGB").resize(_SIZE, Image.Resampling.BICUBIC)
        photo = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
        paths.append(folder / f"{drawing.stem}-large.jpg")
        Image.fromarray(photo).save(paths[-1], quality=90)
    return paths


def _read(paths: list[Path], processor: ModaProcessor, subject: Subject) -> Iterator[Tensor]:
    with ReadAhead(((path, None) for path in paths), processor, BATCH) as photos:
        while photos.wait():
            for photo in photos.take(BATCH, patience=1):
                if isinstance(photo, PhotoError):
                    raise photo
                yield photo.pixels.to(subject.model.device, subject.dtype)
