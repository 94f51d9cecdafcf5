"""Shopify's product CSV: the rows of one handle are a product, its variants and its photos.

The header has two spellings: exports until 2024, and the template since.
"""

import json
import re
from collections.abc import Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, html_column
from catalog.tables.record import ATTRIBUTE, ProductRecord, RowFaulty
from catalog.tables.variants import (
    BACKORDER,
    IN_STOCK,
    OUT_OF_STOCK,
    VARIANTS,
    VariantRecord,
    amount_of,
    variants_of,
)

#: The names of the template since 2024, with those of exports until then.
_FORMER_NAMES = {
    "url handle": "handle",
    "sku": "variant sku",
    "product image url": "image src",
    "published on online store": "published",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "barcode": "variant barcode",
    "variant image url": "variant image",
    "inventory quantity": "variant inventory qty",
    "continue selling when out of stock": "variant inventory policy",
}
_OPTIONS = (1, 2, 3)
_METAFIELD = re.compile(r"(.+) \(product\.metafields\.([\w-]+\.[\w-]+)\)")
#: Namespaces of metafields that are facts: Shopify's own for a category, and the shop's.
_FACT_NAMESPACES = ("shopify", "custom", "my_fields", "specs")
#: Metafields that are facts of ours, by key: their labels are in the language of the shop.
_COLOURS = "color (product.metafields.shopify.color-pattern)"
_FABRIC = "fabric (product.metafields.shopify.fabric)"
_GENDER = "target gender (product.metafields.shopify.target-gender)"
_AGE = "age group (product.metafields.shopify.age-group)"
_BY_KEY = {
    "shopify.color-pattern": _COLOURS,
    "shopify.fabric": _FABRIC,
    "shopify.target-gender": _GENDER,
    "shopify.age-group": _AGE,
}
#: Shopify has patterns among its colours.
_PATTERNS = re.compile(
    r"(?:animal|art|birds|camouflage|characters|check(?:ed|ered)|chevron|christmas|collage|dots|"
    r"embroidered|floral|geometric|gingham|graphic|halloween|hearts|herringbone|houndstooth|leaf|"
    r"leaves|leopard|logo|paisley|patterned|photo|plaid|polka|solid|snake|stars|striped?|stripes|"
    r"text|texture|tie-dye|tropical|zebra)\b",
    re.IGNORECASE,
)
_LONGEST_BARCODE = 64
_LONGEST_FACT = 200  # characters of joined option values


def _listed(cell: str) -> list[str]:
    """The values of `striped; green`; none for references to stored ones."""
    return [one for one in values.split_list(cell, ";") if not one.startswith(("gid://", "[", "{"))]


def _is_pattern(word: str) -> bool:
    return _PATTERNS.match(word) is not None


def _colours(cell: str) -> list[str]:
    return [one for one in _listed(cell) if not _is_pattern(one)]


def _first_colour(cell: str) -> str:
    return next(iter(_colours(cell)), "")


def _write_colour(cell: str, colour: str) -> str:
    """The patterns and the further colours of the cell stay."""
    first = _first_colour(cell)
    kept = [colour if one == first else one for one in _listed(cell)]
    return "; ".join(filter(None, kept if first else [*kept, colour]))


def _usual_name(name: str) -> str:
    """The present name of a column; of a metafield that is a fact of ours, its English label."""
    if (metafield := _METAFIELD.fullmatch(name)) and metafield[2] in _BY_KEY:
        return _BY_KEY[metafield[2]]
    return _FORMER_NAMES.get(name, name)


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


def _stock(cells: Cells) -> str:
    """The availability by quantity and policy; empty where the shop counts nothing."""
    quantity = _said(cells, "variant inventory qty")
    if not re.fullmatch(r"-?\d{1,9}", quantity):
        return ""
    if int(quantity) > 0:
        return IN_STOCK
    policy = _said(cells, "variant inventory policy").lower()
    return BACKORDER if policy in ("continue", "true") else OUT_OF_STOCK


class ShopifyFormat(ColumnFormat):
    """A product for each handle. Its SKU is that of the first variant, otherwise the handle."""

    key = "shopify"
    label = "Shopify"
    groups = True
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
        Column(_COLOURS, "colour", _first_colour, rewrite=_write_colour),
        Column("Google Shopping / Color", "colour"),
        Column(_FABRIC, "attributes.fabric"),
        Column("Image Alt Text", "alt_text"),
        Column("SEO Title", "meta_title"),
        Column("SEO Description", "meta_description"),
    )
    default_header = (
        *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags"),
        *("Published", "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"),
        *("Option3 Name", "Option3 Value", "Variant SKU", "Variant Price"),
        *("Variant Compare At Price", "Variant Barcode", "Image Src"),
        *("Image Position", "Image Alt Text", "SEO Title", "SEO Description"),
        *("Google Shopping / Gender", "Status"),
    )

    def layout(self, header: Sequence[str]) -> Layout:
        return Layout(tuple(header), _usual_name)

    def group_key(self, cells: Cells) -> str:
        return _said(cells, "handle")

    def identity(self, layout: Layout, group: Group) -> str:
        return self.group_key(layout.cells(group[0]))

    def main_row(self, layout: Layout, group: Group) -> int:
        """The row with the title: the first as Shopify writes it, any where rows were sorted."""
        titled = [bool(_said(layout.cells(row), "title")) for row in group]
        return titled.index(True) if True in titled else 0

    def sku_of_group(self, layout: Layout, group: Group) -> str:
        """The SKU of the first variant that has one, otherwise the handle."""
        skus = (self.sku(layout.cells(row)) for row in group if self._variant_sku(layout, row))
        return next(skus, "") or self.sku(layout.cells(group[0]))

    @staticmethod
    def _variant_sku(layout: Layout, row: Sequence[str]) -> str:
        return _said(layout.cells(row), "variant sku")

    def continues(self, layout: Layout, first: Sequence[str], row: Sequence[str]) -> bool:
        handle = _said(layout.cells(row), "handle")
        return bool(handle) and handle == _said(layout.cells(first), "handle")

    def sku(self, cells: Cells) -> str:
        # Shops write an apostrophe so that spreadsheets do not read a SKU as a number.
        sku = _said(cells, "variant sku")
        if values.cut_short([sku]):
            return ""
        return sku.lstrip("'").strip() or _said(cells, "handle")

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        if not _said(layout.cells(group[0]), "handle"):
            raise RowFaulty("The handle is empty.")
        return super().read(layout, group)

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        rows = [layout.cells(row) for row in group]
        self._read_options(rows, record)
        age = _said(first, "google shopping / age group") or _metafield_text(first.get(_AGE, ""))
        said = (_said(first, "google shopping / gender"), _metafield_text(first.get(_GENDER, "")))
        for gender in said:
            fact, value = values.gender_fact(gender, age_group=age)
            if fact == "gender" or not any(values.gender_of(one) for one in said):
                record.say(fact, value)
        record.say(*self._state(first))
        colours = _colours(_said(first, _COLOURS))
        record.say(f"{ATTRIBUTE}color", ", ".join(colours) if len(colours) > 1 else "")
        patterns = filter(_is_pattern, _listed(_said(first, _COLOURS)))
        record.say(f"{ATTRIBUTE}pattern", ", ".join(patterns))
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

    def variant(self, layout: Layout, row: Sequence[str], group: Group) -> VariantRecord | None:
        cells = layout.cells(row)
        sku = _said(cells, "variant sku").lstrip("'").strip()
        given = [(number, _said(cells, f"option{number} value")) for number in _OPTIONS]
        price = _said(cells, "variant price")
        if not (sku or price or any(value for _, value in given)):
            return None
        options = [
            (self._option_name(layout, group, number) or f"Option {number}", value)
            for number, value in given
            if value and value != "Default Title"
        ]
        return VariantRecord(
            sku=sku,
            options=options,
            price=amount_of(price),
            compare_at_price=amount_of(_said(cells, "variant compare at price")),
            barcode=_said(cells, "variant barcode").lstrip("'")[:_LONGEST_BARCODE],
            availability=_stock(cells),
            photo=_said(cells, "variant image"),
        )

    def variant_cells(self, variant: VariantRecord) -> Mapping[str, str]:
        return {
            "variant price": variant.price,
            "variant compare at price": variant.compare_at_price,
            "variant barcode": variant.barcode,
        }

    def _read_options(self, rows: Sequence[Cells], record: ProductRecord) -> None:
        """Options as facts: the only colour as `colour`, sizes and others as lists."""
        for number in _OPTIONS:
            names = (_said(cells, f"option{number} name") for cells in rows)
            name = next(filter(None, names), "")
            given = [_said(cells, f"option{number} value") for cells in rows]
            different = list(dict.fromkeys(filter(None, given)))
            if not name or not different or different == ["Default Title"]:
                continue
            joined = ", ".join(different)[:_LONGEST_FACT]
            if name.lower() in values.COLOUR_NAMES and len(different) == 1:
                record.facts["colour"] = different[0]
            else:
                record.say(f"attributes.{name.lower()}", joined)

    @staticmethod
    def _read_metafield(label: str, key: str, cell: str, record: ProductRecord) -> None:
        """A metafield as a fact, unless it is a reference or belongs to an app."""
        if key in _BY_KEY or key.split(".")[0] not in _FACT_NAMESPACES:
            return
        value = _metafield_text(cell)
        if value and len(value) <= _LONGEST_FACT:
            record.say(f"attributes.{label.strip()}", value)

    @staticmethod
    def _state(cells: Cells) -> tuple[str, str]:
        """`published` if no column says otherwise; an unknown word stays as an attribute."""
        status, published = _said(cells, "status"), _said(cells, "published")
        if not status and not published:
            return "state", ""
        if status and not values.state_of(status):
            return values.state_fact(status)
        shown = [values.state_of(word) == "published" for word in (status, published) if word]
        return "state", "published" if all(shown) else "draft"

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
                self.put(layout, rows[self.main_row(layout, rows)], column, value)
        colour = facts.get("colour")
        for number in _OPTIONS:
            name = self._option_name(layout, rows, number).lower()
            if colour and name in values.COLOUR_NAMES:
                for row in rows:
                    if layout.cells(row).get(f"option{number} value"):
                        self.put(layout, row, f"option{number} value", colour)

    @staticmethod
    def _option_name(layout: Layout, rows: Group, number: int) -> str:
        names = (_said(layout.cells(row), f"option{number} name") for row in rows)
        return next(filter(None, names), "")

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        handle = record.sku.lower().replace("_", "-").replace(".", "-")
        rows = [[""] * len(layout.names)]
        self.put(layout, rows[0], "handle", handle)
        self.put(layout, rows[0], "variant sku", record.sku)
        colour = record.facts.get("colour", "")
        self.put(layout, rows[0], "option1 name", "Color" if colour else "Title")
        self.put(layout, rows[0], "option1 value", colour or "Default Title")
        self.write_columns(layout, rows[0], record.facts)
        self._write_variant_rows(layout, rows, handle, record)
        for position, address in enumerate(record.photos, 1):
            if position > len(rows):
                rows.append([""] * len(layout.names))
            row = rows[position - 1]
            self.put(layout, row, "handle", handle)
            self.put(layout, row, "image src", address)
            self.put(layout, row, "image position", str(position))
        return rows

    def _write_variant_rows(
        self, layout: Layout, rows: list[list[str]], handle: str, record: ProductRecord
    ) -> None:
        """A row for each variant of a product that came from no file."""
        variants = variants_of(record.facts.get(VARIANTS, ""))
        names = list(dict.fromkeys(name for one in variants for name, _ in one.options))[:3]
        for place, variant in enumerate(variants):
            if place == len(rows):
                rows.append([""] * len(layout.names))
            row = rows[place]
            self.put(layout, row, "handle", handle)
            self.put(layout, row, "variant sku", variant.sku or ("" if place else record.sku))
            said = dict(variant.options)
            for number, name in enumerate(names, 1):
                self.put(layout, row, f"option{number} name", "" if place else name)
                self.put(layout, row, f"option{number} value", said.get(name, ""))
            for name, cell in self.variant_cells(variant).items():
                self.put(layout, row, name, cell)
