"""What the starter's encoder is taught by: labels, words, and captions to tell apart."""

import torch
from torch import Tensor, nn

from moda_engine.dual_encoder import DualEncoder
from moda_engine.starter_building.label_space import MISSING
from moda_engine.starter_building.words import WordTargets


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


def contrastive_loss(
    encoder: DualEncoder, image_features: Tensor, captions: list[list[int]]
) -> Tensor:
    """CLIP's symmetric loss, identical captions sharing the target."""
    width = max(len(ids) for ids in captions)
    ids = torch.tensor([row + [0] * (width - len(row)) for row in captions])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in captions])
    text_features = encoder.text_features(ids, mask)
    logits = encoder.similarity(image_features, text_features).float()
    same = (ids.unsqueeze(0) == ids.unsqueeze(1)).all(-1).float()
    target = same / same.sum(1, keepdim=True)
    return (
        nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target)
    ) / 2
