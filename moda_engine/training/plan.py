"""Which captions are learned when: a function of recipe, seed and epoch alone.

Nothing of it is stored: a run that is taken up again, or split over more processes, plans the
same steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

#: Tokens, with padding, of one forward pass at most: what the logits of all need is the largest
#: piece of memory, some 200 kB a token with OPT's vocabulary.
PASS_TOKENS = 896


@dataclass(frozen=True)
class Step:
    """The captions of one optimiser step."""

    #: Positions in the epoch's order.
    positions: range
    #: Rows of the training set, at those positions.
    rows: list[int]


def epoch_order(count: int, *, seed: int, epoch: int) -> list[int]:
    """The rows 0 … count - 1 in the order of epoch `epoch`."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count, generator=generator).tolist()


def epoch_steps(order: Sequence[int], step_size: int) -> list[Step]:
    """The steps of an epoch; what is left over makes a smaller last one."""
    starts = range(0, len(order), step_size)
    positions = [range(start, min(start + step_size, len(order))) for start in starts]
    return [Step(part, list(order[part.start : part.stop])) for part in positions]


def split_passes(
    rows: Sequence[int], lengths: Tensor, pass_tokens: int = PASS_TOKENS
) -> list[list[int]]:
    """`rows` cut into forward passes of like lengths, so that little is padding.

    The gradient of a step is a sum over its captions: how they are cut changes no result. Each
    pass costs what all weights cost to convert and to add up, so there are as few as memory allows.
    """
    ordered = sorted(rows, key=lambda row: (-int(lengths[row]), row))
    passes: list[list[int]] = []
    for row in ordered:
        if passes and _fits(passes[-1], lengths, pass_tokens):
            passes[-1].append(row)
        else:
            passes.append([row])
    return passes


def _fits(rows: list[int], lengths: Tensor, pass_tokens: int) -> bool:
    """Whether one more caption fits; the first is the longest, and one more is the visual token."""
    width = int(lengths[rows[0]]) + 1
    return (len(rows) + 1) * width <= pass_tokens
