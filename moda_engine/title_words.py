"""What the words of a title suggest about an item beside what they state.

"Skechers Go Walk" names no usage, and yet most of its like are for sports. Each word and each pair
of neighbours that was seen often enough in titles adds to the logits of a kind. Of a kind that the
catalog tells, words say nothing: what the photo shows is held against the catalog unswayed.

Words are kept as their CRC-32: a checkpoint spells no title, and unknown words say nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import torch
from torch import Tensor, nn

from moda_engine.brief.product import KnownProduct

_HALF = 1 << 16
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Evidence:
    """What the logits of one kind are made of, beside words."""

    #: The head's, (items, classes), and their temperature, (items, 1).
    seen: Tensor
    temperature: Tensor
    #: What known labels of other kinds add, (items, classes).
    told: Tensor

    def logits(self) -> Tensor:
        """Where no words are asked, (items, classes)."""
        return self.seen / self.temperature + self.told


@dataclass(frozen=True)
class Beside:
    """How much words, photo and known labels count beside each other where the words are sure."""

    #: Of what the photo shows.
    temperature: float
    #: Of what known labels say: words say part of it.
    known_factor: float
    word_factor: float

    def logits(self, evidence: Evidence, words: Tensor) -> Tensor:
        """Of evidence and words, (items, classes); where words say nothing, of evidence alone."""
        sure = sureness(words)
        temperature = evidence.temperature + (self.temperature - evidence.temperature) * sure
        told = evidence.told * (1 + (self.known_factor - 1) * sure)
        return evidence.seen / temperature + told + self.word_factor * words


class TitleWords(nn.Module):
    """Tables of title words for some kinds of label.

    Args:
        config: `count`: how many words and pairs are known; `kinds`: kind → fields of `Beside`.
        classes: kind → its labels, in the order of its head's outputs.
    """

    def __init__(self, config: Mapping[str, Any], classes: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        # Sorted: JSON keeps no order of kinds.
        self.beside = {
            kind: Beside(**{name: float(number) for name, number in config["kinds"][kind].items()})
            for kind in sorted(config["kinds"])
        }
        self._sizes = [len(classes[kind]) for kind in self.beside]
        #: (words, 2), ascending, as `hash_halves` gives them.
        self.hashes: Tensor
        self.register_buffer("hashes", hash_halves([0] * int(config["count"])))
        #: words → the classes of all kinds, in alphabetical order, side by side.
        self.tables = nn.EmbeddingBag(int(config["count"]), sum(self._sizes), mode="sum")

    def forward(self, titles: Sequence[str]) -> dict[str, Tensor]:
        """Kind → (titles, classes): what words add to the logits, unscaled; zeros say nothing."""
        rows, starts = bags([self.numbers(title) for title in titles])
        device = self.hashes.device
        summed: Tensor = self.tables(rows.to(device), starts.to(device))
        return dict(zip(self.beside, summed.split(self._sizes, dim=1), strict=True))

    def numbers(self, title: str) -> Tensor:
        """The rows of the known words of a title, ascending."""
        hashes = torch.tensor(sorted(map(word_hash, words_of(title))), dtype=torch.int64)
        known = self.hashes.cpu().long() @ torch.tensor([_HALF, 1])
        rows = torch.searchsorted(known, hashes).clamp(max=len(known) - 1)
        return rows[known[rows] == hashes]


def titled(product: KnownProduct) -> str:
    """Title and brand: the words that are asked, and that were learned from."""
    return f"{product.title} {product.brand}"


def bags(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Rows of tables, one tensor a title, as `nn.EmbeddingBag` takes them: all, and each start."""
    return torch.cat(list(rows)), torch.tensor([0, *map(len, rows)])[:-1].cumsum(0)


def words_of(title: str) -> set[str]:
    """The words of a title, and its pairs of neighbours, in small letters."""
    words = _WORD.findall(title.casefold())
    return {*words, *(f"{one} {other}" for one, other in pairwise(words))}


def word_hash(word: str) -> int:
    """The number that a word is kept by."""
    return crc32(word.encode("utf-8", "surrogatepass"))


def hash_halves(hashes: Sequence[int]) -> Tensor:
    """Numbers of 32 bits as two of 16, (numbers, 2).

    A checkpoint that is loaded in another precision may come to hold them in single precision,
    which keeps 24 bits.
    """
    return torch.tensor([divmod(one, _HALF) for one in hashes], dtype=torch.int32).reshape(-1, 2)


def sureness(logits: Tensor) -> Tensor:
    """How sure words are, (items, 1): 0 where they say nothing, towards 1 where one label is left.

    One less the entropy of their softmax by that of none.

    Args:
        logits: (items, classes).
    """
    shares = logits.log_softmax(1)
    entropy = -(shares.exp() * shares).sum(1, keepdim=True)
    return (1 - entropy / max(math.log(logits.shape[1]), 1e-9)).clamp(0, 1)
