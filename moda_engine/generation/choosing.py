"""The likeliest token of each row, how likely it is, and whether another was all but equal."""

from typing import NamedTuple

import torch
from torch import Tensor

from moda_engine.ties import near

#: Parts of the vocabulary whose maxima are taken first: that is vectorised, `topk` is not.
_PARTS = 32


class Choice(NamedTuple):
    """Each (rows,); `log_probabilities` in float32."""

    tokens: Tensor
    log_probabilities: Tensor
    is_near: Tensor


def choose(logits: Tensor) -> Choice:
    """Greedy choice; `logits` is (rows, vocabulary) in the precision that it was computed in."""
    single = logits.float()
    tokens, best, second = best_two(single)
    log_probabilities = single.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return Choice(tokens, log_probabilities, best - second < near(logits.dtype))


def best_two(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Place of the greatest value of each row, that value and the next one; each (rows,)."""
    rows, count = values.shape
    if missing := -count % _PARTS:
        values = torch.nn.functional.pad(values, (0, missing), value=-torch.inf)
    parts = values.view(rows, _PARTS, -1)
    maxima = parts.amax(-1)  # (rows, parts)
    part = maxima.argmax(-1)
    within = parts[torch.arange(rows, device=values.device), part]  # (rows, count of a part)
    best, place = within.max(-1)
    others = maxima.scatter(1, part.unsqueeze(1), -torch.inf).amax(-1)
    rest = within.scatter(1, place.unsqueeze(1), -torch.inf).amax(-1)
    return part * parts.shape[-1] + place, best, torch.maximum(others, rest)
