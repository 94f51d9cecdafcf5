"""How sure heads and tables are, and from which probability on a kind is said.

Decided on photos from which neither encoder nor heads learned. A photo alone needs one temperature
a kind. Where the type of the item is told, its table knows part of what the head sees: the head
counts less beside it, by a higher temperature, and the table by a factor.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from lab.starter.label_space import KINDS, MISSING
from lab.starter.label_tables import COLUMNS, known_labels, told_part
from lab.starter.linear_heads import LinearHeads
from moda_engine.language.labels import ItemLabels

_TEMPERATURES = [number / 20 for number in range(4, 61)]
_FACTORS = [number / 10 for number in range(16)]
#: How often a catalog that tells the type tells the other kinds too.
_TOLD = {"colour": 0.6, "gender": 0.6}
_TOLD_SELDOM = 0.2
#: The probability from which on a kind is said. A sentence needs a type; the others may be left
#: out, and a detail that is not there is the worst of wrong words.
THRESHOLDS = {"product_type": 0.1, "colour": 0.5, "gender": 0.6, "usage": 0.6, "pattern": 0.7}
_DETAIL_THRESHOLD = 0.9


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
            "threshold": THRESHOLDS.get(kind, _DETAIL_THRESHOLD),
        }
        state[f"labels.{kind}.weight"] = heads.weights[kind]
        state[f"labels.{kind}.bias"] = heads.biases[kind]
        state[f"known.{kind}.weight"] = factor * tables[kind]
    columns: dict[str, list[str]] = {}
    for kind, label in COLUMNS:
        columns.setdefault(kind, []).append(label)
    return {"labels": config, "known": columns, "recognition": None}, state


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
