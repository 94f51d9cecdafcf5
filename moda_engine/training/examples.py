"""Captioned photos, as an imagefolder holds them."""

import json
from dataclasses import dataclass
from pathlib import Path

from moda_engine.exceptions import DatasetError


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo file, what it should be described as, and what is known beforehand."""

    path: Path
    text: str
    facts: str | None = None
    #: File and line that it came from, for messages.
    source: str = ""


def metadata_lines(folder: Path) -> list[tuple[int, str]]:
    """The lines of `folder/metadata.jsonl` that hold anything, with their numbers from 1.

    Raises `DatasetError` when there is no such file.
    """
    metadata = folder / "metadata.jsonl"
    if not metadata.is_file():
        raise DatasetError(f"{metadata} is missing: give a folder of photos beside metadata.jsonl.")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def read_imagefolder(folder: Path) -> tuple[list[CaptionedPhoto], list[str]]:
    """The examples of `folder/metadata.jsonl`, and a sentence for every line left out.

    Raises `DatasetError` when there is no such file.
    """
    examples: list[CaptionedPhoto] = []
    refused: list[str] = []
    for number, line in metadata_lines(folder):
        source = f"{folder / 'metadata.jsonl'}, line {number}"
        try:
            examples.append(_example(folder, line, source))
        except DatasetError as error:
            refused.append(f"{source}: {error}")
    return examples, refused


def _example(folder: Path, line: str, source: str) -> CaptionedPhoto:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"no JSON ({error}).") from error
    if not isinstance(record, dict) or not isinstance(record.get("file_name"), str):
        raise DatasetError("no file_name.")
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise DatasetError("no text.")
    path = (folder / record["file_name"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DatasetError(f"{record['file_name']} lies outside the folder.")
    if not path.is_file():
        raise DatasetError(f"{record['file_name']} does not exist.")
    facts = record.get("facts")
    if facts is not None and not isinstance(facts, str):
        raise DatasetError("facts is no text.")
    return CaptionedPhoto(path, text.strip(), facts, source)
