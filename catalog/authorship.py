"""Which characters of a text a machine wrote and which a person, followed through every edit.

A text without a record is a machine's where it is as generated; where a person changed it before
records were kept, comparing it with the generated text tells.
"""

from collections.abc import Mapping
from typing import Literal

from catalog.models import Description
from catalog.words import words_compared

Author = Literal["machine", "person"]
#: [start, end, author], in characters; together they cover the text.
Span = tuple[int, int, Author]


def authorship_after(
    description: Description, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, list[Span]]:
    """The record of a description's fields once a person changed them from `before` to `after`."""
    return {
        field: _followed(authorship_of(description, field), before[field], after[field])
        for field in after
        if after[field]
    }


def authorship_of(description: Description, field: str) -> list[Span]:
    """Who wrote what of a field as it stands: standard, alt_text or detailed."""
    text = getattr(description, field)
    recorded = description.authorship.get(field)
    if recorded and recorded[-1][1] == len(text):
        return [(start, end, author) for start, end, author in recorded]
    generated = getattr(description, f"generated_{field}")
    return _followed([(0, len(generated), "machine")], generated, text)


def _followed(spans: list[Span], before: str, after: str) -> list[Span]:
    """What was kept keeps its author; what is new is a person's."""
    authors: list[Author] = ["person"] * len(before)
    for start, end, author in spans:
        authors[start:end] = [author] * (end - start)
    found: list[Author] = []
    place = 0
    for change in words_compared(before, after):
        if change.kind == "same":
            found += authors[place : place + len(change.text)]
        elif change.kind == "added":
            found += ["person"] * len(change.text)
        place += len(change.text) if change.kind != "added" else 0
    return _joined(found)


def _joined(authors: list[Author]) -> list[Span]:
    spans: list[Span] = []
    for place, author in enumerate(authors):
        if spans and spans[-1][2] == author:
            spans[-1] = (spans[-1][0], place + 1, author)
        else:
            spans.append((place, place + 1, author))
    return spans
