"""Reads and writes CSV and its relatives in a stream, and continues after broken rows.

Python's `csv` parses, in strict mode. This module adds what real exports need: it finds the
delimiter, an open quote costs only its own row, and no line or cell can fill the memory.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.exceptions import ImportRefused
from catalog.tables.encoding import encoding_of
from catalog.tables.record import TableRow, WriteRow

DELIMITERS = (",", ";", "\t", "|")
#: Characters. A description has up to 5,000, with all its HTML rarely 100,000.
LONGEST_CELL = 200_000
LONGEST_LINE = 2_000_000
#: Lines that a quoted cell may span before its quote counts as not closed.
MOST_LINES_OF_A_ROW = 5_000
_SAMPLE = 65_536
_SAMPLE_ROWS = 20
#: A first line in which Excel names the delimiter.
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
#: Cells that a spreadsheet would run as formulas. They get an apostrophe in front, which
#: spreadsheets do not show, and the readers remove it. Plain numbers need none.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*\Z")
_ESCAPED = re.compile(r"'[=+\-@\t\r]")
#: In the message of `csv` where a closing quote is followed by another character.
_EXPECTED = "expected after"
_NOT_CLOSED = "A quote that opens in this row is never closed."


def delimited_rows(path: Path, *, encoding: str = "") -> Iterator[TableRow]:
    """All rows, the header first, without empty lines. A broken row says what is wrong.

    Raises `ImportRefused` for a file without a first row.
    """
    encoding = encoding or encoding_of(path)
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        try:
            delimiter = _delimiter(file)
            yield from _rows(_Lines(file), delimiter, encoding)
        except UnicodeError as error:  # UTF-16 and UTF-32 cannot resume after a broken character
            raise ImportRefused(
                f"{path.name} is damaged: its text ({encoding}) breaks off. Export it again, as "
                "UTF-8 if you can choose."
            ) from error


def _delimiter(file: io.TextIOBase) -> str:
    """Find the delimiter and leave the file at its header."""
    sample = file.read(_SAMPLE)
    file.seek(0)
    stated = _SEPARATOR_LINE.match(sample.lstrip("\ufeff"))
    if stated and stated.end() < len(sample):
        file.readline()
        return stated[1]
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits the first rows: the share of even rows, then the columns."""
    lengths = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if row:
                lengths.append(len(row))
            if len(lengths) > _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # the rows before it decide
    if not lengths or lengths[0] == 1:
        return (0.0, 0)
    # The last row of a sample may be cut off.
    judged = lengths[:-1] if len(lengths) > 2 else lengths
    return (sum(length == lengths[0] for length in judged) / len(judged), lengths[0])


class _Lines:
    """The lines of a file, which can be put back; `row` holds those of the current row."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.row: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.row) >= MOST_LINES_OF_A_ROW:
            raise csv.Error(_NOT_CLOSED)
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.row.append(line)
        self.number += 1
        return line

    def keep_first_line(self) -> None:
        """Put back all lines of the current row but the first."""
        self._again.extendleft(reversed(self.row[1:]))
        self.number -= len(self.row) - 1
        del self.row[1:]

    def unpad(self, delimiter: str) -> bool:
        """Put the current row back without blanks behind closing quotes; False if it has none.

        Editors that align columns write `"Cap"   ,Wren`.
        """
        text = "".join(self.row)
        mark = re.escape(delimiter)
        cell = rf'((?:^|{mark})"[^"]*(?:""[^"]*)*")[ \t]+(?={mark}|[\r\n]|\Z)'
        unpadded = re.sub(cell, r"\1", text)
        if unpadded == text:
            return False
        self.number -= len(self.row)
        self._again.extendleft(reversed(io.StringIO(unpadded, newline="").readlines()))
        return True

    def _read(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (rest := self._file.readline(LONGEST_LINE)) and rest[-1] not in "\r\n":
                pass
            # Longer than a cell may be, so the parser refuses it.
            return "x" * (LONGEST_CELL + 1) + "\n"
        return line


def _rows(lines: _Lines, delimiter: str, encoding: str) -> Iterator[TableRow]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    width: int | None = None
    while True:
        lines.row = []
        first = lines.number + 1
        try:
            cells, reason = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            if _EXPECTED in str(error) and lines.unpad(delimiter):
                continue
            reason = _what_is_wrong(str(error), lines)
            lines.keep_first_line()
            cells = _leniently(lines.row[0], delimiter)
            plain = lines.row[0].rstrip("\r\n").split(delimiter)
            if delimiter == "\t" and len(plain) == width and len(lines.row[0]) < LONGEST_CELL:
                # Tab-separated text often has no quoting: a quote is a character like others.
                cells, reason = plain, ""
        if not reason and not any(cells):
            continue
        if width is None:
            width = len(cells)
        elif not reason:
            reason = _fault(cells, width, encoding)
            if reason and len(lines.row) > 1 and len(cells) != width:
                reason = _NOT_CLOSED
                lines.keep_first_line()
        yield TableRow(first, cells if reason else cells[:width], reason)


def _leniently(line: str, delimiter: str) -> list[str]:
    """The cells of a broken line as far as they can be read, for the person who corrects it."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _what_is_wrong(error: str, lines: _Lines) -> str:
    if "field larger" in error and len(lines.row) == 1:
        return f"A cell is longer than {LONGEST_CELL:,} characters."
    if _EXPECTED in error and len(lines.row) == 1:
        return "A quote inside a cell is not doubled."
    return _NOT_CLOSED


def _fault(cells: list[str], width: int, encoding: str) -> str:
    """Why a parsed row cannot be used; empty for a usable row."""
    if len(cells) < width:
        return f"The row has {len(cells)} cells, but the header has {width}."
    if any(cells[width:]):
        return f"The row has {len(cells)} cells, but the header has only {width}."
    text = "".join(cells)
    if text.isascii() and "\0" not in text:
        return ""
    if "\0" in text:
        return "The row holds a NUL character."
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"The row holds characters that are not in the file's encoding ({encoding})."
    return ""


@contextmanager
def delimited_writer(
    path: Path, *, delimiter: str = ",", byte_order_mark: bool = False
) -> Iterator[WriteRow]:
    """Write UTF-8, quoted where needed, with formulas as text.

    Spreadsheets know UTF-8 by its byte order mark; some shops take it for a part of the header.
    """
    encoding = "utf-8-sig" if byte_order_mark else "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        yield lambda cells: writer.writerow([formula_escape(cell) for cell in cells])


def formula_escape(cell: str) -> str:
    """The cell in a form that is safe in a delimited file."""
    if _FORMULA.match(cell) and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell


def formula_restore(cell: str) -> str:
    """The cell without the apostrophe of `formula_escape`."""
    if _ESCAPED.match(cell) and not _NUMBER.match(cell[1:]):
        return cell[1:]
    return cell
