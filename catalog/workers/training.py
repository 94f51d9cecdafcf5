"""What a wake-up of the queue `training` does: take runs to their end, one after another.

The host has nothing of its own that matters: the frozen set, checkpoints and weights are in
storage, the run is a row. What lies in its folder of scratch is thrown away at each start.
"""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import Error

from catalog.choices import ExampleUse, TrainingRunState, TrainingWay
from catalog.engine.judging import JudgingRefused
from catalog.engine.training import (
    EpochReport,
    StepReport,
    TrainingOptions,
    TrainingRefused,
    TrainingRequest,
    TrainingStopped,
    captions_train,
)
from catalog.engine.weights import ModelUnavailable, model_folders
from catalog.exceptions import LeaseLost
from catalog.model_packages import PackageRefused, package_fetch, package_prune, package_store
from catalog.models import TrainingEpoch, TrainingHost, TrainingRun
from catalog.tables.imagefolder import METADATA
from catalog.transitions.training_run import (
    run_epoch,
    run_fail,
    run_interrupt,
    run_keep,
    run_lease,
    run_step,
)
from catalog.workers.patience import patiently
from catalog.workers.stopping import is_stopping
from catalog.workers.training_host import (
    Heartbeat,
    NoRoom,
    announce,
    host_alone,
    host_name,
    peak_bytes,
    room_check,
    scratch,
)
from catalog.workers.training_result import result_publish
from catalog.workers.training_set import BASE_SET, Examples, examples_choose, set_fetch, set_freeze

logger = logging.getLogger(__name__)

#: A run needs its base, its two last states with the optimiser's moments, its best weights and
#: the result: so many times the base's size.
ROOM_FACTOR = 10
#: Remarks of the trainer that are kept in the run's log.
REMARKS = 20
#: Runs for which this host had no room: it leaves them to others for as long as it lives.
_no_room: set[int] = set()


def training_wake_run() -> int:
    """Train what waits until nothing does; returns how many runs this host has had."""
    had = 0
    with host_alone() as alone:
        while alone and not is_stopping():
            seconds = settings.TRAINING_LEASE_SECONDS
            run = run_lease(host=host_name(), seconds=seconds, passed_over=_no_room)
            if run is None:
                break
            had += 1
            run_take(run)
    return had


def run_take(run: TrainingRun) -> None:
    """Take a leased run as far as it goes; however it ends, the row says how and why."""
    folder = scratch() / f"run-{run.pk}"
    with Heartbeat(run, seconds=settings.TRAINING_LEASE_SECONDS) as heartbeat:
        try:
            _to_the_end(run, folder, heartbeat)
        except LeaseLost as lost:
            logger.warning("Nothing more was written: %s", lost)
        except TrainingStopped:
            if not heartbeat.is_lost:
                run_interrupt(run=run, message=f"{host_name()} was told to stop.", counts=False)
        except (TrainingRefused, JudgingRefused, PackageRefused, ModelUnavailable) as error:
            _end(run, run_fail, str(error))
        except MemoryError:
            _end(run, run_interrupt, f"{host_name()} has too little memory for this run.")
        except (NoRoom, OSError) as error:
            _no_room.add(run.pk)
            _end(run, run_interrupt, _words(error))
        except Exception as error:
            logger.exception("%s was given up.", run)
            _end(run, run_interrupt, f"{type(error).__name__}: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _to_the_end(run: TrainingRun, folder: Path, heartbeat: Heartbeat) -> None:
    request, examples = _prepare(run, folder)
    done = run.epochs.count()
    said = f"Training goes on after epoch {done}." if done else "Training has begun."
    run_step(run=run, state=TrainingRunState.TRAINING, text=said)
    begun = time.monotonic()
    trained = captions_train(
        request,
        on_epoch=lambda report: _epoch_ended(run, request.output, report, examples),
        on_step=_Steps(heartbeat),
        should_stop=heartbeat.is_over,
        processes=settings.TRAINING_PROCESSES,
    )
    _learn_speed(run, time.monotonic() - begun, trained.processes)
    for remark in trained.remarks[:REMARKS]:
        run_keep(run=run, text=remark)
    run_step(run=run, state=TrainingRunState.EVALUATING, text="Judging what it writes.")
    result_publish(run, trained, folder=folder, should_stop=heartbeat.is_over)
    package_prune(place(run), keep={})  # a run that has ended needs no checkpoint


def _prepare(run: TrainingRun, folder: Path) -> tuple[TrainingRequest, Examples]:
    """Everything on this machine, checked by hash: set, base, and what was learned until now."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = model_folders(run.base)
    size = sum(path.stat().st_size for path in base.checkpoint.iterdir() if path.is_file())
    room_check(folder, needed=ROOM_FACTOR * size)
    set_freeze(run, folder)
    if run.caption_count < settings.RETRAIN_MINIMUM:
        raise TrainingRefused(
            f"Only {run.caption_count} captions are left that can be learned, and a run needs "
            f"{settings.RETRAIN_MINIMUM}: approve more descriptions and start another."
        )
    captions = set_fetch(run, folder)
    output = folder / "output"
    if run.checkpoint:
        package_fetch(place(run), run.checkpoint, output)
    examples = examples_choose(run, captions)
    held_out, base_set = captions / ExampleUse.HELD_OUT, captions / BASE_SET
    request = TrainingRequest(
        base=base,
        captions=captions / ExampleUse.TRAINING,
        held_out=_filled(held_out),
        rehearsal_set=_filled(base_set),
        output=output,
        samples=examples.photos,
        options=TrainingOptions(
            way="adapter" if run.way == TrainingWay.ADAPTER else "full", **run.options
        ),
        cache=scratch() / "features",
    )
    return request, examples


def _filled(folder: Path) -> Path | None:
    return folder if (folder / METADATA).stat().st_size else None


def place(run: TrainingRun) -> str:
    """Where the files of a run's checkpoint lie in storage, by their hashes."""
    return f"runs/{run.pk}/files"


def _epoch_ended(run: TrainingRun, output: Path, report: EpochReport, examples: Examples) -> None:
    """First the files, then the row that names them: what the row names is always whole."""
    files = package_store(output, place(run), known=run.checkpoint)
    validation = report.validation_loss
    judged = "" if validation is None else f", validation {validation:.4f}"
    patiently(
        lambda: run_epoch(
            run=run,
            epoch=TrainingEpoch(
                number=report.epoch,
                training_loss=report.training_loss,
                validation_loss=validation,
                examples=examples.with_texts(report.examples),
            ),
            checkpoint=files,
            text=f"Epoch {report.epoch} of {report.epochs}: "
            f"training {report.training_loss:.4f}{judged}.",
        )
    )
    package_prune(place(run), keep=files)


class _Steps:
    """Tells the heartbeat how far the run is, and how long a step takes."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._begun, self._first = time.monotonic(), 0

    def __call__(self, report: StepReport) -> None:
        if not self._first:  # the time until its end was mostly preparation
            self._begun, self._first = time.monotonic(), report.step
        done = report.step - self._first
        seconds = (time.monotonic() - self._begun) / done if done else None
        self._heartbeat.tell(step=report.step, steps=report.steps, step_seconds=seconds)


def _end(run: TrainingRun, transition: Callable[..., object], message: str) -> None:
    """End this host's turn; one that lost the run meanwhile writes nothing."""
    logger.error("%s: %s", run, message)
    try:
        patiently(lambda: transition(run=run, message=message.replace("\x00", "")))
    except LeaseLost as lost:
        logger.warning("Nothing more was written: %s", lost)
    except Error:
        logger.exception("%s could not be ended; the sweep will.", run)


def _words(error: Exception) -> str:
    if isinstance(error, NoRoom):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return f"{host_name()} cannot work on it: {reason}. Make room there, or start another host."


def _learn_speed(run: TrainingRun, seconds: float, processes: int) -> None:
    """What the next preview can tell of this host."""
    announce()
    run.refresh_from_db(fields=["step"])
    epochs = run.epochs.count()
    TrainingHost.objects.filter(name=host_name()).update(
        speed=run.caption_count * epochs / max(seconds, 0.001), peak_bytes=peak_bytes(processes)
    )
