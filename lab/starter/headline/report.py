"""What was reached, as figures and as a plot."""

import math
from dataclasses import asdict
from pathlib import Path

from moda_engine.training.callbacks import EpochFigures

#: The authors', with pretrained FashionCLIP and OPT-125M.
PUBLISHED_LOSS = 0.2034


def summary(curves: dict[str, list[EpochFigures]], parameters: int) -> dict[str, object]:
    """The best epoch's loss: its mean over random splits, and that of the split without twins."""
    best = {
        name: min(figures.validation_loss or math.inf for figures in curve)
        for name, curve in curves.items()
    }
    random = [loss for name, loss in best.items() if name.startswith("random")]
    return {
        "loss": sum(random) / len(random),
        "leak_free_loss": best["leak-free"],
        "published_loss": PUBLISHED_LOSS,
        "parameters": parameters,
        "best": best,
        "curves": {name: [asdict(one) for one in curve] for name, curve in curves.items()},
    }


def draw_curves(curves: dict[str, list[EpochFigures]], path: Path) -> None:
    """Validation loss by epoch, a line a split, beside the published one."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 3.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        losses = [one.validation_loss or math.inf for one in curve]
        axes.plot([one.epoch for one in curve], losses, "o-", label=name)
    axes.axhline(PUBLISHED_LOSS, color="grey", linestyle="--", label="published")
    axes.set(xlabel="epoch", ylabel="validation loss a token")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="center right")
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, format="png")
