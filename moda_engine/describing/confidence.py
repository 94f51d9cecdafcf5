"""The probability that all claims of a text hold, from how surely each was seen.

What the catalog says needs no evidence, but where the photo disagrees with it one of the two is
wrong. A checkpoint may hold a calibration: two logistic regressions on the evidence below, of texts
of a photo alone and of those of which something is known, fitted on photos that it was not trained
on (`python -m lab.starter.heads` does it). Without one the confidence is the product of the claims'
probabilities.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from moda_engine.brief.check import TextClaim
from moda_engine.brief.claims import Brief
from moda_engine.exceptions import CheckpointError

#: Kinds that have evidence of their own; all others share it.
_KINDS = ("product_type", "colour", "gender", "usage")
#: Claims less likely than these are counted.
_DOUBTFUL = (0.9, 0.7)
#: Of claims that the photo shows: their log-probabilities together, that of the least sure one, and
#: their number; then how many the catalog says, and with how many of these the photo disagrees.
#: Then log-probabilities by kind, the numbers of doubtful ones, which kinds the catalog says, and
#: the product of all probabilities. Last, by kind, how likely the photo shows what the catalog
#: says.
EVIDENCE = (
    *("seen", "least_seen", "seen_count", "known_count", "disagreements"),
    *(f"seen_{kind}" for kind in (*_KINDS, "others")),
    *(f"below_{bound}" for bound in _DOUBTFUL),
    *(f"known_{kind}" for kind in _KINDS),
    "all_seen",
    *(f"borne_out_{kind}" for kind in _KINDS),
)
_KNOWN_COUNT = EVIDENCE.index("known_count")
#: The two regressions: of a photo alone, and of one of which something is known.
_ALONE, _TOLD = "alone", "told"
#: Log-probabilities are cut here: beyond it nothing more is learned.
_FLOOR = -6.0


def evidence(claims: Sequence[TextClaim], brief: Brief) -> list[float]:
    """The values of `EVIDENCE` of a text's claims, which were held against `brief`."""
    shown = [claim for claim in claims if claim.source == "photo"]
    seen = [max(_FLOOR, math.log(max(claim.probability, 1e-9))) for claim in shown]
    known = [claim for claim in claims if claim.source == "catalog"]
    against = [claim for claim in known if claim.claim and claim.claim.seen]
    of_kinds = dict.fromkeys((*_KINDS, "others"), 0.0)
    for claim, value in zip(shown, seen, strict=True):
        of_kinds[claim.kind if claim.kind in _KINDS else "others"] += value
    doubtful = [sum(claim.probability < bound for claim in shown) for bound in _DOUBTFUL]
    known_kinds = {claim.kind for claim in known}
    counts = (len(seen), len(known), len(against))
    return [
        *(sum(seen), min(seen, default=0.0), *map(float, counts)),
        *of_kinds.values(),
        *map(float, doubtful),
        *(float(kind in known_kinds) for kind in _KINDS),
        math.exp(sum(seen)) if claims else 0.0,
        *(_borne_out(kind, known, brief) for kind in _KINDS),
    ]


def _borne_out(kind: str, known: Sequence[TextClaim], brief: Brief) -> float:
    """The log-probability by the photo of what the catalog says of a kind; 0 where it is silent.

    Of two colours either may be seen. A label that no head knows is no evidence.
    """
    told = {claim.claim.value for claim in known if claim.kind == kind and claim.claim}
    parts = {part for value in told for part in value.split("/")}
    shares = brief.probabilities.get(kind, {})
    seen = [shares[part] for part in parts if part in shares]
    return max(_FLOOR, math.log(max(sum(seen), 1e-9))) if seen else 0.0


def calibrated(calibration: Mapping[str, Any], values: Sequence[float]) -> float:
    """The probability. Raises `CheckpointError` where the calibration asks for other evidence.

    Of a checkpoint of before it may ask for less than there is.
    """
    names = calibration.get("evidence", ())
    if not names or not set(names) <= set(EVIDENCE):
        raise CheckpointError(
            "The checkpoint's confidence was calibrated on other evidence than this program has. "
            "Build it again, or delete `confidence` from its config.json."
        )
    named = dict(zip(EVIDENCE, values, strict=True))
    fitted = calibration[_TOLD if values[_KNOWN_COUNT] else _ALONE]
    weights = zip(names, fitted["weights"], strict=True)
    total = fitted["bias"] + sum(weight * named[name] for name, weight in weights)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def fit_calibration(
    rows: Sequence[Sequence[float]], truths: Sequence[bool], decay: float = 3e-3
) -> dict[str, Any]:
    """Both regressions; `truths` says of each row whether all of its text was true.

    Raises `ValueError` unless some rows are of a photo alone and some tell what is known.
    """
    found: dict[str, Any] = {"evidence": list(EVIDENCE)}
    for name in (_ALONE, _TOLD):
        chosen = [bool(row[_KNOWN_COUNT]) == (name == _TOLD) for row in rows]
        if not any(chosen):
            raise ValueError(f"No text of a photo {name} to calibrate on.")
        inputs = torch.tensor(rows, dtype=torch.float64)[torch.tensor(chosen)]
        wanted = torch.tensor(truths, dtype=torch.float64)[torch.tensor(chosen)]
        found[name] = _regression(inputs, wanted, decay)
    return found


def _regression(inputs: torch.Tensor, wanted: torch.Tensor, decay: float) -> dict[str, Any]:
    """Weights and bias by L-BFGS, with the decay of weights on values of one size."""
    mean, deviation = inputs.mean(0), inputs.std(0, correction=0).clamp(min=1e-6)
    scaled = (inputs - mean) / deviation
    weights = torch.zeros(inputs.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(scaled @ weights + bias, wanted)
        loss = loss + decay * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    plain = weights.detach() / deviation
    return {"weights": plain.tolist(), "bias": float(bias.detach() - plain @ mean)}
