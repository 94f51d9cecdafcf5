"""A linear head a label kind, on features that no longer change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lab.starter.label_space import MISSING, LabelSpace
from moda_engine.language.labels import ItemLabels


@dataclass(frozen=True)
class HeadsRecipe:
    """How heads and tables are fitted."""

    #: Views a photo: the plain one and random ones. The encoder knows the plain ones by heart.
    views: int = 5
    epochs: int = 6
    batch_size: int = 512
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    #: Standard deviation of what is added to features of standard deviation 1.
    noise: float = 0.3
    table_epochs: int = 5
    table_learning_rate: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """Features of views of one set of pictures."""

    #: (views, pictures, feature_size).
    features: Tensor
    #: One a picture.
    labels: Sequence[ItemLabels]
    #: How often each is learned an epoch.
    weight: int = 1


@dataclass(frozen=True)
class LinearHeads:
    """Weights and biases by kind, on plain features."""

    space: LabelSpace
    #: Kind → (classes, feature_size).
    weights: Mapping[str, Tensor]
    #: Kind → (classes,).
    biases: Mapping[str, Tensor]

    def logits(self, features: Tensor) -> dict[str, Tensor]:
        """Kind → (items, classes)."""
        return {
            kind: features @ weight.T + self.biases[kind] for kind, weight in self.weights.items()
        }


def fit_linear_heads(
    sets: Sequence[Examples], space: LabelSpace, recipe: HeadsRecipe
) -> LinearHeads:
    """Heads by cross-entropy on views, each blended with up to a half of another."""
    features = torch.cat([one.features.flatten(0, 1) for one in sets for _ in range(one.weight)])
    labels = [
        label for one in sets for _ in range(one.weight * len(one.features)) for label in one.labels
    ]
    targets = space.targets(labels)
    sizes = {kind: len(names) for kind, names in space.classes.items() if names}
    mean, deviation = features.mean(0), features.std(0).clamp(min=1e-6)
    generator = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    heads = nn.Linear(features.shape[1], sum(sizes.values()))  # of all kinds, side by side
    rate, steps = recipe.learning_rate, recipe.epochs * -(-len(features) // recipe.batch_size)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps, pct_start=0.1
    )
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(features), generator=generator).split(recipe.batch_size):
            partners = rows[torch.randperm(len(rows), generator=generator)]
            share = torch.rand(len(rows), 1, generator=generator) / 2
            views = (features[rows].lerp(features[partners], share) - mean) / deviation
            views = views + recipe.noise * torch.randn(views.shape, generator=generator)
            logits = dict(zip(sizes, heads(views).split(list(sizes.values()), dim=1), strict=True))
            own = {kind: targets[kind][rows] for kind in sizes}
            other = {kind: targets[kind][partners] for kind in sizes}
            loss = _loss(logits, own, 1 - share[:, 0], recipe.label_smoothing)
            loss = loss + _loss(logits, other, share[:, 0], recipe.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    weights = (heads.weight.detach() / deviation).split(list(sizes.values()))
    by_kind = dict(zip(sizes, weights, strict=True))
    offsets = dict(zip(sizes, heads.bias.detach().split(list(sizes.values())), strict=True))
    biases = {kind: offsets[kind] - weight @ mean for kind, weight in by_kind.items()}
    return LinearHeads(space, by_kind, biases)


def _loss(
    logits: Mapping[str, Tensor], targets: Mapping[str, Tensor], shares: Tensor, smoothing: float
) -> Tensor:
    """Cross-entropy with the targets that are known, weighted by `shares`, over all rows."""
    total = torch.zeros(())
    for kind, values in logits.items():
        known = targets[kind] != MISSING
        losses = nn.functional.cross_entropy(
            values[known], targets[kind][known], label_smoothing=smoothing, reduction="none"
        )
        total = total + (losses * shares[known]).sum()
    return total / len(shares)
