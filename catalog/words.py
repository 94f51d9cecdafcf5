"""Two texts compared word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: A word, a run of spaces, or any other single character.
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that both have, only the first, or only the second."""

    kind: Literal["same", "removed", "added"]
    text: str


def words_compared(before: str, after: str) -> list[Change]:
    """The way from one text to the other, in order; all but "added" together are `before`."""
    return list(_changes(_PIECE.findall(before), _PIECE.findall(after)))


def words_changed(before: str, after: str) -> int:
    """How many words were put in, taken out or exchanged: the distance of an edit, in words."""
    old, new = (re.findall(r"\w+", text) for text in (before, after))
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in steps if kind != "equal")


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for kind, i1, i2, j1, j2 in steps:
        if kind == "equal":
            yield Change("same", "".join(old[i1:i2]))
            continue
        if i2 > i1:
            yield Change("removed", "".join(old[i1:i2]))
        if j2 > j1:
            yield Change("added", "".join(new[j1:j2]))
