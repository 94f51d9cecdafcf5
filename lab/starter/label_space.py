"""Labels as class numbers, one head a kind, with -100 where a label is missing or too rare."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import COLOURS, DETAILS, GENDERS, PRODUCT_TYPES, USAGES

MISSING = -100
PATTERNS = ("Solid", "Printed", "Striped", "Checked", "Dotted")
KINDS = ("product_type", "colour", "gender", "usage", "pattern", *DETAILS)


def label_of(labels: ItemLabels, kind: str) -> str | None:
    """The label of one kind."""
    if kind in DETAILS:
        return labels.details.get(kind)
    value: str | None = getattr(labels, kind)
    return value


def with_label(labels: ItemLabels, kind: str, label: str) -> ItemLabels:
    """The same labels, but for one kind."""
    if kind in DETAILS:
        return replace(labels, details={**labels.details, kind: label})
    plain: dict[str, Any] = {kind: label}
    return replace(labels, **plain)


@dataclass(frozen=True)
class LabelSpace:
    """The classes of each kind, in a fixed order."""

    classes: dict[str, tuple[str, ...]]

    @classmethod
    def from_labels(cls, labels: Sequence[ItemLabels], at_least: int = 4) -> "LabelSpace":
        """The classes that occur `at_least` so often and have words."""
        allowed = {
            "product_type": set(PRODUCT_TYPES),
            "colour": set(COLOURS),
            "gender": set(GENDERS),
            "usage": set(USAGES),
            "pattern": set(PATTERNS),
            **{kind: set(values) for kind, values in DETAILS.items()},
        }
        classes = {}
        for kind in KINDS:
            counts = Counter(label_of(item, kind) for item in labels)
            classes[kind] = tuple(
                sorted(
                    label
                    for label, count in counts.items()
                    if label in allowed[kind] and count >= at_least
                )
            )
        return cls(classes)

    def targets(self, labels: Sequence[ItemLabels]) -> dict[str, torch.Tensor]:
        """Class numbers, kind → (count,)."""
        targets = {}
        for kind, names in self.classes.items():
            numbers = {name: number for number, name in enumerate(names)}
            targets[kind] = torch.tensor(
                [numbers.get(label_of(item, kind) or "", MISSING) for item in labels]
            )
        return targets
