"""Where a model is right and where it is not: by group of items, and what it calls instead."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from moda_engine.evaluation.measures import Verdict, five_measures
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import StatedLabels

#: Kind → what a text states of it.
_STATED = {
    "product_type": "product_types",
    "colour": "colours",
    "gender": "genders",
    "usage": "usages",
}
#: A text that states nothing of a kind, or several.
UNSAID = "–"


@dataclass(frozen=True)
class Bin:
    """The texts of about one confidence."""

    count: int
    #: Means over the texts, 0 to 1.
    confidence: float
    share_true: float


def measures_by(
    labels: Sequence[ItemLabels], verdicts: Sequence[Verdict], kind: str, at_least: int
) -> dict[str, dict[str, float | int | None]]:
    """Label → measures of the items that truly have it, most frequent first.

    Args:
        at_least: items of a label that is listed; fewer say nothing.
    """
    groups: dict[str, list[Verdict]] = {}
    for item, verdict in zip(labels, verdicts, strict=True):
        if label := getattr(item, kind):
            groups.setdefault(label, []).append(verdict)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {
        label: {"n": len(found), **five_measures(found)}
        for label, found in ordered
        if len(found) >= at_least
    }


def confusions(
    labels: Sequence[ItemLabels], stated: Sequence[StatedLabels], kind: str
) -> Counter[tuple[str, str]]:
    """(true label, stated label) → texts, where the label is known."""
    return Counter(
        (truth, _one(getattr(said, _STATED[kind])))
        for item, said in zip(labels, stated, strict=True)
        if (truth := getattr(item, kind))
    )


def mean_recall(confused: Counter[tuple[str, str]]) -> float | None:
    """Mean over the true labels of the share that is stated rightly; rare ones count as much."""
    totals: Counter[str] = Counter()
    for (truth, _), count in confused.items():
        totals[truth] += count
    return fmean(confused[label, label] / totals[label] for label in totals) if totals else None


def calibration_bins(
    confidences: Sequence[float], truths: Sequence[bool], bins: int = 10
) -> list[Bin]:
    """Bins of equal width that hold a text, from the least confident."""
    found = []
    for number in range(bins):
        rows = [i for i, one in enumerate(confidences) if min(int(one * bins), bins - 1) == number]
        if rows:
            confidence = fmean(confidences[row] for row in rows)
            found.append(Bin(len(rows), confidence, fmean(truths[row] for row in rows)))
    return found


def _one(labels: frozenset[str]) -> str:
    return next(iter(labels)) if len(labels) == 1 else UNSAID
