"""A model's beliefs, corrected by what people approved of other photos.

Where people give a label otherwise whenever the photo shows why, the model's belief alone would
outvote each of them. So a regression on the image features is fitted to what was approved, with
the belief as its offset: logits = log belief + features · weights. What it says of a photo comes
from the captions of other photos (cross-fitting; Wolpert 1992 stacks models so), and its penalty is
the one that foretells those best. Labels that were given by chance leave nothing to explain: then
the belief stays nearly as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from moda_engine.training.beliefs import Belief

#: A kind that fewer captions state has no belief: a rule could not be told from chance.
LEAST_CAPTIONS = 40
FOLDS = 5
#: Directions of the features that vary most; more explain no more.
DIRECTIONS = 64
#: Penalties of the squared weights, half of their sum; the greatest leaves the belief nearly alone.
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
#: The belief in a label that the model was not asked for, or next to none.
LEAST_BELIEF = 1e-4


@dataclass(frozen=True)
class _Kind:
    """What is believed, and was approved, of the captions that state a label of one kind."""

    #: (captions, directions and 1).
    inputs: Tensor
    #: Logarithms, (captions, labels).
    belief: Tensor
    #: Numbers of labels, (captions,).
    approved: Tensor
    #: Those that the regression may learn from, (captions,).
    learned: Tensor


def corrected(
    beliefs: Sequence[Belief],
    approved: Sequence[Mapping[str, str]],
    features: Tensor,
    learned: int,
) -> list[Belief]:
    """The beliefs after the correction, in the kinds that enough captions state.

    Args:
        beliefs: one a caption.
        approved: kind → the label that the caption states, of at least the kinds believed in.
        features: (captions, feature_size), of the captions' photos.
        learned: so many of the captions, the first ones, are learned from; the others are held out.
    """
    directions = _directions(features.double())
    found: list[dict[str, Mapping[str, float]]] = [{} for _ in beliefs]
    for kind in sorted({kind for belief in beliefs for kind in belief}):
        rows = [row for row, belief in enumerate(beliefs) if kind in belief]
        is_learned = torch.tensor(rows) < learned
        if is_learned.sum() < LEAST_CAPTIONS:
            continue
        believed = [beliefs[row][kind] for row in rows]
        labels = sorted({label for belief in believed for label in belief})
        of_kind = _Kind(
            directions[rows],
            _logarithms(believed, labels),
            torch.tensor([labels.index(approved[row][kind]) for row in rows]),
            is_learned,
        )
        for row, shares in zip(rows, _of_others(of_kind).softmax(1).tolist(), strict=True):
            found[row][kind] = dict(zip(labels, shares, strict=True))
    return list(found)


def _directions(features: Tensor) -> Tensor:
    """Principal components of a mean square norm of 1, and a 1: (captions, directions + 1)."""
    centred = features - features.mean(0)
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    components = centred @ vectors[:, -DIRECTIONS:]
    scale = components.square().sum(1).mean().sqrt().clamp(min=1e-12)
    return torch.cat([components / scale, torch.ones(len(features), 1).double()], dim=1)


def _logarithms(believed: Sequence[Mapping[str, float]], labels: Sequence[str]) -> Tensor:
    """(captions, labels)."""
    rows = [[belief.get(label, 0.0) for label in labels] for belief in believed]
    return torch.tensor(rows, dtype=torch.float64).clamp(min=LEAST_BELIEF).log()


def _of_others(kind: _Kind) -> Tensor:
    """Each caption's logits by what the captions of other folds say: (captions, labels)."""

    def loss(logits: Tensor) -> float:
        return float(nn.functional.cross_entropy(logits[kind.learned], kind.approved[kind.learned]))

    return min((_cross_fitted(kind, penalty) for penalty in PENALTIES), key=loss)


def _cross_fitted(kind: _Kind, penalty: float) -> Tensor:
    logits = kind.belief.clone()
    folds = _folds(kind.learned)
    for number in folds.unique():
        members = folds == number
        weights = _fitted(kind, kind.learned & ~members, penalty)
        logits[members] += kind.inputs[members] @ weights
    return logits


def _folds(learned: Tensor) -> Tensor:
    """By chance, the same each time: captions may lie in an order. Held-out ones are one fold."""
    generator = torch.Generator().manual_seed(FOLDS)
    folds = torch.full(learned.shape, FOLDS)
    folds[learned] = torch.randperm(int(learned.sum()), generator=generator) % FOLDS
    return folds


def _fitted(kind: _Kind, rows: Tensor, penalty: float) -> Tensor:
    """Weights of least penalised loss on `rows`, by L-BFGS: (directions and 1, labels)."""
    inputs, belief, approved = kind.inputs[rows], kind.belief[rows], kind.approved[rows]
    shape = (inputs.shape[1], belief.shape[1])
    weights = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(belief + inputs @ weights, approved, reduction="sum")
        loss = loss + 0.5 * penalty * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach()
