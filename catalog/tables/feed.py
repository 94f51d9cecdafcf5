"""Google Merchant feeds in XML: RSS 2.0 and Atom read as rows of a table, RSS written."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from catalog.exceptions import ImportRefused
from catalog.tables.formats.values import split_addresses
from catalog.tables.record import NOT_IN_XML, TableRow, WriteRow

_ITEMS = ("item", "entry")
_GOOGLE = "{http://base.google.com/ns/"
_DECLARATION = b' xmlns:g="http://base.google.com/ns/1.0"'
_HEAD = 65_536  # bytes in which the root element begins
_ROOT = re.compile(rb"<[A-Za-z_][\w.:-]*(?=[\s/>])")
_DECLARED = re.compile(rb"[^>]*\sxmlns:g\s*=")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Elements of one item; a product has some forty.
_MOST_ELEMENTS = 2_000
_NO_ATTRIBUTES: "AttributesImpl[str]" = AttributesImpl({})
_NAMESPACE = "http://base.google.com/ns/1.0"
_ADDRESSES = ("additional_image_link", "lifestyle_image_link")
#: Elements that an item may hold several times; their cell holds them with commas.
_REPEATED = (
    *_ADDRESSES,
    *("product_type", "product_highlight", "product_detail", "shipping", "tax", "promotion_id"),
    *("included_destination", "excluded_destination", "shopping_ads_excluded_country"),
    *("free_shipping_threshold", "loyalty_program", "certification"),
)
#: The parts of nested elements, in the order in which Google's text format has their values.
_PARTS = {
    "shipping": (
        *("country", "region", "service", "price", "min_handling_time", "max_handling_time"),
        *("min_transit_time", "max_transit_time", "postal_code", "location_id"),
        *("location_group_name", "handling_cutoff_time"),
    ),
    "tax": ("country", "region", "rate", "tax_ship", "postal_code", "location_id"),
    "product_detail": ("section_name", "attribute_name", "attribute_value"),
    "installment": ("months", "amount", "downpayment", "credit_type"),
    "subscription_cost": ("period", "period_length", "amount"),
    "free_shipping_threshold": ("country", "price_threshold"),
    "loyalty_points": ("name", "points_value", "ratio"),
    "loyalty_program": ("program_label", "tier_label", "price", "cashback_for_future_use"),
    "certification": ("certification_authority", "certification_name", "certification_code"),
}
#: Colons that part values: one behind a backslash belongs to its value.
_COLON = re.compile(r"(?<!\\):")


def feed_rows(path: Path) -> Iterator[TableRow]:
    """A header of all element names that occur, then one row for each item, counted from 1.

    The file is read twice, for the names and for the rows, so memory does not grow with it. A cell
    joins repeated elements by commas and nested ones by colons, as Google's text format does.
    Raises `ImportRefused` for a file that is no feed, and for one that defines entities.
    """
    names: dict[str, None] = {}
    count = 0
    for cells in _items(path):
        names.update(dict.fromkeys(cells))
        count += 1
    if not count:
        raise ImportRefused(f"{path.name} holds no <item> and no <entry>.")
    header = list(names)
    yield TableRow(0, header)
    for number, cells in enumerate(_items(path), 1):
        yield TableRow(number, [cells.get(name, "") for name in header])


def _items(path: Path) -> Iterator[dict[str, str]]:
    open_elements: list[Element] = []
    inside = elements = 0
    try:
        for event, element in _events(path):
            if event == "start":
                open_elements.append(element)
                inside += bool(inside) or _name(element) in _ITEMS
                elements += bool(inside)
                if elements > _MOST_ELEMENTS:
                    raise _broken(path, f"one item has more than {_MOST_ELEMENTS:,} elements.")
                continue
            open_elements.pop()
            inside -= bool(inside)
            if not inside:
                elements = 0
                if _name(element) in _ITEMS:
                    yield _cells(element)
                if open_elements:  # freed, or a long feed would fill the memory
                    open_elements[-1].remove(element)
    except ParseError as error:
        raise _broken(path, f"it is broken at line {error.position[0]}.") from error
    except DefusedXmlException as error:
        why = "it defines entities or a document type, which a feed has no use for."
        raise _broken(path, why) from error


def _events(path: Path) -> Iterator[tuple[str, Element]]:
    with path.open("rb") as file:
        yield from iterparse(_Mended(file), events=("start", "end"), forbid_dtd=True)


class _Mended:
    """A feed file with the prefix `g` declared, and without blanks before the root element.

    Programs that print feeds by hand often forget the declaration or begin with an empty line.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        beginning = file.read(_HEAD)
        if not beginning.startswith(_WIDE_MARKS):
            beginning = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
            root = _ROOT.search(beginning)
            if root and not _DECLARED.match(beginning, root.end()):
                at = root.end()
                beginning = beginning[:at] + _DECLARATION + beginning[at:]
        self._beginning = io.BytesIO(beginning)

    def read(self, size: int) -> bytes:
        """The next bytes."""
        return self._beginning.read(size) or self._file.read(size)


def _broken(path: Path, why: str) -> ImportRefused:
    return ImportRefused(f"{path.name} is not a readable XML feed: {why}")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _cells(item: Element) -> dict[str, str]:
    """The cells of an item. Google's element wins over the feed's own of the same name."""
    cells: dict[str, list[str]] = {}
    own: dict[str, list[str]] = {}
    for child in item:
        text = _nested(child) if len(child) else child.text
        if not text and child.get("href"):  # Atom's <link href="…"/>
            text = child.get("href")
        among = cells if child.tag.startswith(_GOOGLE) else own
        among.setdefault(_name(child), []).append((text or "").strip())
    return {name: _joined(name, values) for name, values in (own | cells).items()}


def _nested(element: Element) -> str:
    """The values of a nested element with colons, each in its place in Google's text format."""
    said = {_name(part): (part.text or "").strip() for part in element}
    names = _PARTS.get(_name(element), ())
    if not said.keys() <= set(names):
        return ":".join(said.values())
    return ":".join(said.get(name, "").replace(":", "\\:") for name in names).rstrip(":")


def _joined(name: str, values: list[str]) -> str:
    """One cell for an element that occurs several times; a value with a comma is in quotes."""
    if name in _ADDRESSES or name not in _REPEATED:
        return ",".join(values)
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def _parted(name: str, cell: str) -> list[str]:
    """The values of a cell, as `_joined` joined them."""
    if name in _ADDRESSES:
        return split_addresses(cell)
    if name not in _REPEATED:
        return [cell]
    return next(csv.reader([cell]), [])


@contextmanager
def feed_writer(path: Path) -> Iterator[WriteRow]:
    """Write an RSS 2.0 feed: the first row names the elements, each further row is an item."""
    with path.open("wb") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("rss", AttributesImpl({"version": "2.0", "xmlns:g": _NAMESPACE}))
        xml.startElement("channel", _NO_ATTRIBUTES)
        names: list[str] = []

        def write(cells: Sequence[str]) -> None:
            if not names:
                names.extend(cell.removeprefix("g:").replace(" ", "_") for cell in cells)
                return
            xml.startElement("item", _NO_ATTRIBUTES)
            for name, cell in zip(names, cells, strict=True):
                for text in _parted(name, cell):
                    _element(xml, name, text)
            xml.endElement("item")
            xml.characters("\n")

        yield write
        xml.endElement("channel")
        xml.endElement("rss")
        xml.endDocument()


def _element(xml: XMLGenerator, name: str, text: str) -> None:
    if not text:
        return
    tag = name if name in ("title", "link", "description") else f"g:{name}"
    parts = _PARTS.get(name, ())
    values = _COLON.split(text)
    xml.startElement(tag, _NO_ATTRIBUTES)
    if 1 < len(values) <= len(parts):
        for part, value in zip(parts, values, strict=False):
            _element(xml, part, value.replace("\\:", ":"))
    else:
        xml.characters(NOT_IN_XML.sub("", text))
    xml.endElement(tag)
