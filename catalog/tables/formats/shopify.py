"""Shopify's product CSV: the rows of one handle are a product, its variants and its photos.

The header has two spellings: exports until 2024, and the template since.
"""

import json
import re
from collections.abc import Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, html_column
from catalog.tables.record import ProductRecord, RowFaulty, sku_of

#: The names of the template since 2024, with those of exports until then.
_FORMER_NAMES = {
    "url handle": "handle",
    "sku": "variant sku",
    "product image url": "image src",
    "published on online store": "published",
}
_COLOUR_OPTIONS = ("color", "colour", "farbe", "couleur", "colore")
_OPTIONS = (1, 2, 3)
#: Spreadsheets translate the word when they save a file.
_TRUE = ("true", "1", "yes", "wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar", "prawda")
_METAFIELD = re.compile(r"(.+) \(product\.metafields\.([\w-]+\.[\w-]+)\)")
#: Namespaces of metafields that are facts: Shopify's own for a category, and the shop's.
_FACT_NAMESPACES = ("shopify", "custom", "my_fields", "specs")
_KNOWN_METAFIELDS = ("shopify.color-pattern", "shopify.fabric")
_LONGEST_FACT = 200  # characters of joined option values


def _first_colour(cell: str) -> str:
    """The first of several colours; empty for a reference to a stored colour."""
    colour = cell.split(";")[0].strip()
    return "" if colour.startswith(("gid://", "[", "{")) else colour


def _said(cells: Cells, name: str) -> str:
    return cells.get(name, "").strip()


def _is_metafield(column: str, label: str) -> bool:
    found = _METAFIELD.fullmatch(column)
    return found is not None and found[1].strip() == label


def _metafield_text(cell: str) -> str:
    """A metafield's value: a text, a JSON list of texts, or several with semicolons."""
    text = cell.strip()
    if text[:1] in "[{":
        try:
            texts = json.loads(text)
        except ValueError:
            return ""
        if not (isinstance(texts, list) and all(isinstance(value, str) for value in texts)):
            return ""
        text = "; ".join(texts)
    if text.startswith("gid://"):
        return ""
    return ", ".join(values.split_list(text, ";"))


class ShopifyFormat(ColumnFormat):
    """A product for each handle. Its SKU is that of the first variant, otherwise the handle."""

    key = "shopify"
    label = "Shopify"
    needs = (("handle",), ("title",))
    columns = (
        Column("Title", "title", values.title_text),
        html_column("Body (HTML)", "standard", "Body HTML", "Description"),
        Column("Vendor", "brand"),
        Column(
            "Product Category",
            "category",
            values.category_path,
            aliases=("Standard Product Type", "Standardized Product Type"),
        ),
        Column("Type", "attributes.product_type", aliases=("Custom Product Type",)),
        Column("Tags", "attributes.tags"),
        Column("Color (product.metafields.shopify.color-pattern)", "colour", _first_colour),
        Column("Google Shopping / Color", "colour"),
        Column("Fabric (product.metafields.shopify.fabric)", "attributes.fabric"),
        Column("Image Alt Text", "alt_text", values.short_alt),
    )
    default_header = (
        *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags"),
        *("Published", "Option1 Name", "Option1 Value", "Variant SKU", "Image Src"),
        *("Image Position", "Image Alt Text", "Google Shopping / Gender", "Status"),
    )

    def layout(self, header: Sequence[str]) -> Layout:
        return Layout(tuple(header), lambda name: _FORMER_NAMES.get(name, name))

    def continues(self, layout: Layout, first: Sequence[str], row: Sequence[str]) -> bool:
        handle = _said(layout.cells(row), "handle")
        return bool(handle) and handle == _said(layout.cells(first), "handle")

    def sku(self, cells: Cells) -> str:
        # Shops write an apostrophe so that spreadsheets do not read a SKU as a number.
        sku = _said(cells, "variant sku")
        if values.cut_short([sku]):
            return ""
        return sku_of(sku.lstrip("'")) or sku_of(_said(cells, "handle"))

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        if not _said(layout.cells(group[0]), "handle"):
            raise RowFaulty("The handle is empty.")
        return super().read(layout, group)

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        rows = [layout.cells(row) for row in group]
        self._read_options(rows, record)
        gender = _said(first, "google shopping / gender")
        age = _said(first, "google shopping / age group")
        record.say("gender", values.gender_of(gender, age_group=age))
        record.say("state", self._state(first))
        for name, cell in first.items():
            if metafield := _METAFIELD.fullmatch(name):
                self._read_metafield(metafield[1], metafield[2], cell, record)
        photos = [
            (self._position(cells, number), address)
            for number, cells in enumerate(rows)
            if (address := _said(cells, "image src"))
        ]
        record.photos = list(dict.fromkeys(address for _, address in sorted(photos)))
        record.fallback_title = _said(first, "handle").replace("-", " ").strip()

    def _read_options(self, rows: Sequence[Cells], record: ProductRecord) -> None:
        """Options as facts: the only colour as `colour`, sizes and others as lists."""
        for number in _OPTIONS:
            name = _said(rows[0], f"option{number} name")
            given = [_said(cells, f"option{number} value") for cells in rows]
            different = list(dict.fromkeys(filter(None, given)))
            if not name or not different or different == ["Default Title"]:
                continue
            joined = ", ".join(different)[:_LONGEST_FACT]
            if name.lower() in _COLOUR_OPTIONS and len(different) == 1:
                record.facts["colour"] = different[0]
            else:
                record.say(f"attributes.{name.lower()}", joined)

    @staticmethod
    def _read_metafield(label: str, key: str, cell: str, record: ProductRecord) -> None:
        """A metafield as a fact, unless it is a reference or belongs to an app."""
        if key in _KNOWN_METAFIELDS or key.split(".")[0] not in _FACT_NAMESPACES:
            return
        value = _metafield_text(cell)
        if key == "shopify.target-gender" and values.gender_of(value):
            record.say("gender", values.gender_of(value))
        elif value and len(value) <= _LONGEST_FACT:
            record.say(f"attributes.{label.strip()}", value)

    @staticmethod
    def _state(cells: Cells) -> str:
        """`published` if no column says otherwise; empty without such columns."""
        status = _said(cells, "status").lower()
        published = _said(cells, "published").lower()
        if not status and not published:
            return ""
        shown = status in ("", "active") and published in ("", *_TRUE)
        return "published" if shown else "draft"

    @staticmethod
    def _position(cells: Cells, number: int) -> tuple[int, int]:
        text = _said(cells, "image position")
        return (int(text) if text.isascii() and text.isdigit() else 10_000, number)

    def write_columns(self, layout: Layout, row: list[str], facts: Mapping[str, str]) -> None:
        super().write_columns(layout, row, facts)
        if "gender" in facts:
            gender = values.TWO_GENDERS.get(facts["gender"], facts["gender"])
            self.put(layout, row, "google shopping / gender", gender)
        if "state" in facts:
            shown = facts["state"] == "published"
            self.put(layout, row, "status", "active" if shown else "draft")
            self.put(layout, row, "published", "TRUE" if shown else "FALSE")

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        """Metafields, and a colour that is an option: that is written into every variant."""
        for name, value in facts.items():
            label = name.removeprefix("attributes.").lower()
            column = next((c for c in layout.names if _is_metafield(c, label)), None)
            if name.startswith("attributes.") and column:
                self.put(layout, rows[0], column, value)
        colour = facts.get("colour")
        for number in _OPTIONS:
            name = layout.cells(rows[0]).get(f"option{number} name", "").strip().lower()
            if colour and name in _COLOUR_OPTIONS:
                for row in rows:
                    if layout.cells(row).get(f"option{number} value"):
                        self.put(layout, row, f"option{number} value", colour)

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        handle = record.sku.lower().replace("_", "-").replace(".", "-")
        rows = [[""] * len(layout.names)]
        self.put(layout, rows[0], "handle", handle)
        self.put(layout, rows[0], "variant sku", record.sku)
        colour = record.facts.get("colour", "")
        self.put(layout, rows[0], "option1 name", "Color" if colour else "Title")
        self.put(layout, rows[0], "option1 value", colour or "Default Title")
        self.write_columns(layout, rows[0], record.facts)
        for position, address in enumerate(record.photos, 1):
            if position > 1:
                rows.append([""] * len(layout.names))
            self.put(layout, rows[-1], "handle", handle)
            self.put(layout, rows[-1], "image src", address)
            self.put(layout, rows[-1], "image position", str(position))
        return rows
