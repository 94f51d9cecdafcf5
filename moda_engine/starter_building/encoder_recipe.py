"""How the starter's encoder is taught, round by round."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class EncoderRecipe:
    """How the encoder is taught."""

    #: (epochs, side): small pictures first teach as much in half the time.
    stages: tuple[tuple[int, int], ...] = ((9, 80), (7, 112))
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    contrastive_weight: float = 0.2
    #: Of the words of title and prose (`words`), each a yes or no.
    word_weight: float = 0.0
    #: Epochs at the end in which a rate that stayed the same falls to nothing; 0: one cycle.
    cool_down: int = 0
    dropout: float = 0.2
    #: Weights are averaged every `average_every` steps: each costs a pass over all of them.
    average_decay: float = 0.98
    average_every: int = 5
    seed: int = 0

    @property
    def sides(self) -> list[int]:
        """Pixels a side, one an epoch."""
        return [side for count, side in self.stages for _ in range(count)]


#: A second, shorter round at a lower rate, on a corpus in which children's photos weigh more.
REFINEMENT = EncoderRecipe(stages=((4, 112),), learning_rate=1e-3, seed=1)
#: A third, which learns the words of titles and prose as well. The rate stays until the last three
#: epochs, so that more epochs can be put before them.
WORDS = EncoderRecipe(
    stages=((7, 112),),
    learning_rate=1.2e-3,
    contrastive_weight=0.0,
    word_weight=8.0,
    cool_down=3,
    average_decay=0.96,
    average_every=10,
    seed=2,
)


def schedule(
    optimizer: torch.optim.Optimizer, recipe: EncoderRecipe, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """The rate, step by step, for epochs of `steps`."""
    epochs = len(recipe.sides)
    if not recipe.cool_down:
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, recipe.learning_rate, total_steps=epochs * steps, pct_start=0.1
        )
    warm_up = 0.6 * steps

    def share(step: int) -> float:
        falling = (epochs - step / steps) / recipe.cool_down
        return min(1.0, (step + 1) / warm_up) * max(0.01, min(1.0, falling))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, share)
