"""The probability that all of a text is true, from how surely it was written and how well it fits.

A checkpoint may hold a calibration: a logistic regression on the evidence below, fitted on photos
that it was not trained on (`python -m lab.starter` does it). Without one the
confidence is the probability that the model gives to the whole text.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from moda_engine.describing.description import Detail
from moda_engine.exceptions import CheckpointError

#: Kinds that have a weight of their own; all others share one.
_KINDS = ("product_type", "colour", "gender", "usage")
EVIDENCE = ("words", "least_word", *_KINDS, "others")
#: Log-probabilities are cut here: beyond it nothing more is learned.
_FLOOR = -6.0


def evidence(word_log_probabilities: Sequence[float], details: Sequence[Detail]) -> list[float]:
    """Log-probabilities, one each of `EVIDENCE`: of the words together and of the least sure one,
    and of the details of each kind."""
    sums = dict.fromkeys((*_KINDS, "others"), 0.0)
    for detail in details:
        if detail.score is not None:
            kind = detail.kind if detail.kind in _KINDS else "others"
            sums[kind] += max(_FLOOR, math.log(max(detail.score, 1e-9)))
    words = [max(_FLOOR, value) for value in word_log_probabilities]
    return [sum(words), min(words, default=0.0), *sums.values()]


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
