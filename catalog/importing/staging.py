"""Copies a source's rows into one file of ours, and reads them back from any byte.

However a source came (UTF-16, a workbook, a ZIP file), all later steps read lines of JSON,
`[line, cells, reason]`, and go on after a kill where they stopped. The source may change
afterwards: what the dry run showed is what is applied.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from catalog.exceptions import ImportRefused
from catalog.importing.folders import staged_rows
from catalog.models import ProductImport
from catalog.tables.formats.columns import ColumnFormat, Layout
from catalog.tables.formulas import formula_restore
from catalog.tables.rows import TableRow
from catalog.tables.source import Source

#: The first column of a file of faulty rows: why each was refused. Read as if it were not there.
REASON_COLUMN = "import_error"
_MOST_COLUMNS = 1_000
#: Rows of one product; Shopify allows 2,048 variants and 250 photos.
_MOST_ROWS_OF_A_PRODUCT = 3_000


@dataclass(frozen=True, slots=True)
class StagedSource:
    """A source as it was staged."""

    kind: str
    header: list[str]
    size: int


@dataclass(frozen=True, slots=True)
class RowGroup:
    """All rows of one product, and the byte behind them."""

    rows: Sequence[TableRow]
    end: int

    @property
    def cells(self) -> list[Sequence[str]]:
        return [row.cells for row in self.rows]


def source_stage(path: Path, target: Path, *, encoding: str = "") -> StagedSource:
    """Write the rows of `path` to `target`, whole or not at all.

    Raises `ImportRefused` when the source cannot be read or has no row under its header.
    """
    draft = target.with_suffix(".draft")
    try:
        with Source(path, encoding=encoding) as source, draft.open("w", encoding="utf-8") as file:
            rows = source.rows()
            header, mended = _header(next(rows, None), path)
            count = 0
            for row in rows:
                cells = [formula_restore(cell) for cell in row.cells[mended:]]
                file.write(json.dumps([row.line, cells, row.reason]) + "\n")
                count += 1
            if not count:
                raise ImportRefused(f"{path.name} holds a header and no rows.")
            file.flush()
            os.fsync(file.fileno())
            kind = source.kind
    except LookupError as error:  # an encoding that a person named
        raise ImportRefused(f"There is no encoding {encoding!r}.") from error
    draft.replace(target)
    return StagedSource(kind=kind, header=header, size=target.stat().st_size)


def _header(row: TableRow | None, path: Path) -> tuple[list[str], bool]:
    """The column names, and whether the file is one of faulty rows that come again."""
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
    mended = bool(header) and header[0] == REASON_COLUMN
    return (header[1:] if mended else header), mended


def staged_preview(product_import: ProductImport, count: int) -> list[list[str]]:
    """The cells of the first rows, for a page; none once the import's files are gone."""
    try:
        with staged_rows(product_import).open("rb") as file:
            return [json.loads(line)[1] for line in islice(file, count)]
    except FileNotFoundError:
        return []


def staged_groups(
    target: Path, format_: ColumnFormat, layout: Layout, *, start: int
) -> Iterator[RowGroup]:
    """The products of a staged file from byte `start`, which is the end of another group or 0."""
    rows: list[TableRow] = []
    end = start
    with target.open("rb") as file:
        file.seek(start)
        for line in file:
            row = TableRow(*json.loads(line))
            if rows and not _continues(rows, row, format_, layout):
                yield RowGroup(rows, end)
                rows = []
            rows.append(row)
            end += len(line)
    if rows:
        yield RowGroup(rows, end)


def _continues(rows: list[TableRow], row: TableRow, format_: ColumnFormat, layout: Layout) -> bool:
    if rows[0].reason or row.reason or len(rows) >= _MOST_ROWS_OF_A_PRODUCT:
        return False
    return format_.continues(layout, rows[0].cells, row.cells)
