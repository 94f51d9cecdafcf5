"""An imagefolder, by the conventions of Hugging Face's `datasets`: photos beside their metadata.

Knows nothing of what the metadata hold but `file_name` and `text`.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from moda_engine.exceptions import DatasetError

METADATA_NAME = "metadata.jsonl"
#: What holds the metadata of a folder, in order of preference.
METADATA_NAMES = (METADATA_NAME, "metadata.csv", "metadata.parquet")
#: How the names of photos end in a folder; what a file is, its content says.
PHOTO_SUFFIXES = (".avif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".webp")
#: The number of a line, and its fields, or what reads them.
_Line = tuple[int, Mapping[str, Any] | Callable[[], Mapping[str, Any]]]


@dataclass(frozen=True)
class ImagefolderRecord:
    """One line of the metadata, whose photo file exists; whether it opens is not known yet."""

    metadata: Path
    line: int
    path: Path
    #: The whole object of the line, or the cells of its row that are not empty.
    fields: Mapping[str, Any]

    @property
    def text(self) -> str | None:
        """The description, stripped; `None` where there is none, or only blanks, or no string."""
        text = self.fields.get("text")
        return text.strip() or None if isinstance(text, str) else None

    def refused(self, reason: object) -> "RefusedLine":
        """The line, if it cannot be used after all."""
        return RefusedLine(self.metadata, self.line, str(reason))


@dataclass(frozen=True)
class RefusedLine:
    """A line that cannot be used; as a string, a sentence that names file, line and reason."""

    metadata: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.metadata}, line {self.line}: {self.reason}"


def read_imagefolder_records(folder: Path) -> tuple[list[ImagefolderRecord], list[RefusedLine]]:
    """The records of an imagefolder in order, and the lines that are none.

    They come from the folder's `metadata.jsonl`, `.csv` or `.parquet`; or else from those of its
    sub-folders; or else each text is a file beside its photo, `photo.txt` beside `photo.jpg`.

    Blank lines are passed over, and count. Raises `DatasetError` when there is nothing of these, or
    a file cannot be read.
    """
    records: list[ImagefolderRecord] = []
    refused: list[RefusedLine] = []
    for metadata in _metadata_files(folder):
        for number, given in _READERS[metadata.suffix](metadata):
            try:
                fields = given() if callable(given) else given
                path = _photo_path(metadata.parent, _file_name(fields), within=folder)
                records.append(ImagefolderRecord(metadata, number, path, fields))
            except DatasetError as error:
                refused.append(RefusedLine(metadata, number, str(error)))
    return records, refused


def _metadata_files(folder: Path) -> list[Path]:
    """Files of metadata, the first kind that there is; texts beside photos are one each."""
    for files in (folder.glob, folder.rglob):
        for name in METADATA_NAMES:
            if found := sorted(path for path in files(name) if path.is_file() or path.is_symlink()):
                return found
    texts = [path for path in folder.rglob("*.txt") if _photo_beside(path) is not None]
    if not texts:
        raise DatasetError(
            f"{folder / METADATA_NAME} is missing: give a folder of photos beside metadata.jsonl, "
            "metadata.csv or metadata.parquet, or beside a .txt of each photo's name."
        )
    return sorted(texts)


def _photo_beside(text: Path) -> Path | None:
    """The photo that a text is of."""
    beside = (text.with_suffix(suffix) for suffix in PHOTO_SUFFIXES)
    return next((path for path in beside if path.is_file()), None)


def _json_lines(metadata: Path) -> Iterator[_Line]:
    content = _content(metadata)
    # Only "\n" ends a line: JSON text may hold the other breaks that str.splitlines knows.
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, partial(_object, line)


def _csv_rows(metadata: Path) -> Iterator[_Line]:
    """A header and a row a photo; an empty cell says nothing."""
    try:
        text = _content(metadata).decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        for row in rows:
            fields = {name: cell for name, cell in row.items() if name and isinstance(cell, str)}
            yield rows.line_num, {name: cell for name, cell in fields.items() if cell.strip()}
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{metadata} cannot be read: {error}. Save it as UTF-8.") from error


def _parquet_rows(metadata: Path) -> Iterator[_Line]:
    try:
        from pyarrow.parquet import read_table
    except ImportError as error:
        raise DatasetError(
            f"{metadata} needs pyarrow (`pip install pyarrow`), or save it as metadata.csv."
        ) from error
    try:
        rows: list[dict[str, Any]] = read_table(metadata).to_pylist()
    except (OSError, ValueError) as error:
        raise DatasetError(f"{metadata} cannot be read: {error}.") from error
    yield from enumerate(rows, start=1)


def _text_beside(text: Path) -> Iterator[_Line]:
    try:
        said = _content(text).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{text} cannot be read: {error}. Save it as UTF-8.") from error
    photo = _photo_beside(text)
    yield 1, {"file_name": photo.name if photo else "", "text": said}


_READERS: Mapping[str, Callable[[Path], Iterator[_Line]]] = {
    ".csv": _csv_rows,
    ".jsonl": _json_lines,
    ".parquet": _parquet_rows,
    ".txt": _text_beside,
}


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DatasetError(f"{file} cannot be read: {error.strerror}.") from error


def write_metadata(folder: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """Write `folder/metadata.jsonl`, an object a line, in one step: no reader sees it half done."""
    metadata = folder / METADATA_NAME
    temporary = folder / f".{METADATA_NAME}.{os.getpid()}"
    lines = (json.dumps(dict(record), ensure_ascii=False) for record in records)
    temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return temporary.replace(metadata)


def _object(line: bytes) -> Mapping[str, Any]:
    """The object of a line of JSON. Raises `DatasetError` where it is none."""
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DatasetError("not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"no JSON ({error}).") from error
    _file_name(fields)
    if b"\\ud" in line.lower() and not _encodes(fields):
        raise DatasetError("half a surrogate pair, which is no character.")
    return dict(fields)


def _file_name(fields: Any) -> str:
    name = fields.get("file_name") if isinstance(fields, dict) else None
    if not isinstance(name, str):
        raise DatasetError("no file_name.")
    return name


def _encodes(fields: Mapping[str, Any]) -> bool:
    """Whether its strings are Unicode text, which JSON does not promise."""
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _photo_path(folder: Path, name: str, *, within: Path) -> Path:
    """The path of an existing file, named from `folder`, inside `within`, links followed."""
    try:
        path = (folder / name).resolve()
        exists = path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null byte, links in a ring
        raise DatasetError(f"{name!r} is no file name ({error}).") from error
    if not path.is_relative_to(within.resolve()):
        raise DatasetError(f"{name} lies outside the folder.")
    if not exists:
        raise DatasetError(f"{name} does not exist.")
    return path
