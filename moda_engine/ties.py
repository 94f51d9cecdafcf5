"""Near ties in greedy generation: where two words are as good as equally likely.

The same photo in another batch gives logits that differ in their last digits, since sums are taken
in another order. Where the two best tokens are nearer to each other than that, batch-mates would
choose the words. Such a photo is therefore described alone; all others are beyond the reach of
rounding. So a photo's text is a function of photo, facts, options and weights, whatever batch it
came in.
"""

import torch
from torch import Tensor

#: Least difference of the two best logits that rounding does not turn, by dtype: in float32 a
#: hundred times what batches were seen to change (6e-6), in bfloat16 most of what they change.
NEAR = {torch.float32: 1e-3, torch.bfloat16: 0.1}


def near_ties(logits: Tensor, counted: Tensor, dtype: torch.dtype) -> list[int]:
    """The rows of a batch with a token that was chosen by less than rounding may change.

    Args:
        logits: (batch, tokens, vocabulary), float32.
        counted: 1 up to and with a row's end token, 0 after it; (batch, tokens).
        dtype: of the arithmetic that gave the logits.
    """
    best = logits.topk(2, dim=-1).values  # (batch, tokens, 2)
    is_near = (best[..., 0] - best[..., 1] < NEAR.get(dtype, NEAR[torch.bfloat16])) & (counted > 0)
    return is_near.any(dim=1).nonzero().flatten().tolist()
