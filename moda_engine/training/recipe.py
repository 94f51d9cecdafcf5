"""How projector and language model are taught. Written into every checkpoint that is trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of one training run; rates are of AdamW."""

    name: str
    epochs: int
    batch_size: int
    accumulation: int
    learning_rate: float
    weight_decay: float
    #: "step": ×0.8 every two epochs. "cosine": linear warm-up, then down to nothing.
    schedule: str
    warm_up_share: float = 0.0
    clip_norm: float | None = None
    label_smoothing: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.schedule not in {"step", "cosine"}:
            raise ValueError(f"Unknown schedule {self.schedule!r}: use 'step' or 'cosine'.")
        if min(self.epochs, self.batch_size, self.accumulation) < 1:
            raise ValueError("Epochs, batch size and accumulation are 1 or more.")


#: The published recipe, number for number.
SEED = Recipe(
    name="seed",
    epochs=20,
    batch_size=32,
    accumulation=8,
    learning_rate=1e-3,
    weight_decay=0.01,  # AdamW's own default, which the authors left alone
    schedule="step",
)

DEFAULT = Recipe(
    name="default",
    epochs=10,
    batch_size=64,
    accumulation=1,
    learning_rate=1e-3,
    weight_decay=0.05,
    schedule="cosine",
    warm_up_share=0.05,
    clip_norm=1.0,
)

RECIPES = {recipe.name: recipe for recipe in (SEED, DEFAULT)}
