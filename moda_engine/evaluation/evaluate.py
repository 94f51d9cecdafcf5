"""Run a describer over a labelled imagefolder and measure what it writes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moda_engine.describer import DescribeOptions, Describer
from moda_engine.evaluation.measures import (
    area_under_curve,
    calibration_error,
    five_measures,
    judge,
)
from moda_engine.exceptions import DatasetError
from moda_engine.language.labels import labels_from_record
from moda_engine.language.reading import read
from moda_engine.training.dataset import encode_examples
from moda_engine.training.examples import CaptionedPhoto, metadata_lines
from moda_engine.training.trainer import mean_loss

BATCH_SIZE = 32


def evaluate(describer: Describer, folder: Path) -> dict[str, float | int | None]:
    """The measures of `describer` on the photos of `folder`.

    Raises `DatasetError` when the folder has no `metadata.jsonl` or no record, `PhotoError` for a
    photo that cannot be read.
    """
    records = labelled_records(folder)
    descriptions = describer.describe(
        [folder / record["file_name"] for record in records],
        options=DescribeOptions(batch_size=BATCH_SIZE),
    )
    verdicts = [
        judge(read(description.text), labels_from_record(record))
        for description, record in zip(descriptions, records, strict=True)
    ]
    confidences = [description.confidence for description in descriptions]
    truths = [verdict.all_true for verdict in verdicts]
    return {
        "loss": _loss(describer, folder, records),
        **five_measures(verdicts),
        "confidence_auroc": area_under_curve(confidences, truths),
        "calibration_error": calibration_error(confidences, truths),
        "n": len(records),
    }


def labelled_records(folder: Path) -> list[dict[str, Any]]:
    """The records of `folder/metadata.jsonl`."""
    records = [json.loads(line) for _, line in metadata_lines(folder)]
    if not records:
        raise DatasetError(f"{folder / 'metadata.jsonl'} is empty: there is nothing to measure.")
    return records


def _loss(describer: Describer, folder: Path, records: list[dict[str, Any]]) -> float | None:
    """Mean of batch means on the records' own `text`; `None` where none has one."""
    examples = [
        CaptionedPhoto(folder / record["file_name"], record["text"])
        for record in records
        if _has_text(record)
    ]
    if not examples:
        return None
    encoded = encode_examples(describer.model, describer.processor, examples).captions
    return mean_loss(describer.model, describer.processor, encoded, BATCH_SIZE)


def _has_text(record: Mapping[str, Any]) -> bool:
    return bool(str(record.get("text") or "").strip())
