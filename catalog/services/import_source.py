"""Reads a folder of photos as rows to import. Touches no database and opens no photo."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.choices import Gender
from catalog.exceptions import ImportRefused

METADATA = "metadata.jsonl"
#: `shirt_2.jpg` is another photo of `shirt`. Up to two digits: `IMG_2024` is a name of its own.
_PHOTO_NUMBER = re.compile(r"(?P<sku>.+)_(?P<number>\d{1,2})")
_NOT_IN_A_SKU = re.compile(r"[^A-Za-z0-9._-]+")
#: What a retailer writes where there is nothing to say.
_NOTHING = ("", "na", "n/a", "none", "-")
#: Facts that have no column and become attributes. `text` and `description` are no facts.
_ATTRIBUTES = ("product_type", "pattern", "usage", "material", "fabric")
_COLUMNS = ("title", "brand", "colour", "category", "sub_category")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One photo and what the source says of its product. Absent facts are empty.

    `fallback_title` is for a new product of which the source gives no title.
    """

    name: str
    path: Path
    sku: str
    fallback_title: str
    title: str = ""
    brand: str = ""
    colour: str = ""
    category: str = ""
    sub_category: str = ""
    gender: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, and why."""

    name: str
    reason: str


def source_rows(source: Path) -> list[SourceRow | RefusedRow]:
    """The rows of a folder with a `metadata.jsonl`, or else of the photos in it.

    Raises `ImportRefused` when there is no such folder, or nothing in it.
    """
    if not source.is_dir():
        raise ImportRefused(f"{source} is not a folder.")
    metadata = source / METADATA
    rows = list(_rows_of_metadata(metadata) if metadata.is_file() else _rows_of_names(source))
    if not rows:
        raise ImportRefused(f"{source} holds no photos.")
    return rows


def _rows_of_names(source: Path) -> Iterator[SourceRow]:
    """One row a file, by product and then by number: `shirt`, `shirt_1`, `shirt_2`, `shirt_10`."""
    found = []
    for path in source.iterdir():
        if path.is_file() and not path.name.startswith("."):
            # A name that is not UTF-8 on the disk can neither be stored nor shown as it is.
            name = path.name.encode(errors="replace").decode()
            match = _PHOTO_NUMBER.fullmatch(Path(name).stem)
            stem, number = (match["sku"], int(match["number"])) if match else (Path(name).stem, -1)
            found.append((stem, number, name, path))
    for stem, _, name, path in sorted(found):
        sku = _NOT_IN_A_SKU.sub("-", stem).strip("-._")
        yield SourceRow(name=name, path=path, sku=sku, fallback_title=_words(stem))


def _rows_of_metadata(metadata: Path) -> Iterator[SourceRow | RefusedRow]:
    with metadata.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _row_of_line(metadata.parent, line, f"{METADATA}, line {number}")


def _row_of_line(source: Path, line: bytes, name: str) -> SourceRow | RefusedRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return RefusedRow(name, "This line is not JSON in UTF-8.")
    if not isinstance(row, dict):
        return RefusedRow(name, "This line is not a JSON object.")
    try:
        file_name = _text(row, "file_name")
        path = source / file_name
        if not file_name or not path.resolve().is_relative_to(source.resolve()):
            return RefusedRow(file_name or name, "`file_name` does not name a file of this folder.")
        if not path.is_file():
            return RefusedRow(file_name, "There is no such file.")
        return _row(row, file_name, path)
    except ValueError:
        return RefusedRow(name, "This line holds characters that cannot be stored.")


def _row(row: Mapping[str, Any], file_name: str, path: Path) -> SourceRow:
    columns = {column: _text(row, column) for column in _COLUMNS}
    kind = " ".join(filter(None, (columns["colour"], _text(row, "product_type"))))
    given = row.get("attributes")
    attributes = {name: _text(row, name) for name in _ATTRIBUTES}
    if isinstance(given, dict):
        attributes |= {_storable(name): _text(given, name) for name in given}
    gender = _text(row, "gender")
    if gender.lower() not in Gender.values:
        attributes["gender"], gender = gender, ""
    return SourceRow(
        name=file_name,
        path=path,
        sku=_text(row, "sku") or _text(row, "id") or path.stem,
        fallback_title=kind or _words(path.stem),
        gender=gender.lower(),
        attributes={name: value for name, value in attributes.items() if value},
        **columns,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    """A scalar as text; empty for what is absent, nested or a way to say nothing."""
    value = row.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = _storable(str(value).strip())
    return "" if text.lower() in _NOTHING else text


def _storable(text: str) -> str:
    """The text; `ValueError` for NUL and half a surrogate pair, which JSON can hold."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
    return text


def _words(stem: str) -> str:
    return " ".join(re.split(r"[\s_-]+", stem)).strip() or stem
