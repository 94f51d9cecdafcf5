"""Words as they are searched: without the accents of Latin letters, so that `hor` finds `hør`."""

import re
import unicodedata

#: Letters that Unicode does not take apart into a letter and a mark.
LETTERS = {
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i",
    "ħ": "h", "Ħ": "H", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ß": "ss", "ẞ": "Ss",
    "þ": "th", "Þ": "Th",
}  # fmt: skip
_TABLE = str.maketrans(LETTERS)
#: Other scripts keep their marks, which make other letters there: й is no и.
_MARKED = re.compile("([A-Za-z])[\u0300-\u036f]+")


def folded(text: str) -> str:
    """The text with plain Latin letters; its case stays."""
    if text.isascii():
        return text
    plain = _MARKED.sub(r"\1", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", plain).translate(_TABLE)
