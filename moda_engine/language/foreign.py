"""The labels that a text in another language states, read by the phrases of a vocabulary file.

`vocabularies/<language>.json` holds kind → label → phrases, labels as in `vocabulary`. The kind
`other` holds words that are no label: `denials` ("without") drop what follows, `attachments`
("with", "for") attach a product type, and `unlabelled` state nothing. These may be parts of a
compound word, and keep their words from being read otherwise: Tommy Jeans is a brand.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from moda_engine.language.lexicon import Element, Statement, Words, element_at, kinds
from moda_engine.language.reading import of_the_item, wearers
from moda_engine.language.scopes import Stated
from moda_engine.language.vocabulary import ALTERNATIVES, PRODUCT_TYPES

_BUILT_IN = Path(__file__).with_name("vocabularies")
_OTHER = "other"
_ALLOWED = {**ALTERNATIVES, _OTHER: ("denials", "attachments", "unlabelled")}
#: Of two nouns side by side the last one counts, and compounds are one word.
_HEAD_LAST = frozenset({"da", "de", "fi", "hu", "nb", "nl", "nn", "no", "sv"})
#: A hyphen between spaces is a mark.
_TOKEN = re.compile(
    r"(?P<tie>(?<=\w)[-‐‑])?(?P<word>[^\W_]+)|(?P<mark>(?<=\s)-(?=\s)|[^\w\s'’‘`´‐‑-]|\n)"
)
_PHRASE_ENDS = frozenset(".,;:!?()|•-–—\n")
#: Letters that Unicode does not take apart into a base and an accent; soft hyphens go.
_BASE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "\xad": ""})
_SHORTEST_PART = 3
_LONGEST_COMPOUND = 40
#: How many unknown words may stand between a denial and what it denies.
_WORDS_TO_DENIED = 1


class VocabularyError(ValueError):
    """A vocabulary file has a fault, or a language has no file."""


class _Vocabulary(NamedTuple):
    phrases: Mapping[Words, tuple[Statement, ...]]
    head_last: bool
    longest: int


def labels_in(text: str, language: str, extra: Path | None = None) -> dict[str, str]:
    """Kind → the label that `text` states; a kind with two labels is left out.

    Two colours are one label, in their order. A usage that only the noun implies counts too.
    `extra` is a folder of files that are read once, and overrule the built-in ones by phrase.

    Raises:
        VocabularyError: names the file, the key and what is allowed.
    """
    vocabulary = _vocabulary(language, extra)
    found = _elements(text, vocabulary)
    by_kind: dict[str, list[str]] = {}
    for item in of_the_item(list(_stated(found, head_last=vocabulary.head_last))):
        kind, label = item.statement
        if label not in by_kind.setdefault(kind, []):
            by_kind[kind].append(label)
    by_kind["gender"] = sorted(wearers(frozenset(by_kind.get("gender", ()))))
    if "usage" not in by_kind:
        implied = {PRODUCT_TYPES[label].states_usage for label in by_kind.get("product_type", ())}
        by_kind["usage"] = sorted(usage for usage in implied if usage)
    if "colour" in by_kind:
        by_kind["colour"] = ["/".join(by_kind["colour"])]
    return {kind: labels[0] for kind, labels in by_kind.items() if len(labels) == 1}


def _stated(found: Sequence[Element], *, head_last: bool) -> Iterator[Stated]:
    denied_words, attached, place = 0, False, 0
    for position, element in enumerate(found):
        turns = {label for kind, label in element.statements if kind == _OTHER}
        labels = [one for one in element.statements if one[0] != _OTHER]
        place += max(1, len(labels))  # parts of a word are neighbours
        if element.text in _PHRASE_ENDS:
            denied_words, attached = 0, False
        elif "denials" in turns:
            denied_words = _WORDS_TO_DENIED + 1
        elif not labels:
            denied_words = 0 if "unlabelled" in turns else max(denied_words - 1, 0)
            attached = attached or "attachments" in turns
        elif denied_words:
            denied_words = 0
        else:
            says_which = _says_which(found, position, head_last=head_last)
            for part, statement in enumerate(labels, place - len(labels)):
                is_type = statement[0] == "product_type"
                if not (is_type and says_which):
                    yield Stated(statement, part, attached=is_type and attached)


def _says_which(found: Sequence[Element], position: int, *, head_last: bool) -> bool:
    """Whether a product type at `position` only says which kind of its neighbour."""
    if not head_last:
        return "product_type" in kinds(element_at(found, position - 1))
    following = element_at(found, position + 1)
    return "product_type" in kinds(following) or (following.tied and not following.statements)


def _elements(text: str, vocabulary: _Vocabulary) -> list[Element]:
    """`text` cut into the longest phrases of `vocabulary`, and the words and marks between."""
    stream = list(_tokens(text))
    found: list[Element] = []
    start = 0
    while start < len(stream):
        word, tied = stream[start]
        for length in range(vocabulary.longest, 1, -1):
            words = tuple(token for token, _ in stream[start : start + length])
            if len(words) == length and words in vocabulary.phrases:
                found.append(Element(" ".join(words), vocabulary.phrases[words], tied))
                break
        else:
            length = 1
            found.append(Element(word, _of_word(word, vocabulary) or (), tied))
        start += length
    return found


def _of_word(word: str, vocabulary: _Vocabulary) -> tuple[Statement, ...] | None:
    """What a word states by itself or by its parts; `None` if a part is unknown."""
    if (word,) in vocabulary.phrases:
        return vocabulary.phrases[word,]
    if not vocabulary.head_last or len(word) > _LONGEST_COMPOUND:
        return None
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        last = vocabulary.phrases.get((word[cut:],))
        if last is not None and (first := _of_word(word[:cut], vocabulary)) is not None:
            return (*(one for one in first if one[0] != "product_type"), *last)
    return None


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Words and marks without case and accents, and whether a hyphen ties each to the last."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    folded = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for match in _TOKEN.finditer(folded.translate(_BASE_LETTERS)):
        yield match["word"] or match["mark"], match["tie"] is not None


@lru_cache(maxsize=64)
def _vocabulary(language: str, extra: Path | None) -> _Vocabulary:
    folders = [_BUILT_IN] if extra is None else [_BUILT_IN, extra]
    names = sorted({path.stem for folder in folders for path in folder.glob("*.json")})
    _check(language in names, f"No vocabulary for {language!r}", names)
    files = [path for folder in folders if (path := folder / f"{language}.json").is_file()]
    phrases = {words: stated for path in files for words, stated in _phrases(path).items()}
    return _Vocabulary(phrases, language in _HEAD_LAST, max(map(len, phrases), default=1))


def _phrases(path: Path) -> dict[Words, tuple[Statement, ...]]:
    found: dict[Words, dict[str, str]] = {}
    for kind, label, phrase in _entries(path):
        words = tuple(word for word, _ in _tokens(phrase))
        other = found.setdefault(words, {}).setdefault(kind, label)
        what = f"{path}: {kind}: {label}: {phrase!r} stands under {other!r} too"
        _check(other == label, what, ["one label of a kind"])
    return {words: tuple(labels.items()) for words, labels in found.items()}


def _entries(path: Path) -> Iterator[tuple[str, str, str]]:
    """(kind, label, phrase) of a file, each checked."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise VocabularyError(f"{path}: {error}. Allowed: JSON in UTF-8.") from error
    _check(isinstance(content, dict), f"{path}", ["a JSON object"])
    for kind, labels in content.items():
        _check(kind in _ALLOWED, f"{path}: {kind!r}", _ALLOWED)
        _check(isinstance(labels, dict), f"{path}: {kind}", ["a JSON object"])
        for label, phrases in labels.items():
            _check(label in _ALLOWED[kind], f"{path}: {kind}: {label!r}", _ALLOWED[kind])
            key = f"{path}: {kind}: {label}"
            _check(isinstance(phrases, list), key, ["a list of phrases"])
            for phrase in phrases:
                has_word = isinstance(phrase, str) and any(map(str.isalnum, phrase))
                _check(has_word, f"{key}: {phrase!r}", ["a text with a letter or digit"])
                yield kind, label, phrase


def _check(holds: object, what: str, allowed: Iterable[str]) -> None:
    if not holds:
        raise VocabularyError(f"{what}. Allowed: {', '.join(allowed)}.")
