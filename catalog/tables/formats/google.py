"""Google Merchant's product feed, as delimited text or as the rows of an XML feed."""

from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, html_column
from catalog.tables.formats.values import (
    TWO_GENDERS,
    category_path,
    gender_of,
    split_addresses,
    title_text,
    whole_sku,
)
from catalog.tables.record import ProductRecord

_ATTRIBUTES = ("material", "pattern", "size", "size_type", "size_system", "item_group_id", "gtin")
_ADDITIONAL = "additional_image_link"


def _category(cell: str) -> str:
    return category_path(cell.split(",")[0])


def _google_category(cell: str) -> str:
    """The path of a category; empty for its number, which means nothing to people."""
    return "" if cell.strip().isdigit() else category_path(cell)


def _spelt(name: str) -> tuple[str, ...]:
    """Further spellings of a column: with blanks in hand-made feeds, with `g:` from XML tools."""
    blanks = name.replace("_", " ")
    return tuple(dict.fromkeys((blanks, f"g:{name}")))


class GoogleFormat(ColumnFormat):
    """A product for each item; `item_group_id`, which groups variants, stays an attribute."""

    key = "google"
    label = "Google Merchant"
    needs = (
        ("id", "g:id"),
        ("title", "g:title"),
        ("link", "image_link", "image link", "availability", "g:link", "g:availability"),
    )
    columns = (
        Column("title", "title", title_text, aliases=_spelt("title")),
        html_column("description", "standard", *_spelt("description")),
        Column("brand", "brand", aliases=_spelt("brand")),
        Column("product_type", "category", _category, aliases=_spelt("product_type")),
        Column(
            "google_product_category",
            "category",
            _google_category,
            aliases=_spelt("google_product_category"),
        ),
        Column("color", "colour", aliases=_spelt("color")),
        *(Column(name, f"attributes.{name}", aliases=_spelt(name)) for name in _ATTRIBUTES),
    )
    default_header = (
        *("id", "title", "description", "link", "image_link", _ADDITIONAL, "availability"),
        *("price", "brand", "product_type", "color", "gender", *_ATTRIBUTES),
    )

    def sku(self, cells: Cells) -> str:
        return whole_sku(cells.get("id", "") or cells.get("g:id", ""))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        age = _cell(first, "age_group")
        record.say("gender", gender_of(_cell(first, "gender"), age_group=age))
        photos = [_cell(first, "image_link"), *split_addresses(_cell(first, _ADDITIONAL))]
        record.photos = list(dict.fromkeys(filter(None, photos)))

    def write_columns(self, layout: Layout, row: list[str], facts: Cells) -> None:
        super().write_columns(layout, row, facts)
        if "gender" in facts:
            gender = TWO_GENDERS.get(facts["gender"], facts["gender"])
            any(self.put(layout, row, name, gender) for name in ("gender", *_spelt("gender")))

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        rows = super()._write_new(layout, record)
        any(self.put(layout, rows[0], name, record.sku) for name in ("id", *_spelt("id")))
        self.put(layout, rows[0], "availability", "in_stock")
        return rows

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], "image_link", "".join(record.photos[:1]))
        self.put(layout, rows[0], _ADDITIONAL, ",".join(record.photos[1:]))


def _cell(cells: Cells, name: str) -> str:
    return next((cells[spelt].strip() for spelt in (name, *_spelt(name)) if spelt in cells), "")
