"""Reads the first sheet of an XLSX file in a stream, as text cells."""

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from catalog.exceptions import ImportRefused
from catalog.tables.delimited import LONGEST_CELL
from catalog.tables.rows import TableRow

#: Bytes of the unpacked workbook; a million rows of twenty columns have less.
LARGEST_WORKBOOK = 2_000_000_000
#: Bytes of the table of texts, the one part that openpyxl holds in memory.
LARGEST_TEXTS = 150_000_000
_RATIO = 300  # XML of a sheet packs twenty to a hundred times
_MOST_COLUMNS = 1_000
_DAMAGED = (
    *(InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError),
    *(TypeError, AttributeError, IndexError),
)


def spreadsheet_rows(path: Path) -> Iterator[TableRow]:
    """All rows of the first sheet that shows, the header first.

    A formula gives the value that was saved with it. Raises `ImportRefused` for what is no
    workbook, or one too large to be read safely.
    """
    _check_size(path)
    # Opened here: by a path, openpyxl would judge the file by the ending of its name.
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if sheets:
                sheets[
                    0
                ].reset_dimensions()  # some writers state a wrong one, and rows would be cut
                yield from _rows(sheets[0])
        # openpyxl answers a damaged file with anything from KeyError to an XML error.
        except _DAMAGED as error:
            raise _damaged(path) from error
        if not sheets:
            raise ImportRefused(f"{path.name} holds no sheet that shows.")


def _rows(sheet: Any) -> Iterator[TableRow]:
    width = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), 1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        width = width or len(cells)
        reason = ""
        if len(cells) > width:
            reason = f"The row has {len(cells)} cells, but the header has only {width}."
        elif any(len(cell) > LONGEST_CELL for cell in cells):
            reason = f"A cell is longer than {LONGEST_CELL:,} characters."
        elif "\0" in "".join(cells):
            reason = "The row holds a NUL character."
        # A sheet stores no empty cells at the end of a row, so a short row is whole.
        cells += [""] * (width - len(cells))
        yield TableRow(line, cells[:width], reason)


def _text(value: Any) -> str:
    """A cell as a person sees it, without the sheet's number format: 12.0 is `12`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as file:
            members = file.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise _damaged(path) from error
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    texts = sum(m.file_size for m in members if m.filename.endswith("sharedStrings.xml"))
    too_large = total > LARGEST_WORKBOOK or texts > LARGEST_TEXTS
    if too_large or total > max(packed, 1) * _RATIO + 10_000_000:
        raise ImportRefused(f"{path.name} is too large to be read as a workbook: save it as CSV.")


def _damaged(path: Path) -> ImportRefused:
    return ImportRefused(
        f"{path.name} is no workbook that can be read: save it anew as .xlsx, or as CSV."
    )
