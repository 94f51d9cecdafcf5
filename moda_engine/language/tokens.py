"""A text as lower-case words and marks, however it was typed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
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
    """A word or a mark, and which characters of the text it stands for."""

    text: str
    #: Whether a hyphen ties it to the word before: "navy-trimmed".
    tied: bool
    start: int = 0
    end: int = 0


def tokens(text: str) -> Iterator[Token]:
    """The words and marks of `text`, accents and the spelling of apostrophes and dashes aside."""
    folded, places = _folded(text)
    for match in _TOKEN.finditer(folded):
        group = "word" if match["word"] else "mark"
        start, end = places[match.start(group)], places[match.end(group) - 1] + 1
        word = match["word"]
        tied = word is not None and match["tie"] is not None
        yield Token(word or _mark(match["mark"]), tied, start, end)


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """`text` in lower case without accents, and the place in `text` of each of its characters."""
    if text.isascii():
        return text.lower().translate(_SPELT_ALIKE), range(len(text))
    letters = [
        (letter, place)
        for place, original in enumerate(text)
        for letter in unicodedata.normalize("NFKD", original).lower()
        if not unicodedata.combining(letter)
    ]
    folded = "".join(letter for letter, _ in letters).translate(_SPELT_ALIKE)
    return folded, [place for _, place in letters]


def _mark(mark: str) -> str:
    return {"&": "and", "+": "and", "-": "—"}.get(mark, mark)
