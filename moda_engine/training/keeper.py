"""Where a run keeps its best weights; this one in memory, `run_folder` on disk."""

from typing import Protocol

from torch import Tensor

from moda_engine.model import ModaForCaptioning
from moda_engine.training.optimization import learned_parameters
from moda_engine.training.progress import EpochFigures, Progress


class Keeper(Protocol):
    """What the trainer asks of the place where its work is kept."""

    def load(self) -> tuple[Progress, dict[str, Tensor]] | None:
        """The progress and tensors saved last, or `None` where a run begins."""

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        """Keep all that is needed to go on from here."""

    def keep_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        """Keep the weights of the best epoch so far."""

    def restore_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        """Give `model` the weights of the best epoch, whose figures these are."""

    def last_good(self) -> str:
        """A sentence that says where the last good weights are; empty where nowhere."""


class MemoryKeeper:
    """Keeps the best weights in memory, and no state: such a run cannot be taken up again."""

    def __init__(self) -> None:
        self._best: dict[str, Tensor] = {}

    def load(self) -> None:
        return None

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        return None

    def keep_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        self._best = {
            name: value.detach().clone() for name, value in learned_parameters(model).items()
        }

    def restore_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        model.load_state_dict(self._best, strict=False)

    def last_good(self) -> str:
        return ""
