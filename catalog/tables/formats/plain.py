"""Tables that no shop wrote: MODA's own, and tables whose columns a person maps to facts."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout, plain
from catalog.tables.record import ATTRIBUTE, CLEAR, ProductRecord
from catalog.tables.shelves import CATEGORY, shelves_of, shelves_text

_PREFIX = "attribute:"
_PHOTO_SEPARATOR = "|"
#: The column of the categories beside the main one, with bars between; a bar in a name is `\|`.
_FURTHER = "further_categories"
_BAR = re.compile(r"(?<!\\)\|")

SKU, PHOTOS, KEEP_AS_ATTRIBUTE, IGNORE = "sku", "photos", "attribute", ""
#: What a column can contain, with its label, in the order of the page.
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
    "page_title": "Title of the page",
    "bullets": "Bullet points, one a line",
    "meta_title": "Title for search engines",
    "meta_description": "Description for search engines",
    PHOTOS: "Photos (addresses or file names)",
    KEEP_AS_ATTRIBUTE: "Attribute, named after the column",
}
_WORDS = {
    SKU: ("sku", "article number", "articlenumber", "item number", "item no", "style code", "code",
          "artikelnummer", "artikelnr", "art-nr", "bestellnummer", "référence", "reference",
          "codice", "stok kodu", "varenummer", "katalogové číslo", "артикул", "cikkszám",
          "tuotetunnus", "referencia", "product id", "id", "ean"),
    "title": ("title", "name", "product name", "produktname", "bezeichnung", "titel", "nom",
              "titre", "nome", "designation", "artikelbezeichnung", "product title",
              "article name", "item name", "style name", "nombre", "naam", "navn", "namn",
              "nazwa", "název", "название", "ad", "ürün adı", "nimi", "név", "título", "titolo"),
    "brand": ("brand", "vendor", "manufacturer", "label", "marke", "hersteller", "marque",
              "marca"),
    "category": ("category", "categories", "kategorie", "warengruppe", "catégorie", "categoria",
                 "department"),
    "colour": ("colour", "color", "farbe", "couleur", "colore", "cor", "kleur", "farve", "färg",
               "kolor", "barva", "цвет", "renk", "väri", "szín"),
    "gender": ("gender", "sex", "wearer", "geschlecht", "zielgruppe", "genre"),
    "state": ("state", "status", "published"),
    "standard": ("description", "beschreibung", "produktbeschreibung", "text", "descrizione",
                 "short description", "kurzbeschreibung", "descripción", "descrição",
                 "beschrijving", "beskrivelse", "beskrivning", "opis", "popis",
                 "описание", "açıklama", "kuvaus", "leírás"),
    "detailed": ("long description", "langbeschreibung", "detailed description", "details"),
    "alt_text": ("alt text", "alt", "image alt"),
    "bullets": ("bullets", "bullet points", "highlights", "key features"),
    "meta_title": ("meta title", "seo title", "page title"),
    "meta_description": ("meta description", "seo description"),
    PHOTOS: ("photos", "photo", "image", "images", "image url", "picture", "bild", "bilder",
             "bild url", "foto", "image link"),
}  # fmt: skip
_ALL_WORDS = frozenset(word for words in _WORDS.values() for word in words)
_CLOSE = 0.86


def _main_path(fact: str) -> str:
    return "".join(shelves_of(fact)[:1])


class OwnFormat(ColumnFormat):
    """MODA's own format: a row for each product, a column for each fact."""

    key = "moda"
    label = "MODA"
    needs = (("sku",),)
    columns = (
        Column("title", "title"),
        Column("brand", "brand"),
        Column("category", CATEGORY, values.category_path, _main_path),
        Column("colour", "colour"),
        Column("gender", "gender", decide=values.gender_fact),
        Column("state", "state", decide=values.state_fact),
        Column("description", "standard"),
        Column("alt_text", "alt_text"),
        Column("detailed_description", "detailed"),
        Column("page_title", "page_title"),
        Column("bullets", "bullets"),
        Column("meta_title", "meta_title"),
        Column("meta_description", "meta_description"),
    )
    default_header = ("sku", *(column.name for column in columns), PHOTOS, _FURTHER)

    def recognises(self, layout: Layout) -> bool:
        """Only where all named columns are ours; others go to the page that maps columns."""
        ours = {name for column in self.columns for name in column.names}
        ours |= {"sku", PHOTOS, _FURTHER}
        known = all(not name or name in ours or name.startswith(_PREFIX) for name in layout.names)
        return "sku" in layout.names and known

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        for name, spelt in zip(layout.names, layout.header, strict=True):
            if name.startswith(_PREFIX) and name in first:
                cell = first[name].strip()
                attribute = f"{ATTRIBUTE}{spelt.strip()[len(_PREFIX) :].strip()}"
                record.facts[attribute] = "" if cell.lower() == CLEAR else cell
        record.photos = [
            part.strip() for part in first.get(PHOTOS, "").split(_PHOTO_SEPARATOR) if part.strip()
        ]
        further = [
            values.category_path(part.replace("\\|", "|"))
            for part in _BAR.split(first.get(_FURTHER, ""))
        ]
        if any(further):
            main = record.facts.get(CATEGORY, "")
            record.facts[CATEGORY] = shelves_text([main, *further])

    def knows_shelves(self, layout: Layout) -> bool:
        return _FURTHER in layout.names

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            if name.startswith(ATTRIBUTE):
                self.put(layout, rows[0], f"{_PREFIX}{name[len(ATTRIBUTE) :]}", value)
        if CATEGORY in facts:
            further = (path.replace("|", "\\|") for path in shelves_of(facts[CATEGORY])[1:])
            self.put(layout, rows[0], _FURTHER, " | ".join(further))

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], PHOTOS, _PHOTO_SEPARATOR.join(record.photos))

    def header_for(self, attributes: Sequence[str]) -> tuple[str, ...]:
        return (*self.default_header, *(f"{_PREFIX}{name}" for name in attributes))


def mapping_guess(header: Sequence[str]) -> dict[str, str]:
    """A guess of each column's target by its name; each target but further facts occurs once.

    Of several columns for one target, the one with the most telling name gets it: `sku`, not `id`.
    """
    names = {column: " ".join(column.lower().replace("_", " ").split()) for column in header}
    guess = dict.fromkeys(header, IGNORE)
    for target, words in _WORDS.items():
        exact = [column for column in header if names[column] in words and not guess[column]]
        if exact:
            guess[min(exact, key=lambda column: words.index(names[column]))] = target
    for target in [target for target in _WORDS if target not in guess.values()]:
        close = (
            column
            for column in header
            if not guess[column] and names[column] not in _ALL_WORDS
            if difflib.get_close_matches(names[column], _WORDS[target], n=1, cutoff=_CLOSE)
        )
        if (column := next(close, None)) is not None:
            guess[column] = target
    return guess


def _category(cell: str) -> str:
    for separator in (">", "/", "|"):
        if separator in cell:
            return values.category_of(cell.split(separator))
    return cell.strip()


_READERS = {
    "title": values.title_text,
    "category": _category,
}
_DECIDERS: dict[str, Callable[[str], tuple[str, str]]] = {
    "gender": values.gender_fact,
    "state": values.state_fact,
}
_HTML = ("standard", "detailed")


class MappedFormat(ColumnFormat):
    """A format that a mapping of columns to targets describes. No header is recognised as it."""

    key = "mapped"
    label = "Columns mapped by hand"
    needs = ()
    default_header = ()

    def __init__(self, mapping: Mapping[str, str]) -> None:
        columns = []
        for name, target in mapping.items():
            fact = f"{ATTRIBUTE}{name.strip()}" if target == KEEP_AS_ATTRIBUTE else target
            if target in _HTML:
                columns.append(Column(name.strip(), fact, values.text_of_html, values.html_of_text))
            elif target not in (IGNORE, SKU, PHOTOS):
                read, decide = _READERS.get(target, plain), _DECIDERS.get(target)
                columns.append(Column(name.strip(), fact, read, decide=decide))
        self.columns = tuple(columns)  # type: ignore[misc]  # of this instance alone
        self._sku = _column(mapping, SKU)
        self._photos = _column(mapping, PHOTOS)

    def recognises(self, layout: Layout) -> bool:
        return False

    def sku(self, cells: Cells) -> str:
        return values.whole_sku(cells.get(self._sku, ""))

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        cell = first.get(self._photos, "")
        separator = next((mark for mark in ("|", ";") if mark in cell), None)
        parts = cell.split(separator) if separator else values.split_addresses(cell)
        record.photos = [part.strip() for part in parts if part.strip()]


def _column(mapping: Mapping[str, str], target: str) -> str:
    return next((name.strip().lower() for name, to in mapping.items() if to == target), "")
