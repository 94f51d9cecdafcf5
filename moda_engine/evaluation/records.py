"""The records of an imagefolder that have labels to measure by."""

from pathlib import Path

from moda_engine.exceptions import DatasetError
from moda_engine.imagefolder import (
    METADATA_NAME,
    ImagefolderRecord,
    RefusedLine,
    read_imagefolder_records,
)
from moda_engine.language.labels import labels_from_record

LABELS = ("colour", "usage", "product_type", "gender")


def labelled_records(folder: Path) -> tuple[list[ImagefolderRecord], list[RefusedLine]]:
    """The records whose labels are strings, one label at least, and the lines that are none.

    Raises `DatasetError` when there is no `metadata.jsonl`, or nothing in it.
    """
    records, refused = read_imagefolder_records(folder)
    metadata = folder / METADATA_NAME
    if not records and not refused:
        raise DatasetError(f"{metadata} is empty: there is nothing to measure.")
    labelled: list[ImagefolderRecord] = []
    for record in records:
        reason = _reason_against(record)
        if reason is None:
            labelled.append(record)
        else:
            refused.append(RefusedLine(metadata, record.line, reason))
    return labelled, sorted(refused, key=lambda refusal: refusal.line)


def _reason_against(record: ImagefolderRecord) -> str | None:
    for name in (*LABELS, "pattern"):
        value = record.fields.get(name)
        if value is not None and not isinstance(value, str):
            return f"{name} is {type(value).__name__}, not a string."
    if not isinstance(record.fields.get("attributes") or {}, dict):
        return "attributes is no object."
    labels = labels_from_record(record.fields)
    if not any(getattr(labels, name) for name in LABELS):
        return f"no label: give one of {', '.join(LABELS)}."
    return None
