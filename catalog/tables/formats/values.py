"""Values of shops as ours, and back."""

import csv
import html
import io
import re
from collections.abc import Iterable

from catalog.tables.record import ATTRIBUTE, CATEGORY_SEPARATOR

_GENDER_WORDS = {
    "men": "men man mens men's male m masculine herren herr mann männer männlich homme hommes "
    "masculin uomo uomini maschile hombre hombres caballero masculino homem homens heren mannen "
    "herrer mænd herre herrar miehet mężczyzna mężczyźni męskie męski muži muž pánské pánský férfi "
    "bărbați мужской мужчины мужское erkek 男 男士 男性 男装 メンズ 남성",
    "women": "women woman womens women's female f w feminine damen dame frau frauen weiblich femme "
    "femmes féminin donna donne femminile mujer mujeres señora femenino mulher mulheres feminino "
    "vrouw vrouwen kvinder kvinne dam damer naiset kobieta kobiety damskie damski ženy žena dámské "
    "dámský női femei женский женщины женское kadın 女 女士 女性 女装 レディース 여성 ladies lady",
    "unisex": "unisex uni u both all adult adults gender-neutral neutral mixte unissex yleinen "
    "унисекс 中性 男女 ユニセックス 남녀공용",
    "boys": "boys boy boy's jungen junge garçon garçons bambino niño niños menino meninos jongen "
    "jongens drenge pojkar pojat chłopiec chłopcy chlapci chlapecké fiú мальчики мальчик "
    "erkek-çocuk 男童",
    "girls": "girls girl girl's mädchen fille filles bambina niña niñas menina meninas meisje "
    "meisjes piger flickor tytöt dziewczynka dziewczynki dívky dívčí lány девочки девочка "
    "kız-çocuk 女童",
}
_GENDERS = {word: gender for gender, words in _GENDER_WORDS.items() for word in words.split()}
#: Words of cells in the usual languages, by what they mean: spreadsheets and shops translate them.
_MEANINGS = {
    "yes": "1 true yes y on x ja oui si sì sí sim wahr vrai vero verdadero verdadeiro waar prawda "
    "tak ano igen kyllä evet да 是",
    "no": "0 false no n off nein non não falsch faux falso onwaar nee fałsz nie ne nem ei nej "
    "hayır нет 否 -1",
    "shown": "published publish active enabled enable online visible live available aktiv "
    "aktiviert veröffentlicht sichtbar actif activé publié activo publicado habilitado attivo "
    "pubblicato abilitato ativo actief gepubliceerd aktywny opublikowany aktivní zveřejněno "
    "aktivt aktif активен опубликовано",
    "hidden": "draft unpublished inactive disabled disable hidden offline archived private pending "
    "trash invisible entwurf inaktiv deaktiviert versteckt unsichtbar brouillon inactif "
    "désactivé masqué borrador inactivo oculto bozza inattivo disattivato nascosto rascunho "
    "inativo concept inactief verborgen szkic nieaktywny ukryty koncept neaktivní skryto kladde "
    "udkast taslak pasif черновик скрыт 2",
    "children": "kids kid children child toddler infant newborn baby babies kinder kind enfant "
    "enfants niños bambini crianças kinderen børn barn dzieci děti gyerek дети",
    "colour": "color colour farbe couleur colore kleur cor kolor barva färg farve farge väri szín "
    "culoare цвет renk χρώμα 颜色 顏色 カラー 色 색상",
}
_WORDS = {meaning: frozenset(words.split()) for meaning, words in _MEANINGS.items()}
#: The names of an option or attribute that is the colour, in lower case.
COLOUR_NAMES = _WORDS["colour"]
#: Our genders in formats that know two, with the age in another column.
TWO_GENDERS = {"men": "male", "boys": "male", "women": "female", "girls": "female"}
#: What retailers write into a cell without a value.
NOTHING = ("", "na", "n/a", "none", "null", "-")

_ROUNDED = re.compile(r"'?\d[.,]\d{2,}E\+\d{2}", re.IGNORECASE)
#: Elements that a browser shows on lines of their own; a start or end tag breaks the line.
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|"
    r"figcaption|figure|footer|form|h[1-6]|header|hr|legend|li|main|nav|ol|p|pre|section|summary|"
    r"table|tbody|tfoot|thead|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</?t[dh]\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_INVISIBLE = re.compile(
    r"<(script|style|head|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BLANKS = re.compile(r"[^\S\n]+")


def text_of_html(source: str) -> str:
    """The text of HTML as a browser shows it, a line for each block. Text without tags stays."""
    if "<" not in source and "&" not in source:
        return source.strip()
    if not _TAG.search(source):
        return _unescaped(source).strip()
    text = _INVISIBLE.sub(" ", source)
    text = _BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\n", " "))
    text = _unescaped(_TAG.sub("", _BLOCK.sub("\n", _CELL.sub(" ", text))))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _unescaped(text: str) -> str:
    return html.unescape(text).replace("\xa0", " ")


def title_text(cell: str) -> str:
    """A title with entities as characters: shops often store `&amp;`. `&` alone stays."""
    return _ENTITY.sub(lambda entity: _unescaped(entity[0]), cell).strip()


def html_of_text(text: str) -> str:
    """Plain text as escaped paragraphs."""
    lines = [line for line in text.split("\n") if line.strip()]
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)


def gender_of(text: str, *, age_group: str = "") -> str:
    """One of our genders; empty for any other word. Children are boys or girls."""
    gender = _GENDERS.get(text.strip().casefold(), "")
    if age_group.strip().casefold() in _WORDS["children"]:
        return {"men": "boys", "women": "girls"}.get(gender, gender)
    return gender


def gender_fact(text: str, *, age_group: str = "") -> tuple[str, str]:
    """The fact that a gender's cell gives, and its value.

    A word that is none of our genders (`kids`, say) stays as the attribute *gender*.
    """
    gender = gender_of(text, age_group=age_group)
    return ("gender", gender) if gender else (f"{ATTRIBUTE}gender", text.strip())


def state_of(cell: str) -> str:
    """`published` or `draft` by a shop's word; empty for any other word."""
    word = cell.strip().casefold()
    if word in _WORDS["shown"] | _WORDS["yes"]:
        return "published"
    return "draft" if word in _WORDS["hidden"] | _WORDS["no"] else ""


def state_fact(cell: str) -> tuple[str, str]:
    """The fact that a state's cell gives, and its value; an unknown word stays as an attribute."""
    state = state_of(cell)
    return ("state", state) if state else (f"{ATTRIBUTE}state", cell.strip())


def cut_short(cells: Iterable[str]) -> str:
    """The first cell that a spreadsheet has rounded (`4,00638E+12`); its last digits are lost."""
    return next((cell for cell in cells if _ROUNDED.fullmatch(cell.strip())), "")


def whole_sku(cell: str) -> str:
    """The SKU of a cell as it is; empty where a spreadsheet has rounded it (`4,00638E+12`)."""
    return "" if cut_short([cell]) else cell.strip()


def category_path(cell: str) -> str:
    """The category of a cell such as `Apparel > Topwear`."""
    return category_of(cell.split(">"))


def category_of(parts: Iterable[str]) -> str:
    """The names of a path as one text."""
    return CATEGORY_SEPARATOR.join(filter(None, (part.strip() for part in parts)))


def split_list(text: str, separator: str = ",") -> list[str]:
    """The non-empty parts of a list in one cell."""
    return [part for part in (piece.strip() for piece in text.split(separator)) if part]


def split_addresses(text: str) -> list[str]:
    """Addresses or file names, separated by commas; a comma inside an address stays.

    An address begins with its scheme, so a comma splits only before one, or before a file name.
    """
    parts: list[str] = []
    for piece in text.split(","):
        name = piece.strip()
        inside = parts and "://" in parts[-1] and "://" not in name and not piece.startswith(" ")
        if inside:
            parts[-1] += f",{name}"
        elif name:
            parts.append(name)
    return parts


def join_addresses(addresses: Iterable[str]) -> str:
    """Addresses in one cell, a comma inside one as `%2C`, because a comma separates them."""
    return ",".join(address.replace(",", "%2C") for address in addresses)


def lines_of_list(cell: str) -> str:
    """Values with commas between them, those with a comma quoted, as lines."""
    parts = next(csv.reader([" ".join(cell.split())], skipinitialspace=True), [])
    return "\n".join(part.strip() for part in parts if part.strip())


def list_of_lines(text: str) -> str:
    """Lines as a list with commas between, as `lines_of_list` reads it."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(text.splitlines())
    return written.getvalue()
