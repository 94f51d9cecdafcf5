"""The model card with what was measured, so that no figure in it is written by hand."""

from collections.abc import Mapping
from pathlib import Path

from moda_engine.checkpoint import MODEL_CARD_FILE
from moda_engine.describing.describer import Describer
from moda_engine.evaluation.evaluate import evaluate
from moda_engine.evaluation.report import CALIBRATION_PLOT, draw_calibration, report_text


def measures_append(checkpoint: Path, sets: Mapping[str, Path]) -> None:
    """Measure the checkpoint on labelled sets, by their names, and add that to its card.

    Tables of each set, among them what is called what, and one plot of how far the confidence is
    to be trusted, which is written beside the card.
    """
    describer = Describer.from_pretrained(checkpoint)
    found = {name: evaluate(describer, folder) for name, folder in sets.items()}
    draw_calibration(found, checkpoint / CALIBRATION_PLOT)
    card = checkpoint / MODEL_CARD_FILE
    parts = [card.read_text(encoding="utf-8"), _CALIBRATION]
    for name, evaluated in found.items():
        parts += [f"## Measured on {name}\n", report_text(evaluated, level=3)]
    card.write_text("\n".join(parts), encoding="utf-8")


_CALIBRATION = f"""## How far the confidence can be trusted

![Share of texts that are all true against their confidence]({CALIBRATION_PLOT})

On the dashed line the confidence is honest; above it the model is better than it says. Numbers
count the texts of each point.
"""
