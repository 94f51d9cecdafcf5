"""The files of an import: the staged rows, where they lie, and the refused rows for a person.

Whatever a source is (UTF-16, a workbook, a ZIP file), staging copies its rows into one file with
lines of `line TAB [cells, reason]`, the second part in JSON. All later steps read this file and
continue from a byte position after a crash. The source may change afterwards: the import applies
what the dry run showed.
"""

import csv
import json
import os
import secrets
import shutil
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from catalog.exceptions import ImportRefused
from catalog.models import ProductImport
from catalog.selectors.imports import faulty_rows, row_reason
from catalog.tables.delimited import formula_escape, formula_restore
from catalog.tables.formats import recognise
from catalog.tables.formats.columns import ColumnFormat, Layout
from catalog.tables.record import TableRow
from catalog.tables.source import Source

#: The first column of a file of refused rows: why each was refused. Reading it back ignores it.
REASON_COLUMN = "import_error"
_MOST_COLUMNS = 1_000
_ROWS_BETWEEN = 5_000
#: Rows of one product; Shopify allows 2,048 variants and 250 photos.
_MOST_ROWS_OF_A_PRODUCT = 3_000
_FAULTY_ROWS = 500  # read at a time


def upload_folder() -> Path:
    """The folder of uploads, each in a subfolder with a random name."""
    return Path(settings.IMPORT_DIRECTORY) / ".uploads"


def seen_file(product_import: ProductImport) -> Path:
    """Where the dry run notes the SKUs that the file has named."""
    return work_folder(product_import) / "seen.sqlite3"


def work_folder(product_import: ProductImport) -> Path:
    """The folder of an import's staged rows and of the dry run's notes; created if missing."""
    folder = Path(settings.IMPORT_DIRECTORY) / ".work" / str(product_import.pk)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def staged_rows(product_import: ProductImport) -> Path:
    """The path of the staged rows."""
    return work_folder(product_import) / "rows.jsonl"


def import_files_remove(product_import: ProductImport) -> None:
    """Delete the staged rows and an uploaded source; nothing needs them after the last step."""
    shutil.rmtree(work_folder(product_import), ignore_errors=True)
    upload = Path(product_import.path).parent
    if product_import.uploaded and upload.parent == upload_folder():
        shutil.rmtree(upload, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class StagedSource:
    """What staging learned about a source; `size` is in bytes of the staged rows."""

    kind: str
    header: list[str]
    size: int


@dataclass(frozen=True, slots=True)
class RowGroup:
    """All rows of one product, and the byte position behind them."""

    rows: Sequence[TableRow]
    end: int
    #: The staged bytes without line numbers: equal for equal cells.
    staged: bytes = b""

    @property
    def cells(self) -> list[Sequence[str]]:
        return [row.cells for row in self.rows]


def source_stage(
    path: Path,
    target: Path,
    *,
    encoding: str = "",
    told: Callable[[int], None] | None = None,
) -> StagedSource:
    """Write the rows of `path` to `target`, completely or not at all.

    Calls `told` with the number of rows after every few thousand; an exception of it stops the
    staging. Raises `ImportRefused` if the source cannot be read or has no row below its header.
    """
    # A unique name: a worker whose lease ran out may still be writing.
    draft = target.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        "".encode(encoding or "utf-8")
    except LookupError as error:  # a person chose the encoding
        raise ImportRefused(f"There is no encoding {encoding!r}.") from error
    with Source(path, encoding=encoding) as source, draft.open("wb") as file:
        rows = source.rows()
        header, corrected = _header(next(rows, None), path)
        count = 0
        for row in rows:
            cells = [
                formula_restore(cell) if cell[:1] == "'" else cell for cell in row.cells[corrected:]
            ]
            file.write(b"%d\t%b\n" % (row.line, _dumped([cells, row.reason])))
            count += 1
            if told is not None and count % _ROWS_BETWEEN == 0:
                told(count)
        if not count:
            raise ImportRefused(f"{path.name} holds a header and no rows.")
        file.flush()
        os.fsync(file.fileno())
        kind = source.kind
    _gather(draft, header)
    draft.replace(target)
    return StagedSource(kind=kind, header=header, size=target.stat().st_size)


def _gather(staged: Path, header: Sequence[str]) -> None:
    """Put the rows of each product behind its first one, where the file has them apart.

    Spreadsheets sort the rows of a product by any column. In memory are eight bytes a row and a
    number for each product.
    """
    format_ = recognise(header)
    if format_ is None or not format_.groups:
        return
    layout = format_.layout(header)
    firsts: dict[str, int] = {}
    order, offsets = array("q"), array("q")
    offset, former, apart = 0, 0, False
    with staged.open("rb") as file:
        for number, line in enumerate(file):
            cells, reason = _loaded(line.partition(b"\t")[2])
            key = "" if reason else format_.group_key(layout.cells(cells))
            # A row without a key of its own belongs to the row before it.
            known = firsts.setdefault(key, number) if key else former if number else 0
            apart = apart or known < former
            order.append(known)
            offsets.append(offset)
            former, offset = known, offset + len(line)
    if apart:
        _reorder(staged, sorted(range(len(order)), key=order.__getitem__), offsets)


def _reorder(staged: Path, order: Sequence[int], offsets: Sequence[int]) -> None:
    """Write the lines again, in this order."""
    ordered = staged.with_suffix(".ordered")
    with staged.open("rb") as source, ordered.open("wb") as target:
        for number in order:
            source.seek(offsets[number])
            target.write(source.readline())
        target.flush()
        os.fsync(target.fileno())
    ordered.replace(staged)


def _dumped(row: list[object]) -> bytes:
    try:
        return orjson.dumps(row)
    except TypeError:  # half a surrogate pair, for a byte outside the encoding: JSON can escape it
        return json.dumps(row).encode()


def _loaded(staged: bytes) -> list[Any]:
    try:
        row: list[Any] = orjson.loads(staged)
    except orjson.JSONDecodeError:  # (see above)
        row = json.loads(staged)
    return row


def _header(row: TableRow | None, path: Path) -> tuple[list[str], bool]:
    """The column names, and whether the file is a corrected one of refused rows."""
    if row is None:
        raise ImportRefused(f"{path.name} holds no rows.")
    if row.reason:
        raise ImportRefused(f"The header of {path.name} cannot be read: {row.reason}")
    header = [cell.strip().lstrip("\ufeff") for cell in row.cells]
    if len(header) > _MOST_COLUMNS:
        raise ImportRefused(f"{path.name} has more than {_MOST_COLUMNS:,} columns.")
    try:
        "".join(header).encode()
    except UnicodeEncodeError as error:
        raise ImportRefused(
            f"The header of {path.name} is not in the file's encoding: save it as UTF-8."
        ) from error
    if "\0" in "".join(header):
        raise ImportRefused(f"{path.name} is no table: its first row holds NUL characters.")
    corrected = bool(header) and header[0] == REASON_COLUMN
    return (header[1:] if corrected else header), corrected


def staged_preview(product_import: ProductImport, count: int) -> list[list[str]]:
    """The cells of the first rows, for a page; empty after the import's files are deleted."""
    try:
        with staged_rows(product_import).open("rb") as file:
            return [_loaded(line.partition(b"\t")[2])[0] for line in islice(file, count)]
    except FileNotFoundError:
        return []


def staged_groups(
    target: Path, format_: ColumnFormat, layout: Layout, *, start: int
) -> Iterator[RowGroup]:
    """The products of a staged file from byte `start`, which is 0 or the `end` of a group."""
    rows: list[TableRow] = []
    pieces: list[bytes] = []
    end = start
    with target.open("rb") as file:
        file.seek(start)
        for line in file:
            number, _, staged = line.partition(b"\t")
            row = TableRow(int(number), *_loaded(staged))
            if rows and not _continues(rows, row, format_, layout):
                yield RowGroup(rows, end, b"".join(pieces))
                rows, pieces = [], []
            rows.append(row)
            pieces.append(staged)
            end += len(line)
    if rows:
        yield RowGroup(rows, end, b"".join(pieces))


def _continues(rows: list[TableRow], row: TableRow, format_: ColumnFormat, layout: Layout) -> bool:
    if rows[0].reason or row.reason or len(rows) >= _MOST_ROWS_OF_A_PRODUCT:
        return False
    return format_.continues(layout, rows[0].cells, row.cells)


def faulty_rows_csv(product_import: ProductImport) -> Iterator[str]:
    """Lines of CSV for a person to correct and import: why each row was refused, and its cells."""
    writer = csv.writer(_Echo())
    yield writer.writerow([REASON_COLUMN, *map(formula_escape, product_import.header)])
    for row in faulty_rows(product_import).iterator(_FAULTY_ROWS):
        reason = f"Line {row.line}: {row_reason(row)}"
        for cells in row.cells or [[]]:
            yield writer.writerow(map(formula_escape, [reason, *cells]))


class _Echo:
    """A file for `csv` that returns each line it is given."""

    def write(self, line: str) -> str:
        return line
