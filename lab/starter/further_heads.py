"""The head for further details: how likely prose names each, and from when on it is surely there.

It learns from prose alone. What prose names is there; what it leaves out may be there too, so such
items are weak evidence against a detail, and no measure of its precision. People looked at held-out
photos that the head found likely and whose prose is silent: `looked_at.json` holds how many of them
show the detail, and how many were looked at. Where nobody looked, a silent one counts as wrong.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lab.starter.linear_heads import HeadsRecipe
from lab.starter.prose_details import named_details
from moda_engine.language.further import FURTHER, MOST_SAID, further_of_type

#: Units of the layer between features and details.
HIDDEN = 256
#: A detail that prose names less often is rare: it is masked, and never said.
LEAST_NAMED = 12
#: What is said is so often right, and by Wilson's bound of 90 % so often at least.
PRECISION, LEAST_PRECISION = 0.95, 0.9
_WILSON = 1.2816
_EPOCHS, _RATE, _DECAY, _NOISE, _DROPOUT = 8, 1e-3, 0.2, 0.3, 0.2
_LOOKED_AT = Path(__file__).with_name("looked_at.json")
#: So likely that prose names it were the photos that people looked at: no threshold is lower.
LOOKED_FROM = 0.35
_UNKNOWN, _SILENT, _NAMED = -1, 0, 1


@dataclass(frozen=True)
class Told:
    """What titles and prose tell of some photos."""

    types: Sequence[str | None]
    #: (photos, kinds): 1 where it is named, 0 where prose is silent, -1 where nothing is known, or
    #: an item of the type cannot have it.
    details: Tensor

    @classmethod
    def of(
        cls,
        types: Sequence[str | None],
        titles: Sequence[str],
        prose: Sequence[str],
        kinds: Sequence[str],
    ) -> "Told":
        """Of photos, one type, title and prose each."""
        details = torch.full((len(types), len(kinds)), _UNKNOWN)
        for row, (one, title, text) in enumerate(zip(types, titles, prose, strict=True)):
            named = named_details(title, text, one)
            possible = further_of_type(one) if named is not None else frozenset()
            for column, kind in enumerate(kinds):
                if kind in possible:
                    details[row, column] = _NAMED if kind in (named or ()) else _SILENT
        return cls(types, details)


def kinds_to_learn(
    types: Sequence[str | None], titles: Sequence[str], prose: Sequence[str]
) -> list[str]:
    """The kinds that photos show and that prose names often enough, in the vocabulary's order."""
    counts: Counter[str] = Counter()
    for one, title, text in zip(types, titles, prose, strict=True):
        counts.update(named_details(title, text, one) or ())
    return [kind for kind, one in FURTHER.items() if not one.hidden and counts[kind] >= LEAST_NAMED]


def fit_further(
    sets: Sequence[tuple[Tensor, Tensor]], recipe: HeadsRecipe, hidden: int = HIDDEN
) -> nn.Sequential:
    """Features → logits of the details: Linear, ReLU, Linear.

    Args:
        sets: features, (views, photos, feature_size), and `Told.details` of the photos.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    features = torch.cat([one.flatten(0, 1) for one, _ in sets])
    targets = torch.cat([told.repeat(len(one), 1) for one, told in sets])
    mean, deviation = features.mean(0), features.std(0).clamp(min=1e-6)
    first, last = nn.Linear(features.shape[1], hidden), nn.Linear(hidden, targets.shape[1])
    layers = nn.Sequential(first, nn.ReLU(), nn.Dropout(_DROPOUT), last)
    with torch.no_grad():
        known, named = (targets != _UNKNOWN).sum(0), (targets == _NAMED).sum(0)
        last.bias.copy_(torch.logit((named + 0.5) / (known + 1)))
    steps = _EPOCHS * -(-len(features) // recipe.batch_size)
    optimizer = torch.optim.AdamW(layers.parameters(), _RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, _RATE, total_steps=steps, pct_start=0.1
    )
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(features), generator=generator).split(recipe.batch_size):
            views = (features[rows] - mean) / deviation
            views = views + _NOISE * torch.randn(views.shape, generator=generator)
            wanted = targets[rows]
            losses = nn.functional.binary_cross_entropy_with_logits(
                layers(views), wanted.clamp(min=0).float(), reduction="none"
            )
            loss = (losses * (wanted != _UNKNOWN)).sum() / len(rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():  # so that it takes plain features
        first.weight.div_(deviation)
        first.bias.sub_(first.weight @ mean)
    return nn.Sequential(first, nn.ReLU(), last).eval().requires_grad_(False)


def silent_share(kind: str) -> float:
    """Of likely items whose prose is silent about it, how many show a detail; rather too few."""
    shown, looked = _looked_at().get(kind, (0, 0))
    return shown / (looked + 1)


def threshold_of(probabilities: Tensor, told: Tensor, silent: float) -> float | None:
    """The least probability from which on a detail is right often enough; `None` if there is none.

    Args:
        probabilities: (photos,), that a detail is named or silently there.
        told: (photos,), as in `Told.details`.
        silent: share of the silent ones that show it.
    """
    counted = (told != _UNKNOWN) & (probabilities >= LOOKED_FROM + (1 - LOOKED_FROM) * silent)
    ranked = probabilities[counted].sort(descending=True)
    right = torch.where(told[counted][ranked.indices] == _NAMED, 1.0, silent).double().cumsum(0)
    found = None
    for count, (probability, sum_right) in enumerate(zip(ranked.values, right, strict=True), 1):
        share = float(sum_right) / count
        if share >= PRECISION and _bound(share, count) >= LEAST_PRECISION:
            found = float(probability)
    return found


def _bound(share: float, count: int) -> float:
    middle, spread = share + _WILSON**2 / (2 * count), share * (1 - share)
    width = _WILSON * math.sqrt((spread + _WILSON**2 / (4 * count)) / count)
    return (middle - width) / (1 + _WILSON**2 / count)


def further_config(
    layers: nn.Sequential, kinds: Sequence[str], features: Tensor, told: Told
) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, float]]:
    """Configuration and weights of those details that may be said, and what was measured.

    Args:
        layers: as `fit_further` gives them.
        features: (photos, feature_size), of photos that neither encoder nor head has learned.
        told: of the same photos.
    """
    silent = torch.tensor([silent_share(kind) for kind in kinds])
    named = layers(features).sigmoid()
    found = named + (1 - named) * silent
    columns = range(len(kinds))
    thresholds = [
        threshold_of(found[:, one], told.details[:, one], float(silent[one])) for one in columns
    ]
    kept = [one for one in columns if thresholds[one] is not None]
    kept.sort(key=lambda one: kinds[one])
    details = {
        kinds[one]: {"threshold": thresholds[one], "silent_share": float(silent[one])}
        for one in kept
    }
    rows = {name: value[kept] for name, value in layers[2].state_dict().items()}
    state = {f"0.{name}": value for name, value in layers[0].state_dict().items()}
    state |= {f"2.{name}": value for name, value in rows.items()}
    measured = {
        "kinds": len(kept),
        "said_a_photo": _said_a_photo(found, thresholds, kinds, told.types),
        "precision_on_other_half": _on_other_half(found, told.details, silent),
    }
    return {"hidden": layers[0].out_features, "details": details}, state, measured


def _said_a_photo(
    found: Tensor,
    thresholds: Sequence[float | None],
    kinds: Sequence[str],
    types: Sequence[str | None],
) -> float:
    """How many a text says on average: one of a section, three at most."""
    total = 0
    for row, one in zip(found.tolist(), types, strict=True):
        possible = further_of_type(one)
        sections = {
            FURTHER[kind].section
            for kind, value, threshold in zip(kinds, row, thresholds, strict=True)
            if threshold is not None and value >= threshold and kind in possible
        }
        total += min(len(sections), MOST_SAID)
    return total / max(1, len(found))


def _on_other_half(found: Tensor, told: Tensor, silent: Tensor) -> float:
    """Share right of what is said of each half with the thresholds that the other one asks for."""
    half = torch.arange(len(found)) % 2 == 0
    right, said = 0.0, 0
    for choosing, measured in ((half, ~half), (~half, half)):
        for column in range(found.shape[1]):
            share = float(silent[column])
            threshold = threshold_of(found[choosing, column], told[choosing, column], share)
            if threshold is None:
                continue
            rows = measured & (told[:, column] != _UNKNOWN) & (found[:, column] >= threshold)
            named = int((told[rows, column] == _NAMED).sum())
            right += named + share * (int(rows.sum()) - named)
            said += int(rows.sum())
    return right / max(1, said)


def _looked_at() -> Mapping[str, tuple[int, int]]:
    given = json.loads(_LOOKED_AT.read_text(encoding="utf-8"))
    return {kind: (shown, looked) for kind, (shown, looked) in given.items()}
