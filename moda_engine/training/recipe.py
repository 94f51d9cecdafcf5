"""Recipes: how language model and projector are trained. Every trained checkpoint holds its own."""

import math
from dataclasses import dataclass, replace

#: Captions of a step at least, where a set is small.
LEAST_STEP_SIZE = 8
#: A handful of captions is not learned better by seeing it more often.
MOST_EPOCHS = 20


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of one training run; rates are of AdamW."""

    name: str
    epochs: int
    #: Captions of a batch: the unit of the reported losses.
    batch_size: int
    #: Batches of one optimiser step.
    accumulation: int
    learning_rate: float
    weight_decay: float
    #: "step": ×0.8 every two epochs. "cosine": linear warm-up, then down to nothing.
    schedule: str
    warm_up_share: float = 0.0
    #: Whether biases and the gains of normalisation are decayed as the matrices are.
    decay_vectors: bool = False
    clip_norm: float | None = None
    label_smoothing: float = 0.0
    seed: int = 0
    #: The projector's learning rate, as a share of the whole; 0 freezes it.
    projector_rate_share: float = 1.0
    #: "full": the model's own weights. "adapter": low-rank matrices added to them.
    way: str = "full"
    #: Rehearsal captions mixed in for each new caption.
    rehearsal_share: float = 0.0
    #: Part of the base model's probability of other labels that becomes soft labels, 0 to 1.
    soft_label_share: float = 0.0
    #: Optimiser steps at least; see `for_count`.
    least_steps: int = 1

    def __post_init__(self) -> None:
        if self.schedule not in {"step", "cosine"}:
            raise ValueError(f"Unknown schedule {self.schedule!r}: use 'step' or 'cosine'.")
        if self.way not in {"full", "adapter"}:
            raise ValueError(f"Unknown way {self.way!r}: use 'full' or 'adapter'.")
        if min(self.epochs, self.batch_size, self.accumulation) < 1:
            raise ValueError("Epochs, batch size and accumulation are 1 or more.")
        if not 0 <= self.soft_label_share <= 1:
            raise ValueError(f"The share of soft labels is 0 to 1, not {self.soft_label_share}.")

    def for_count(self, count: int) -> "Recipe":
        """The recipe for a set of `count` captions: a small one is learned in as many steps.

        Steps become smaller first, down to `LEAST_STEP_SIZE` captions, and the learning rate with
        their square root; then there are more epochs, up to `MOST_EPOCHS`.
        """
        if count == 0 or self.epochs * self.steps_of_epoch(count) >= self.least_steps:
            return self
        wanted = math.ceil(self.least_steps / self.epochs)
        size = min(self.step_size, max(LEAST_STEP_SIZE, count // wanted))
        smaller = replace(
            self,
            batch_size=size,
            accumulation=1,
            learning_rate=self.learning_rate * math.sqrt(size / self.step_size),
        )
        epochs = min(MOST_EPOCHS, math.ceil(self.least_steps / smaller.steps_of_epoch(count)))
        return replace(smaller, epochs=max(self.epochs, epochs))

    @property
    def step_size(self) -> int:
        """Captions of one optimiser step."""
        return self.batch_size * self.accumulation

    def steps_of_epoch(self, count: int) -> int:
        """Optimiser steps of an epoch over `count` captions; the last one may be smaller."""
        return math.ceil(count / self.step_size)

    def rate_at(self, step: int, count: int) -> float:
        """The learning rate of optimiser step `step`, counted from 0, over `count` captions."""
        steps = self.steps_of_epoch(count)
        if self.schedule == "step":
            return self.learning_rate * 0.8 ** (step // steps // 2)
        total = self.epochs * steps
        warm_up = self.warm_up_share * total
        if step < warm_up:
            return self.learning_rate * (step + 1) / (warm_up + 1)
        done = (step - warm_up) / max(1.0, total - warm_up)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


#: The published recipe, number for number.
SEED = Recipe(
    name="seed",
    epochs=20,
    batch_size=32,
    accumulation=8,
    learning_rate=1e-3,
    weight_decay=0.01,  # AdamW's own default, which the authors left alone
    schedule="step",
    decay_vectors=True,
)

#: Reaches the published recipe's best validation loss in less than half of its steps:
#: `benchmarks/recipes.py` measures it.
DEFAULT = Recipe(
    name="default",
    epochs=10,
    batch_size=64,
    accumulation=4,
    learning_rate=2.5e-3,
    weight_decay=0.05,
    schedule="cosine",
    warm_up_share=0.1,
    clip_norm=1.0,
    least_steps=100,
)

#: How a model in use is fine-tuned, by way: at small rates, with rehearsal. A projector that learns
#: from a few hundred captions forgets colours: `docs/benchmarks.md` has the trials.
RETRAINING = {
    "full": Recipe(
        name="retraining",
        epochs=8,
        batch_size=32,
        accumulation=1,
        learning_rate=5e-4,
        weight_decay=0.05,
        schedule="cosine",
        warm_up_share=0.1,
        clip_norm=1.0,
        projector_rate_share=0.1,
        rehearsal_share=1.0,
        soft_label_share=0.9,
    ),
    "adapter": Recipe(
        name="retraining-adapter",
        epochs=12,
        batch_size=32,
        accumulation=1,
        learning_rate=2e-3,
        weight_decay=0.0,
        schedule="cosine",
        warm_up_share=0.1,
        clip_norm=1.0,
        way="adapter",
        rehearsal_share=1.0,
        soft_label_share=0.9,
    ),
}

RECIPES = {recipe.name: recipe for recipe in (SEED, DEFAULT)}
