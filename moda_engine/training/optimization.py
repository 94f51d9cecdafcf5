"""The optimiser: AdamW on what learns, with its state by the parameters' names."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from moda_engine.model import ModaForCaptioning
from moda_engine.training.recipe import Recipe


def learned_parameters(model: ModaForCaptioning) -> dict[str, torch.nn.Parameter]:
    """Name → trainable parameter of projector or language model; a tied one once."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def new_optimizer(model: ModaForCaptioning, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW over the trainable parameters; each group has its share of the learning rate."""
    learned = learned_parameters(model)
    projector = [value for name, value in learned.items() if name.startswith("projector.")]
    others = [value for name, value in learned.items() if not name.startswith("projector.")]
    groups = [
        *_groups(others, recipe, rate_share=1.0),
        *_groups(projector, recipe, rate_share=recipe.projector_rate_share),
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=True)


def _groups(
    parameters: Sequence[torch.nn.Parameter], recipe: Recipe, *, rate_share: float
) -> list[dict[str, Any]]:
    """Matrices and vectors, each with their decay."""
    decay_of_vectors = recipe.weight_decay if recipe.decay_vectors else 0.0
    matrices = [parameter for parameter in parameters if parameter.ndim > 1]
    vectors = [parameter for parameter in parameters if parameter.ndim <= 1]
    return [
        {"params": part, "weight_decay": decay, "rate_share": rate_share}
        for part, decay in ((matrices, recipe.weight_decay), (vectors, decay_of_vectors))
        if part
    ]


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Use `rate` for the next step, times each group's share."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["rate_share"]


def optimizer_tensors(
    optimizer: torch.optim.Optimizer, model: ModaForCaptioning
) -> dict[str, Tensor]:
    """The optimiser's state as "moment/parameter" → tensor; empty before the first step."""
    return {
        f"{kind}/{name}": value
        for name, parameter in learned_parameters(model).items()
        for kind, value in optimizer.state.get(parameter, {}).items()
    }


def load_optimizer_tensors(
    optimizer: torch.optim.Optimizer, model: ModaForCaptioning, tensors: Mapping[str, Tensor]
) -> None:
    """Load into `optimizer` what `optimizer_tensors` gave."""
    parameters = learned_parameters(model)
    for key, value in tensors.items():
        kind, name = key.split("/", maxsplit=1)
        optimizer.state[parameters[name]][kind] = value.to(parameters[name].device)
