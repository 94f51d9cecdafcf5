"""Where a model is right and where it is not: by group of items, and what it calls instead."""

from collections import Counter
from collections.abc import Sequence
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


def true_totals(confused: Counter[tuple[str, str]]) -> Counter[str]:
    """True label → texts."""
    totals: Counter[str] = Counter()
    for (truth, _), count in confused.items():
        totals[truth] += count
    return totals


def mean_recall(confused: Counter[tuple[str, str]]) -> float | None:
    """Mean over the true labels of the share that is stated rightly; rare ones count as much."""
    totals = true_totals(confused)
    return fmean(confused[label, label] / totals[label] for label in totals) if totals else None


def _one(labels: frozenset[str]) -> str:
    return next(iter(labels)) if len(labels) == 1 else UNSAID
