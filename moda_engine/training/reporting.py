"""What a person sees of a run: a progress bar, a line an epoch, and files to look at.

`metrics.jsonl` has a line a step and a line an epoch, `loss_curve.png` the losses, `examples.jsonl`
what the model writes of the same photos after each epoch.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from accelerate import PartialState
from tqdm import tqdm

from moda_engine.adapter import LEARNED
from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError
from moda_engine.training.callbacks import Callbacks, EpochFigures, StepFigures, best_epoch
from moda_engine.training.checkpoints import RunFolder
from moda_engine.training.recipe import Recipe


class Reporter:
    """Reports a run over `count` captions; silent in all processes but the first.

    Args:
        samples: photos that are described after each epoch.
    """

    def __init__(
        self,
        folder: RunFolder,
        recipe: Recipe,
        describer: Describer,
        samples: Sequence[Path],
        count: int,
        callbacks: Callbacks,
    ) -> None:
        self.is_active = PartialState().is_main_process
        self.folder = folder
        self.recipe = recipe
        self.callbacks = callbacks
        self.samples = SampleLog(
            folder.examples_file,
            describer,
            samples,
            LEARNED if folder.keeps_adapter else None,
        )
        done, self.figures = folder.past()
        self.metrics = MetricsLog(folder.metrics_file, done) if self.is_active else None
        self.bar = tqdm(
            total=recipe.epochs * recipe.steps_of_epoch(count),
            initial=done,
            desc="training",
            unit=" steps",
            disable=None if self.is_active else True,
        )

    def on_step(self, figures: StepFigures) -> None:
        self.bar.update()
        self.bar.set_postfix(epoch=figures.epoch, loss=f"{figures.loss:.3f}")
        if self.metrics:
            self.metrics.on_step(figures)
            self.callbacks.on_step(figures)

    def on_epoch(self, figures: EpochFigures) -> None:
        self.figures.append(figures)
        if not self.metrics:
            return
        self.metrics.on_epoch(figures)
        draw_curve(self.figures, self.folder.curve_file)
        self.bar.write(self._line(figures))
        self.callbacks.on_epoch(figures, self.samples.write(figures.epoch))

    def should_stop(self) -> bool:
        """Whether to stop; where several processes train, their launcher stops them instead."""
        return self.callbacks.should_stop()

    def close(self) -> None:
        self.bar.close()

    def _line(self, figures: EpochFigures) -> str:
        line = f"epoch {figures.epoch}/{self.recipe.epochs}: training {figures.training_loss:.4f}"
        if figures.validation_loss is None:
            return line
        best = ", the best so far" if best_epoch(self.figures) is figures else ""
        return f"{line}, validation {figures.validation_loss:.4f}{best}"


class MetricsLog:
    """Appends to the file `path`.

    Args:
        step: steps done. Lines of later steps, written before a kill, are dropped.
    """

    def __init__(self, path: Path, step: int = 0) -> None:
        self.path = path
        self._drop_after(step)
        self._step = step
        self._last = time.monotonic()

    def on_step(self, figures: StepFigures) -> None:
        now = time.monotonic()
        rate = figures.tokens / max(now - self._last, 1e-9)
        self._last, self._step = now, figures.step
        self._write({"kind": "step", **asdict(figures), "tokens_per_second": round(rate, 1)})

    def on_epoch(self, figures: EpochFigures) -> None:
        self._last = time.monotonic()  # validation does not count as training time
        self._write({"kind": "epoch", "step": self._step, **asdict(figures)})

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _drop_after(self, step: int) -> None:
        if not self.path.is_file():
            return
        kept = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except (ValueError, KeyError, TypeError):
                continue  # the kill cut this line
        self.path.write_text("".join(kept), encoding="utf-8")


class SampleLog:
    """Describes `photos`, and appends a line an epoch to the file `path`.

    Args:
        adapter: the name of the adapter that is trained, if any.
    """

    def __init__(
        self, path: Path, describer: Describer, photos: Sequence[Path], adapter: str | None
    ) -> None:
        self.path = path
        self.describer = describer
        self.photos = photos
        self.options = DescribeOptions(adapter=adapter)

    def write(self, epoch: int) -> list[str]:
        """What the model writes after `epoch`, photo for photo; "" for an unreadable photo."""
        if not self.photos:
            return []
        self.describer.model.eval()
        texts = [self._text(photo) for photo in self.photos]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"epoch": epoch, "texts": texts}, ensure_ascii=False) + "\n")
        return texts

    def _text(self, photo: Path) -> str:
        try:
            return self.describer.describe([photo], options=self.options)[0].text
        except PhotoError:
            return ""


def draw_curve(
    figures: Sequence[EpochFigures],
    path: Path,
    others: Mapping[str, Sequence[tuple[int, float]]] | None = None,
) -> None:
    """Draw the losses, nats a token on a logarithmic axis, into the PNG `path`.

    Args:
        others: further curves by name, (epoch, loss) points, dashed.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    epochs = [one.epoch for one in figures]
    axes.plot(epochs, [one.training_loss for one in figures], label="training", marker="o")
    judged = [(f.epoch, f.validation_loss) for f in figures if f.validation_loss is not None]
    if judged:
        axes.plot(*zip(*judged, strict=True), label="validation", marker="o")
    for name, points in (others or {}).items():
        axes.plot(*zip(*points, strict=True), label=name, linestyle="--", marker=".")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel="loss (nats a token)", yscale="log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    temporary = path.with_name(f".{path.name}")
    figure.savefig(temporary, format="png")
    temporary.replace(path)
