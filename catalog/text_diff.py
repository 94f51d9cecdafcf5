"""What changed from one text to another: word by word, how far, and who wrote which characters.

A text without a record is a machine's where it is as generated; where a person changed it before
records were kept, comparing it with the generated text tells. Words that were taken over from
another text of the product keep the author that they have there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Levenshtein

from catalog.models import Description
from catalog.models.description import GENERATED_FIELDS, TEXT_FIELDS

#: A word, a run of spaces, or any other single character.
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that both have, only the first, or only the second."""

    kind: Literal["same", "removed", "added"]
    text: str


def words_compared(before: str, after: str) -> list[Change]:
    """The way from one text to the other, in order; all but "added" together are `before`."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    changes: list[Change] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            changes.append(Change("removed", "".join(old[i1:i2])))
        if j2 > j1:
            changes.append(Change("added", "".join(new[j1:j2])))
    return changes


Author = Literal["machine", "person"]
#: [start, end, author], in characters; together they cover the text.
Span = tuple[int, int, Author]
#: Words in a row that a text shares with another one only where they were taken from it.
TAKEN = 4


def authorship_after(
    description: Description,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    others: Iterable[Description] = (),
) -> dict[str, list[Span]]:
    """The record of a description's fields once a person changed them from `before` to `after`.

    `others` are texts that words may have been taken from: all of one, or at least `TAKEN` words
    in a row.
    """
    sources = [(other.standard, authorship_of(other, "standard")) for other in others]
    record = {}
    for field, text in after.items():
        if not text:
            continue
        authors = _followed(authorship_of(description, field), before[field], text)
        for source, spans in sources:
            _take_over(authors, text, source, spans)
        record[field] = _joined(authors)
    return record


def authorship_of(description: Description, field: str) -> list[Span]:
    """Who wrote what of a field as it stands: standard, alt_text or detailed."""
    text = getattr(description, field)
    recorded = description.authorship.get(field)
    if recorded and recorded[-1][1] == len(text):
        return [(start, end, author) for start, end, author in recorded]
    generated = getattr(description, f"generated_{field}")
    return _joined(_followed([(0, len(generated), "machine")], generated, text))


def edit_distance(description: Description) -> int | None:
    """Characters added, removed or replaced in all generated texts; None where there are none."""
    if not description.generated_standard:
        return None
    return sum(
        Levenshtein.distance(getattr(description, generated), getattr(description, field))
        for generated, field in zip(GENERATED_FIELDS, TEXT_FIELDS, strict=True)
    )


def _followed(spans: list[Span], before: str, after: str) -> list[Author]:
    """Each character's author: what was kept keeps its own, what is new is a person's."""
    authors = _spread(spans, len(before))
    found: list[Author] = []
    place = 0
    for change in words_compared(before, after):
        if change.kind == "same":
            found += authors[place : place + len(change.text)]
        elif change.kind == "added":
            found += ["person"] * len(change.text)
        place += len(change.text) if change.kind != "added" else 0
    return found


def _take_over(authors: list[Author], text: str, source: str, spans: list[Span]) -> None:
    """Give a machine's words that `text` shares with `source` back to the machine, in place."""
    theirs = _spread(spans, len(source))
    here = there = 0
    for change in words_compared(source, text):
        length = len(change.text)
        words = len(re.findall(r"\w+", change.text))
        if change.kind == "same" and (words >= TAKEN or change.text == source):
            for step in range(length):
                if theirs[there + step] == "machine":
                    authors[here + step] = "machine"
        here += length if change.kind != "removed" else 0
        there += length if change.kind != "added" else 0


def _spread(spans: list[Span], length: int) -> list[Author]:
    authors: list[Author] = ["person"] * length
    for start, end, author in spans:
        authors[start:end] = [author] * (end - start)
    return authors


def _joined(authors: list[Author]) -> list[Span]:
    spans: list[Span] = []
    for author, run in groupby(authors):
        start = spans[-1][1] if spans else 0
        spans.append((start, start + len(list(run)), author))
    return spans
