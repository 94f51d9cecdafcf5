"""Who watches a run from outside: told of steps and epochs, asked whether to stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moda_engine.training.progress import EpochFigures, OnStep, ShouldStop


def _nothing(*figures: object) -> None:
    """For whoever does not want to be told."""


@dataclass(frozen=True)
class Watch:
    """Callbacks of the first process; the others are silent."""

    on_step: OnStep = _nothing
    #: Told what the model now writes of the request's examples, too.
    on_epoch: Callable[[EpochFigures, Sequence[str]], None] = _nothing
    should_stop: ShouldStop = lambda: False
