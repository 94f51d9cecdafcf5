"""The optimiser: AdamW on what learns, with its state by the parameters' names."""

from collections.abc import Mapping

import torch
from torch import Tensor

from moda_engine.model import ModaForCaptioning
from moda_engine.training.recipe import Recipe


def learned_parameters(model: ModaForCaptioning) -> dict[str, torch.nn.Parameter]:
    """Name → parameter of what learns, projector or language model; a tied one once."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def new_optimizer(model: ModaForCaptioning, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW over the learned parameters, matrices first."""
    learned = learned_parameters(model).values()
    decay_of_vectors = recipe.weight_decay if recipe.decay_vectors else 0.0
    return torch.optim.AdamW(
        [
            {"params": [p for p in learned if p.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [p for p in learned if p.ndim <= 1], "weight_decay": decay_of_vectors},
        ],
        lr=recipe.learning_rate,
        fused=True,
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Use `rate` for the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def optimizer_tensors(
    optimizer: torch.optim.Optimizer, model: ModaForCaptioning
) -> dict[str, Tensor]:
    """The optimiser's memory as "moment/parameter" → tensor; empty before the first step."""
    return {
        f"{kind}/{name}": value
        for name, parameter in learned_parameters(model).items()
        for kind, value in optimizer.state.get(parameter, {}).items()
    }


def load_optimizer_tensors(
    optimizer: torch.optim.Optimizer, model: ModaForCaptioning, tensors: Mapping[str, Tensor]
) -> None:
    """Give `optimizer` back what `optimizer_tensors` gave."""
    parameters = learned_parameters(model)
    for key, value in tensors.items():
        kind, name = key.split("/", maxsplit=1)
        optimizer.state[parameters[name]][kind] = value.to(parameters[name].device)
