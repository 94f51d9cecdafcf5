"""Reads the first sheet of an XLSX file as text cells, and writes one, both in a stream."""

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from catalog.exceptions import ImportRefused
from catalog.tables.delimited import LONGEST_CELL
from catalog.tables.record import NOT_IN_XML, TableRow, WriteRow

#: Bytes of the unpacked workbook; a million rows of twenty columns have less.
LARGEST_WORKBOOK = 2_000_000_000
#: Bytes of the shared strings, the only part that openpyxl holds in memory.
LARGEST_TEXTS = 150_000_000
_RATIO = 300  # the XML of a sheet packs twenty to a hundred times
_MOST_COLUMNS = 1_000
_MOST_TITLES = 10
_LONGEST_SHEET_CELL = 32_767  # characters, by Excel's own limit
_DAMAGED = (
    *(InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError),
    *(TypeError, AttributeError, IndexError),
)


def spreadsheet_rows(path: Path) -> Iterator[TableRow]:
    """All rows of the first visible sheet that is not empty, the header first.

    Filtered rows are included, titles above the header are not. A formula gives its saved value.
    Raises `ImportRefused` for a file that is no workbook, or too large to read safely.
    """
    _check_size(path)
    # Opened here, because openpyxl judges a path by its suffix.
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in sheets:
                sheet.reset_dimensions()  # some writers store wrong ones, which would cut off rows
                rows = _rows(sheet)
                if (first := next(rows, None)) is not None:
                    yield first
                    yield from rows
                    return
        # openpyxl raises anything from KeyError to an XML error for a damaged file.
        except _DAMAGED as error:
            raise _damaged(path) from error
        if not sheets:
            raise ImportRefused(f"{path.name} has no visible sheet.")


def _rows(sheet: Any) -> Iterator[TableRow]:
    width = 0
    for line, cells in _below_titles(_filled_rows(sheet)):
        width = width or len(cells)
        reason = ""
        if len(cells) > width:
            reason = f"The row has {len(cells)} cells, but the header has only {width}."
        elif any(len(cell) > LONGEST_CELL for cell in cells):
            reason = f"A cell is longer than {LONGEST_CELL:,} characters."
        elif "\0" in "".join(cells):
            reason = "The row holds a NUL character."
        # A sheet stores no empty cells at the end of a row, so a short row is whole.
        yield TableRow(line, (cells + [""] * (width - len(cells)))[:width], reason)


def _filled_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The non-empty rows with their lines, without empty cells at their ends."""
    for line, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield line, cells


def _below_titles(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows from the header on; rows of one cell above a row of several are a title."""
    first = list(islice(rows, _MOST_TITLES))
    filled = [sum(map(bool, cells)) for _, cells in first]
    titles = next((number for number, count in enumerate(filled) if count > 1), 0)
    yield from first[titles:]
    yield from rows


def _text(cell: Any) -> str:
    """A cell as Excel shows it: 12.0 is `12`, and 12 in the format `00000` is `00012`."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # As many digits as Excel keeps: 0.1 + 0.2 is 0.3 there.
        value = int(value) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, int) and len(zeros := cell.number_format) > 1 and not zeros.strip("0"):
        return str(value).zfill(len(zeros))
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
        f"{path.name} is not a readable workbook: save it again as .xlsx, or as CSV."
    )


@contextmanager
def spreadsheet_writer(path: Path) -> Iterator[WriteRow]:
    """Write one sheet of text cells, so that SKUs keep their zeros and no formula runs."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")

    def write(cells: Sequence[str]) -> None:
        row = []
        for text in cells:
            cell = WriteOnlyCell(sheet, NOT_IN_XML.sub("", text)[:_LONGEST_SHEET_CELL])
            cell.data_type = "s"
            row.append(cell)
        sheet.append(row)

    yield write
    book.save(path)
