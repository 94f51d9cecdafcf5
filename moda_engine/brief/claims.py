"""A claim is one statement about an item; a brief is all claims that its texts may make."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from moda_engine.language.further import FURTHER, MOST_SAID
from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.vocabulary import (
    COLOUR_FAMILIES,
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)

Source = Literal["catalog", "photo"]
#: Kind → label → probability, as the photo's heads give it.
Probabilities = Mapping[str, Mapping[str, float]]

FREE_KINDS = ("brand", "fabric", "fit", "size")
#: Every kind, in the order of `Brief.facts_text`.
KINDS = ("product_type", "colour", "pattern", "gender", "usage", *DETAILS, *FURTHER, *FREE_KINDS)
#: The name of a kind in `Brief.facts_text`, where it is another.
_NAMES = {"product_type": "type"}
#: Further details are one fact together.
_FURTHER_NAME = "details"
#: Labels of a kind that `Brief.to_json` keeps at most, and from which probability on.
_MOST_KEPT = 3
_KEPT_FROM = 0.02
#: Kinds that no text states.
_UNTOLD = frozenset({"size"})


@dataclass(frozen=True)
class Seen:
    """What the photo suggests in the place of a claim of the catalog."""

    value: str
    probability: float


@dataclass(frozen=True)
class Claim:
    """One statement about an item.

    `value` is a label of the vocabulary; two colours are "Black/White". For kinds in `FREE_KINDS`
    it is the shop's own words.
    """

    kind: str
    value: str
    source: Source
    #: 1 for what the catalog says: whether the photo bears it out is in `seen`.
    probability: float
    #: The catalog's field: "title", "colour", "attributes.Neck"; empty for a photo.
    field: str = ""
    #: What the photo suggests where it disagrees.
    seen: Seen | None = None


@dataclass(frozen=True)
class Brief:
    """The claims of an item, one a kind, in the order of `KINDS`."""

    claims: tuple[Claim, ...] = ()
    recognised: bool = True
    #: Why nothing was recognised; empty otherwise.
    reason: str = ""
    #: All that the heads saw, also what is too unlikely to be a claim.
    probabilities: Probabilities = field(default_factory=dict)
    #: The shop's own words that the reader does not know by itself → kind and label of each.
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def claim(self, kind: str) -> Claim | None:
        """The claim of `kind`, or `None`."""
        return next((claim for claim in self.claims if claim.kind == kind), None)

    def by_kind(self) -> dict[str, Claim]:
        """Kind → its claim."""
        return {claim.kind: claim for claim in self.claims}

    def labels(self) -> ItemLabels:
        """The claims that the vocabulary has labels for, as the writer takes them."""
        values = {claim.kind: claim.value for claim in self.claims}
        return ItemLabels(
            product_type=values.get("product_type"),
            colour=values.get("colour"),
            gender=values.get("gender"),
            usage=values.get("usage"),
            pattern=values.get("pattern"),
            details={kind: values[kind] for kind in DETAILS if kind in values},
        )

    def free_facts(self) -> FreeFacts:
        """The other claims, as the writer takes them. A plain design counts if it is known."""
        values = {claim.kind: claim.value for claim in self.claims}
        fabric, fit = values.get("fabric"), values.get("fit")
        pattern = self.claim("pattern")
        return FreeFacts(
            brand=values.get("brand"),
            fabric=_fabric(fabric) if fabric else None,
            fit=_fit(fit) if fit else None,
            plain=pattern is not None and (pattern.value, pattern.source) == ("Solid", "catalog"),
            further=tuple(FURTHER[claim.kind].words for claim in self.further()),
        )

    def further(self) -> list[Claim]:
        """The claims of further details, as many as a text says."""
        return [claim for claim in self.claims if claim.kind in FURTHER][:MOST_SAID]

    def facts_text(self) -> str:
        """What the language model is conditioned on: "type: T-shirt; colour: navy blue".

        The same for equal claims, whatever their sources. `known_facts` reads the labels back.
        """
        told = {
            claim.kind: claim
            for claim in self.claims
            if claim.kind not in _UNTOLD and claim.kind not in FURTHER
        }
        facts = [(kind, words_of(kind, told[kind].value)) for kind in KINDS if kind in told]
        if details := self.further():
            words = ", ".join(words_of(claim.kind, claim.value) for claim in details)
            facts.append((_FURTHER_NAME, words))
        return "; ".join(f"{_NAMES.get(kind, kind)}: {words}" for kind, words in facts)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; of the probabilities the likeliest three of a kind, to four places."""
        return {
            "recognised": self.recognised,
            "reason": self.reason,
            "claims": [asdict(claim) for claim in self.claims],
            "probabilities": {
                kind: _likeliest(labels) for kind, labels in self.probabilities.items()
            },
            **(
                {"words": {word: list(of) for word, of in self.words.items()}} if self.words else {}
            ),
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Brief":
        """What `to_json` gave; of an empty object the brief that claims nothing."""
        claims = (
            Claim(**{**claim, "seen": Seen(**claim["seen"]) if claim["seen"] else None})
            for claim in given.get("claims", ())
        )
        return cls(
            tuple(claims),
            given.get("recognised", True),
            given.get("reason", ""),
            given.get("probabilities", {}),
            {word: (kind, label) for word, (kind, label) in given.get("words", {}).items()},
        )


def agree(kind: str, value: str, other: str) -> bool:
    """Whether two values of a kind may both be true of one item.

    Colours of one family may: no photo tells navy from blue. So may one of two colours. An item
    for men and women may be shown on either.
    """
    if kind == "colour":
        one, two = set(value.split("/")), set(other.split("/"))
        return bool(one & two) or any(one & family and two & family for family in COLOUR_FAMILIES)
    return value == other or (
        kind == "gender"
        and {value, other} <= {"Unisex", "Men", "Women"}
        and "Unisex" in {value, other}
    )


def _likeliest(labels: Mapping[str, float]) -> dict[str, float]:
    ranked = sorted(labels.items(), key=lambda item: (-item[1], item[0]))[:_MOST_KEPT]
    return {label: round(value, 4) for label, value in ranked if value >= _KEPT_FROM}


def words_of(kind: str, value: str) -> str:
    """A claim's value as a text says it: "navy blue", "a round neck"; free values as they are."""
    if kind == "product_type":
        return PRODUCT_TYPES[value].text
    if kind in FURTHER:
        return FURTHER[kind].words
    if kind == "colour":
        return " and ".join(COLOURS[colour] for colour in value.split("/"))
    words = {
        "gender": GENDERS,
        "usage": USAGES,
        "pattern": {"Solid": "solid", **PATTERNS},
        **DETAILS,
    }
    return words[kind][value] if kind in words else " ".join(value.translate(_MARKS).split())


#: What separates facts and their names.
_MARKS = str.maketrans({";": " ", ":": " ", "\n": " "})


#: Fabrics that shops name by an adjective: no top is blended, and no wallet synthetic.
_FABRIC_NOUNS = {
    "blended": "fabric",
    "knitted": "fabric",
    "woven": "fabric",
    "synthetic": "material",
    "non-leather": "material",
}


_ACRONYM = re.compile(r"\b(?:pvc|pu|eva|tpu|tpr)\b")


def _fabric(value: str) -> str:
    """ "Blended" is a blended fabric."""
    lowered = _ACRONYM.sub(lambda found: found[0].upper(), value.lower())
    noun = _FABRIC_NOUNS.get(lowered)
    return f"{lowered} {noun}" if noun else lowered


def _fit(value: str) -> str:
    """ "Slim" as a fit is "slim fit"."""
    lowered = value.lower()
    return lowered if lowered.endswith("fit") else f"{lowered} fit"
