"""How the starter's encoder is taught."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class EncoderRecipe:
    """How the encoder is taught."""

    #: (epochs, side): small pictures first teach as much in half the time.
    stages: tuple[tuple[int, int], ...] = ((4, 128), (6, 160))
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
    #: (epochs, side) of a second cycle, from the averaged weights of the first.
    later_stages: tuple[tuple[int, int], ...] = ()
    later_learning_rate: float = 4e-4
    #: Of the pictures of the second cycle, so many are cut out and put on another ground.
    grounds_share: float = 0.25

    @property
    def sides(self) -> list[int]:
        """Pixels a side, one an epoch."""
        stages = self.stages + self.later_stages
        return [side for count, side in stages for _ in range(count)]

    @property
    def first_epochs(self) -> int:
        """Epochs of the first cycle."""
        return sum(count for count, _ in self.stages)


#: What the committed weights are tuned by.
STARTER = EncoderRecipe(later_stages=((4, 160),))
#: The rate of a cycle rises for this share of it, from a 25th of its height.
_WARM_UP, _START = 0.1, 1 / 25


def schedule(
    optimizer: torch.optim.Optimizer, recipe: EncoderRecipe, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """The rate, step by step, for epochs of `steps`: a rise and a fall by cosine in each cycle."""
    first = recipe.first_epochs * steps
    whole = len(recipe.sides) * steps
    height = recipe.later_learning_rate / recipe.learning_rate

    def share(step: int) -> float:
        if step < first:
            return _cycle(step / first)
        return height * _cycle((step - first) / max(1, whole - first))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, share)


def _cycle(done: float) -> float:
    """The rate's share of its height when `done`, 0 to 1, of a cycle is over."""
    if done < _WARM_UP:
        return _START + (1 - _START) * (1 - math.cos(math.pi * done / _WARM_UP)) / 2
    return (1 + math.cos(math.pi * min(1.0, (done - _WARM_UP) / (1 - _WARM_UP)))) / 2
