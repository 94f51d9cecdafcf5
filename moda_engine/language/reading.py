"""The labels that a text states: the inverse of `writing`, and tolerant of other people's prose.

Phrases are matched longest first and each stretch of text is read once, so "navy blue" is not
also "blue" and "sports shoes" not also "sports". A phrase after "not", "no" or "without" is not
stated.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from moda_engine.language.vocabulary import (
    COLOUR_SYNONYMS,
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)

Statement = tuple[str, str]
_NEGATION = re.compile(r"\b(?:not|no|without|never|isn't|aren't)\s+(?:a |an |in )?$")
_GENDER_SYNONYMS = {
    "unisex": "Unisex",
    "women and men": "Unisex",
    "men's": "Men",
    "women's": "Women",
    "boy's": "Boys",
    "boys'": "Boys",
    "girl's": "Girls",
    "girls'": "Girls",
    "ladies": "Women",
    "gentlemen": "Men",
}
_USAGE_SYNONYMS = {"sporty": "Sports", "sport": "Sports", "traditional": "Ethnic"}
_PATTERN_SYNONYMS = {
    "stripes": "Striped",
    "checks": "Checked",
    "plaid": "Checked",
    "polka dots": "Dotted",
    "polka-dot": "Dotted",
    "spotted": "Dotted",
    "print": "Printed",
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


def read(text: str) -> StatedLabels:
    """The labels that `text` states."""
    statements = list(_statements(text.lower().replace("’", "'")))
    of_kind = _grouped(statements)
    types = of_kind.get("product_type", frozenset())
    usages = of_kind.get("usage", frozenset())
    if not usages:  # "casual shoes" say what they are for, unless the text says otherwise
        implied = (PRODUCT_TYPES[label].states_usage for label in types)
        usages = frozenset(usage for usage in implied if usage)
    return StatedLabels(
        product_types=types,
        colours=of_kind.get("colour", frozenset()),
        genders=of_kind.get("gender", frozenset()),
        usages=usages,
        patterns=of_kind.get("pattern", frozenset()),
        details=frozenset(
            (kind.removeprefix("detail:"), label)
            for kind, label in statements
            if kind.startswith("detail:")
        ),
    )


def _grouped(statements: Iterable[Statement]) -> Mapping[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for kind, label in statements:
        kinds.setdefault(kind, set()).add(label)
    return {kind: frozenset(labels) for kind, labels in kinds.items()}


def _statements(text: str) -> Iterable[Statement]:
    pattern, meanings = _phrases()
    for match in pattern.finditer(text):
        if not _NEGATION.search(text[: match.start()]):
            yield meanings[match.group(0)]


@lru_cache(maxsize=1)
def _phrases() -> tuple[re.Pattern[str], dict[str, Statement]]:
    """One expression for all phrases, longest first, and what each means."""
    meanings: dict[str, Statement] = {}
    for label, noun in PRODUCT_TYPES.items():
        for phrase in (noun.text, *noun.synonyms):
            meanings[phrase.lower()] = ("product_type", label)
    for kind, tables in (
        ("colour", (_inverse(COLOURS), COLOUR_SYNONYMS)),
        ("gender", (_inverse(GENDERS), _GENDER_SYNONYMS)),
        ("usage", (_inverse(USAGES), _USAGE_SYNONYMS)),
        ("pattern", (_inverse(PATTERNS), _PATTERN_SYNONYMS)),
        *((f"detail:{kind}", (_detail_phrases(kind),)) for kind in DETAILS),
    ):
        for table in tables:
            meanings.update({phrase: (kind, label) for phrase, label in table.items()})
    longest_first = sorted(meanings, key=len, reverse=True)
    alternatives = "|".join(re.escape(phrase) for phrase in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])"), meanings


def _inverse(table: Mapping[str, str]) -> dict[str, str]:
    return {phrase.lower(): label for label, phrase in table.items()}


def _detail_phrases(kind: str) -> dict[str, str]:
    """The phrases of a kind of detail, also without their article."""
    phrases = _inverse(DETAILS[kind])
    bare = {re.sub(r"^an? ", "", phrase): label for phrase, label in phrases.items()}
    extra = {"sleeveless": "Sleeveless"} if kind == "sleeves" else {}
    return phrases | bare | extra
