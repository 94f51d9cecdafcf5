"""Further details that merchandisers' prose names: pockets, cuffs, hems, heels, dials, prints.

`further_details.json` holds, by section, how each is said behind "with" ("a chest pocket"), other
people's words for it (`also`), and the types of item that may have it. Each is a kind of claim of
its own, with one label: an item may have several, and one rules out no other. `hints` are words
that name it in prose of an item of these types, and mean many things elsewhere ("studs"): they are
learned from and never read.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("further_details.json")
#: So many a text says; more would be a list.
MOST_SAID = 3


@dataclass(frozen=True)
class FurtherDetail:
    """A detail, its kind of claim and its words."""

    #: "chest_pocket".
    kind: str
    #: "Chest Pocket".
    label: str
    #: As it stands behind "with": "a chest pocket".
    words: str
    #: A text says one detail of a section: "pockets".
    section: str
    #: The product types that may have it.
    types: frozenset[str]
    also: tuple[str, ...]
    hints: tuple[str, ...]
    #: Kind → the label that it states as well. "Horizontal stripes" are said instead of "striped".
    states: Mapping[str, str]
    #: Whether photos of an item seldom show it: "back pockets".
    hidden: bool

    @property
    def bare(self) -> str:
        """Its words without the article."""
        return bare(self.words)


def bare(words: str) -> str:
    """`words` without "a" or "an"."""
    return re.sub(r"^an? ", "", words)


def _details(given: Mapping[str, Any]) -> Iterable[FurtherDetail]:
    for section, details in given["details"].items():
        for words, one in details.items():
            types = [name for group in one["types"] for name in given["types"][group]]
            yield FurtherDetail(
                kind=re.sub(r"[^a-z0-9]+", "_", bare(words).lower()),
                label=re.sub(r"(?<![\w'])[a-z]", lambda found: found[0].upper(), bare(words)),
                words=words,
                section=section,
                types=frozenset(types),
                also=tuple(one.get("also", ())),
                hints=tuple(one.get("hints", ())),
                states=one.get("states", {}),
                hidden=one.get("hidden", False),
            )


#: Kind → the detail, in the order of the file.
FURTHER: Mapping[str, FurtherDetail] = {
    one.kind: one for one in _details(json.loads(_FILE.read_text(encoding="utf-8")))
}
_BY_WORDS = {one.words: one for one in FURTHER.values()}


@cache
def further_of_type(product_type: str | None) -> frozenset[str]:
    """The kinds of further detail that an item of this type may have; none of an unknown type."""
    return frozenset(kind for kind, one in FURTHER.items() if product_type in one.types)


def stated_by(words: Iterable[str]) -> dict[str, str]:
    """Kind → the label that further details, given by their words, state as well."""
    found: dict[str, str] = {}
    for detail in filter(None, map(_BY_WORDS.get, words)):
        found |= detail.states
    return found
