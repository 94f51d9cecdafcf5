"""Reads a folder or ZIP file of photos as rows: by `metadata.jsonl`, or by the files' names."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.tables.record import TableRow, photo_name_parts

METADATA = "metadata.jsonl"
FILE_NAME = "file_name"
#: The header of a folder of photos: their names, and a text that changes with the file.
NAMES_HEADER = [FILE_NAME, "file_version"]
#: The column with a JSON object.
ATTRIBUTES = "attributes"
_NOT_STORABLE = "This line holds characters that cannot be stored."
_LONGEST_LINE = 2_000_000  # bytes


def name_rows(files: Iterable[tuple[str, str]]) -> Iterator[TableRow]:
    """A header, then a row for each photo of `(name, version)`, by product and number."""
    yield TableRow(0, NAMES_HEADER)
    ordered = sorted(files, key=lambda file: (*photo_name_parts(file[0]), file[0]))
    for number, (name, version) in enumerate(ordered, 1):
        yield TableRow(number, [name, version])


def metadata_rows(path: Path) -> Iterator[TableRow]:
    """A header of all keys, then a row for each line. Reads twice, so memory does not grow."""
    keys: dict[str, None] = {FILE_NAME: None}
    for _, row in _lines(path):
        if isinstance(row, Mapping):
            keys.update(dict.fromkeys(key for key in row if _storable(key)))
    header = list(keys)
    yield TableRow(0, header)
    for number, row in _lines(path):
        if isinstance(row, str):
            yield TableRow(number, [], row)
            continue
        cells = [_cell(row.get(key)) for key in header]
        storable = all(map(_storable, cells)) and all(map(_storable, row))
        storable = storable and _nested_storable(row)
        yield TableRow(number, cells if storable else [], "" if storable else _NOT_STORABLE)


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
            if line.strip():
                yield number, _object(line)


def _object(line: bytes) -> Mapping[str, Any] | str:
    """The object of a line, or a sentence that says what is wrong."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "This line is not JSON in UTF-8."
    return row if isinstance(row, dict) else "This line is not a JSON object."


def _cell(value: Any) -> str:
    """A scalar as text, an object as JSON; empty for an absent value."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _nested_storable(row: Mapping[str, Any]) -> bool:
    nested = row.get(ATTRIBUTES)
    if not isinstance(nested, dict):
        return True
    return all(_storable(str(key)) and _storable(_cell(value)) for key, value in nested.items())


def _storable(text: str) -> bool:
    """False for NUL and half a surrogate pair, which JSON can contain and a database cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
