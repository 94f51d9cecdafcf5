"""Writes tables in streams: delimited text, XLSX, and Google's XML feed."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import XMLGenerator

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from catalog.tables.formulas import formula_escape

#: Takes one row of cells.
WriteRow = Callable[[Sequence[str]], object]
_GOOGLE = "http://base.google.com/ns/1.0"
#: Elements of a feed that may stand several times; their cell holds them with commas.
_REPEATED = ("additional_image_link",)
#: Control characters that no XML can hold, so neither can a workbook.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_SHEET_CELL = 32_767  # characters, by Excel's own limit


@contextmanager
def delimited_writer(path: Path, *, delimiter: str = ",") -> Iterator[WriteRow]:
    """UTF-8 without a mark, quoted where needed. Formulas leave as text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        yield lambda cells: writer.writerow([formula_escape(cell) for cell in cells])


@contextmanager
def spreadsheet_writer(path: Path) -> Iterator[WriteRow]:
    """One sheet in which every cell is text, so that a SKU keeps its zeros and nothing is run."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")

    def write(cells: Sequence[str]) -> None:
        row = []
        for text in cells:
            cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", text)[:_LONGEST_SHEET_CELL])
            cell.data_type = "s"
            row.append(cell)
        sheet.append(row)

    yield write
    book.save(path)


@contextmanager
def feed_writer(path: Path) -> Iterator[WriteRow]:
    """An RSS 2.0 feed; the first row names the elements, every further one is an item."""
    with path.open("wb") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("rss", {"version": "2.0", "xmlns:g": _GOOGLE})
        xml.startElement("channel", {})
        names: list[str] = []

        def write(cells: Sequence[str]) -> None:
            if not names:
                names.extend(cell.removeprefix("g:").replace(" ", "_") for cell in cells)
                return
            xml.startElement("item", {})
            for name, cell in zip(names, cells, strict=True):
                for text in cell.split(",") if name in _REPEATED else [cell]:
                    _element(xml, name, text)
            xml.endElement("item")
            xml.characters("\n")

        yield write
        xml.endElement("channel")
        xml.endElement("rss")
        xml.endDocument()


def _element(xml: XMLGenerator, name: str, text: str) -> None:
    if text:
        tag = name if name in ("title", "link", "description") else f"g:{name}"
        xml.startElement(tag, {})
        xml.characters(_NOT_IN_XML.sub("", text))
        xml.endElement(tag)
