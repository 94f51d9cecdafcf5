"""The likeliest token of each row, how likely it is, and whether another was all but equal.

The same photo in another batch gives logits that differ in their last digits, since sums are taken
in another order. Where the two best tokens are nearer to each other than that, batch-mates would
choose the words. Such a photo is therefore described alone; all others are beyond the reach of
rounding. So a photo's text is a function of photo, facts, options and weights, whatever batch it
came in.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from moda_engine.inference.prompts import Sampling

#: Parts of the vocabulary whose maxima are taken first: that is vectorised, `topk` is not.
_PARTS = 32
#: Rows whose logits are looked at together: in single precision they fit into the fastest caches.
_ROWS = 8
#: So many of the likeliest tokens are drawn from at most; those behind them hardly ever were.
_DRAWN_FROM = 64
#: Least difference of the two best logits that rounding does not turn, by dtype: in float32 a
#: hundred times what batches were seen to change (6e-6), in bfloat16 most of what they change.
NEAR = {torch.float32: 1e-3, torch.bfloat16: 0.1}


def near(dtype: torch.dtype) -> float:
    """The difference below which a choice counts as undecided, of logits computed in `dtype`."""
    return NEAR.get(dtype, NEAR[torch.bfloat16])


class Choice(NamedTuple):
    """Each (rows,); `log_probabilities` in float32."""

    tokens: Tensor
    log_probabilities: Tensor
    is_near: Tensor


def choose(logits: Tensor) -> Choice:
    """Greedy choice; `logits` is (rows, vocabulary) in the precision that it was computed in."""
    limit = near(logits.dtype)
    parts = [_choose_some(rows, limit) for rows in logits.split(_ROWS)]
    return parts[0] if len(parts) == 1 else Choice(*map(torch.cat, zip(*parts, strict=True)))


def _choose_some(logits: Tensor, limit: float) -> Choice:
    single = logits.float()
    tokens, best, second = best_two(single)
    # In place, unless these are the caller's own. The chosen token's own share is 1.
    room = None if single is logits else single
    others = torch.sub(single, best.unsqueeze(-1), out=room).exp_().sum(-1)
    return Choice(tokens, -others.log(), best - second < limit)


def draw(logits: Tensor, samplings: Sequence[Sampling], numbers: Sequence[float]) -> Tensor:
    """Tokens drawn from the likeliest of each row, (rows,).

    Args:
        logits: (rows, vocabulary).
        samplings, numbers: one a row; the numbers are random ones from 0 to 1.
    """
    kept = min(_DRAWN_FROM, logits.shape[-1])
    temperatures = logits.new_tensor([one.temperature for one in samplings], dtype=torch.float32)
    top_p = temperatures.new_tensor([[one.top_p] for one in samplings])
    best, tokens = logits.float().topk(kept, dim=-1)
    shares = (best / temperatures[:, None]).softmax(-1)
    before = shares.cumsum(-1) - shares
    shares = shares.masked_fill(before >= top_p, 0)
    reached = shares.cumsum(-1)
    wanted = temperatures.new_tensor([[number] for number in numbers]) * reached[:, -1:]
    places = (reached <= wanted).sum(-1, keepdim=True).clamp(max=kept - 1)
    return tokens.gather(-1, places)[:, 0]


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
