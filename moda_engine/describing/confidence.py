"""The probability that all claims of a text hold, from how surely each was seen.

What the catalog says needs no evidence, but where the photo disagrees with it one of the two is
wrong. A checkpoint may hold a calibration: a logistic regression on the evidence below, fitted on
photos that it was not trained on (`python -m lab.starter` does it). Without one the confidence is
the product of the claims' probabilities.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from moda_engine.brief.check import TextClaim
from moda_engine.exceptions import CheckpointError

#: Log-probabilities of claims that the photo shows, together and of the least sure one; how many
#: those are, how many the catalog says, and with how many of these the photo disagrees.
EVIDENCE = ("seen", "least_seen", "seen_count", "known_count", "disagreements")
#: Log-probabilities are cut here: beyond it nothing more is learned.
_FLOOR = -6.0


def evidence(claims: Sequence[TextClaim]) -> list[float]:
    """The values of `EVIDENCE` of a text's claims."""
    seen = [
        max(_FLOOR, math.log(max(claim.probability, 1e-9)))
        for claim in claims
        if claim.source == "photo"
    ]
    known = [claim for claim in claims if claim.source == "catalog"]
    against = [claim for claim in known if claim.claim and claim.claim.seen]
    counts = (len(seen), len(known), len(against))
    return [sum(seen), min(seen, default=0.0), *map(float, counts)]


def calibrated(calibration: Mapping[str, Any], values: Sequence[float]) -> float:
    """The probability. Raises `CheckpointError` when the calibration does not fit the evidence."""
    if list(calibration.get("evidence", ())) != list(EVIDENCE):
        raise CheckpointError(
            "The checkpoint's confidence was calibrated on other evidence than this program has. "
            "Build it again, or delete `confidence` from its config.json."
        )
    weights = calibration["weights"]
    total = calibration["bias"] + sum(w * v for w, v in zip(weights, values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def fit_calibration(
    rows: Sequence[Sequence[float]], truths: Sequence[bool], decay: float = 1e-3
) -> dict[str, Any]:
    """Weights and bias by L-BFGS; `truths` says of each row whether all of its text was true.

    No weight is negative: surer words never make a text less credible.
    """
    inputs = torch.tensor(rows, dtype=torch.float64)
    wanted = torch.tensor(truths, dtype=torch.float64)
    raw = torch.zeros(inputs.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([raw, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        weights = raw.square()
        loss = nn.functional.binary_cross_entropy_with_logits(inputs @ weights + bias, wanted)
        loss = loss + decay * weights.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        raw.fill_(0.3)
    optimizer.step(closure)
    weights = raw.detach().square()
    return {"evidence": list(EVIDENCE), "weights": weights.tolist(), "bias": bias.item()}
