"""What a product is, as labels: the common currency of writer, reader and training labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moda_engine.language.vocabulary import DETAILS

_NO_LABELS = ("", "NA")
_SLEEVES = {"No Sleeves": "Sleeveless"}
_NECKS = {"Shirt Collar": "Spread Collar", "Button-Down Collar": "Spread Collar"}

_DRAWN = {"Lace-Up": "Lace-Ups", "Polo Neck": "Polo Collar", "Shirt Collar": "Spread Collar"}


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
        product_type=_label(record, "product_type"),
        colour=_label(record, "colour"),
        gender=_label(record, "gender"),
        usage=_label(record, "usage"),
        pattern=_label(record, "pattern") or _label(attributes, "Pattern"),
        details=details,
    )


def _label(record: Mapping[str, Any], name: str) -> str | None:
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
