"""The starter's training pictures: labelled photos and drawings, decoded once, small, in memory."""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lab.drawings import DrawingSpecification, draw, random_specification
from lab.starter.cleaning import cleaned_labels
from moda_engine.evaluation.evaluate import labelled_records
from moda_engine.exceptions import DatasetError
from moda_engine.image_processor import pad_to_square
from moda_engine.language.labels import ItemLabels, labels_from_drawing, labels_from_record
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.photos import open_photo

Item = TypeVar("Item")

#: Pixels a side in memory: room for a random crop around what the encoder sees.
STORED_SIDE = 224


_LISTS = ("labels", "cleaned", "titles", "prose")


@dataclass(frozen=True)
class Corpus:
    """Pictures of (count, side, side, 3) bytes, beside their labels and texts."""

    pictures: np.ndarray
    #: As the records have them, one an item: what evaluation measures by.
    labels: list[ItemLabels]
    #: The same, held against the prose: what captions are written from.
    cleaned: list[ItemLabels]
    #: Empty for a drawing.
    titles: list[str]
    prose: list[str]

    def __len__(self) -> int:
        return len(self.labels)

    def __add__(self, other: "Corpus") -> "Corpus":
        return Corpus(
            np.concatenate([self.pictures, other.pictures]),
            *(getattr(self, name) + getattr(other, name) for name in _LISTS),
        )

    def rows(self, rows: Sequence[int]) -> "Corpus":
        """The items at `rows`, in that order."""
        lists = (getattr(self, name) for name in _LISTS)
        return Corpus(self.pictures[rows], *([values[row] for row in rows] for values in lists))


def photo_corpus(folder: Path, side: int = STORED_SIDE) -> Corpus:
    """The photos of an imagefolder at `side` pixels, with the labels of its `metadata.jsonl`.

    Raises `DatasetError` when a record has no labels or no photo.
    """
    records, refused = labelled_records(folder)
    if refused:
        raise DatasetError("\n".join(map(str, refused)))
    return Corpus(
        _in_parallel(partial(_stored_photo, side), [record.path for record in records]),
        [labels_from_record(record.fields) for record in records],
        [cleaned_labels(record.fields) for record in records],
        [str(record.fields.get("title") or "") for record in records],
        [str(record.fields.get("description") or "") for record in records],
    )


def records_without_photos(data: Path) -> list[dict[str, Any]]:
    """Texts and labels of the same retailer's other items; none of the photos that measure."""
    with gzip.open(data / "product-text.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def nameable(corpus: Corpus) -> Corpus:
    """The pictures of which a sentence can be written."""
    rows = [row for row, labels in enumerate(corpus.labels) if labels.product_type in PRODUCT_TYPES]
    return corpus.rows(rows)


def drawing_corpus(count: int, seed: int, side: int = STORED_SIDE) -> Corpus:
    """`count` random drawings at `side` pixels; the same for the same seed."""
    generator = random.Random(seed)
    specifications = [random_specification(generator) for _ in range(count)]
    labels = [labels_from_drawing(specification) for specification in specifications]
    silence = [""] * count
    pictures = _in_parallel(partial(_stored_drawing, side), specifications)
    return Corpus(pictures, labels, labels, silence, silence)


def _stored_photo(side: int, path: Path) -> np.ndarray:
    return np.asarray(pad_to_square(open_photo(path, side), side))


def _stored_drawing(side: int, specification: DrawingSpecification) -> np.ndarray:
    # Drawn larger and reduced by the processor's own path, as the demo's drawings are.
    return np.asarray(pad_to_square(draw(specification, size=2 * side), side))


def _in_parallel(function: Callable[[Item], np.ndarray], items: Sequence[Item]) -> np.ndarray:
    """Results of `function`, one an item, stacked; in processes, because drawing holds the lock.

    They are spawned: a copy of a process in which torch has computed may wait forever for threads
    that were not copied.
    """
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        return np.stack(list(processes.map(function, items, chunksize=32)))
