"""The refused rows of an import as a table that can be mended and imported again."""

import csv
from collections.abc import Iterator

from catalog.importing.staging import REASON_COLUMN
from catalog.models import ProductImport
from catalog.selectors.imports import faulty_rows, row_reason
from catalog.tables.formulas import formula_escape

_ROWS = 500  # read at a time


class _Echo:
    """What `csv` writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def faulty_rows_csv(product_import: ProductImport) -> Iterator[str]:
    """Lines of CSV: the file's own columns, and in front of them why the row was refused."""
    writer = csv.writer(_Echo())
    yield writer.writerow([REASON_COLUMN, *map(formula_escape, product_import.header)])
    for row in faulty_rows(product_import).iterator(_ROWS):
        reason = f"Line {row.line}: {row_reason(row)}"
        for cells in row.cells or [[]]:
            yield writer.writerow(map(formula_escape, [reason, *cells]))
