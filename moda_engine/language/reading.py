"""The labels that a text states: the inverse of `writing`, and tolerant of other people's prose.

Three steps: `lexicon` cuts the text into phrases, `scopes` drops what is denied or said of another
item, and this module puts together what belongs together: shades, wearers, shoes.

What no rule sees: irony, a denial from afar ("none of these is blue", "no one should be without a
blue one"), which of two items a colour is of, and brand names, but for a few.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from moda_engine.language.further import FURTHER
from moda_engine.language.lexicon import SHOES, Statement, elements
from moda_engine.language.scopes import Stated, stated
from moda_engine.language.vocabulary import COLOUR_FAMILIES, DETAILS, PRODUCT_TYPES

#: Colours that a more specific name may stand before: "olive green" is olive.
_BASIC_COLOURS = frozenset(
    {"Black", "White", "Grey", "Blue", "Red", "Green", "Yellow", "Orange", "Pink", "Purple"}
    | {"Brown", "Beige"}
)
_NONE: frozenset[str] = frozenset()
_TOGETHER_UNISEX = (frozenset({"Men", "Women"}), frozenset({"Boys", "Girls"}))
_SHOES_OF_USAGE = {
    noun.states_usage: label
    for label, noun in PRODUCT_TYPES.items()
    if noun.states_usage and noun.text.endswith(" shoes")
}


@dataclass(frozen=True)
class StatedLabels:
    """What a text states, a set a kind; an empty set where it is silent."""

    product_types: frozenset[str]
    colours: frozenset[str]
    genders: frozenset[str]
    usages: frozenset[str]
    patterns: frozenset[str]
    details: frozenset[Statement]
    #: Kinds of `further`.
    further: frozenset[Statement] = frozenset()


def read(text: str) -> StatedLabels:
    """The labels that `text` states."""
    all_stated = _stated_in(text)
    labels = _by_kind(all_stated)
    types = labels.get("product_type", _NONE)
    usages = labels.get("usage", _NONE)
    if not types and SHOES[0] in labels:
        types = frozenset(_SHOES_OF_USAGE[usage] for usage in usages if usage in _SHOES_OF_USAGE)
    if not usages:  # "casual shoes" say what they are for, unless the text says otherwise
        implied = (PRODUCT_TYPES[label].states_usage for label in types)
        usages = frozenset(usage for usage in implied if usage)
    return StatedLabels(
        product_types=types,
        colours=labels.get("colour", _NONE),
        genders=wearers(labels.get("gender", _NONE)),
        usages=usages,
        patterns=labels.get("pattern", _NONE),
        details=frozenset(item.statement for item in all_stated if item.statement[0] in DETAILS),
        further=frozenset(item.statement for item in all_stated if item.statement[0] in FURTHER),
    )


@dataclass(frozen=True)
class Mention:
    """A label that a text states, and the characters [start, end) that state it."""

    kind: str
    label: str
    start: int
    end: int


def mentions(text: str) -> list[Mention]:
    """Where `text` states what `read` reads, in order; "shoes" alone are no type here."""
    found = elements(text)
    return [
        Mention(*item.statement, found[item.position].start, found[item.position].end)
        for item in sorted(_stated_in(text), key=lambda item: item.position)
        if item.statement[0] != SHOES[0]
    ]


@lru_cache(maxsize=512)  # whoever asks what a text claims, and whether it says all, reads it once
def _stated_in(text: str) -> tuple[Stated, ...]:
    return tuple(of_the_item(list(stated(elements(text)))))


def of_the_item(all_stated: list[Stated]) -> list[Stated]:
    """Without what it is likened to and nouns attached to it, if a type is named outright.

    Of two neighbouring names of one colour family the vaguer goes.
    """
    outright = [item for item in all_stated if not (item.likened or item.attached)]
    named = any(item.statement[0] == "product_type" for item in outright)
    return _without_doubled_shades(outright if named else all_stated)


def _by_kind(all_stated: Iterable[Stated]) -> dict[str, frozenset[str]]:
    labels: dict[str, set[str]] = {}
    for item in all_stated:
        kind, label = item.statement
        labels.setdefault(kind, set()).add(label)
    return {kind: frozenset(of_kind) for kind, of_kind in labels.items()}


def wearers(genders: frozenset[str]) -> frozenset[str]:
    """Genders, where both of a pair are one label: for men and women."""
    for pair in _TOGETHER_UNISEX:
        if pair <= genders:
            genders = genders - pair | {"Unisex"}
    return genders


def _without_doubled_shades(all_stated: list[Stated]) -> list[Stated]:
    """Without the vaguer of two neighbouring names of one family: "olive green", "metallic grey".

    Neighbours of different families are two colours: "black white trainers".
    """
    colours = [item for item in all_stated if item.statement[0] == "colour"]
    vague = set()
    for first, second in pairwise(colours):
        pair = {first.statement[1], second.statement[1]}
        if second.position != first.position + 1 or not _shade(pair):
            continue
        if first.statement[1] == "Metallic" or (
            first.statement[1] in _BASIC_COLOURS and second.statement[1] not in _BASIC_COLOURS
        ):
            vague.add(first.position)
        elif second.statement[1] in _BASIC_COLOURS:
            vague.add(second.position)
    return [item for item in all_stated if item.position not in vague] if vague else all_stated


def _shade(pair: set[str]) -> bool:
    """Whether two colours, put side by side, name one."""
    return "Metallic" in pair or any(pair <= family for family in COLOUR_FAMILIES)
