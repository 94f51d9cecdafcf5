"""Captioned photos, as an imagefolder holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moda_engine.exceptions import DatasetError
from moda_engine.imagefolder import METADATA_NAME, ImagefolderRecord, read_imagefolder_records


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo file, what it should be described as, and what is known beforehand."""

    path: Path
    text: str
    facts: str | None = None
    #: File and line that it came from, for messages.
    source: str = ""
    #: Of its product, as the catalog names it; empty where it has none.
    category: str = ""


def read_imagefolder(folder: Path) -> tuple[list[CaptionedPhoto], list[str]]:
    """The examples of `folder/metadata.jsonl`, and a sentence for every line left out.

    Raises `DatasetError` when there is no such file.
    """
    records, refused_lines = read_imagefolder_records(folder)
    refused = [str(line) for line in refused_lines]
    examples: list[CaptionedPhoto] = []
    for record in records:
        source = f"{folder / METADATA_NAME}, line {record.line}"
        try:
            examples.append(_example(record, source))
        except DatasetError as error:
            refused.append(f"{source}: {error}")
    return examples, refused


def _example(record: ImagefolderRecord, source: str) -> CaptionedPhoto:
    if record.text is None:
        raise DatasetError("no text.")
    facts = record.fields.get("facts")
    if facts is not None and not isinstance(facts, str):
        raise DatasetError("facts is no text.")
    return CaptionedPhoto(record.path, record.text, facts, source, category_of(record.fields))


def category_of(fields: Mapping[str, Any]) -> str:
    """The whole path of the category that a record is of."""
    return "/".join(str(fields[name]) for name in ("category", "sub_category") if fields.get(name))
