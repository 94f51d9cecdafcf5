"""Workbooks as people keep them."""

import io
from datetime import date

from openpyxl import Workbook


def workbook(*sheets):
    """An XLSX file: `(name, rows, change)` a sheet; `change` may alter it further."""
    book = Workbook()
    book.remove(book.active)
    for name, rows, change in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if change is not None:
            change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _formats(sheet):
    sheet["A2"].number_format = "00000"
    sheet.merge_cells("C2:C3")
    sheet.row_dimensions[3].hidden = True
    sheet.auto_filter.ref = "A1:E4"


#: Numbers as SKUs (one shown with zeros in front), merged cells, a hidden row, dates, a formula.
NUMBERS = workbook(
    ("Leer", [], None),
    (
        "Artikel",
        [
            ["sku", "title", "brand", "attribute:since", "attribute:weight"],
            [123, "Zeros by format", "Acme", date(2024, 3, 1), 0.1 + 0.2],
            ["00124", "Zeros as text", None, None, 1.0],
            [125.0, "A whole number", "Other", True, "=1+1"],
        ],
        _formats,
    ),
    ("Archiv", [["sku", "title"], ["OLD", "Of another sheet"]], None),
)

#: A title across the sheet, an empty line, then the header.
TITLE = workbook(
    (
        "Sheet1",
        [["Price list, spring"], [], ["sku", "title", "brand"], ["T-1", "Shirt", "Acme"]],
        lambda sheet: sheet.merge_cells("A1:C1"),
    )
)
