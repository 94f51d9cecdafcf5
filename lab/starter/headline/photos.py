"""Photos beside the authors' captions, and how they are split."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lab.starter.corpus import Corpus, photo_corpus
from moda_engine.evaluation.evaluate import labelled_records

#: What the authors wrote behind every caption, as they wrote it.
ENDING = r" <\s>"
SEEDS = (0, 1, 2)
VALIDATION_SHARE = 0.2
#: Pixels a side in memory: its encoder sees fewer than the starter's.
STORED_SIDE = 144


@dataclass(frozen=True)
class Photos:
    """Pictures beside the authors' captions of them."""

    corpus: Corpus
    captions: list[str]

    @classmethod
    def read(cls, folder: Path) -> "Photos":
        """The photos of an imagefolder. Raises `DatasetError`."""
        records, _ = labelled_records(folder)
        captions = [f"{record.fields['text']}{ENDING}" for record in records]
        return cls(photo_corpus(folder, STORED_SIDE), captions)

    def __add__(self, other: "Photos") -> "Photos":
        return Photos(self.corpus + other.corpus, self.captions + other.captions)

    def rows(self, rows: Sequence[int]) -> "Photos":
        """The photos at `rows`, in that order."""
        return Photos(self.corpus.rows(rows), [self.captions[row] for row in rows])

    @property
    def pictures(self) -> Tensor:
        """(count, side, side, 3) bytes."""
        return torch.from_numpy(self.corpus.pictures)


@dataclass(frozen=True)
class Split:
    """What is learned, and what is measured."""

    name: str
    training: Photos
    validation: Photos


def splits(training: Photos, test: Photos) -> Iterator[Split]:
    """The authors' random split of all the photos for each seed, then the one without twins."""
    every = training + test
    for name, (learned, held_out) in _split_rows(training, test).items():
        yield Split(name, every.rows(learned), every.rows(held_out))


def learned_by_all(training: Photos, test: Photos) -> Photos:
    """The photos that are held out in no split: what is learned of them once serves for all."""
    held_out = {row for _, rows in _split_rows(training, test).values() for row in rows}
    every = training + test
    return every.rows([row for row in range(len(every.captions)) if row not in held_out])


def _split_rows(training: Photos, test: Photos) -> dict[str, tuple[list[int], list[int]]]:
    """Rows to learn and rows held out, of `training` and `test` together, by the split's name."""
    count = len(training.captions)
    every = count + len(test.captions)
    random = {f"random-{seed}": random_rows(every, seed) for seed in SEEDS}
    return random | {"leak-free": (list(range(count)), list(range(count, every)))}


def random_rows(count: int, seed: int) -> tuple[list[int], list[int]]:
    """Four fifths and one fifth of `count` rows."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    learned = count - math.floor(VALIDATION_SHARE * count)
    return order[:learned], order[learned:]
