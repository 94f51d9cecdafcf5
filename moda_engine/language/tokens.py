"""A text as lower-case words and marks, however it was typed."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

#: A word with its apostrophe ("girl's", "isn't"), and whether a hyphen ties it to the one before;
#: or a mark. A hyphen between spaces is a mark, and so is a long dash.
_TOKEN = re.compile(r"(?P<tie>(?<=[a-z0-9])-)?(?P<word>[a-z0-9]+(?:'[a-z]+)?)|(?P<mark>[^\s\w'])")
_SPELT_ALIKE = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "‐": "-",
        "‑": "-",
        "–": "-",
        "⁄": "/",
        "\n": ".",
    }
)


class Token(NamedTuple):
    """A word or a mark."""

    text: str
    #: Whether a hyphen ties it to the word before: "navy-trimmed".
    tied: bool


def tokens(text: str) -> Iterator[Token]:
    """The words and marks of `text`, accents and the spelling of apostrophes and dashes aside."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    for match in _TOKEN.finditer(text.lower().translate(_SPELT_ALIKE)):
        word = match["word"]
        yield Token(word, match["tie"] is not None) if word else Token(_mark(match["mark"]), False)


def _mark(mark: str) -> str:
    return {"&": "and", "+": "and", "-": "—"}.get(mark, mark)
