"""The door to the engine for training: frozen captions in, a checkpoint or an adapter out.

Called by the worker of the queue `training`. With one device the run is in the worker's process,
with several GPUs in one process each, which `accelerate launch` starts. A run lives in its output
folder: the same request again, after a kill or a stop, resumes from the last saved state and ends
with the weights of an undisturbed run. Torch is loaded inside functions only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from catalog.engine.weights import ModelFolders, card_licence, engine_errors_as

if TYPE_CHECKING:
    from moda_engine.training.callbacks import EpochFigures, StepFigures
    from moda_engine.training.run import RunRequest

Way = Literal["full", "adapter"]


class TrainingRefused(Exception):
    """The run cannot be done as it is asked for; the message says what to do."""


class TrainingStopped(Exception):
    """The run was asked to stop; it can go on from what it saved last."""


@dataclass(frozen=True)
class TrainingOptions:
    """How to train. What is `None` is the recipe's own choice for the way."""

    #: "full": the language model. "adapter": low-rank matrices, 10 MB or less.
    way: Way = "full"
    epochs: int | None = None
    learning_rate: float | None = None
    #: Rehearsal captions mixed in for each new caption; 0 for none.
    rehearsal_share: float | None = None
    seed: int = 0
    #: Optimiser steps between two saves inside an epoch; each epoch's end is saved anyway.
    save_every: int | None = None


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, on what, into which folder.

    The sets are imagefolders: photos beside `metadata.jsonl`, one object a line with `file_name`,
    `text` and, if wanted, `facts`.
    """

    base: ModelFolders
    captions: Path
    #: The folder of the run; absent, empty, or the same run's.
    output: Path
    #: Captions that are never trained on; they choose the best epoch.
    held_out: Path | None = None
    #: Photos to rehearse, of categories whose style must stay. Those without `text` are learned
    #: with what the base writes of them.
    rehearsal_set: Path | None = None
    #: Photos described after each epoch; eight are shown.
    samples: Sequence[Path] = ()
    options: TrainingOptions = field(default_factory=TrainingOptions)
    #: Folder of image features, shared by runs; default: the user's cache.
    cache: Path | None = None


@dataclass(frozen=True)
class EpochReport:
    """An epoch that has ended. Losses are nats a token."""

    epoch: int
    epochs: int
    training_loss: float
    validation_loss: float | None
    #: What the model now writes of the request's examples, in their order.
    examples: Sequence[str]


@dataclass(frozen=True)
class StepReport:
    """An optimiser step that has ended; steps are counted over the whole run."""

    step: int
    steps: int
    epoch: int
    loss: float


@dataclass(frozen=True)
class TrainedModel:
    """What a run has made."""

    #: The new checkpoint, or the base with the new adapter.
    folders: ModelFolders
    #: SHA-256 of the new weights: the version's identity.
    weights_sha256: str
    #: SHA-256 of the base's weights; an adapter runs with these alone.
    base_sha256: str
    licence: str
    #: Recipe, seed, base, fingerprint of the captions, precision, curve, best epoch.
    record: Mapping[str, Any]
    #: A sentence for each caption or photo that could not be used, and what is odd about the sets.
    remarks: Sequence[str]
    #: That shared the work.
    processes: int


def captions_train(
    request: TrainingRequest,
    *,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
    on_step: Callable[[StepReport], None] = lambda report: None,
    should_stop: Callable[[], bool] = lambda: False,
    processes: int = 1,
) -> TrainedModel:
    """Train as `request` says, or go on with the run that its output folder holds.

    A finished run is not done again: its result is returned.

    Args:
        on_epoch: called after each epoch, not again for epochs before a kill. The run waits until
            it returns.
        on_step: called after each optimiser step.
        should_stop: called after each step.
        processes: that share the work; 0 for one a GPU. How sums are rounded depends on it.

    Raises `TrainingRefused` for sets, a base or a folder that cannot be used and a loss that is no
    longer finite, `TrainingStopped` when asked to stop, `MemoryError` when memory runs out.
    """
    from moda_engine import exceptions
    from moda_engine.training.callbacks import Callbacks
    from moda_engine.training.distributed import process_count, train_launched
    from moda_engine.training.run import train_folders

    wanted = _run_request(request)
    remarks: list[str] = []

    def step_ended(figures: "StepFigures") -> None:
        on_step(StepReport(figures.step, figures.steps, figures.epoch, figures.loss))

    def epoch_ended(figures: "EpochFigures", examples: Sequence[str]) -> None:
        losses = (figures.training_loss, figures.validation_loss)
        on_epoch(EpochReport(figures.epoch, wanted.recipe.epochs, *losses, examples))

    callbacks = Callbacks(on_step=step_ended, on_epoch=epoch_ended, should_stop=should_stop)
    with engine_errors_as(TrainingRefused):
        count = process_count(processes)
        try:
            if count == 1:
                train_folders(wanted, say=remarks.append, callbacks=callbacks)
            else:
                train_launched(wanted, processes=count, say=remarks.append, callbacks=callbacks)
        except exceptions.TrainingStopped as stopped:
            raise TrainingStopped(str(stopped)) from stopped
        return _trained(request, remarks, count)


def _run_request(request: TrainingRequest) -> "RunRequest":
    """`request` as the engine takes it; options that are `None` keep the recipe's values."""
    from moda_engine.training.recipe import RETRAINING
    from moda_engine.training.run import RunRequest

    options = request.options
    chosen: dict[str, Any] = {
        name: value
        for name in ("epochs", "learning_rate", "rehearsal_share", "seed")
        if (value := getattr(options, name)) is not None
    }
    return RunRequest(
        data=[request.captions],
        output=request.output,
        validation=request.held_out,
        model=request.base.checkpoint,
        adapter=request.base.adapter,
        recipe=replace(RETRAINING[options.way], **chosen),
        rehearsal_set=request.rehearsal_set,
        samples=request.samples,
        resume=True,
        save_every=options.save_every,
        cache=request.cache,
    )


def _trained(request: TrainingRequest, remarks: Sequence[str], processes: int) -> TrainedModel:
    from moda_engine.checkpoint import training_record, weights_sha256

    is_adapter = request.options.way == "adapter"
    return TrainedModel(
        folders=(
            ModelFolders(request.base.checkpoint, request.output)
            if is_adapter
            else ModelFolders(request.output)
        ),
        weights_sha256=weights_sha256(request.output),
        base_sha256=weights_sha256(request.base.checkpoint),
        licence=card_licence(request.output),
        record=training_record(request.output),
        remarks=remarks,
        processes=processes,
    )
