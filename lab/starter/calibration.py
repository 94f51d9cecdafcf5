"""How sure heads and tables are, and from which probability on a kind is said.

Decided on photos from which neither encoder nor heads learned. A photo alone needs one temperature
a kind. Where the type of the item is told, its table knows part of what the head sees: the head
counts less beside it, by a higher temperature, and the table by a factor.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from lab.starter.label_space import KINDS, MISSING, LabelSpace
from lab.starter.label_tables import COLUMNS, known_labels, told_part
from lab.starter.linear_heads import LinearHeads
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import DETAILS

_TEMPERATURES = [number / 20 for number in range(4, 61)]
_FACTORS = [number / 10 for number in range(16)]
#: How often a catalog that tells the type tells the other kinds too.
_TOLD = {"colour": 0.6, "gender": 0.6}
_TOLD_SELDOM = 0.2
#: The type is all but always said: without one there is no sentence.
_TYPE_FROM = 0.15
#: Wrong words that the thresholds leave of those of a draft that says everything.
_WRONG_LEFT = 1 / 3
#: Among which the threshold of the kinds that may be left out is chosen.
_THRESHOLDS = [number / 100 for number in range(30, 96)]
#: A detail that is not there is the worst of wrong words: it is said if it is so often right.
_DETAIL_PRECISION = 0.95
#: So often at least, as far as the known ones of a kind can tell (Wilson's bound of 90 %).
_LEAST_PRECISION = 0.9
_WILSON = 1.2816
#: Of a kind that never is right often enough.
NEVER = 1.0
_FOLDS = 5
_BINS = 10


def calibrated(
    heads: LinearHeads,
    tables: Mapping[str, Tensor],
    features: Tensor,
    labels: Sequence[ItemLabels],
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Configuration and weights of `moda_engine.heads.LabelHeads`.

    Args:
        tables: as `fit_tables` gives them.
        features: (items, feature_size), of items that the encoder has not learned.
        labels: one an item.
    """
    targets, known = heads.space.targets(labels), known_labels(labels)
    is_told = _told_at_random(len(labels))
    config: dict[str, Any] = {}
    likeliest: dict[str, Likeliest] = {}
    state: dict[str, Tensor] = {}
    for kind, logits in heads.logits(features).items():
        temperature, _ = best(logits, torch.zeros_like(logits), targets[kind], factors=[0.0])
        temperature_told, factor = best(
            logits, told_part(known, is_told, kind) @ tables[kind].T, targets[kind]
        )
        config[kind] = {
            "classes": list(heads.space.classes[kind]),
            "temperature": temperature,
            "temperature_told": temperature_told,
            "threshold": NEVER,
        }
        likeliest[kind] = Likeliest.of(kind, logits / temperature, heads.space, targets)
        state[f"labels.{kind}.weight"] = heads.weights[kind]
        state[f"labels.{kind}.bias"] = heads.biases[kind]
        state[f"known.{kind}.weight"] = factor * tables[kind]
    for kind, threshold in thresholds(likeliest).items():
        config[kind]["threshold"] = threshold
    columns: dict[str, list[str]] = {}
    for kind, label in COLUMNS:
        columns.setdefault(kind, []).append(label)
    return {"labels": config, "known": columns, "recognition": None}, state


@dataclass(frozen=True)
class Likeliest:
    """Of items whose label of a kind is known: how likely the likeliest is, and if it is right."""

    #: (items,).
    probabilities: Tensor
    #: (items,) of booleans.
    right: Tensor

    @classmethod
    def of(
        cls, kind: str, logits: Tensor, space: LabelSpace, targets: Mapping[str, Tensor]
    ) -> "Likeliest":
        """Of calibrated logits, (items, classes). A plain design is never said, so not counted."""
        probabilities, numbers = logits.softmax(1).max(1)
        plain = space.classes[kind].index("Solid") if "Solid" in space.classes[kind] else MISSING
        counted = (targets[kind] != MISSING) & (numbers != plain)
        return cls(probabilities[counted], (numbers == targets[kind])[counted])

    def wrong(self, threshold: float) -> int:
        """How many wrong labels are said from `threshold` on."""
        return int((~self.right & (self.probabilities >= threshold)).sum())

    def is_precise(self, threshold: float) -> bool:
        """Whether what is said is right often enough for a detail, and surely so."""
        said = self.right[self.probabilities >= threshold].double()
        if not len(said):
            return False
        share, count, z = float(said.mean()), len(said), _WILSON
        middle, spread = share + z**2 / (2 * count), share * (1 - share) + z**2 / (4 * count)
        bound = (middle - z * math.sqrt(spread / count)) / (1 + z**2 / count)
        return share >= _DETAIL_PRECISION and bound >= _LEAST_PRECISION


def thresholds(likeliest: Mapping[str, Likeliest]) -> dict[str, float]:
    """Kind → the probability from which on it is said of a photo alone.

    One probability for all kinds that a sentence can do without: it is the least at which a third
    of the wrong words are left. Details have one each, at which they are right often enough.
    """
    found = {kind: _of_detail(one) for kind, one in likeliest.items() if kind in DETAILS}
    found["product_type"] = _TYPE_FROM
    others = [kind for kind in likeliest if kind not in found]
    most = _WRONG_LEFT * sum(one.wrong(0.0) for one in likeliest.values())
    fixed = sum(likeliest[kind].wrong(threshold) for kind, threshold in found.items())

    def suffices(threshold: float) -> bool:
        return fixed + sum(likeliest[kind].wrong(threshold) for kind in others) <= most

    common = next(filter(suffices, _THRESHOLDS), _THRESHOLDS[-1])
    return found | dict.fromkeys(others, common)


def _of_detail(likeliest: Likeliest) -> float:
    return next((one for one in _THRESHOLDS if likeliest.is_precise(one)), NEVER)


def calibration_errors(
    heads: LinearHeads, features: Tensor, labels: Sequence[ItemLabels]
) -> dict[str, float]:
    """Kind → expected calibration error of its likeliest label, of a photo alone.

    Each fifth of the items has the temperature that the others ask for; bins hold equally many.
    """
    targets = heads.space.targets(labels)
    found = {}
    for kind, logits in heads.logits(features).items():
        known = targets[kind] != MISSING
        values, wanted = logits[known], targets[kind][known]
        if len(wanted) < _BINS * _FOLDS:
            continue
        fold = torch.arange(len(wanted)) % _FOLDS
        scaled = torch.empty_like(values)
        for number in range(_FOLDS):
            rest, none = fold != number, torch.zeros_like(values[fold != number])
            temperature, _ = best(values[rest], none, wanted[rest], factors=[0.0])
            scaled[~rest] = values[~rest] / temperature
        found[kind] = _calibration_error(scaled.softmax(1), wanted)
    return found


def _calibration_error(probabilities: Tensor, targets: Tensor) -> float:
    highest, numbers = probabilities.max(1)
    right = (numbers == targets).double()
    parts = highest.argsort().tensor_split(_BINS)
    gaps = [len(part) * (highest[part].mean() - right[part].mean()).abs() for part in parts]
    return float(torch.stack(gaps).sum() / len(targets))


def best(
    logits: Tensor, said: Tensor, targets: Tensor, factors: Sequence[float] = _FACTORS
) -> tuple[float, float]:
    """Temperature of `logits` and factor of `said` at which the known targets are likeliest.

    Args:
        logits, said: (items, classes).
        targets: (items,), `MISSING` where unknown; 1 and 0 where all are.
    """
    known = targets != MISSING
    if not known.any():
        return 1.0, 0.0
    logits, said, targets = logits[known], said[known], targets[known]
    return min(
        product(_TEMPERATURES, factors),
        key=lambda pair: _loss(logits / pair[0] + pair[1] * said, targets),
    )


def _told_at_random(count: int) -> Tensor:
    """(items, kinds) of booleans: which kinds a catalog tells of each; the type always."""
    generator = torch.Generator().manual_seed(0)
    shares = torch.tensor([_TOLD.get(kind, _TOLD_SELDOM) for kind in KINDS])
    is_told = torch.rand(count, len(KINDS), generator=generator) < shares
    is_told[:, KINDS.index("product_type")] = True
    return is_told


def _loss(logits: Tensor, targets: Tensor) -> float:
    return float(nn.functional.cross_entropy(logits, targets))
