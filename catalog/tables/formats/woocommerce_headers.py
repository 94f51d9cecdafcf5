"""WooCommerce's column names in the languages that it exports them in: the header is translated
with the shop's admin, values such as `variable` are not."""

import re

_ENGLISH = {
    "type": ("typ", "tipo"),
    "sku": ("artikelnummer", "ugs", "cod", "cód. ref", "ref"),
    "name": ("nom", "nombre", "nome", "naam", "nazwa", "produktname"),
    "published": (
        *("veröffentlicht", "publié", "publicado", "pubblicato", "gepubliceerd", "opublikowano"),
        *("opublikowany", "publiée"),
    ),
    "short description": (
        *("kurzbeschreibung", "description courte", "descripción corta", "breve descrizione"),
        *("korte beschrijving", "descrição curta", "krótki opis", "descrizione breve"),
    ),
    "description": (
        "beschreibung",
        "descripción",
        "descrizione",
        "beschrijving",
        "descrição",
        "opis",
    ),
    "regular price": (
        *("regulärer preis", "tarif régulier", "precio normal", "prezzo di listino"),
        *("normale prijs", "reguliere prijs", "preço normal", "preço", "cena regularna"),
        *("prix régulier", "normaler preis"),
    ),
    "categories": (
        *("kategorien", "catégories", "categorías", "categorie", "categorieën", "categorias"),
        *("kategorie",),
    ),
    "tags": ("schlagwörter", "étiquettes", "etiquetas", "tag", "znaczniki", "mots-clés"),
    "images": ("bilder", "imágenes", "immagini", "afbeeldingen", "imagens", "obrazki"),
    "parent": (
        *("übergeordnet", "übergeordnetes produkt", "superior", "principal", "genitore", "hoofd"),
        *("ascendente", "nadrzędny", "parente", "eltern"),
    ),
    "brands": ("marken", "marques", "marcas", "marchi", "merken", "marki"),
}
_BY_NAME = {name: english for english, names in _ENGLISH.items() for name in names}
#: What stands for "attribute", "name" and "value(s)" in numbered columns, in any order.
_ATTRIBUTE = re.compile(
    r"\b(?:attributs?|attributo|atributo|eigenschap|atrybut[u]?|l['’]attribut|dell['’]attributo)\b"
)
_PARTS = (
    (
        "value(s)",
        re.compile(r"\b(?:wert|werte|valeur|valor|valore|valori|waarden?|wartość)\b"),
    ),
    ("name", re.compile(r"\b(?:name|nom|nombre|nome|naam|nazwa)\b")),
    ("visible", re.compile(r"\b(?:sichtbar|visible|visibile|zichtbaar|visível|widoczny)\b")),
    ("global", re.compile(r"\b(?:global|globale|globaal|globalny)\b")),
    ("default", re.compile(r"\b(?:standard|défaut|defecto|predefinito|standaard|padrão)\b")),
)
_NUMBER = re.compile(r"\b(\d{1,3})\b")


def english_name(name: str) -> str:
    """The English name of a column, in small letters; as it is where it is not a known one."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    number = _NUMBER.search(name)
    if number is None or not _ATTRIBUTE.search(name):
        return name
    part = next((part for part, words in _PARTS if words.search(name)), None)
    return f"attribute {number[1]} {part}" if part else name
