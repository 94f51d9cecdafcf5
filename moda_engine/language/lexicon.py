"""A text as tokens, and cut into the longest phrases that the reader knows.

Each stretch of text is read once, so "navy blue" is not also "blue" and "sports shoes" not also
"sports". Within a phrase, space and hyphen are the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from moda_engine.language.further import FURTHER
from moda_engine.language.synonyms import (
    COLOUR_SYNONYMS,
    COMPOSITES,
    DETAIL_SYNONYMS,
    GENDER_SYNONYMS,
    PATTERN_SYNONYMS,
    PRODUCT_TYPE_SYNONYMS,
    USAGE_SYNONYMS,
)
from moda_engine.language.turns import IDIOMS, TURNING_PHRASES
from moda_engine.language.vocabulary import (
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)

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


#: (kind, label); a detail's kind is its own: ("neck", "V-Neck").
Statement = tuple[str, str]
Words = tuple[str, ...]
#: The kind of "shoes" without a word that says which: a type once the usage is known.
SHOES: Statement = ("shoes", "Shoes")
_ANY_WORD = "*"


class Element(NamedTuple):
    """A stretch of text: a phrase of the lexicon, or one word or mark that it does not know."""

    text: str
    statements: tuple[Statement, ...]
    #: Whether a hyphen ties it to the word before.
    tied: bool
    #: The characters of the text that it stands for.
    start: int = 0
    end: int = 0


_END = Element(".", (), False)


def kinds(element: Element) -> set[str]:
    """The kinds of the element's statements."""
    return {kind for kind, _ in element.statements}


def element_at(found: Sequence[Element], position: int) -> Element:
    """The element at `position`; a full stop before the first and behind the last."""
    return found[position] if 0 <= position < len(found) else _END


@lru_cache(maxsize=512)  # a text is read for several questions in a row
def elements(text: str) -> tuple[Element, ...]:
    """`text` cut into the longest phrases that the reader knows, and the words between."""
    lexicon = _lexicon()
    stream = list(tokens(text))
    found: list[Element] = []
    start = 0
    while start < len(stream):
        word, tied = stream[start][:2]
        length = 1
        statements: tuple[Statement, ...] = ()
        for phrase, meaning in lexicon.get(word, ()):
            if _begins(stream, start, phrase):
                length, statements = len(phrase), meaning
                word = " ".join(token.text for token in stream[start : start + length])
                break
        last = stream[start + length - 1]
        found.append(Element(word, statements, tied, stream[start].start, last.end))
        start += length
    return tuple(found)


def known_words() -> frozenset[str]:
    """Every word of a phrase that the reader knows, in lower case."""
    phrases = (words for found in _lexicon().values() for words, _ in found)
    return frozenset(word for words in phrases for word in words if word != _ANY_WORD)


def _begins(stream: Sequence[Token], start: int, phrase: Words) -> bool:
    """Whether `phrase`, whose first word stands at `start`, goes on there."""
    for offset in range(1, len(phrase)):
        if start + offset >= len(stream):
            return False
        word = stream[start + offset].text
        if phrase[offset] != word and not (phrase[offset] == _ANY_WORD and _unknown(word)):
            return False
    return True


def _unknown(word: str) -> bool:
    return word.isalnum() and word not in _first_words()


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    """With which phrases begin that mean something by themselves, further details apart."""
    return frozenset(words[0] for words in _own_meanings())


@lru_cache(maxsize=1)
def _lexicon() -> Mapping[str, list[tuple[Words, tuple[Statement, ...]]]]:
    """First word → the phrases that begin with it, longest first, and what each states."""
    meanings = _own_meanings()
    for detail in FURTHER.values():
        statements = ((detail.kind, detail.label), *detail.states.items())
        for phrase in (detail.words, detail.bare, *detail.also):
            meanings[_words(phrase)] = statements
    by_first_word: dict[str, list[tuple[Words, tuple[Statement, ...]]]] = {}
    for words in sorted(meanings, key=len, reverse=True):
        by_first_word.setdefault(words[0], []).append((words, meanings[words]))
    return by_first_word


def _own_meanings() -> dict[Words, tuple[Statement, ...]]:
    """Phrase → what it states, further details apart."""
    meanings: dict[Words, tuple[Statement, ...]] = {}
    for phrase, kind, label in _phrases():
        meanings[_words(phrase)] = ((kind, label),)
    meanings |= {_words(phrase): statements for phrase, statements in _plurals_too(COMPOSITES)}
    return meanings | {_words(phrase): () for phrase in (*IDIOMS, *TURNING_PHRASES)}


def _words(phrase: str) -> Words:
    spaced = phrase.split(_ANY_WORD)
    parts = [tuple(token.text for token in tokens(part)) for part in spaced]
    return parts[0] + tuple(word for part in parts[1:] for word in (_ANY_WORD, *part))


def _phrases() -> Iterator[tuple[str, str, str]]:
    """(phrase, kind, label) of all tables but the composites."""
    for label, noun in PRODUCT_TYPES.items():
        for phrase in (noun.text, *PRODUCT_TYPE_SYNONYMS.get(label, ())):
            yield phrase, "product_type", label
            yield plural(phrase), "product_type", label
    for kind, words, synonyms in (
        ("colour", COLOURS, COLOUR_SYNONYMS),
        ("gender", GENDERS, GENDER_SYNONYMS),
        ("usage", USAGES, USAGE_SYNONYMS),
        ("pattern", PATTERNS, PATTERN_SYNONYMS),
        *((kind, DETAILS[kind], DETAIL_SYNONYMS[kind]) for kind in DETAILS),
    ):
        for label, phrase in words.items():
            yield phrase, kind, label
            yield re.sub(r"^an? ", "", phrase), kind, label
        for label, phrases in synonyms.items():
            yield from ((phrase, kind, label) for phrase in phrases)
    yield "shoes", *SHOES
    yield "shoe", *SHOES


def _plurals_too(
    table: Mapping[str, tuple[Statement, ...]],
) -> Iterable[tuple[str, tuple[Statement, ...]]]:
    for phrase, statements in table.items():
        yield phrase, statements
        yield plural(phrase), statements


def plural(noun: str) -> str:
    """The plural of an English noun; a plural stays as it is."""
    if noun.endswith(("ss", "sh", "ch", "x")):
        return f"{noun}es"
    if noun.endswith("s"):
        return noun
    if noun.endswith("f"):
        return f"{noun[:-1]}ves"
    return f"{noun}s"
