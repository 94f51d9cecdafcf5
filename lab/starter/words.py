"""The words of titles and prose as further labels: they name logos, prints, straps and wearers
that no column holds. They only teach the encoder; nothing is ever written from them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

#: Of washing, sizes and sentences, not of what a photo shows.
_PASSED_OVER = frozenset(
    [
        "the",
        "and",
        "with",
        "for",
        "has",
        "made",
        "from",
        "are",
        "this",
        "that",
        "your",
        "you",
        "its",
        "our",
        "all",
        "into",
        "wash",
        "care",
        "not",
        "machine",
        "model",
        "wears",
        "size",
        "height",
        "fit",
        "iron",
        "dry",
        "clean",
        "bleach",
    ]
)
#: A shorter prose leaves too much unsaid for its silence to mean anything.
_LEAST_WORDS = 6


@dataclass(frozen=True)
class WordTargets:
    """Multi-hot targets of one kind of text."""

    vocabulary: tuple[str, ...]
    #: (items, words) of 0 and 1 in bytes.
    hot: Tensor
    #: (items,): whether the item has such a text.
    known: Tensor


def word_targets(
    texts: Sequence[str], at_least: int, at_most: int, least_words: int
) -> WordTargets:
    """Targets for the words that occur in `at_least` texts and in fewer than `at_most`.

    Args:
        texts: one an item, empty where it has none.
        least_words: different words of a text that counts as known.
    """
    words = [_words(text) for text in texts]
    counts = Counter(word for found in words for word in found)
    vocabulary = sorted(word for word, count in counts.items() if at_least <= count < at_most)
    column = {word: number for number, word in enumerate(vocabulary)}
    hot = torch.zeros(len(texts), len(vocabulary), dtype=torch.uint8)
    for row, found in enumerate(words):
        hot[row, [column[word] for word in found if word in column]] = 1
    known = torch.tensor([len(found) >= least_words for found in words], dtype=torch.bool)
    return WordTargets(tuple(vocabulary), hot, known)


def title_and_prose(titles: Sequence[str], prose: Sequence[str]) -> dict[str, WordTargets]:
    """Targets for both, with the limits that the starter is built with."""
    return {
        "title": word_targets(titles, 25, 4_000, 1),
        "prose": word_targets(prose, 60, 3_500, _LEAST_WORDS),
    }


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower())) - _PASSED_OVER
