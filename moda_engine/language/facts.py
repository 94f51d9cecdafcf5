"""What the catalog knows of an item, as text, and back: "colour: navy; brand: Puma".

Facts are parted by semicolons or line ends, in any order, each `name: value`. Values are read by
the reader, so a shop's own words will do ("Color: navy"). What has no name is read as a text. A
fact whose name or value has no words here goes to the model as it is, and is not checked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import mentions, read
from moda_engine.language.vocabulary import DETAILS, details_of_type
from moda_engine.language.writing import NO_FREE_FACTS, FreeFacts

#: How people name the kinds, beside the kinds' own names.
_NAMES: dict[str, str] = {
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
#: Two of them may stand in one text: a black and white cap.
_SEVERAL = "colour"


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
        if name is None:
            texts.append(_stated(value))
        elif name in _FREE_KINDS:
            free.setdefault(name, value if name == "brand" else _lowered(name, value))
        elif known := _label(name, value):
            named.setdefault(name, known)
    labels = _unambiguous(texts) | named
    plain = labels.get("pattern") == "Solid"
    words = FreeFacts(free.get("brand"), free.get("fabric"), free.get("fit"), plain)
    return KnownFacts(labels, words)


def labels_of_text(text: str) -> ItemLabels | None:
    """The labels that `text` states, or `None` where it names no type, or two of one kind.

    Two colours are one label, in their order.
    """
    stated = _stated(text)
    labels = {kind: label for kind, label in stated.items() if label}
    if "product_type" not in labels or len(labels) < len(stated):
        return None
    return _with_labels(ItemLabels(), labels)


def merged(labels: ItemLabels, facts: KnownFacts) -> ItemLabels:
    """`labels`, but what is known takes the place of what was seen.

    Details that an item of the known type cannot have are let go: shoes have no neck.
    """
    known = _with_labels(labels, facts.labels)
    possible = details_of_type(known.product_type)
    seen = {kind: label for kind, label in known.details.items() if kind in possible}
    given = {kind: label for kind, label in facts.labels.items() if kind in DETAILS}
    return replace(known, details={**seen, **given})


def unstated(facts: KnownFacts, text: str) -> list[tuple[str, str]]:
    """The facts (kind, value) that `text` does not state, or states otherwise."""
    free = [(name, getattr(facts.free, name)) for name in _FREE_KINDS]
    missing = [(name, value) for name, value in free if value and not _says(text, value)]
    said = _stated(_without(text, facts.free.brand))
    return missing + [
        (kind, label) for kind, label in facts.labels.items() if said.get(kind) != label
    ]


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
        kind = _NAMES.get(spelt, spelt.replace(" ", "_"))
        value = " ".join(value.split())
        if kind in _KINDS and any(map(str.isalnum, value)):
            yield kind, value


def _lowered(name: str, value: str) -> str:
    """ "Slim" as a fit is "slim fit"."""
    lowered = value.lower()
    return f"{lowered} fit" if name == "fit" and not lowered.endswith("fit") else lowered


def _label(kind: str, value: str) -> str | None:
    if kind == "usage" and (usages := read(f"{value} wear").usages):
        return next(iter(usages)) if len(usages) == 1 else None
    return _stated(value).get(kind) or _stated(f"item with {value}").get(kind)


def _unambiguous(texts: Iterable[Mapping[str, str | None]]) -> dict[str, str]:
    """Kind → its one label in all `texts`, without kinds of which they state several."""
    found: dict[str, set[str | None]] = {}
    for stated in texts:
        for kind, label in stated.items():
            found.setdefault(kind, set()).add(label)
    return {
        kind: label
        for kind, labels in found.items()
        if len(labels) == 1 and (label := next(iter(labels)))
    }


def _stated(text: str) -> dict[str, str | None]:
    """Kind → the label that `text` states; `None` where it states two that exclude each other.

    A usage that only the noun implies ("casual shoes") counts too.
    """
    by_kind: dict[str, list[str]] = {}
    for mention in mentions(text):
        known = by_kind.setdefault(mention.kind, [])
        if mention.label not in known:
            known.append(mention.label)
    stated = read(text)
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


def _says(text: str, value: str) -> bool:
    return re.search(_whole_words(value), text, flags=re.IGNORECASE) is not None


def _without(text: str, brand: str | None) -> str:
    """A brand may hold words of ours: Red Tape is no red tape."""
    return re.sub(_whole_words(brand), "", text, flags=re.IGNORECASE) if brand else text


def _whole_words(value: str) -> str:
    """A pattern of `value` where it is not part of a longer word: "F Sports", not "of sports"."""
    return rf"(?<!\w){re.escape(value)}(?!\w)"
