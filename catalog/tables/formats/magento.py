"""Magento 2's product CSV: a row for each product, with most facts in one long cell.

A row of a store view has the product's texts and attributes in the view's language.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, html_column
from catalog.tables.language_codes import view_language, view_of
from catalog.tables.record import (
    ATTRIBUTE,
    CATEGORY_SEPARATOR,
    CLEAR,
    TEXT_FACTS,
    ProductRecord,
    in_language,
    is_translatable,
    language_and_fact,
)
from catalog.tables.shelves import (
    CATEGORY,
    deepest_first,
    shelves_of,
    shelves_text,
    shelves_written,
)
from catalog.tables.variants import VariantRecord, amount_of, availability_of

_ATTRIBUTES = "additional_attributes"
#: A comma separates two attributes only before the name of the next: values contain commas too.
_NEXT_ATTRIBUTE = re.compile(r",(?=[A-Za-z][A-Za-z0-9_]*=)")
#: A pair in quotes (1), or one (2) whose value may be, up to the comma before the next pair.
_QUOTED_PAIR = re.compile(
    r'(?:"((?:[^"]|"")*)"|([A-Za-z]\w*=(?:"(?:[^"]|"")*"|[^"]*?)))'
    r'(?:,(?="?[A-Za-z]\w*=)|\Z)',
    re.DOTALL,
)
_ROOT = "default category"
_STORE_VIEW = ("store_view_code", "_store")
_PHOTOS = ("base_image", "small_image", "thumbnail_image", "swatch_image")
#: Attributes that are our facts, by their usual names in Magento.
_FACTS = {
    "color": "colour",
    "colour": "colour",
    "manufacturer": "brand",
    "brand": "brand",
    "gender": "gender",
}
_COLUMN_ATTRIBUTES = ("product_type", "parent")


def _path(raw: str) -> str:
    """A path without the root that every Magento has and no shop shows; other roots stay."""
    parts = raw.split("/")
    return values.category_of(parts[1:] if parts[0].strip().lower() == _ROOT else parts)


def _categories(cell: str) -> str:
    return deepest_first(map(_path, cell.split(",")))


def _write_categories(cell: str, fact: str) -> str:
    """The cell with these categories; those that it has keep their place, and their root."""
    raws = [raw.strip() for raw in cell.split(",") if raw.strip()]
    roots = [root for raw in raws if (root := raw.partition("/")[0].strip()).lower() == _ROOT]
    root = roots[0] if roots else "" if raws else "Default Category"
    written = {_path(raw): raw for raw in raws}
    bare = written.pop("", "")  # the root alone is no category of ours

    def fresh(path: str) -> str:
        names = path.split(CATEGORY_SEPARATOR)
        return "/".join([root, *names] if root else names)

    return ",".join(filter(None, [bare, *shelves_written(written, shelves_of(fact), fresh)]))


class MagentoFormat(ColumnFormat):
    """A product for each row with a SKU; rows of further store views belong to the row before."""

    key = "magento"
    label = "Magento 2"
    needs = (("sku",), ("product_type", "attribute_set_code", _ATTRIBUTES), ("name", _ATTRIBUTES))
    groups = True
    knows_views = True
    clear_markers = (CLEAR, "__empty__value__")
    short_text = "short_description"
    columns = (
        Column("name", "title", values.title_text),
        html_column("short_description", "standard"),
        html_column("description", "detailed"),
        Column("categories", CATEGORY, _categories, rewrite=_write_categories),
        Column("product_type", "attributes.product_type"),
        Column("base_image_label", "alt_text"),
    )
    default_header = (
        *("sku", "store_view_code", "attribute_set_code", "product_type", "categories", "name"),
        *("description", "short_description", "product_online", "visibility", "base_image"),
        *("base_image_label", "additional_images", _ATTRIBUTES, "configurable_variations"),
    )

    def __init__(self, views: Mapping[str, Sequence[str]] | None = None) -> None:
        #: The languages of store views, by their codes, where these do not say them.
        self._views = views or {}

    def knows_shelves(self, layout: Layout) -> bool:
        return "categories" in layout.names

    def group_key(self, cells: Cells) -> str:
        return cells.get("sku", "").strip()

    def main_row(self, layout: Layout, group: Group) -> int:
        views = [self._is_view(layout.cells(row)) for row in group]
        return views.index(False) if False in views else 0

    def continues(self, layout: Layout, first: Sequence[str], row: Sequence[str]) -> bool:
        cells = layout.cells(row)
        sku = cells.get("sku", "").strip()
        if not sku:  # another view, or more values, of the product above
            return self._is_view(cells) or not (cells.get("name") or cells.get("product_type"))
        began = layout.cells(first)
        same = sku == began.get("sku", "").strip()
        return same and (self._is_view(cells) or self._is_view(began))

    @staticmethod
    def _view(cells: Cells) -> str:
        """The code of a row's store view; empty for a row of the product itself."""
        codes = (cells.get(name, "").strip() for name in _STORE_VIEW)
        return next(filter(None, codes), "")

    def _is_view(self, cells: Cells) -> bool:
        return bool(self._view(cells))

    def sku(self, cells: Cells) -> str:
        return values.whole_sku(cells.get("sku", ""))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        self._read_attributes(first, record)
        main = self.main_row(layout, group)
        for place, row in enumerate(group):
            cells = layout.cells(row)
            if place != main and (view := self._view(cells)):
                self._read_view(view, cells, first, record)
            elif place != main and "categories" in cells:  # a row of further values
                known = shelves_of(record.facts.get(CATEGORY, ""))
                more = shelves_of(_categories(cells["categories"]))
                record.facts[CATEGORY] = shelves_text([*known, *more])
        online = first.get("product_online", "").strip()
        if online:
            hidden = "not visible" in first.get("visibility", "").lower()
            fact, state = values.state_fact(online)
            record.say(fact, "draft" if hidden else state)
        photos = [first[name].strip() for name in _PHOTOS if name in first]
        photos += values.split_list(first.get("additional_images", ""))
        # Paths begin with a slash, but are relative to the shop's folder of pictures.
        names = (photo.lstrip("/") for photo in photos if photo != "no_selection")
        record.photos = list(dict.fromkeys(names))

    def _read_attributes(self, cells: Cells, record: ProductRecord) -> None:
        for name, value, _ in _written_pairs(cells.get(_ATTRIBUTES, "")):
            self._read_attribute(record, name, value)
        for name in ("color", "manufacturer", "gender"):  # separate columns in some exports
            if name in cells:
                self._read_attribute(record, name, cells[name])

    def _read_view(self, view: str, cells: Cells, main: Cells, record: ProductRecord) -> None:
        """What a row of a store view says, as facts in its language."""
        if not (language := view_language(view, self._views)):
            record.flags.append(
                f"Which language the store view {view} has is not known: its cells stay for "
                "exports. MODA_STORE_VIEWS can name it."
            )
            return
        said = ProductRecord(record.sku)
        self.read_columns(cells, said)
        if self.short_text in main and self.short_text not in cells and "standard" in said.facts:
            said.facts["detailed"] = said.facts.pop("standard")
        self._read_attributes(cells, said)
        for name, value in said.facts.items():
            if is_spoken(name):
                record.facts.setdefault(in_language(name, language), value)

    def variant(self, layout: Layout, row: Sequence[str], group: Group) -> VariantRecord | None:
        cells = layout.cells(row)
        if self._is_view(cells) or cells.get("product_type", "").strip() == "configurable":
            return None
        usual, special = (
            amount_of(cells.get("price", "")),
            amount_of(cells.get("special_price", "")),
        )
        return VariantRecord(
            sku=self.sku(cells),
            price=special or usual,
            compare_at_price=usual if special else "",
            availability=availability_of(cells.get("is_in_stock", "")),
        )

    def variant_cells(self, variant: VariantRecord) -> Mapping[str, str]:
        return {
            "price": variant.compare_at_price or variant.price,
            "special_price": variant.price if variant.compare_at_price else "",
        }

    def _read_attribute(self, record: ProductRecord, name: str, value: str) -> None:
        fact = _FACTS.get(name.lower(), f"{ATTRIBUTE}{name}")
        if value.strip().lower() in self.clear_markers:
            record.facts.setdefault(fact, "")
        elif fact == "gender":
            gender = _one_gender(value.split("|"))
            several = ", ".join(values.split_list(value, "|"))
            record.say("gender" if gender else f"{ATTRIBUTE}gender", gender or several)
        else:
            record.say(fact, ", ".join(values.split_list(value, "|")))

    def write_columns(self, layout: Layout, row: list[str], facts: Mapping[str, str]) -> None:
        super().write_columns(layout, row, facts)
        if "state" in facts:
            self.put(layout, row, "product_online", "1" if facts["state"] == "published" else "2")

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        self._write_attributes(layout, rows[self.main_row(layout, rows)], facts)
        views: dict[str, dict[str, str]] = {}
        for name, value in facts.items():
            language, fact = language_and_fact(name)
            if language and is_spoken(fact):
                views.setdefault(language, {})[fact] = value
        for language, said in views.items():
            if (row := self._row_of_view(layout, rows, language)) is not None:
                self.write_columns(layout, row, said)
                self._write_attributes(layout, row, said)

    def _row_of_view(
        self, layout: Layout, rows: list[list[str]], language: str
    ) -> list[str] | None:
        """The row in a language; a new one where the settings name a view for it."""
        for row in rows:
            if (view := self._view(layout.cells(row))) and view_language(
                view, self._views
            ) == language:
                return row
        if not (view := view_of(language, self._views)):
            return None
        row = [""] * len(layout.names)
        self.put(layout, row, "sku", self.sku_of_group(layout, rows))
        column = next((name for name in _STORE_VIEW if name in layout.names), "")
        if not self.put(layout, row, column, view):
            return None
        rows.append(row)
        return row

    def _write_attributes(self, layout: Layout, row: list[str], facts: Mapping[str, str]) -> None:
        """Rewrite the long cell; pairs of unchanged facts stay as they were written."""
        cell = layout.cells(row).get(_ATTRIBUTES, "")
        pairs = {name: (value, written) for name, value, written in _written_pairs(cell)}
        known = {_FACTS.get(name.lower()): name for name in pairs}
        wanted: dict[str, str] = {}
        for fact, value in facts.items():
            name = fact.removeprefix(ATTRIBUTE)
            if fact.startswith(ATTRIBUTE) and name not in _COLUMN_ATTRIBUTES:
                several = "|" in pairs.get(name, ("",))[0]
                wanted[name] = "|".join(values.split_list(value)) if several else value
            elif fact in ("colour", "brand", "gender"):
                usual = {"colour": "color", "brand": "manufacturer", "gender": "gender"}[fact]
                wanted[known.get(fact) or usual] = value.title() if fact == "gender" else value
        if wanted:
            parts = {name: written for name, (_, written) in pairs.items()}
            enclosed = '"' in cell
            for name, value in wanted.items():
                text = _enclosed(value) if enclosed else value
                parts[name] = f"{name}={text}" if value else ""
            self.put(layout, row, _ATTRIBUTES, ",".join(filter(None, parts.values())))

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        rows = super()._write_new(layout, record)
        self.put(layout, rows[0], "product_type", "simple")
        self.put(layout, rows[0], "attribute_set_code", "Default")
        self.put(layout, rows[0], "visibility", "Catalog, Search")
        return rows

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], "base_image", "".join(record.photos[:1]))
        self.put(layout, rows[0], "additional_images", ",".join(record.photos[1:]))


def is_spoken(fact: str) -> bool:
    """Whether a store view may say a fact of its own."""
    technical = fact.removeprefix(ATTRIBUTE) in _COLUMN_ATTRIBUTES
    return (fact in TEXT_FACTS or is_translatable(fact)) and not technical


def _written_pairs(cell: str) -> list[tuple[str, str, str]]:
    """(name, value without quotes, as written) of each pair of `color=Red,style=Slim, long`."""
    pairs = []
    for part, written in _parts(cell):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            value = value[1:-1].replace('""', '"') if quoted else value
            pairs.append((name.strip(), value, written))
    return pairs


def _parts(cell: str) -> Iterator[tuple[str, str]]:
    """Each pair without the quotes around it, and as written."""
    parts, at = [], 0
    while '"' in cell and (pair := _QUOTED_PAIR.match(cell, at)) and pair.end() > at:
        inner = pair[2] if pair[1] is None else pair[1].replace('""', '"')
        parts.append((inner, pair[0].removesuffix(",") if pair.end() < len(cell) else pair[0]))
        at = pair.end()
    if at < len(cell) or not parts:  # no quotes, or quotes without a meaning
        return ((part, part) for part in _NEXT_ATTRIBUTE.split(cell))
    return iter(parts)


def _enclosed(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _one_gender(words: Iterable[str]) -> str:
    """One gender for several words: men and women together are unisex."""
    genders = {values.gender_of(word) for word in words} - {""}
    if "unisex" in genders or {"men", "women"} <= genders:
        return "unisex"
    return genders.pop() if len(genders) == 1 else ""
