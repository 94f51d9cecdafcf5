"""An imagefolder: photos beside a `metadata.jsonl`, one JSON object a line. Knows nothing of what
the objects hold but `file_name` and `text`."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moda_engine.exceptions import DatasetError

METADATA_NAME = "metadata.jsonl"


@dataclass(frozen=True)
class ImagefolderRecord:
    """One line of the metadata, whose photo file exists; whether it opens is not known yet."""

    line: int
    path: Path
    #: The whole object of the line.
    fields: Mapping[str, Any]

    @property
    def text(self) -> str | None:
        """The description, stripped; `None` where there is none, or only blanks, or no string."""
        text = self.fields.get("text")
        return text.strip() or None if isinstance(text, str) else None


@dataclass(frozen=True)
class RefusedLine:
    """A line that cannot be used; as a string, a sentence that names file, line and reason."""

    metadata: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.metadata}, line {self.line}: {self.reason}"


def read_imagefolder_records(folder: Path) -> tuple[list[ImagefolderRecord], list[RefusedLine]]:
    """The records of `folder/metadata.jsonl` in order, and the lines that are none.

    Blank lines are passed over, and count. Raises `DatasetError` when there is no such file, or it
    cannot be read.
    """
    metadata = folder / METADATA_NAME
    if not metadata.is_file():
        raise DatasetError(f"{metadata} is missing: give a folder of photos beside metadata.jsonl.")
    try:
        content = metadata.read_bytes()
    except OSError as error:
        raise DatasetError(f"{metadata} cannot be read: {error.strerror}.") from error
    records: list[ImagefolderRecord] = []
    refused: list[RefusedLine] = []
    # Only "\n" ends a line: JSON text may hold the other breaks that str.splitlines knows.
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            try:
                records.append(_record(folder, number, line))
            except DatasetError as error:
                refused.append(RefusedLine(metadata, number, str(error)))
    return records, refused


def write_metadata(folder: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """Write `folder/metadata.jsonl`, an object a line, in one step: no reader sees it half done."""
    metadata = folder / METADATA_NAME
    temporary = folder / f".{METADATA_NAME}.{os.getpid()}"
    lines = (json.dumps(dict(record), ensure_ascii=False) for record in records)
    temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return temporary.replace(metadata)


def _record(folder: Path, number: int, line: bytes) -> ImagefolderRecord:
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DatasetError("not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"no JSON ({error}).") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("file_name"), str):
        raise DatasetError("no file_name.")
    if b"\\ud" in line.lower() and not _encodes(fields):
        raise DatasetError("half a surrogate pair, which is no character.")
    return ImagefolderRecord(number, _photo_path(folder, fields["file_name"]), fields)


def _encodes(fields: Mapping[str, Any]) -> bool:
    """Whether its strings are Unicode text, which JSON does not promise."""
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _photo_path(folder: Path, name: str) -> Path:
    """The path of an existing file inside `folder`, links followed."""
    try:
        path = (folder / name).resolve()
        exists = path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null byte, links in a ring
        raise DatasetError(f"{name!r} is no file name ({error}).") from error
    if not path.is_relative_to(folder.resolve()):
        raise DatasetError(f"{name} lies outside the folder.")
    if not exists:
        raise DatasetError(f"{name} does not exist.")
    return path
