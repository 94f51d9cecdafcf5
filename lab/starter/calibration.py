"""Fits what the confidence means on photos that nothing was trained on."""

from pathlib import Path
from typing import Any

from moda_engine.describing.confidence import fit_calibration
from moda_engine.describing.describer import Describer
from moda_engine.evaluation.evaluate import labelled_records
from moda_engine.evaluation.measures import judge
from moda_engine.language.labels import labels_from_record
from moda_engine.language.reading import read


def calibration_on(describer: Describer, folder: Path) -> dict[str, Any]:
    """The calibration of `describer`, by the labelled photos of an imagefolder.

    Truth is what evaluation calls true: all that a text states of the known labels.
    """
    records, _ = labelled_records(folder)
    descriptions = list(describer.describe_stream((record.path, None) for record in records))
    truths = [
        judge(read(description.text), labels_from_record(record.fields)).all_true
        for description, record in zip(descriptions, records, strict=True)
    ]
    return fit_calibration([description.evidence for description in descriptions], truths)
