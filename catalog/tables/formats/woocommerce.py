"""WooCommerce's product CSV: simple, variable and variation rows, attributes in columns."""

import re
from collections.abc import Mapping, Sequence

from catalog.tables.formats import values
from catalog.tables.formats.columns import Cells, Column, ColumnFormat, Group, Layout
from catalog.tables.record import ATTRIBUTE, ProductRecord
from catalog.tables.shelves import CATEGORY, deepest_first, shelves_of, shelves_written
from catalog.tables.variants import VariantRecord, amount_of, availability_of

_ATTRIBUTE_NAME = re.compile(r"attribute (\d+) name")
#: Columns of every export, unless somebody chose others.
_ALWAYS_EXPORTED = ("id", "published", "short description")
#: A comma inside a name is written `\,`.
_COMMA = re.compile(r"(?<!\\),")
#: WordPress's shortcodes: `[gallery ids="1,2"]`, `[/vc_row]`.
_SHORTCODE = re.compile(
    r"""\[/?[a-z][a-z0-9_-]*(?:\s+[\w-]+=(?:"[^"]*"|'[^']*'|[^\s\]"']+))*\s*/?\]"""
)
_BLANKS = re.compile(r"[ \t]{2,}")
#: Column names in other languages: the header is in the language of the shop's admin; values such
#: as `variable` are always English.
_ENGLISH = {
    "type": "typ|tipo|тип|tyyppi|típus|tür",
    "sku": (
        "artikelnummer|ugs|cod|cód. ref|ref|varenummer|varenummer (sku)|varenr.|katalogové číslo|"
        "артикул|tuotetunnus|tuotetunnus (sku)|cikkszám|stok kodu|stok kodu (sku)|"
        "código de produto|sku (artikelnummer)|sku (varenummer)"
    ),
    "name": (
        "nom|nombre|nome|naam|nazwa|produktname|navn|název|jméno|имя|название|namn|nimi|név|i̇sim|isim|"
        "ad"
    ),
    "published": (
        "veröffentlicht|publié|publicado|pubblicato|gepubliceerd|opublikowano|opublikowany|publiée|"
        "udgivet|publiceret|publikováno|zveřejněno|опубликован|опубликовано|publicerad|publicerat|"
        "julkaistu|közzétéve|yayımlanmış|yayınlandı|publisert"
    ),
    "short description": (
        "kurzbeschreibung|description courte|descripción corta|breve descrizione|"
        "korte beschrijving|descrição curta|krótki opis|descrizione breve|kort beskrivelse|"
        "krátký popis|stručný popis|краткое описание|kort beskrivning|lyhyt kuvaus|rövid leírás|"
        "kısa açıklama"
    ),
    "description": (
        "beschreibung|descripción|descrizione|beschrijving|descrição|opis|beskrivelse|popis|"
        "описание|beskrivning|kuvaus|leírás|açıklama"
    ),
    "regular price": (
        "regulärer preis|tarif régulier|precio normal|prezzo di listino|normale prijs|"
        "reguliere prijs|preço normal|preço|cena regularna|prix régulier|normaler preis|normalpris|"
        "normal pris|běžná cena|базовая цена|обычная цена|ordinarie pris|normaali hinta|normál ár|"
        "normal fiyat"
    ),
    "categories": (
        "kategorien|catégories|categorías|categorie|categorieën|categorias|kategorie|kategorier|"
        "категории|kategoriat|osastot|kategória|kategóriák|kategoriler"
    ),
    "tags": (
        "schlagwörter|étiquettes|etiquetas|tag|znaczniki|mots-clés|varetags|štítky|метки|etiketter|"
        "avainsanat|címkék|etiketler|stikkord"
    ),
    "images": (
        "bilder|imágenes|immagini|afbeeldingen|imagens|obrazki|billeder|obrázky|изображения|kuvat|"
        "képek|görseller"
    ),
    "parent": (
        "übergeordnet|übergeordnetes produkt|superior|principal|genitore|hoofd|ascendente|"
        "nadrzędny|parente|eltern|forælder|overordnet|nadřazené|nadřazený|родительский|родитель|"
        "förälder|överordnad|ylätuote|vanhempi|szülő|ebeveyn|üst|forelder"
    ),
    "brands": (
        "marken|marques|marcas|marchi|merken|marki|brands|mærker|značky|бренды|varumärken|"
        "tuotemerkit|márkák|markalar"
    ),
    "visibility in catalog": (
        "sichtbarkeit im katalog|visibilité dans le catalogue|visibilidad en el catálogo|"
        "visibilità nel catalogo|zichtbaarheid in catalogus|visibilidade no catálogo|"
        "widoczność w katalogu|synlighed i katalog|viditelnost v katalogu|видимость в каталоге|"
        "synlighet i katalog|näkyvyys katalogissa|láthatóság a katalógusban|katalogda görünürlük"
    ),
}
_LONGEST_BARCODE = 64
_VISIBILITY = "visibility in catalog"
_GENDER_NAMES = ("gender", "geschlecht", "genre", "género", "genere", "geslacht", "gênero", "płeć",
                 "køn", "pohlaví", "пол", "kön", "sukupuoli", "nem", "cinsiyet", "sex")  # fmt: skip
_BY_NAME = {name: english for english, names in _ENGLISH.items() for name in names.split("|")}
#: The words for "attribute", "name" and "value(s)" in numbered columns, in any order.
_ATTRIBUTE_WORD = re.compile(
    r"\b(?:attributs?|attributo|atributo|eigenschap|atrybut[u]?|l['’]attribut|dell['’]attributo|"
    r"egenskab|egenskap|vlastnost[i]?|атрибут\w*|attribuut\w*|attribute|ominaisuu\w*|attribuutti\w*|"
    r"tulajdonság|nitelik|niteli[ğk]\w*|attributtens|attributt|attribut\w*)\b"
)
_PARTS = (
    ("value(s)", re.compile(
        r"\b(?:wert|werte|valeur|valor|valore|valori|waarden?|wartość|værdi|hodnot[ay]|значени\w*|"
        r"värden?|värde|arvot?|értéke\w*|değer\w*|verdi\w*)(?:\b|\()")),
    ("name", re.compile(
        r"\b(?:name|nom|nombre|nome|naam|nazwa|navn|název|jméno|название|имя|namn|nimi|neve?|ad[ıi]?|"
        r"ismi)\b")),
    ("visible", re.compile(
        r"\b(?:sichtbar|visible|visibile|zichtbaar|visível|widoczny|synlig\w*|viditeln\w*|"
        r"видимост\w*|näkyvyys|látható\w*|görün\w*)\b")),
    ("global", re.compile(
        r"\b(?:global|globale|globaal|globalny|globální|глобальн\w*|globaali|globális|küresel)\b")),
    ("default", re.compile(
        r"\b(?:standard|défaut|defecto|predefinito|standaard|padrão|výchozí|"
        r"по умолчанию|oletus\w*|alapértelmezett|varsayılan)\b")),
)  # fmt: skip
_NUMBER = re.compile(r"\b(\d{1,3})\b")


def _path(raw: str) -> str:
    return values.category_of(raw.replace("\\,", ",").split(">"))


def _categories(cell: str) -> str:
    return deepest_first(map(_path, _COMMA.split(cell)))


def _write_categories(cell: str, fact: str) -> str:
    """The cell with these categories; those that it has keep their place."""
    written = {_path(raw): raw.strip() for raw in _COMMA.split(cell) if raw.strip()}
    return ", ".join(shelves_written(written, shelves_of(fact), _comma_escaped))


def _comma_escaped(text: str) -> str:
    return text.replace(",", "\\,")


def _attribute_value(text: str) -> str:
    return text.replace("\\,", ",")


def _write_values(cell: str, text: str) -> str:
    """The values of an attribute; a comma inside one that the cell has stays inside it."""
    former = [_attribute_value(raw).strip() for raw in _COMMA.split(cell)]
    if len(former) == 1 and "," in former[0]:
        return _comma_escaped(text)
    for value in filter(lambda one: "," in one, former):
        text = text.replace(value, _comma_escaped(value))
    return text


def _line_breaks(cell: str) -> str:
    """WooCommerce writes a line break in a text as the two characters `\\n`."""
    return cell.replace("\\n", "\n")


def _page_text(cell: str) -> str:
    """The text of HTML without WordPress's shortcodes, which no page shows as they are written."""
    text = _SHORTCODE.sub(" ", cell)
    return values.text_of_html(cell if text == cell else _BLANKS.sub(" ", text))


class WooCommerceFormat(ColumnFormat):
    """A product for each row; a variation is a product too and names its parent."""

    key = "woocommerce"
    label = "WooCommerce"
    short_text = "short description"
    needs = (("type",), ("sku",), ("name",), ("published", "regular price", "images", "parent"))
    columns = (
        Column("Name", "title", values.title_text),
        Column("Short description", "standard", _page_text, values.html_of_text),
        Column("Description", "detailed", _page_text, values.html_of_text),
        Column("Brands", "brand", aliases=("Brand", "Meta: _brand")),
        Column("Categories", CATEGORY, _categories, rewrite=_write_categories),
        Column("Tags", "attributes.tags"),
        Column("Parent", "attributes.parent"),
        Column("Type", "attributes.woocommerce_type"),
    )
    default_header = (
        *("ID", "Type", "SKU", "Name", "Published", "Short description", "Description"),
        *("Categories", "Tags", "Images", "Parent", "Brands"),
        *("Attribute 1 name", "Attribute 1 value(s)", "Attribute 1 visible", "Attribute 1 global"),
        *("Attribute 2 name", "Attribute 2 value(s)", "Attribute 2 visible", "Attribute 2 global"),
    )

    def layout(self, header: Sequence[str]) -> Layout:
        return Layout(tuple(header), _english_name)

    def recognises(self, layout: Layout) -> bool:
        """Words of other languages occur in any table, so more columns are required."""
        is_english = layout.names == Layout(layout.header).names
        needed = () if is_english else _ALWAYS_EXPORTED
        return super().recognises(layout) and all(name in layout.names for name in needed)

    def sku(self, cells: Cells) -> str:
        if values.cut_short([cells.get("sku", "")]):
            return ""
        sku = cells.get("sku", "").strip()
        number = cells.get("id", "").strip()
        return sku or (self.sku_of_identity(number) if number else "")

    def knows_shelves(self, layout: Layout) -> bool:
        return "categories" in layout.names

    def identity(self, layout: Layout, group: Group) -> str:
        return layout.cells(group[0]).get("id", "").strip()

    def sku_of_identity(self, identity: str) -> str:
        return f"woo-{identity}"

    def read_columns(self, cells: Cells, record: ProductRecord) -> None:
        super().read_columns({name: _line_breaks(cell) for name, cell in cells.items()}, record)

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        for name, value, _ in _attributes(first):
            if name.lower() in values.COLOUR_NAMES and not _COMMA.search(value):
                record.say("colour", _attribute_value(value))
            elif name.lower() in _GENDER_NAMES and values.gender_of(value):
                record.say("gender", values.gender_of(value))
            else:
                record.say(f"{ATTRIBUTE}{name}", _attribute_value(value))
        if first.get("published", "").strip():
            fact, state = values.state_fact(first["published"])
            hidden = first.get(_VISIBILITY, "").strip().lower() == "hidden"
            record.say(fact, "draft" if hidden and state == "published" else state)
        record.photos = values.split_addresses(first.get("images", ""))

    def variant(self, layout: Layout, row: Sequence[str], group: Group) -> VariantRecord | None:
        cells = layout.cells(row)
        if cells.get("type", "").strip().lower() == "variable":  # its variations are what is sold
            return None
        usual, sale = (
            amount_of(cells.get("regular price", "")),
            amount_of(cells.get("sale price", "")),
        )
        is_variation = bool(cells.get("parent"))
        return VariantRecord(
            sku=self.sku(cells),
            options=[
                (name, _attribute_value(value))
                for name, value, _ in _attributes(cells)
                if is_variation
            ],
            price=sale or usual,
            compare_at_price=usual if sale else "",
            barcode=cells.get("gtin, upc, ean, or isbn", "").strip()[:_LONGEST_BARCODE],
            availability=availability_of(cells.get("in stock?", "")),
        )

    def variant_cells(self, variant: VariantRecord) -> Mapping[str, str]:
        return {
            "regular price": variant.compare_at_price or variant.price,
            "sale price": variant.price if variant.compare_at_price else "",
            "gtin, upc, ean, or isbn": variant.barcode,
        }

    def write_columns(self, layout: Layout, row: list[str], facts: Mapping[str, str]) -> None:
        super().write_columns(layout, row, facts)
        if "state" in facts:
            shown = facts["state"] == "published"
            self.put(layout, row, "published", "1" if shown else "0")
            if shown and layout.cells(row).get(_VISIBILITY, "").strip().lower() == "hidden":
                self.put(layout, row, _VISIBILITY, "visible")

    def write_more(self, layout: Layout, rows: list[list[str]], facts: Mapping[str, str]) -> None:
        """Write attributes into their numbered columns, new ones into free columns."""
        row = rows[0]
        places = {name.lower(): number for name, _, number in _attributes(layout.cells(row))}
        wanted = {
            name[len(ATTRIBUTE) :]: value
            for name, value in facts.items()
            if name.startswith(ATTRIBUTE)
            and name not in ("attributes.tags", "attributes.parent", "attributes.woocommerce_type")
        }
        if "colour" in facts:
            place = next((name for name in places if name in values.COLOUR_NAMES), "Color")
            wanted[place] = _comma_escaped(facts["colour"])
        if "gender" in facts:
            wanted["Gender"] = facts["gender"]
        for name, value in wanted.items():
            self._write_attribute(layout, row, places.get(name.lower()), name, value)

    def _write_attribute(
        self, layout: Layout, row: list[str], place: str | None, name: str, value: str
    ) -> None:
        if place is None:
            if not value:
                return
            used = {number for _, _, number in _attributes(layout.cells(row))}
            all_places = [m[1] for n in layout.names if (m := _ATTRIBUTE_NAME.fullmatch(n))]
            place = next((number for number in all_places if number not in used), None)
            if place is None:
                return
            self.put(layout, row, f"attribute {place} name", name)
            self.put(layout, row, f"attribute {place} visible", "1")
            self.put(layout, row, f"attribute {place} global", "1")
        column = f"attribute {place} value(s)"
        if name.lower() not in values.COLOUR_NAMES:
            value = _write_values(layout.cells(row).get(column, ""), value)
        self.put(layout, row, column, value)

    def _write_new(self, layout: Layout, record: ProductRecord) -> list[list[str]]:
        rows = super()._write_new(layout, record)
        if "attributes.woocommerce_type" not in record.facts:
            self.put(layout, rows[0], "type", "simple")
        return rows

    def write_photos(self, layout: Layout, rows: list[list[str]], record: ProductRecord) -> None:
        self.put(layout, rows[0], "images", ", ".join(record.photos))

    def header_for(self, attributes: Sequence[str]) -> tuple[str, ...]:
        places = range(3, 3 + len(attributes))
        parts = ("name", "value(s)", "visible", "global")
        return (
            *self.default_header,
            *(f"Attribute {number} {part}" for number in places for part in parts),
        )


def _attributes(cells: Cells) -> list[tuple[str, str, str]]:
    """(name, value, number of its columns) of the attributes of a row."""
    found = []
    for column, name in cells.items():
        if match := _ATTRIBUTE_NAME.fullmatch(column):
            value = cells.get(f"attribute {match[1]} value(s)", "").strip()
            if name.strip() and value:
                found.append((name.strip(), value, match[1]))
    return found


def _english_name(name: str) -> str:
    """The English name of a column in lower case; an unknown name stays."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    number = _NUMBER.search(name)
    if number is None or not _ATTRIBUTE_WORD.search(name):
        return name
    part = next((part for part, words in _PARTS if words.search(name)), None)
    return f"attribute {number[1]} {part}" if part else name
