"""What a person sees of a run: a bar with loss and time left, a line an epoch, files to look at."""

from accelerate import PartialState
from tqdm import tqdm

from moda_engine.training.curve import draw_curve
from moda_engine.training.metrics import MetricsLog
from moda_engine.training.progress import EpochFigures, StepFigures, best_epoch
from moda_engine.training.recipe import Recipe
from moda_engine.training.run_folder import RunFolder


class Reporter:
    """Listens to a run of `recipe` over `count` captions; silent in all processes but the first."""

    def __init__(self, folder: RunFolder, recipe: Recipe, count: int) -> None:
        self.is_active = PartialState().is_main_process
        self.folder = folder
        self.recipe = recipe
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

    def on_epoch(self, figures: EpochFigures) -> None:
        self.figures.append(figures)
        if not self.metrics:
            return
        self.metrics.on_epoch(figures)
        draw_curve(self.figures, self.folder.curve_file)
        self.bar.write(self._line(figures))

    def close(self) -> None:
        self.bar.close()

    def _line(self, figures: EpochFigures) -> str:
        line = f"epoch {figures.epoch}/{self.recipe.epochs}: training {figures.training_loss:.4f}"
        if figures.validation_loss is None:
            return line
        best = ", the best so far" if best_epoch(self.figures) is figures else ""
        return f"{line}, validation {figures.validation_loss:.4f}{best}"
