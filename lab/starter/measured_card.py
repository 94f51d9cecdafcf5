"""The model card with what was measured, so that no figure in it is written by hand."""

from collections.abc import Mapping
from pathlib import Path

from moda_engine.checkpoint import MODEL_CARD_FILE
from moda_engine.describing.describer import Describer
from moda_engine.evaluation.evaluate import evaluate
from moda_engine.evaluation.report import CALIBRATION_PLOT, draw_calibration, report_text


def measures_append(checkpoint: Path, sets: Mapping[str, Path]) -> None:
    """Measure the checkpoint on labelled sets, by their names, and add that to its card.

    That is tables of each set, with the most frequent confusions, and one plot of the confidence's
    calibration, which is written beside the card.
    """
    describer = Describer.from_pretrained(checkpoint)
    found = {name: evaluate(describer, folder) for name, folder in sets.items()}
    draw_calibration(found, checkpoint / CALIBRATION_PLOT)
    card = checkpoint / MODEL_CARD_FILE
    parts = [card.read_text(encoding="utf-8"), _CALIBRATION]
    for name, evaluated in found.items():
        parts += [f"## Measured on {name}\n", report_text(evaluated, level=3)]
    card.write_text("\n".join(parts), encoding="utf-8")


_CALIBRATION = f"""## Calibration of the confidence

![Share of entirely true texts by confidence]({CALIBRATION_PLOT})

On the dashed line, confidence and accuracy are equal; above it, the confidence is too low. The
numbers count the texts of each point.
"""
