"""What is known of an item: labels of a record, and facts of the catalog as text.

Facts are separated by semicolons or line ends, in any order, each `name: value` ("colour: navy;
brand: Puma"). The reader reads values, so a shop's own words will do ("Color: navy"). A fact
without a name is read as a text. A fact whose name or value has no words here goes to the model as
it is, and is not checked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moda_engine.language.reading import mentions, read
from moda_engine.language.vocabulary import ALTERNATIVES, DETAILS

_NO_LABELS = ("", "NA")
_SLEEVES = {"No Sleeves": "Sleeveless"}
_NECKS = {"Shirt Collar": "Spread Collar", "Button-Down Collar": "Spread Collar"}

_DRAWN = {"Lace-Up": "Lace-Ups", "Polo Neck": "Polo Collar", "Shirt Collar": "Spread Collar"}

#: How people name the kinds, beside the kinds' own names.
FACT_NAMES: dict[str, str] = {
    "type": "product_type",
    "product": "product_type",
    "color": "colour",
    "wearer": "gender",
    "occasion": "usage",
    "use": "usage",
    "material": "fabric",
    "collar": "neck",
    "neckline": "neck",
    "sleeve": "sleeves",
    "sleeve length": "sleeves",
    "toe shape": "toe",
    "closure": "fastening",
}
_LABEL_KINDS = ("product_type", "colour", "gender", "usage", "pattern")
_FREE_KINDS = ("brand", "fabric", "fit")
_KINDS = frozenset({*_LABEL_KINDS, *DETAILS, *_FREE_KINDS})
#: The name of the fact that holds further details, which the reader tells apart.
_FURTHER = "details"
#: Two of them may stand in one text: a black and white cap.
_SEVERAL = "colour"


@dataclass(frozen=True)
class ItemLabels:
    """The labels of one item; `None` where the record does not say."""

    product_type: str | None = None
    #: One label, or the two of a two-colour item: "Black/White".
    colour: str | None = None
    gender: str | None = None
    usage: str | None = None
    pattern: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def colours(self) -> tuple[str, ...]:
        """The single colours; empty where the record does not say."""
        parts = (part.strip() for part in (self.colour or "").split("/"))
        return tuple(part for part in parts if part)


def labels_from_record(record: Mapping[str, Any]) -> ItemLabels:
    """The labels of a metadata record: its columns, and those `attributes` that a photo shows.

    "NA" is no label, nor is anything but a string. Of the attributes only kinds named in `DETAILS`
    are taken; values outside the tables are dropped: the source holds free text such as "Regular".
    """
    given = record.get("attributes")
    attributes = {
        name: value
        for name, value in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(value, str)
    }
    details = {
        kind: label for kind, label in _details(record, attributes) if label in DETAILS[kind]
    }
    return ItemLabels(
        product_type=_column(record, "product_type"),
        colour=_column(record, "colour"),
        gender=_column(record, "gender"),
        usage=_column(record, "usage"),
        pattern=_column(record, "pattern") or _column(attributes, "Pattern"),
        details=details,
    )


def _column(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value not in _NO_LABELS else None


def _details(record: Mapping[str, Any], attributes: Mapping[str, str]) -> list[tuple[str, str]]:
    """(kind, label) pairs that make sense for the kind of product; labels yet unchecked."""
    footwear = record.get("category") == "Footwear"
    pairs: list[tuple[str, str]] = []
    if record.get("sub_category") in {"Topwear", "Dress", None} and not footwear:
        sleeves = attributes.get("Sleeve Length", "")
        pairs.append(("sleeves", _SLEEVES.get(sleeves, sleeves)))
        neck = attributes.get("Neck") or attributes.get("Collar") or ""
        pairs.append(("neck", _NECKS.get(neck, neck)))
        if attributes.get("Collar") == "Hooded" or attributes.get("Hood") == "Hooded":
            pairs.append(("neck", "Hooded"))
    if footwear:
        pairs.append(("toe", attributes.get("Toe Shape", "")))
        fastening = attributes.get("Fastening") or attributes.get("Fastening and Back Detail") or ""
        pairs.append(("fastening", fastening))
    pairs.append(("display", attributes.get("Display", "")))
    return pairs


def labels_from_drawing(specification: Any) -> ItemLabels:
    """The labels of a `DrawingSpecification`, which says nothing of wearer or usage."""
    record = {
        "product_type": specification.retail_type,
        "colour": specification.colour,
        "pattern": specification.pattern,
        "category": "Drawing",
    }
    details = {
        "sleeves": specification.details.get("sleeve_length", ""),
        "neck": specification.details.get("neck") or specification.details.get("collar", ""),
        "fastening": specification.details.get("closure", ""),
    }
    spelt = {kind: _DRAWN.get(label, label) for kind, label in details.items()}
    known = {kind: label for kind, label in spelt.items() if label in DETAILS[kind]}
    return replace(labels_from_record(record), details=known)


@dataclass(frozen=True)
class FreeFacts:
    """What is said in words of its own: names of the catalog, and details beyond the labels."""

    brand: str | None = None
    #: In lower case: "cotton".
    fabric: str | None = None
    #: In lower case: "slim fit".
    fit: str | None = None
    #: Whether a plain design is known. It is worth a word then; from photos alone it is not said.
    plain: bool = False
    #: Further details as they stand behind "with": ("a chest pocket", "ribbed cuffs").
    further: tuple[str, ...] = ()


NO_FREE_FACTS = FreeFacts()


@dataclass(frozen=True)
class KnownFacts:
    """Facts by kind, each label spelt as `vocabulary` spells it."""

    labels: Mapping[str, str] = field(default_factory=dict)
    free: FreeFacts = NO_FREE_FACTS

    def __bool__(self) -> bool:
        return bool(self.labels) or self.free != NO_FREE_FACTS


def known_facts(text: str | None) -> KnownFacts:
    """The facts in `text` that have words here.

    A fact with a name counts more than a text without one; of two with one name the first counts.
    Two different labels of one kind in texts without a name are no label.
    """
    named: dict[str, str] = {}
    free: dict[str, str] = {}
    texts: list[Mapping[str, str | None]] = []
    for name, value in _pieces(text or ""):
        if name in (None, _FURTHER):
            texts.append(stated_labels(value))
        elif name in _FREE_KINDS:
            free.setdefault(name, value if name == "brand" else _lowered(name, value))
        elif name is not None and (known := label_of_fact(name, value)):
            named.setdefault(name, known)
    labels = _unambiguous(texts) | named
    plain = labels.get("pattern") == "Solid"
    words = FreeFacts(free.get("brand"), free.get("fabric"), free.get("fit"), plain)
    return KnownFacts(labels, words)


def labels_of_text(text: str) -> ItemLabels | None:
    """The labels that `text` states, or `None` where it names no type, or two of one kind.

    Two colours are one label, in their order.
    """
    stated = stated_labels(text)
    labels = {kind: label for kind, label in stated.items() if label}
    if "product_type" not in labels or len(labels) < len(stated):
        return None
    return _with_labels(ItemLabels(), labels)


def _pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """(kind or `None`, value); a name that is no kind of ours drops its value.

    So does a value without a letter or digit: shops type "-" for what they do not know.
    """
    for piece in re.split(r"[;\n]", text):
        name, colon, value = piece.partition(":")
        if not colon:
            yield None, piece
            continue
        spelt = re.sub(r"[\s_]+", " ", name.strip().lower())
        kind = FACT_NAMES.get(spelt, spelt.replace(" ", "_"))
        value = " ".join(value.split())
        if kind in (*_KINDS, _FURTHER) and any(map(str.isalnum, value)):
            yield kind, value


def _lowered(name: str, value: str) -> str:
    """ "Slim" as a fit is "slim fit"."""
    lowered = value.lower()
    return f"{lowered} fit" if name == "fit" and not lowered.endswith("fit") else lowered


#: (kind, label in lower case) → label.
_EXACT = {(kind, label.lower()): label for kind, labels in ALTERNATIVES.items() for label in labels}


def exact_label(kind: str, value: str) -> str | None:
    """The label of `kind` that is spelt like `value`, also one that no text states by its name."""
    return _EXACT.get((kind, value.strip().lower()))


def label_of_fact(kind: str, value: str) -> str | None:
    """The label of `kind` that a fact's value states; `None` for none, or for two."""
    if label := exact_label(kind, value):
        return label
    if kind == "usage" and (usages := read(f"{value} wear").usages):
        return next(iter(usages)) if len(usages) == 1 else None
    return stated_labels(value).get(kind) or stated_labels(f"item with {value}").get(kind)


def _unambiguous(texts: Iterable[Mapping[str, str | None]]) -> dict[str, str]:
    """Kind → its one label in all `texts`; kinds with several labels are left out."""
    found: dict[str, set[str | None]] = {}
    for stated in texts:
        for kind, label in stated.items():
            found.setdefault(kind, set()).add(label)
    return {
        kind: label
        for kind, labels in found.items()
        if len(labels) == 1 and (label := next(iter(labels)))
    }


def stated_labels(text: str) -> dict[str, str | None]:
    """Kind → the label that `text` states; `None` where it states two that exclude each other.

    A usage that only the noun implies ("casual shoes") counts too.
    """
    by_kind: dict[str, list[str]] = {}
    for mention in mentions(text):
        known = by_kind.setdefault(mention.kind, [])
        if mention.label not in known:
            known.append(mention.label)
    stated = read(text)
    if stated.product_types:  # "black casual shoes" name a type by two words
        by_kind["product_type"] = sorted(stated.product_types)
    if stated.genders:
        by_kind["gender"] = sorted(stated.genders)
    if stated.usages:
        by_kind["usage"] = sorted(stated.usages)
    return {
        kind: "/".join(labels) if kind == _SEVERAL else labels[0] if len(labels) == 1 else None
        for kind, labels in by_kind.items()
    }


def _with_labels(labels: ItemLabels, known: Mapping[str, str]) -> ItemLabels:
    details = {kind: label for kind, label in known.items() if kind in DETAILS}
    columns = {kind: label for kind, label in known.items() if kind in _LABEL_KINDS}
    return replace(labels, **columns, details={**labels.details, **details})
