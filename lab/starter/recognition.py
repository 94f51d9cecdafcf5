"""The head that says whether a photo shows a fashion item at all, and from which probability on.

It learns fashion photos, drawings, and photos put on other grounds against other pictures
(`other_pictures`). Sources differ more than pictures of one source do, so it is measured on sources
that it did not learn from.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lab.starter.linear_heads import HeadsRecipe

#: Units of the layer between features and answer.
HIDDEN = 256
#: Of held-out photos so many may be refused: each costs a draft.
REFUSED = 0.0035
_DROPOUT = 0.2
_NOISE = 0.2
#: Targets are so far from 0 and 1.
_SMOOTHING = 0.01


def fit_recognition(
    items: Tensor, others: Tensor, recipe: HeadsRecipe, hidden: int = HIDDEN
) -> nn.Sequential:
    """Features → logit: Linear, ReLU, Linear.

    Args:
        items, others: (pictures, feature_size), with a fashion item and without.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    features = torch.cat([items, others])
    mean, deviation = items.mean(0), items.std(0).clamp(min=1e-6)
    targets = torch.cat([torch.ones(len(items)), torch.zeros(len(others))])
    # Both count the same together.
    weights = torch.cat(
        [torch.ones(len(items)), torch.full((len(others),), len(items) / len(others))]
    )
    first, last = nn.Linear(features.shape[1], hidden), nn.Linear(hidden, 1)
    layers = nn.Sequential(first, nn.ReLU(), nn.Dropout(_DROPOUT), last)
    rate, steps = recipe.learning_rate, recipe.epochs * -(-len(features) // recipe.batch_size)
    optimizer = torch.optim.AdamW(layers.parameters(), rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(features), generator=generator).split(recipe.batch_size):
            views = (features[rows] - mean) / deviation
            views = views + _NOISE * torch.randn(views.shape, generator=generator)
            loss = nn.functional.binary_cross_entropy_with_logits(
                layers(views)[:, 0],
                targets[rows] * (1 - 2 * _SMOOTHING) + _SMOOTHING,
                weight=weights[rows],
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():  # so that it takes plain features
        first.weight.div_(deviation)
        first.bias.sub_(first.weight @ mean)
    return nn.Sequential(first, nn.ReLU(), last).eval().requires_grad_(False)


def threshold_of(layers: nn.Sequential, held_out: Tensor) -> float:
    """The probability that all but a share `REFUSED` of held-out pictures of items reach.

    Args:
        held_out: features, (pictures, feature_size).
    """
    return float(layers(held_out)[:, 0].sigmoid().quantile(REFUSED))


def unseen_auroc(
    items: Tensor,
    others: Mapping[str, Tensor],
    held_out: Tensor,
    recipe: HeadsRecipe,
) -> dict[str, float]:
    """Source → AUROC of its pictures against held-out photos, by a head that learned from the
    sources at the other places of the alphabet's order alone."""
    found = {}
    for half in range(2):
        learned = [one for number, one in enumerate(others.values()) if number % 2 == half]
        if not learned:
            continue
        layers = fit_recognition(items, torch.cat(learned), recipe)
        photos = layers(held_out)[:, 0]
        for number, (name, features) in enumerate(others.items()):
            if number % 2 != half:
                found[name] = auroc(photos, layers(features)[:, 0])
    return found


def auroc(higher: Tensor, lower: Tensor) -> float:
    """How often a value of the first is above one of the second; equal ones count a half."""
    above = (higher[:, None] > lower).double().mean()
    return float(above + (higher[:, None] == lower).double().mean() / 2)
