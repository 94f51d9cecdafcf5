"""What approved texts took back: words that the model wrote of a category and people did not keep.

A photo that says again what the model used to write contradicts the edits of its own category: one
teaches "ink" and the other "navy blue". So such photos are no part of a base set.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from moda_engine.language.rewording import own_text
from moda_engine.language.writing import sentence

Pair = tuple[str, str]


class TakenBack:
    """Pairs of neighbouring words of a category that were edited away more often than left.

    Pairs, because a new order of the same words is an edit too. Counted, because a word that was
    wrong of three photos and right of thirty is still the model's to say. A draft that the catalog
    showed in another order of the writer's, and that was approved like that, is no edit.
    """

    def __init__(self, edits: Iterable[tuple[str, str, str]]) -> None:
        """Args: edits: (category, what the model wrote, what was approved)."""
        removed: Counter[tuple[str, Pair]] = Counter()
        for category, written, approved in edits:
            left = _pairs(_in_plain_order(approved))
            for pair in _pairs(written):
                removed[category, pair] += -1 if pair in left else 1
        self._pairs = {key for key, count in removed.items() if count > 0}

    def says(self, category: str, text: str) -> bool:
        """Whether `text`, of a photo of `category`, says something that was taken back there."""
        return any((category, pair) in self._pairs for pair in _pairs(text))


def _pairs(text: str) -> set[Pair]:
    """Neighbouring words with their punctuation; the beginning counts as a neighbour."""
    return set(pairwise(["", *text.split()]))


def _in_plain_order(text: str) -> str:
    own = own_text(text)
    return text if own is None else sentence(own.labels)
