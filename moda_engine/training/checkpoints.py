"""Where a run saves its states and its best weights: in memory, or in a run folder on disk.

```
DIR/run.json                      what the run is; a different run does not resume here
DIR/metrics.jsonl, loss_curve.png
DIR/checkpoints/step-00000120/    state to resume from; the last two are kept
DIR/checkpoints/best-epoch-003/   the best checkpoint so far
DIR/examples.jsonl                what the model wrote of the samples, a line an epoch
DIR/config.json, …                the result, a checkpoint folder, once the run has ended
DIR/adapter_config.json, …        or the result, an adapter
```
Each folder is written under another name and renamed, so a killed run leaves no half-written one.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from moda_engine.adapter import adapter_fill, adapter_write
from moda_engine.checkpoint import (
    ADAPTER_CONFIG_FILE,
    TRAINING_FILE,
    WEIGHTS_FILE,
    check_vacant,
    checkpoint_write,
    written_whole,
)
from moda_engine.exceptions import CheckpointError, TrainingError
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.callbacks import EpochFigures, Progress, best_epoch
from moda_engine.training.optimization import learned_parameters

RUN_FILE = "run.json"
METRICS_FILE = "metrics.jsonl"
CURVE_FILE = "loss_curve.png"
EXAMPLES_FILE = "examples.jsonl"
STATE_FILE = "state.json"
TENSORS_FILE = "state.safetensors"
STATES_KEPT = 2
#: Parts of `run.json` that may differ when another kind of machine resumes a run: the precision
#: stays what it was, and the number of processes only changes how sums are rounded.
ROUNDING = ("precision", "processes")
#: Fields of the recipe that `run.json` of earlier versions names otherwise.
FORMER_NAMES = {"base_share": "rehearsal_share", "belief_share": "soft_label_share"}

logger = logging.getLogger(__name__)

Kept = TypeVar("Kept")


class CheckpointStore(Protocol):
    """Where the trainer saves and loads."""

    def load(self) -> tuple[Progress, dict[str, Tensor]] | None:
        """The progress and tensors saved last; `None` for a new run."""

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        """Save all that is needed to resume from here."""

    def save_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        """Save the weights of the best epoch so far."""

    def load_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        """Load into `model` the weights of the best epoch, which has these `figures`."""

    def last_good(self) -> str:
        """A sentence that says where the last good weights are; empty if there are none."""


class MemoryCheckpoints:
    """Keeps the best weights in memory, and no state: such a run cannot be resumed."""

    def __init__(self) -> None:
        self._best: dict[str, Tensor] = {}

    def load(self) -> None:
        return None

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        return None

    def save_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        self._best = {
            name: value.detach().clone() for name, value in learned_parameters(model).items()
        }

    def load_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        model.load_state_dict(self._best, strict=False)

    def last_good(self) -> str:
        return ""


class RunFolder:
    """A run in `directory`; the `CheckpointStore` of its trainer."""

    def __init__(self, directory: Path, processor: ModaProcessor, run: dict[str, Any]) -> None:
        self.directory = directory
        self.processor = processor
        self.run = run
        self.checkpoints = directory / "checkpoints"
        self.metrics_file = directory / METRICS_FILE
        self.curve_file = directory / CURVE_FILE
        self.examples_file = directory / EXAMPLES_FILE

    @classmethod
    def open(
        cls, directory: Path, processor: ModaProcessor, run: dict[str, Any], *, resume: bool
    ) -> "RunFolder":
        """The folder of a new run or, with `resume`, of the run `run` that stopped.

        Args:
            run: all that decides the run's result, as JSON: recipe, base, captions, precision.

        Raises `TrainingError` when the folder holds another run, `CheckpointError` when it holds
        something else.
        """
        folder = cls(directory, processor, run)
        former = folder._read_run()
        if former is None:
            folder._begin()
            return folder
        if not resume:
            raise TrainingError(
                f"{directory} holds a run already: add --resume to go on with it, or name a new "
                "folder with --output."
            )
        differing = sorted(n for n in run if n not in ROUNDING and former.get(n) != run[n])
        if differing:
            raise TrainingError(
                f"The run in {directory} cannot go on: {', '.join(differing)} differ from when it "
                "began. Give what it was begun with, or name a new folder with --output."
            )
        folder.run = former
        return folder

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended and its result is written."""
        return (self.directory / self.last_file).is_file()

    @property
    def keeps_adapter(self) -> bool:
        """Whether the run teaches an adapter, and not a whole checkpoint."""
        return bool(self.run.get("way") == "adapter")

    @property
    def last_file(self) -> str:
        """The file of the result that makes it one."""
        return ADAPTER_CONFIG_FILE if self.keeps_adapter else "config.json"

    def past(self) -> tuple[int, list[EpochFigures]]:
        """Steps taken and figures of the epochs done so far, without the tensors of the state."""
        return self._last_readable(_read_past) or (0, [])

    def load(self) -> tuple[Progress, dict[str, Tensor]] | None:
        return self._last_readable(_load_state)

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        with self._said_when_full():
            _save_state(self.checkpoints / f"step-{progress.step:08d}", progress, tensors)
        for state in self._states()[:-STATES_KEPT]:
            shutil.rmtree(state)
        kept = self._best_folder(best_epoch(progress.figures)) if progress.figures else None
        # A killed run leaves hidden folders.
        for path in [*self.checkpoints.glob("best-epoch-*"), *self.checkpoints.glob(".*")]:
            if path != kept:
                shutil.rmtree(path)

    def save_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        record = {**self.run, "best": asdict(figures)}
        folder = self._best_folder(figures)
        with self._said_when_full():
            if self.keeps_adapter:
                adapter_write(folder, model, record)
            else:
                checkpoint_write(folder, model=model, processor=self.processor, record=record)

    def load_best(self, model: ModaForCaptioning, figures: EpochFigures) -> None:
        folder = self._best_folder(figures)
        if self.keeps_adapter:
            adapter_fill(model, folder)
        else:  # tied weights are stored once
            model.load_state_dict(load_file(folder / WEIGHTS_FILE), strict=False)

    def last_good(self) -> str:
        kept = sorted(self.checkpoints.glob("best-epoch-*"))
        return f"The last good checkpoint is kept in {kept[-1]}." if kept else ""

    def finish(self, curve: Sequence[EpochFigures]) -> EpochFigures:
        """Put the best checkpoint of the ended run into the folder itself; its figures."""
        best = best_epoch(curve)
        record = {**self.run, "best": asdict(best), "curve": [asdict(figures) for figures in curve]}
        result = self.checkpoints / "result"
        with self._said_when_full(), written_whole(result) as folder:
            shutil.copytree(self._best_folder(best), folder, dirs_exist_ok=True)
            text = json.dumps(record, indent=1)
            (folder / TRAINING_FILE).write_text(text, encoding="utf-8")
        # A folder without its configuration is no checkpoint, and no adapter: it comes last.
        for path in sorted(result.iterdir(), key=lambda path: path.name == self.last_file):
            target = self.directory / path.name
            if target.is_dir():  # left by a killed attempt
                shutil.rmtree(target)
            path.replace(target)
        result.rmdir()
        return best

    def _best_folder(self, figures: EpochFigures) -> Path:
        return self.checkpoints / f"best-epoch-{figures.epoch:03d}"

    def _last_readable(self, read: Callable[[Path], Kept]) -> Kept | None:
        """`read` of the last readable state; `None` if there is no state."""
        for state in reversed(self._states()):
            try:
                return read(state)
            except (OSError, ValueError, KeyError, SafetensorError) as error:
                logger.warning("%s cannot be read (%s); trying the one before.", state, error)
        if self._states():
            raise TrainingError(f"No state in {self.checkpoints} can be read: begin a new run.")
        return None

    def _states(self) -> list[Path]:
        """The saved states, oldest first."""
        return sorted(self.checkpoints.glob("step-*"))

    def _read_run(self) -> dict[str, Any] | None:
        try:
            value = json.loads((self.directory / RUN_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise TrainingError(f"{self.directory / RUN_FILE} cannot be read: {error}.") from error
        if isinstance(recipe := value.get("recipe"), dict):
            value["recipe"] = {FORMER_NAMES.get(name, name): one for name, one in recipe.items()}
        return dict(value)

    def _begin(self) -> None:
        """Write `run.json` into a new or empty folder."""
        check_vacant(self.directory)
        with written_whole(self.directory) as folder:
            (folder / "checkpoints").mkdir()
            (folder / RUN_FILE).write_text(json.dumps(self.run, indent=1), encoding="utf-8")

    @contextmanager
    def _said_when_full(self) -> Iterator[None]:
        try:
            yield
        except (OSError, CheckpointError) as error:
            raise TrainingError(
                f"The checkpoint cannot be written ({error}): make room in {self.directory} and go "
                f"on with --resume. {self.last_good()}".rstrip()
            ) from error


def _save_state(directory: Path, progress: Progress, tensors: dict[str, Tensor]) -> None:
    state = {"step": progress.step, "figures": [asdict(figures) for figures in progress.figures]}
    # safetensors refuses tensors that share memory; these do not.
    stored = {name: value.cpu().contiguous() for name, value in tensors.items()}
    with written_whole(directory) as folder:
        save_file({**stored, "row_losses": progress.row_losses}, folder / TENSORS_FILE)
        (folder / STATE_FILE).write_text(json.dumps(state), encoding="utf-8")


def _read_past(directory: Path) -> tuple[int, list[EpochFigures]]:
    """Steps and figures. Opening the tensors checks that their file is whole."""
    with safe_open(directory / TENSORS_FILE, framework="pt"):
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
    return int(state["step"]), [EpochFigures(**figures) for figures in state["figures"]]


def _load_state(directory: Path) -> tuple[Progress, dict[str, Tensor]]:
    step, figures = _read_past(directory)
    tensors = load_file(directory / TENSORS_FILE)
    return Progress(row_losses=tensors.pop("row_losses"), step=step, figures=figures), tensors
