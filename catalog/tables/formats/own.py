"""MODA's own format: a row a product, a column a fact, `attribute:<name>` for further ones."""

from collections.abc import Mapping, Sequence

from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout
from catalog.tables.formats.values import category_path, gender_or_word
from catalog.tables.record import ATTRIBUTE, CLEAR, ProductRecord

PREFIX = "attribute:"
PHOTOS = "photos"
PHOTO_SEPARATOR = "|"


def _state(cell: str) -> str:
    return cell.strip().lower()


class OwnFormat(ColumnFormat):
    """What MODA writes, it reads again."""

    key = "moda"
    label = "MODA"
    needs = (("sku",),)
    columns = (
        Column("title", "title"),
        Column("brand", "brand"),
        Column("category", "category", category_path),
        Column("colour", "colour"),
        Column("gender", "gender", gender_or_word),
        Column("state", "state", _state),
        Column("description", "standard"),
        Column("alt_text", "alt_text"),
        Column("detailed_description", "detailed"),
    )
    default_header = ("sku", *(column.name for column in columns), PHOTOS)

    def recognises(self, layout: Layout) -> bool:
        """Only where all named columns are ours; others go to the page that maps columns."""
        ours = {name for column in self.columns for name in column.names} | {"sku", PHOTOS}
        known = all(not name or name in ours or name.startswith(PREFIX) for name in layout.names)
        return "sku" in layout.names and known

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        for name, spelt in zip(layout.names, layout.header, strict=True):
            if name.startswith(PREFIX) and name in first:
                cell = first[name].strip()
                attribute = f"{ATTRIBUTE}{spelt.strip()[len(PREFIX) :].strip()}"
                record.facts[attribute] = "" if cell.lower() == CLEAR else cell
        record.photos = [
            part.strip() for part in first.get(PHOTOS, "").split(PHOTO_SEPARATOR) if part.strip()
        ]

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            if name.startswith(ATTRIBUTE):
                self.put(layout, rows[0], f"{PREFIX}{name[len(ATTRIBUTE) :]}", value)

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], PHOTOS, PHOTO_SEPARATOR.join(record.photos))

    def header_for(self, attributes: Sequence[str]) -> tuple[str, ...]:
        return (*self.default_header, *(f"{PREFIX}{name}" for name in attributes))
