"""`loss_curve.png`: training and validation loss an epoch."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from moda_engine.training.progress import EpochFigures


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
