"""What a person sees of a run: a bar with loss and time left, a line an epoch, files to look at."""

from typing import TYPE_CHECKING

from accelerate import PartialState
from tqdm import tqdm

from moda_engine.adapter import LEARNED
from moda_engine.describing.describer import Describer
from moda_engine.training.curve import draw_curve
from moda_engine.training.example_log import ExampleLog
from moda_engine.training.metrics import MetricsLog
from moda_engine.training.progress import EpochFigures, StepFigures, best_epoch
from moda_engine.training.run_folder import RunFolder
from moda_engine.training.watch import Watch

if TYPE_CHECKING:
    from moda_engine.training.run import RunRequest


class Reporter:
    """Listens to a run over `count` captions; silent in all processes but the first."""

    def __init__(
        self,
        folder: RunFolder,
        request: "RunRequest",
        describer: Describer,
        count: int,
        watch: Watch,
    ) -> None:
        self.is_active = PartialState().is_main_process
        self.folder = folder
        self.recipe = recipe = request.recipe
        self.watch = watch
        self.examples = ExampleLog(
            folder.examples_file,
            describer,
            request.examples,
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
            self.watch.on_step(figures)

    def on_epoch(self, figures: EpochFigures) -> None:
        self.figures.append(figures)
        if not self.metrics:
            return
        self.metrics.on_epoch(figures)
        draw_curve(self.figures, self.folder.curve_file)
        self.bar.write(self._line(figures))
        self.watch.on_epoch(figures, self.examples.write(figures.epoch))

    def should_stop(self) -> bool:
        """Whether the first process is asked to stop; several are stopped by their launcher."""
        return self.watch.should_stop()

    def close(self) -> None:
        self.bar.close()

    def _line(self, figures: EpochFigures) -> str:
        line = f"epoch {figures.epoch}/{self.recipe.epochs}: training {figures.training_loss:.4f}"
        if figures.validation_loss is None:
            return line
        best = ", the best so far" if best_epoch(self.figures) is figures else ""
        return f"{line}, validation {figures.validation_loss:.4f}{best}"
