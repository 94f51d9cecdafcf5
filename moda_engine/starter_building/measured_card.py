"""The model card with what was measured, so that no figure in it is written by hand."""

from collections.abc import Mapping
from pathlib import Path

from moda_engine.checkpoint import MODEL_CARD_FILE
from moda_engine.describer import Describer
from moda_engine.evaluation.evaluate import evaluate
from moda_engine.evaluation.report import report_text


def measures_append(checkpoint: Path, sets: Mapping[str, Path]) -> None:
    """Measure the checkpoint on labelled sets, by their names, and add the tables to its card."""
    describer = Describer.from_pretrained(checkpoint)
    card = checkpoint / MODEL_CARD_FILE
    parts = [card.read_text(encoding="utf-8")]
    for name, folder in sets.items():
        parts += [f"## Measured on {name}\n", report_text(evaluate(describer, folder), level=3)]
    card.write_text("\n".join(parts), encoding="utf-8")
