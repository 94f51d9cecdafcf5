"""A corpus of odd but real exports: a generator of files that all say the same two products."""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

#: Headers of a table with the columns SKU, title, description, colour, as shops of a language
#: name them, with a title in it and a code page that can hold it.
LANGUAGES = {
    "en": (["sku", "title", "description", "colour"], "Café shirt", "cp1252"),
    "de": (["Artikelnummer", "Bezeichnung", "Beschreibung", "Farbe"], "Größe", "cp1252"),
    "fr": (["Référence", "Nom", "Description", "Couleur"], "Robe d'été", "cp1252"),
    "it": (["Codice", "Nome", "Descrizione", "Colore"], "Maglia più lunga", "cp1252"),
    "es": (["SKU", "Nombre", "Descripción", "Color"], "Camisa niño", "cp1252"),
    "pt": (["SKU", "Nome", "Descrição", "Cor"], "Calção", "cp1252"),
    "nl": (["Artikelnummer", "Naam", "Beschrijving", "Kleur"], "Jurk één", "cp1252"),
    "da": (["Varenummer", "Navn", "Beskrivelse", "Farve"], "Rød kjole", "cp1252"),
    "pl": (["SKU", "Nazwa", "Opis", "Kolor"], "Żółta sukienka", "cp1250"),
    "cs": (["SKU", "Název", "Popis", "Barva"], "Dámské šaty, řada", "cp1250"),
    "tr": (["Stok kodu", "Ad", "Açıklama", "Renk"], "Kışlık mont", "cp1254"),
    "ru": (["Артикул", "Название", "Описание", "Цвет"], "Платье красное", "cp1251"),
}
DELIMITERS = (",", ";", "\t", "|")
BODIES = (
    "Plain.",
    "<p>One &amp; two</p><ul><li>A<li>B</ul>",
    'Says "hi";\n5" wide, new',
    "x" * 6_000,
)
WIDE = ("utf-8", "utf-8-sig", "utf-16", "legacy")


@dataclass(frozen=True)
class Oddity:
    """One file, how its columns are to be mapped, and what its rows say."""

    name: str
    content: bytes
    mapping: dict[str, str]
    title: str
    body: str


def oddities(count: int) -> Iterator[Oddity]:
    """`count` files: languages × delimiters × encodings × bodies × quoting, spread evenly."""
    kinds = list(itertools.product(LANGUAGES, DELIMITERS, WIDE, range(len(BODIES))))
    for number in range(count):
        language, delimiter, encoding, body = kinds[number * 613 % len(kinds)]
        header, title, legacy = LANGUAGES[language]
        rows = [["A/1", title, BODIES[body], "red"], ["A-1", f"{title} 2", "", ""]]
        order = [(number + at) % len(header) for at in range(len(header))]
        text = io.StringIO()
        quoting = csv.QUOTE_ALL if number % 2 else csv.QUOTE_MINIMAL
        writer = csv.writer(
            text,
            delimiter=delimiter,
            quoting=quoting,
            lineterminator="\r\n" if number % 3 else "\n",
        )
        writer.writerows([row[at] for at in order] for row in (header, *rows))
        codec = legacy if encoding == "legacy" else encoding
        targets = ("sku", "title", "standard", "colour")
        yield Oddity(
            name=f"{number}-{language}-{encoding}-{body}",
            content=text.getvalue().encode(codec),
            mapping=dict(zip(header, targets, strict=True)),
            title=title,
            body=BODIES[body],
        )
