"""Values of shops as ours, and back."""

import html
import re
from collections.abc import Iterable
from textwrap import shorten

from catalog.tables.record import CATEGORY_SEPARATOR, sku_of

_GENDER_WORDS = {
    "men": "men man mens men's male m herren homme hommes uomo hombre",
    "women": "women woman womens women's female f w damen femme femmes donna mujer ladies",
    "unisex": "unisex uni",
    "boys": "boys boy jungen",
    "girls": "girls girl mädchen",
}
_GENDERS = {word: gender for gender, words in _GENDER_WORDS.items() for word in words.split()}
#: Our genders in formats that know two, with the age in another column.
TWO_GENDERS = {"men": "male", "boys": "male", "women": "female", "girls": "female"}
#: What retailers write into a cell without a value.
NOTHING = ("", "na", "n/a", "none", "null", "-")

_ROUNDED = re.compile(r"'?\d[.,]\d{2,}E\+\d{2}", re.IGNORECASE)
_ALT_TEXT = 125
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


def short_alt(cell: str) -> str:
    """An alt text of at most 125 characters: shops allow more, screen readers cut it off."""
    text = cell.strip()
    return text if len(text) <= _ALT_TEXT else shorten(text, _ALT_TEXT, placeholder="…")


def html_of_text(text: str) -> str:
    """Plain text as escaped paragraphs."""
    lines = [line for line in text.split("\n") if line.strip()]
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)


def gender_of(text: str, *, age_group: str = "") -> str:
    """One of our genders; empty for any other word. Children are boys or girls."""
    gender = _GENDERS.get(text.strip().lower(), "")
    if age_group.strip().lower() in ("kids", "toddler", "infant", "newborn"):
        return {"men": "boys", "women": "girls"}.get(gender, gender)
    return gender


def cut_short(cells: Iterable[str]) -> str:
    """The first cell that a spreadsheet has rounded (`4,00638E+12`); its last digits are lost."""
    return next((cell for cell in cells if _ROUNDED.fullmatch(cell.strip())), "")


def whole_sku(cell: str) -> str:
    """The SKU of a cell; empty where a spreadsheet has rounded it (`4,00638E+12`)."""
    return "" if cut_short([cell]) else sku_of(cell)


def gender_or_word(cell: str) -> str:
    """One of our genders, or the cell itself, so that checking the row names what is unknown."""
    return gender_of(cell) or cell.strip()


def category_path(cell: str) -> str:
    """The category of a cell such as `Apparel > Topwear`."""
    return category_of(cell.split(">"))


def category_of(parts: Iterable[str]) -> str:
    """The names of a path as one text."""
    return CATEGORY_SEPARATOR.join(filter(None, (part.strip() for part in parts)))


def deepest(paths: Iterable[str]) -> str:
    """The path with the most parts; the first of several."""
    return max(paths, key=lambda path: path.count(CATEGORY_SEPARATOR), default="")


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
