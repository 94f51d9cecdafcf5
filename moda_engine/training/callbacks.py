"""What a run reports while it trains, and the callbacks that it reports to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class EpochFigures:
    """Losses are nats a token: the mean over batches of each batch's mean."""

    epoch: int
    training_loss: float
    validation_loss: float | None


@dataclass(frozen=True)
class StepFigures:
    """One optimiser step; `loss` is nats a token over all its captions."""

    step: int
    steps: int
    epoch: int
    loss: float
    learning_rate: float
    tokens: int


@dataclass
class Progress:
    """Steps done, figures of the epochs done, and the losses of the current epoch.

    All that is needed to resume, apart from weights and the optimiser's state.
    """

    #: Nats a caption, at its position in the epoch's order; 0 for captions to come.
    row_losses: Tensor
    step: int = 0
    figures: list[EpochFigures] = field(default_factory=list)


OnStep = Callable[[StepFigures], None]
OnEpoch = Callable[[EpochFigures], None]
ShouldStop = Callable[[], bool]


def best_epoch(figures: Sequence[EpochFigures]) -> EpochFigures:
    """The epoch of least validation loss, the first of equals; without validation, the last.

    Raises `ValueError` when there is none.
    """
    judged = [one for one in figures if one.validation_loss is not None]
    return min(judged or figures[-1:], key=lambda one: one.validation_loss or 0.0)


def batch_mean(losses: Tensor, token_counts: Tensor, batch_size: int) -> float:
    """Mean over batches of the mean loss a token, as the published figures are computed.

    Args:
        losses, token_counts: (captions,), in the order of the batches.
    """
    means = [
        part.sum() / counts.sum()
        for part, counts in zip(
            losses.double().split(batch_size), token_counts.split(batch_size), strict=True
        )
    ]
    return float(sum(means)) / len(means)


def _ignore(*figures: object) -> None:
    """The default callback."""


@dataclass(frozen=True)
class Callbacks:
    """Called in the first process only; the others are silent."""

    on_step: OnStep = _ignore
    #: Gets the figures and what the model now writes of the request's samples.
    on_epoch: Callable[[EpochFigures, Sequence[str]], None] = _ignore
    should_stop: ShouldStop = lambda: False
