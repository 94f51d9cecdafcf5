"""The state of an encoder that is being taught, saved each epoch: a killed run goes on from there.

Tensors are safetensors, everything else JSON; nothing is pickled.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from lab.starter.encoder_recipe import EncoderRecipe
from moda_engine.checkpoint import written_whole
from moda_engine.exceptions import TrainingError

_TENSORS_FILE, _NUMBERS_FILE = "state.safetensors", "state.json"
Curve = list[dict[str, float]]


@dataclass(frozen=True)
class Kept:
    """What a state holds beside the figures."""

    model: nn.Module
    averaged: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler


@dataclass(frozen=True)
class EncoderStates:
    """The last state of one run.

    Args:
        folder: holds nothing else.
        begun: what the run was begun with, as JSON; another run does not go on from its state.
    """

    folder: Path
    begun: dict[str, Any]

    @classmethod
    def of(cls, folder: Path, recipe: EncoderRecipe, count: int) -> "EncoderStates":
        """Those of the run that teaches `count` pictures by `recipe`."""
        return cls(folder, {"recipe": json.loads(json.dumps(asdict(recipe))), "pictures": count})

    def load(self, kept: Kept) -> Curve:
        """Let `kept` be as it was saved last; figures of the epochs until then.

        Raises `TrainingError` when the state is another run's.
        """
        if not self.folder.is_dir():
            return []
        numbers = json.loads((self.folder / _NUMBERS_FILE).read_text(encoding="utf-8"))
        if numbers["begun"] != self.begun:
            raise TrainingError(
                f"{self.folder} holds the state of a run by another recipe or of other pictures: "
                "delete that folder to start over."
            )
        tensors = load_file(self.folder / _TENSORS_FILE)
        kept.model.load_state_dict(_below(tensors, "model"))
        kept.averaged.load_state_dict(_below(tensors, "averaged"))
        moments = _moments(_below(tensors, "optimizer"), kept.optimizer)
        kept.optimizer.load_state_dict({"state": moments, "param_groups": numbers["groups"]})
        kept.schedule.load_state_dict(numbers["schedule"])
        curve: Curve = numbers["curve"]
        return curve

    def save(self, kept: Kept, curve: Curve) -> None:
        """Save all that is needed to go on from here, in place of the state before."""
        optimizer = kept.optimizer.state_dict()
        tensors = {f"model.{name}": value for name, value in kept.model.state_dict().items()}
        averaged = kept.averaged.state_dict()
        tensors |= {f"averaged.{name}": value for name, value in averaged.items()}
        for number, moments in optimizer["state"].items():
            tensors |= {f"optimizer.{number}.{key}": value for key, value in moments.items()}
        numbers = {
            "begun": self.begun,
            "groups": optimizer["param_groups"],
            "schedule": kept.schedule.state_dict(),
            "curve": curve,
        }
        with written_whole(self.folder) as folder:
            stored = {name: value.contiguous() for name, value in tensors.items()}
            save_file(stored, folder / _TENSORS_FILE)
            (folder / _NUMBERS_FILE).write_text(json.dumps(numbers), encoding="utf-8")

    def forget(self) -> None:
        """Delete the state: the run has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _moments(
    tensors: dict[str, Tensor], optimizer: torch.optim.Optimizer
) -> dict[int, dict[str, Tensor]]:
    """Those of each parameter by its number, in its memory format: fused AdamW takes both alike."""
    parameters = [value for group in optimizer.param_groups for value in group["params"]]
    moments: dict[int, dict[str, Tensor]] = {number: {} for number in range(len(parameters))}
    for name, value in tensors.items():
        number, _, key = name.partition(".")
        like = parameters[int(number)]
        is_moment = value.shape == like.shape
        moments[int(number)][key] = torch.empty_like(like).copy_(value) if is_moment else value
    return moments


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {k.removeprefix(start): value for k, value in tensors.items() if k.startswith(start)}
