"""Google Merchant's product feed, as delimited text or as the rows of an XML feed."""

from collections.abc import Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, html_column
from catalog.tables.record import SHELF_SEPARATOR, ProductRecord
from catalog.tables.shelves import CATEGORY, shelves_of, shelves_text
from catalog.tables.variants import VariantRecord, amount_of, availability_of, currency_of

_ATTRIBUTES = ("material", "pattern", "size", "size_type", "size_system", "item_group_id", "gtin")
_ADDITIONAL = "additional_image_link"
_LONGEST_BARCODE = 64


def _categories(cell: str) -> str:
    """The first path is the main one; Google takes several."""
    return shelves_text(map(values.category_path, values.lines_of_list(cell).split("\n")))


def _write_categories(fact: str) -> str:
    return values.list_of_lines(SHELF_SEPARATOR.join(shelves_of(fact)))


def _google_category(cell: str) -> str:
    """The path of a category; empty for its number, which means nothing to people."""
    return "" if cell.strip().isdigit() else values.category_path(cell)


def _main_path(fact: str) -> str:
    return "".join(shelves_of(fact)[:1])


def _usual_name(name: str) -> str:
    """A column's name without the blanks of hand-made feeds and the `g:` of XML tools."""
    return name.removeprefix("g:").replace(" ", "_")


class GoogleFormat(ColumnFormat):
    """A product for each item; `item_group_id`, which groups variants, stays an attribute."""

    key = "google"
    label = "Google Merchant"
    needs = (("id",), ("title",), ("link", "image_link", "availability"))
    columns = (
        Column("title", "title", values.title_text),
        html_column("description", "standard"),
        Column("brand", "brand"),
        Column("product_type", CATEGORY, _categories, _write_categories),
        Column("google_product_category", CATEGORY, _google_category, _main_path),
        Column("color", "colour", aliases=("colour",)),
        Column("product_highlight", "bullets", values.lines_of_list, values.list_of_lines),
        *(Column(name, f"attributes.{name}") for name in _ATTRIBUTES),
    )
    default_header = (
        *("id", "title", "description", "link", "image_link", _ADDITIONAL, "availability"),
        *("price", "brand", "product_type", "color", "gender", "age_group", *_ATTRIBUTES),
        "product_highlight",
    )

    def layout(self, header: Sequence[str]) -> Layout:
        return Layout(tuple(header), _usual_name)

    def knows_shelves(self, layout: Layout) -> bool:
        return "product_type" in layout.names

    def sku(self, cells: Cells) -> str:
        return values.whole_sku(cells.get("id", ""))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        age = first.get("age_group", "")
        record.say(*values.gender_fact(first.get("gender", ""), age_group=age))
        main = first.get("image_link", "").strip()
        photos = [main, *values.split_addresses(first.get(_ADDITIONAL, ""))]
        record.photos = list(dict.fromkeys(filter(None, photos)))

    def variant(self, layout: Layout, row: Sequence[str], group: Group) -> VariantRecord | None:
        cells = layout.cells(row)
        price, sale = cells.get("price", ""), cells.get("sale_price", "")
        options = [(name, cells[name].strip()) for name in ("color", "size") if name in cells]
        return VariantRecord(
            sku=self.sku(cells),
            options=options,
            price=amount_of(sale) or amount_of(price),
            compare_at_price=amount_of(price) if amount_of(sale) else "",
            currency=currency_of(price or sale),
            barcode=cells.get("gtin", "").strip()[:_LONGEST_BARCODE],
            availability=availability_of(cells.get("availability", "")),
        )

    def variant_cells(self, variant: VariantRecord) -> Mapping[str, str]:
        usual = variant.compare_at_price or variant.price
        sale = variant.price if variant.compare_at_price else ""
        return {
            "price": f"{usual} {variant.currency}".strip(),
            "sale_price": f"{sale} {variant.currency}".strip() if sale else "",
            "availability": variant.availability,
            "gtin": variant.barcode,
        }

    def write_columns(self, layout: Layout, row: list[str], facts: Cells) -> None:
        super().write_columns(layout, row, facts)
        if "gender" in facts:
            gender = facts["gender"]
            self.put(layout, row, "gender", values.TWO_GENDERS.get(gender, gender))
            if gender in ("boys", "girls"):
                self.put(layout, row, "age_group", "kids")
            elif gender in values.TWO_GENDERS:
                self.put(layout, row, "age_group", "adult")

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        rows = super()._write_new(layout, record)
        self.put(layout, rows[0], "id", record.sku)
        # The format has no drafts: what storefronts do not show cannot be bought.
        shown = record.facts.get("state") == "published"
        self.put(layout, rows[0], "availability", "in_stock" if shown else "out_of_stock")
        return rows

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], "image_link", "".join(record.photos[:1]))
        self.put(layout, rows[0], _ADDITIONAL, values.join_addresses(record.photos[1:]))
