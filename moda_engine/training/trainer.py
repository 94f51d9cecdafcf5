"""Teaches projector and language model to say the captions; the encoder stays as it is.

Knows nothing of files of photos, Celery or Django: encoded captions in, figures out through a
callback, the weights of the best epoch left in the model.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from moda_engine.exceptions import DatasetError
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.examples import EncodedCaptions
from moda_engine.training.recipe import Recipe


@dataclass(frozen=True)
class EpochFigures:
    """Losses are nats a token."""

    epoch: int
    training_loss: float
    validation_loss: float | None


Progress = Callable[[EpochFigures], None]


def train(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    training: EncodedCaptions,
    recipe: Recipe,
    validation: EncodedCaptions | None = None,
    progress: Progress = lambda figures: None,
) -> list[EpochFigures]:
    """Train `model` in place and leave it with the weights of its best epoch.

    The best epoch is the one of least validation loss, or the last without validation.

    Raises `DatasetError` for an empty training set or when the loss is no longer finite.
    """
    if len(training) == 0:
        raise DatasetError("The training set is empty: there is nothing to learn.")
    torch.manual_seed(recipe.seed)
    accelerator = Accelerator(gradient_accumulation_steps=recipe.accumulation)
    optimizer = torch.optim.AdamW(_parameter_groups(model, recipe), lr=recipe.learning_rate)
    schedule = _schedule(optimizer, recipe, len(training))
    model, optimizer = accelerator.prepare(model, optimizer)
    generator = torch.Generator().manual_seed(recipe.seed)
    figures: list[EpochFigures] = []
    best: tuple[float, dict[str, Tensor]] | None = None
    for epoch in range(1, recipe.epochs + 1):
        training_loss = _epoch(
            accelerator, model, processor, training, recipe, optimizer, schedule, generator
        )
        validation_loss = None
        if validation is not None:
            validation_loss = mean_loss(model, processor, validation, recipe.batch_size)
        figures.append(EpochFigures(epoch, training_loss, validation_loss))
        progress(figures[-1])
        if validation_loss is not None and (best is None or validation_loss < best[0]):
            best = (validation_loss, _learned_weights(model))
    if best is not None:
        model.load_state_dict(best[1], strict=False)
    return figures


def mean_loss(
    model: ModaForCaptioning, processor: ModaProcessor, captions: EncodedCaptions, batch_size: int
) -> float:
    """Mean over batches of the mean loss a token, as the published figures are computed."""
    model.eval()
    with torch.inference_mode():
        losses = [
            _loss(model, processor, captions, rows, 0.0).item()
            for rows in torch.arange(len(captions)).split(batch_size)
        ]
    return sum(losses) / len(losses)


def _epoch(
    accelerator: Accelerator,
    model: ModaForCaptioning,
    processor: ModaProcessor,
    training: EncodedCaptions,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    generator: torch.Generator,
) -> float:
    """One pass over the training set; its mean loss."""
    model.train()
    losses = []
    for rows in _batches(len(training), recipe.batch_size, generator):
        with accelerator.accumulate(model):
            loss = _loss(model, processor, training, rows, recipe.label_smoothing)
            if not torch.isfinite(loss):
                raise DatasetError(
                    f"The loss is no longer finite ({loss.item()}): lower the learning rate."
                )
            accelerator.backward(loss)
            if recipe.clip_norm is not None and accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), recipe.clip_norm)
            optimizer.step()
            if accelerator.sync_gradients and recipe.schedule == "cosine":
                schedule.step()
            optimizer.zero_grad()
        losses.append(loss.item())
    if recipe.schedule == "step":
        schedule.step()
    return sum(losses) / len(losses)


def _loss(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    captions: EncodedCaptions,
    rows: Tensor,
    smoothing: float,
) -> Tensor:
    """Cross-entropy a token of the captions in `rows`."""
    inputs = processor(text=[captions.texts[row] for row in rows.tolist()]).to(model.device)
    labels = inputs.pop("labels")
    logits = model(image_features=captions.features[rows].to(model.device), **inputs).logits
    # The visual token at the front means that position i already predicts token i.
    return nn.functional.cross_entropy(
        logits[:, :-1].float().transpose(1, 2), labels, label_smoothing=smoothing
    )


def _batches(count: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    yield from torch.randperm(count, generator=generator).split(size)


def _learned_weights(model: nn.Module) -> dict[str, Tensor]:
    state = model.state_dict()
    return {
        name: copy.deepcopy(value)
        for name, value in state.items()
        if not name.startswith("encoder.")
    }


def _parameter_groups(model: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """The parameters that learn; the default recipe decays matrices only, the seed's all."""
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if recipe.name == "seed":
        return [{"params": learned, "weight_decay": recipe.weight_decay}]
    return [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _schedule(
    optimizer: torch.optim.Optimizer, recipe: Recipe, count: int
) -> torch.optim.lr_scheduler.LRScheduler:
    if recipe.schedule == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.8)
    batches = math.ceil(count / recipe.batch_size)
    steps = recipe.epochs * math.ceil(batches / recipe.accumulation)
    warm_up = recipe.warm_up_share * steps

    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / (warm_up + 1)
        return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
