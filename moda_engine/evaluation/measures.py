"""The measures, from texts and labels alone; knows no model.

The five are those of the authors' guide to training small vision-language models. Colour accuracy
is the share of the true colours that a text names, over the texts; usage, product type and gender
accuracy are the shares of texts that name the true one; factual consistency is the share of the
details stated, in all texts together, that are true. Each is 0 to 1, and `overall` is their mean.

A text that names the truth beside something false keeps its accuracy and loses consistency. What
is stated of a kind whose label is unknown is not counted at all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from moda_engine.language.labels import ItemLabels
from moda_engine.language.lexicon import Statement
from moda_engine.language.reading import StatedLabels
from moda_engine.language.vocabulary import COLOUR_FAMILIES


@dataclass(frozen=True)
class Verdict:
    """What one text got right; `None` where the label is unknown."""

    #: Shares of the true colours, 0 to 1: a half where one of two is named.
    colour: float | None
    colour_family: float | None
    usage: bool | None
    product_type: bool | None
    gender: bool | None
    stated: int
    true: int

    @property
    def all_true(self) -> bool:
        """Whether all that the text states is true, and it states something."""
        return self.stated > 0 and self.true == self.stated


def judge(stated: StatedLabels, labels: ItemLabels) -> Verdict:
    """Compare what a text states with the labels."""
    checks = [*_said_and_true(stated, labels), (stated.patterns, _known(labels.pattern))]
    known = [(said, truths) for said, truths in checks if truths]
    details = [(kind, label) for kind, label in stated.details if kind in labels.details]
    return Verdict(
        colour=_share([colour in stated.colours for colour in labels.colours]),
        colour_family=_share([_names_family(stated.colours, c) for c in labels.colours]),
        usage=_names(stated.usages, labels.usage),
        product_type=_names(stated.product_types, labels.product_type),
        gender=_names(stated.genders, labels.gender),
        stated=sum(len(said) for said, _ in known) + len(details),
        true=sum(len(said & truths) for said, truths in known)
        + sum(labels.details[kind] == label for kind, label in details),
    )


@dataclass(frozen=True)
class SaidShares:
    """Of all known labels of `SAID_KINDS`: shares, which add up to 1."""

    right: float
    not_said: float
    wrong: float


#: The kinds whose labels a draft is expected to say.
SAID_KINDS = ("product_type", "colour", "gender", "usage")


def said_shares(stated: Sequence[StatedLabels], labels: Sequence[ItemLabels]) -> SaidShares | None:
    """How much of what is known the texts say rightly, wrongly, or not; `None` for no labels.

    A kind is right where a text says nothing of it but the truth: of two colours one will do.
    """
    counts = Counter(
        _outcome(said, truths)
        for one, item in zip(stated, labels, strict=True)
        for said, truths in _said_and_true(one, item)
        if truths
    )
    total = counts.total()
    if not total:
        return None
    return SaidShares(*(counts[name] / total for name in ("right", "not_said", "wrong")))


def _outcome(said: frozenset[str], truths: frozenset[str]) -> str:
    return "not_said" if not said else "right" if said <= truths else "wrong"


def _said_and_true(
    stated: StatedLabels, labels: ItemLabels
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What is said and what is true of each of `SAID_KINDS`."""
    return [
        (stated.product_types, _known(labels.product_type)),
        (stated.colours, frozenset(labels.colours)),
        (stated.genders, _known(labels.gender)),
        (stated.usages, _known(labels.usage)),
    ]


def five_measures(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """The measures over all texts; `None` where no label of the kind is known."""
    measures = {
        "colour_accuracy": _share([verdict.colour for verdict in verdicts]),
        "colour_family_accuracy": _share([verdict.colour_family for verdict in verdicts]),
        "usage_accuracy": _share([verdict.usage for verdict in verdicts]),
        "product_type_accuracy": _share([verdict.product_type for verdict in verdicts]),
        "gender_accuracy": _share([verdict.gender for verdict in verdicts]),
    }
    stated = sum(verdict.stated for verdict in verdicts)
    consistency = sum(verdict.true for verdict in verdicts) / stated if stated else None
    five = [value for name, value in measures.items() if name != "colour_family_accuracy"]
    known = [value for value in [*five, consistency] if value is not None]
    overall = fmean(known) if known else None
    return measures | {"factual_consistency": consistency, "overall": overall}


def area_under_curve(scores: Sequence[float], truths: Sequence[bool]) -> float | None:
    """AUROC: the chance that a true one scores above a false one, ties counting half.

    `None` when all are true or all are false. By ranks (Mann-Whitney U).
    """
    order = sorted(range(len(scores)), key=lambda index: scores[index])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and scores[order[end + 1]] == scores[order[start]]:
            end += 1
        for index in order[start : end + 1]:
            ranks[index] = (start + end) / 2 + 1
        start = end + 1
    positives = sum(truths)
    negatives = len(truths) - positives
    if not positives or not negatives:
        return None
    rank_sum = sum(rank for rank, truth in zip(ranks, truths, strict=True) if truth)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


@dataclass(frozen=True)
class Bin:
    """The texts of about one confidence."""

    count: int
    #: Means over the texts, 0 to 1.
    confidence: float
    share_true: float


def calibration_bins(scores: Sequence[float], truths: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Bins of equal width that hold a text, from the least confident."""
    found = []
    for number in range(bins):
        rows = [i for i, score in enumerate(scores) if min(int(score * bins), bins - 1) == number]
        if rows:
            confidence = fmean(scores[row] for row in rows)
            found.append(Bin(len(rows), confidence, fmean(truths[row] for row in rows)))
    return found


def calibration_error(
    scores: Sequence[float], truths: Sequence[bool], bins: int = 10
) -> float | None:
    """Expected calibration error over equal-width bins (Guo et al. 2017); `None` without scores."""
    if not scores:
        return None
    gaps = (
        abs(one.confidence - one.share_true) * one.count / len(scores)
        for one in calibration_bins(scores, truths, bins)
    )
    return sum(gaps)


def _names(said: frozenset[str], truth: str | None) -> bool | None:
    return None if truth is None else truth in said


def _known(label: str | None) -> frozenset[str]:
    return frozenset() if label is None else frozenset({label})


def _names_family(said: frozenset[str], truth: str) -> bool:
    family = {truth}.union(*(members for members in COLOUR_FAMILIES if truth in members))
    return bool(family & said)


def _share(values: Sequence[float | None]) -> float | None:
    """The mean of the known values; `None` where none is known."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def labels_stated(stated: StatedLabels) -> ItemLabels:
    """What a text states, as labels; two labels of one kind are no label."""
    return ItemLabels(
        product_type=_only(stated.product_types),
        colour="/".join(sorted(stated.colours)) or None,
        gender=_only(stated.genders),
        usage=_only(stated.usages),
        pattern=_only(stated.patterns),
        details=_single_details(stated.details),
    )


def _single_details(details: frozenset[Statement]) -> dict[str, str]:
    counts = Counter(kind for kind, _ in details)
    return {kind: label for kind, label in details if counts[kind] == 1}


def _only(labels: frozenset[str]) -> str | None:
    return next(iter(labels)) if len(labels) == 1 else None
