"""Near ties in greedy generation: where two words are as good as equally likely.

The same photo in another batch gives logits that differ in their last digits, since sums are taken
in another order. Where the two best tokens are nearer to each other than that, batch-mates would
choose the words. Such a photo is therefore described alone; all others are beyond the reach of
rounding. So a photo's text is a function of photo, facts, options and weights, whatever batch it
came in.
"""

import torch

#: Least difference of the two best logits that rounding does not turn, by dtype: in float32 a
#: hundred times what batches were seen to change (6e-6), in bfloat16 most of what they change.
NEAR = {torch.float32: 1e-3, torch.bfloat16: 0.1}


def near(dtype: torch.dtype) -> float:
    """The difference below which a choice counts as undecided, of logits computed in `dtype`."""
    return NEAR.get(dtype, NEAR[torch.bfloat16])
