"""Labels of training photos, held against the merchandisers' prose: it often knows better.

A detail that the prose denies is dropped, one that only the prose names is taken. Of patterns only
stripes, checks and dots are: "printed" prose is as often of a logo, and plain items are not called
so. Evaluation never sees this: labels to measure by stay as the record has them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import FOOTWEAR, details_of_type

#: What follows is of washing, sizes and the model on the photo.
_ENDS_OF_INTEREST = ("Wash care", "Model statistics", "Fit ")
_TAKEN_PATTERNS = frozenset({"Striped", "Checked", "Dotted"})
#: Types of clothes that close with a zip often enough for it to be worth a word.
_ZIPPED = frozenset({"Jackets", "Sweatshirts", "Tracksuits"})


def cleaned_labels(record: Mapping[str, Any]) -> ItemLabels:
    """The labels of a metadata record, corrected by its `description`."""
    labels = labels_from_record(record)
    prose = str(record.get("description") or "")
    for mark in _ENDS_OF_INTEREST:
        prose = prose.split(mark, 1)[0]
    if not prose.strip(" -"):
        return labels
    stated = read(prose)
    said: dict[str, set[str]] = {}
    for kind, label in stated.details:
        said.setdefault(kind, set()).add(label)
    details = dict(labels.details)
    for kind, values in said.items():
        if (
            kind not in details
            and len(values) == 1
            and _plausible(labels.product_type, kind, values)
        ):
            details[kind] = next(iter(values))
        elif kind in details and details[kind] not in values:
            del details[kind]
    return replace(labels, details=details, pattern=_pattern(labels.pattern, stated.patterns))


def _plausible(product_type: str | None, kind: str, values: set[str]) -> bool:
    if kind == "fastening" and product_type not in FOOTWEAR:
        return product_type in _ZIPPED and values == {"Zip"}
    return kind in details_of_type(product_type)


def _pattern(label: str | None, stated: frozenset[str]) -> str | None:
    if label is None and len(stated) == 1 and stated <= _TAKEN_PATTERNS:
        return next(iter(stated))
    if label in {"Solid", "Striped", "Checked", "Dotted"} and stated & (_TAKEN_PATTERNS - {label}):
        return None
    return label
