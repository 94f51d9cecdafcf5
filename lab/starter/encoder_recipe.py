"""How the starter's encoder is taught."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class EncoderRecipe:
    """How the encoder is taught."""

    #: (epochs, side): small pictures first teach as much in half the time.
    stages: tuple[tuple[int, int], ...] = ((6, 128), (6, 160))
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    #: Of the words of title and prose (`words`), each a yes or no.
    word_weight: float = 8.0
    dropout: float = 0.3
    #: Of the batches, so many are of pairs of pictures: blended, or one pasted into the other.
    mixed_share: float = 0.5
    #: Weights are averaged every `average_every` steps: each costs a pass over all of them.
    average_decay: float = 0.99
    average_every: int = 5
    seed: int = 0

    @property
    def sides(self) -> list[int]:
        """Pixels a side, one an epoch."""
        return [side for count, side in self.stages for _ in range(count)]


def schedule(
    optimizer: torch.optim.Optimizer, recipe: EncoderRecipe, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """The rate, step by step, for epochs of `steps`."""
    total = len(recipe.sides) * steps
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=total, pct_start=0.1
    )
