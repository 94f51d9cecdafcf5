"""The base of the shops' formats: columns that name their fact and how to read and write it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from catalog.tables.formats.values import cut_short, html_of_text, text_of_html
from catalog.tables.record import CLEAR, ProductRecord, RowFaulty
from catalog.tables.variants import (
    VARIANTS,
    VariantRecord,
    variants_matched,
    variants_of,
    variants_text,
)

#: Cells of one row by column name in lower case.
Cells = Mapping[str, str]
#: All rows of one product, as lists of cells.
Group = Sequence[Sequence[str]]


_LONGEST_MARKER = 30  # characters, blanks around it included


def plain(cell: str) -> str:
    """The cell without surrounding blanks."""
    return cell.strip()


@dataclass(frozen=True)
class Column:
    """One column. If several have the same fact, the first that is not empty counts."""

    name: str
    fact: str
    read: Callable[[str], str] = plain
    write: Callable[[str], str] = str
    aliases: tuple[str, ...] = ()
    #: Gives fact and value of a cell, for a column whose unknown words stay as an attribute.
    decide: Callable[[str], tuple[str, str]] | None = None
    #: Gives the new cell from the old one and the fact, for a cell that holds more than the fact.
    rewrite: Callable[[str, str], str] | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All its names in lower case."""
        return tuple(name.lower() for name in (self.name, *self.aliases))


def html_column(name: str, fact: str, *aliases: str) -> Column:
    """A column of HTML whose fact is its text."""
    return Column(name, fact, text_of_html, html_of_text, aliases)


@dataclass(frozen=True)
class Layout:
    """A header, prepared for reading by name in lower case.

    `spelt` translates a name to the spelling that the format's columns use.
    """

    header: tuple[str, ...]
    spelt: Callable[[str], str] = str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names, spelt as the format spells them."""
        return tuple(self.spelt(name.strip().strip("\ufeff").lower()) for name in self.header)

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The non-empty cells by name; of equal names the first non-empty one."""
        cells: dict[str, str] = {}
        for name, cell in zip(self.names, row, strict=False):
            if cell and name not in cells:
                cells[name] = cell
        return cells


class ColumnFormat:
    """Base of the formats. A subclass lists its columns and adds what columns cannot express."""

    key: ClassVar[str]
    label: ClassVar[str]
    #: Names that a header of this format must have; each entry lists alternatives.
    needs: ClassVar[tuple[tuple[str, ...], ...]]
    columns: ClassVar[tuple[Column, ...]]
    #: The header for products that came from no file of this format.
    default_header: ClassVar[tuple[str, ...]]
    #: Cells, in lower case, that clear a fact.
    clear_markers: ClassVar[tuple[str, ...]] = (CLEAR,)
    #: The column of the short one of two texts; empty for a format with one text. It is our
    #: standard text; a row or file without it has the long one (`description`) as standard text.
    short_text: ClassVar[str] = ""
    #: Whether a product may have several rows, which `group_key` then tells.
    groups: ClassVar[bool] = False
    #: Whether its products are those of other files: it makes none.
    needs_product: ClassVar[bool] = False
    #: Further formats of the same shop, whose identities are the same.
    identities_of: ClassVar[tuple[str, ...]] = ()
    #: Whether a file may have rows in further languages, whose facts are named `de:title`.
    knows_views: ClassVar[bool] = False
    #: Whether another row of a SKU adds photos instead of being refused.
    repeats_add_photos: ClassVar[bool] = False

    def layout(self, header: Sequence[str]) -> Layout:
        """A header as this format reads it."""
        return Layout(tuple(header))

    def recognises(self, layout: Layout) -> bool:
        """Whether a header is of this format."""
        return all(any(name in layout.names for name in names) for names in self.needs)

    def group_key(self, cells: Cells) -> str:
        """What all rows of one product have in common, wherever they stand; empty for nothing."""
        return ""

    def identity(self, layout: Layout, group: Group) -> str:
        """What the shop calls the product beside its SKU, and keeps where SKUs change."""
        return ""

    def sku_of_identity(self, identity: str) -> str:
        """The SKU of a product that has none of its own, or one that another product has."""
        return identity

    def knows_shelves(self, layout: Layout) -> bool:
        """Whether a file says all categories of a product; otherwise it says the main one."""
        return False

    def main_row(self, layout: Layout, group: Group) -> int:
        """Which of a product's rows has its facts."""
        return 0

    def continues(self, layout: Layout, first: Sequence[str], row: Sequence[str]) -> bool:
        """Whether a row belongs to the product of the row before it, which `first` began."""
        return False

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        """What the rows say. Raises `RowFaulty`."""
        first = layout.cells(group[self.main_row(layout, group)])
        record = ProductRecord(sku=self.sku_of_group(layout, group))
        if not record.sku and (number := cut_short(first.values())):
            raise RowFaulty(
                f"A spreadsheet has rounded a number ({number}): format its column as text, and "
                "export again."
            )
        if not record.sku:
            raise RowFaulty("The SKU is empty.")
        self.read_columns(first, record)
        self.read_more(layout, group, first, record)
        self._read_variants(layout, group, record)
        return record

    def variant(self, layout: Layout, row: Sequence[str], group: Group) -> VariantRecord | None:
        """The variant that a row is; None for a row that is none, of a photo for example."""
        return None

    def _read_variants(self, layout: Layout, group: Group, record: ProductRecord) -> None:
        found = (self.variant(layout, row, group) for row in group)
        variants: list[VariantRecord] = []
        for variant in filter(None, found):
            if variant.sku and any(variant.sku == one.sku for one in variants):
                record.flags.append(f"The SKU {variant.sku} is double in this product.")
                variant.sku = ""
            variants.append(variant)
        if len(variants) > 1 or any(variant.says_more for variant in variants):
            record.facts[VARIANTS] = variants_text(variants)

    def variant_cells(self, variant: VariantRecord) -> Mapping[str, str]:
        """The cells of a variant's row by column, for what people may change of it."""
        return {}

    def write_variants(self, layout: Layout, rows: list[list[str]], text: str) -> None:
        """Set the cells of the variants that the rows have; cells that say the same stay."""
        read = [self.variant(layout, row, rows) for row in rows]
        written = [variant for variant in read if variant is not None]
        places = [place for place, variant in enumerate(read) if variant is not None]
        for place, wanted in variants_matched(written, variants_of(text)).items():
            former = self.variant_cells(written[place])
            for name, cell in self.variant_cells(wanted).items():
                if former.get(name, "") != cell:
                    self.put(layout, rows[places[place]], name, cell)

    def sku(self, cells: Cells) -> str:
        """The SKU that a row gives."""
        return cells.get("sku", "").strip()

    def sku_of_group(self, layout: Layout, group: Group) -> str:
        """The SKU of a product: that of its main row."""
        return self.sku(layout.cells(group[self.main_row(layout, group)]))

    def read_columns(self, cells: Cells, record: ProductRecord) -> None:
        """The facts of the plain columns."""
        for column in self.columns:
            for name in column.names:
                if name in cells:
                    self._say(record, column, cells[name])
        facts = record.facts
        if self.short_text and facts.get("detailed") and not facts.get("standard"):
            facts["standard"] = facts.pop("detailed")

    def _say(self, record: ProductRecord, column: Column, cell: str) -> None:
        if len(cell) < _LONGEST_MARKER and cell.strip().lower() in self.clear_markers:
            record.facts.setdefault(column.fact, "")
        elif column.decide is not None:
            record.say(*column.decide(cell))
        else:
            record.say(column.fact, column.read(cell))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        """Read what columns cannot express: photos, options, attributes."""

    def write(
        self, layout: Layout, record: ProductRecord, original: Group | None
    ) -> list[list[str]]:
        """The product as rows. Cells of `original` stay where their fact has not changed."""
        if original is None:
            return self._write_new(layout, record)
        said = self.read(layout, original).facts
        changed = {
            name: value for name, value in record.facts.items() if said.get(name, "") != value
        }
        gone = {name: "" for name, value in said.items() if value and name not in record.facts}
        rows = [list(row) + [""] * (len(layout.names) - len(row)) for row in original]
        if changed or gone:
            main = self.main_row(layout, original)
            self.write_columns(layout, rows[main], {**gone, **changed})
            self.write_more(layout, rows, {**gone, **changed})
            if VARIANTS in changed:
                self.write_variants(layout, rows, changed[VARIANTS])
        return rows

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        rows = [[""] * len(layout.names)]
        self.put(layout, rows[0], "sku", record.sku)
        self.write_columns(layout, rows[0], record.facts)
        self.write_more(layout, rows, record.facts)
        self.write_photos(layout, rows, record)
        if record.facts.get(VARIANTS):
            for name, cell in self.variant_cells(variants_of(record.facts[VARIANTS])[0]).items():
                self.put(layout, rows[0], name, cell)
        return rows

    def write_columns(self, layout: Layout, row: list[str], facts: Mapping[str, str]) -> None:
        """Set the cells of plain columns; of several with one fact, the first in the header."""
        if self.short_text and "standard" in facts:
            cells = layout.cells(row)
            if "description" in cells and self.short_text not in cells:
                facts = {**facts, "detailed": facts["standard"]}
                del facts["standard"]
        done: set[str] = set()
        for column in self.columns:
            if column.fact not in facts or column.fact in done:
                continue
            if any(
                self.put(layout, row, name, self._cell(layout, row, column, name, facts))
                for name in column.names
            ):
                done.add(column.fact)

    @staticmethod
    def _cell(
        layout: Layout, row: list[str], column: Column, name: str, facts: Mapping[str, str]
    ) -> str:
        value = facts[column.fact]
        if column.rewrite is not None:
            return column.rewrite(layout.cells(row).get(name, ""), value)
        return column.write(value) if value else ""

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        """Write new and changed facts that columns cannot express."""

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        """Write the addresses of photos of a product without an original."""

    def header_for(self, attributes: Sequence[str]) -> tuple[str, ...]:
        """The header for products with these attributes that came from no file."""
        return self.default_header

    @staticmethod
    def put(layout: Layout, row: list[str], name: str, value: str) -> bool:
        """Set the cell of a column by name; False if the header has none."""
        try:
            row[layout.names.index(name.lower())] = value
        except ValueError:
            return False
        return True
