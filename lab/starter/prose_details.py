"""The further details that merchandisers name in the prose of an item."""

from collections.abc import Iterator, Mapping
from functools import cache

from moda_engine.language.further import FURTHER, FurtherDetail, further_of_type
from moda_engine.language.lexicon import tokens
from moda_engine.language.turns import NEGATORS

#: Any one word.
_ANY = "*"
#: A negator so many words before a detail denies it.
_DENIAL_REACH = 3
#: Prose of fewer characters tells nothing: "-".
_SHORTEST_PROSE = 40
_Words = tuple[str, ...]
#: How to wash it names no detail.
_CARE = (
    *("print or embroidery", "prints or embroidery", "print embroidery", "print / embroidery"),
    *("print and embroidery", "scrub on embroidery", "iron on print", "iron on prints"),
    *("iron on the print", "iron directly on print", "directly on print", "iron print"),
    *("iron on print or embroidery", "iron on prints or embroidery", "on print or embroidery"),
    *("iron on embroidery", "iron on graphic", "iron on applique", "applique / print"),
)


def named_details(title: str, prose: str, product_type: str | None) -> frozenset[str] | None:
    """The kinds of further detail that title and prose name of an item of this type.

    Longest phrases first, and each word once; what is denied is not named. `None` where there is no
    prose: then nothing tells what the item lacks.
    """
    if len(prose) < _SHORTEST_PROSE:
        return None
    words = [token.text for token in tokens(f"{title}. {prose}")]
    phrases = _phrases(product_type)
    found: set[str] = set()
    place = 0
    while place < len(words):
        length = 1
        for phrase, kinds in phrases.get(words[place], ()):
            if _stands_at(phrase, words, place):
                length = len(phrase)
                if not NEGATORS & set(words[max(0, place - _DENIAL_REACH) : place]):
                    found |= kinds
                break
        place += length
    return frozenset(found)


def _stands_at(phrase: _Words, words: list[str], place: int) -> bool:
    there = words[place : place + len(phrase)]
    return len(there) == len(phrase) and all(
        mine in (word, _ANY) for mine, word in zip(phrase, there, strict=True)
    )


@cache
def _phrases(product_type: str | None) -> Mapping[str, list[tuple[_Words, set[str]]]]:
    """First word → the phrases that begin with it, longest first, and the kinds that each names."""
    meanings: dict[_Words, set[str]] = {_words(phrase): set() for phrase in _CARE}
    for kind in further_of_type(product_type):
        for phrase in _all_phrases(FURTHER[kind]):
            meanings.setdefault(phrase, set()).add(kind)
    found: dict[str, list[tuple[_Words, set[str]]]] = {}
    for words in sorted(meanings, key=lambda words: (-len(words), words)):
        found.setdefault(words[0], []).append((words, meanings[words]))
    return found


def _all_phrases(detail: FurtherDetail) -> Iterator[_Words]:
    yield from map(_words, (detail.bare, *detail.also, *detail.hints))


def _words(phrase: str) -> _Words:
    parts = [tuple(token.text for token in tokens(part)) for part in phrase.split(_ANY)]
    return parts[0] + tuple(word for part in parts[1:] for word in (_ANY, *part))
