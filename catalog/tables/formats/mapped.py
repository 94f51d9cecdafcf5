"""Tables of no known shop: a person says which column holds what, after a guess of ours."""

import difflib
from collections.abc import Mapping, Sequence

from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout
from catalog.tables.formats.values import (
    category_of,
    gender_or_word,
    html_of_text,
    split_addresses,
    text_of_html,
    title_text,
    whole_sku,
)
from catalog.tables.record import ATTRIBUTE, ProductRecord

SKU, PHOTOS, KEEP_AS_ATTRIBUTE, IGNORE = "sku", "photos", "attribute", ""
#: What a column can hold, with its label; the order is that of the page.
TARGETS = {
    IGNORE: "Leave out",
    SKU: "SKU",
    "title": "Title",
    "brand": "Brand",
    "category": "Category",
    "colour": "Colour",
    "gender": "Gender",
    "state": "State (draft or published)",
    "standard": "Description",
    "alt_text": "Alt text",
    "detailed": "Detailed description",
    PHOTOS: "Photos (addresses or file names)",
    KEEP_AS_ATTRIBUTE: "Further fact, under the column's name",
}
_WORDS = {
    SKU: ("sku", "article number", "articlenumber", "item number", "item no", "style code", "code",
          "artikelnummer", "artikelnr", "art-nr", "bestellnummer", "référence", "reference",
          "codice", "product id", "id", "ean"),
    "title": ("title", "name", "product name", "produktname", "bezeichnung", "titel", "nom",
              "titre", "nome", "designation", "artikelbezeichnung"),
    "brand": ("brand", "vendor", "manufacturer", "marke", "hersteller", "marque", "marca"),
    "category": ("category", "categories", "kategorie", "warengruppe", "catégorie", "categoria",
                 "department"),
    "colour": ("colour", "color", "farbe", "couleur", "colore"),
    "gender": ("gender", "sex", "geschlecht", "zielgruppe", "genre"),
    "state": ("state", "status", "published"),
    "standard": ("description", "beschreibung", "produktbeschreibung", "text", "descrizione",
                 "short description", "kurzbeschreibung"),
    "detailed": ("long description", "langbeschreibung", "detailed description", "details"),
    "alt_text": ("alt text", "alt", "image alt"),
    PHOTOS: ("photos", "photo", "image", "images", "image url", "picture", "bild", "bilder",
             "bild url", "foto", "image link"),
}  # fmt: skip
_CLOSE = 0.86


def mapping_guess(header: Sequence[str]) -> dict[str, str]:
    """A target for each column by its name; each but the further facts is given once."""
    guess: dict[str, str] = {}
    taken: set[str] = set()
    for column in header:
        target = _target(" ".join(column.lower().replace("_", " ").split()))
        if target in taken:
            target = IGNORE
        if target != IGNORE:
            taken.add(target)
        guess[column] = target
    return guess


def _target(name: str) -> str:
    for target, words in _WORDS.items():
        if name in words:
            return target
    for target, words in _WORDS.items():
        if difflib.get_close_matches(name, words, n=1, cutoff=_CLOSE):
            return target
    return IGNORE


def _category(cell: str) -> str:
    for separator in (">", "/", "|"):
        if separator in cell:
            return category_of(cell.split(separator))
    return cell.strip()


def _state(cell: str) -> str:
    shown = ("published", "active", "1", "true", "yes", "online", "ja", "oui")
    return "published" if cell.strip().lower() in shown else "draft"


_READERS = {"title": title_text, "category": _category, "gender": gender_or_word, "state": _state}
_HTML = ("standard", "detailed")


class MappedFormat(ColumnFormat):
    """The format that a mapping, column to target, describes. Never recognised by itself."""

    key = "mapped"
    label = "Columns mapped by hand"
    needs = ()
    default_header = ()

    def __init__(self, mapping: Mapping[str, str]) -> None:
        columns = []
        for name, target in mapping.items():
            fact = f"{ATTRIBUTE}{name.strip()}" if target == KEEP_AS_ATTRIBUTE else target
            if target in _HTML:
                columns.append(Column(name.strip(), fact, text_of_html, html_of_text))
            elif target not in (IGNORE, SKU, PHOTOS):
                read = _READERS.get(target)
                columns.append(Column(name.strip(), fact, read) if read else Column(name, fact))
        self.columns = tuple(columns)  # type: ignore[misc]  # of this instance alone
        self._sku = _column(mapping, SKU)
        self._photos = _column(mapping, PHOTOS)

    def recognises(self, layout: Layout) -> bool:
        return False

    def sku(self, cells: Cells) -> str:
        return whole_sku(cells.get(self._sku, ""))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        cell = first.get(self._photos, "")
        separator = next((mark for mark in ("|", ";") if mark in cell), None)
        parts = cell.split(separator) if separator else split_addresses(cell)
        record.photos = [part.strip() for part in parts if part.strip()]


def _column(mapping: Mapping[str, str], target: str) -> str:
    return next((name.strip().lower() for name, to in mapping.items() if to == target), "")
