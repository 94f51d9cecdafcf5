"""What the starter's encoder is taught by: labels, and words of titles and prose."""

import torch
from torch import Tensor, nn

from lab.starter.label_space import MISSING
from lab.starter.words import WordTargets


def label_loss(logits: dict[str, Tensor], targets: dict[str, Tensor], smoothing: float) -> Tensor:
    """Sum over kinds of the cross-entropy, each weighted by its share of labelled rows."""
    total = torch.zeros(())
    for kind, values in logits.items():
        wanted = targets[kind]
        known = wanted != MISSING
        if known.any():
            loss = nn.functional.cross_entropy(
                values.float()[known], wanted[known], label_smoothing=smoothing
            )
            total = total + loss * known.float().mean()
    return total


def word_loss(logits: Tensor, words: WordTargets, rows: Tensor) -> Tensor:
    """Mean binary cross-entropy over words and known texts, weighted by the share of the known."""
    known = words.known[rows]
    if not known.any():
        return torch.zeros(())
    loss = nn.functional.binary_cross_entropy_with_logits(
        logits.float()[known], words.hot[rows][known].float()
    )
    return loss * known.float().mean()
