"""What each known label of an item says about its other labels, learned from labels alone.

They need no photos, so the retailer's other items teach them too; and no photo that the encoder
knows by heart makes them look needless.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lab.starter.label_space import KINDS, LabelSpace, label_of
from lab.starter.linear_heads import HeadsRecipe
from moda_engine.heads import told_labels
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import ALTERNATIVES

_BATCH_SIZE = 1024
_WEIGHT_DECAY = 1e-4


#: (kind, label) → column, of every label that a catalog can tell.
COLUMNS = {
    pair: number
    # Sorted: JSON keeps no order of kinds.
    for number, pair in enumerate(
        (kind, label) for kind in sorted(KINDS) for label in ALTERNATIVES[kind]
    )
}
#: The number of each column's kind in `KINDS`, (columns,).
_KIND_NUMBERS = torch.tensor([KINDS.index(kind) for kind, _ in COLUMNS])


def known_labels(items: Sequence[ItemLabels]) -> Tensor:
    """All labels of each item, (items, columns)."""
    labels = [{kind: label_of(item, kind) or "" for kind in KINDS} for item in items]
    return told_labels(labels, COLUMNS)


def told_part(known: Tensor, is_told: Tensor, kind: str) -> Tensor:
    """Of the known labels those that are told of other kinds than `kind`, (items, columns).

    Args:
        known: (items, columns).
        is_told: (items, kinds) of booleans, in the order of `KINDS`.
    """
    others = is_told[:, _KIND_NUMBERS] & (KINDS.index(kind) != _KIND_NUMBERS)
    return known * others


def fit_tables(
    items: Sequence[ItemLabels], space: LabelSpace, recipe: HeadsRecipe
) -> dict[str, Tensor]:
    """Kind → what each known label adds to the logits of its classes, (classes, columns).

    Learned by cross-entropy on items of which a random part is told. What labels of a kind add to
    their own kind is 0.
    """
    known, targets = known_labels(items), space.targets(items)
    generator = torch.Generator().manual_seed(recipe.seed)
    tables = {kind: nn.Linear(len(COLUMNS), len(n)) for kind, n in space.classes.items() if n}
    parameters = [parameter for table in tables.values() for parameter in table.parameters()]
    for parameter in parameters:
        nn.init.zeros_(parameter)
    rate = recipe.table_learning_rate
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=_WEIGHT_DECAY)
    steps = recipe.table_epochs * -(-len(items) // _BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(recipe.table_epochs):
        for rows in torch.randperm(len(items), generator=generator).split(_BATCH_SIZE):
            # From none to all of an item: titles tell one kind, and feeds tell seven.
            share = torch.rand(len(rows), 1, generator=generator)
            is_told = torch.rand(len(rows), len(KINDS), generator=generator) < share
            losses = [
                nn.functional.cross_entropy(
                    table(told_part(known[rows], is_told, kind)),
                    targets[kind][rows],
                    reduction="sum",
                )
                for kind, table in tables.items()
            ]
            optimizer.zero_grad()
            (torch.stack(losses).sum() / len(rows)).backward()
            optimizer.step()
            schedule.step()
    return {kind: table.weight.detach() for kind, table in tables.items()}
