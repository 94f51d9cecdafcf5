"""The words that a page may hold beside its facts, and the claims that need proof.

Three files of this package, which a shop may replace by its own: `words/plain.txt`,
`words/taste.txt` and `words/proof.json`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from moda_engine.language.foreign import VocabularyError

WORDS = Path(__file__).parent / "words"
#: A word with its apostrophe and its hyphens: "men's", "T-shirt", "U.S.".
WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*['’]?")


@dataclass(frozen=True)
class Proof:
    """A kind of claim that is said as a known fact alone, and what demands it."""

    kind: str
    source: str


@dataclass(frozen=True)
class CopyLexicon:
    """What the guard reads words by."""

    #: Words that state nothing, in lower case.
    plain: frozenset[str]
    #: Adjectives of taste, in lower case.
    taste: frozenset[str]
    #: Word or phrase in lower case → why it needs proof.
    proof: dict[str, Proof] = field(default_factory=dict)

    def with_taste(self, words: Iterable[str]) -> "CopyLexicon":
        """The lexicon with a shop's own words of taste; a word that needs proof is none."""
        if not words:
            return self
        added = {word.strip().lower() for word in words} - self.proof.keys()
        return CopyLexicon(self.plain, self.taste | added, self.proof)

    def in_need_of_proof(self, text: str) -> list[tuple[str, Proof]]:
        """The words and phrases of `text` that need proof, each once, in the order of the list."""
        spelt = f" {' '.join(word_list(text))} "
        return [(word, proof) for word, proof in self.proof.items() if f" {_key(word)} " in spelt]


def word_list(text: str) -> list[str]:
    """The words of `text` in lower case, hyphens as spaces."""
    return _key(text).split()


def _key(text: str) -> str:
    lowered = text.lower().replace("’", "'").replace("-", " ").replace("%", " percent")
    return " ".join(re.findall(r"[^\W_]+(?:['.&][^\W_]+)*", lowered))


@lru_cache(maxsize=4)
def copy_lexicon(folder: Path = WORDS) -> CopyLexicon:
    """The lexicon of a folder of three files.

    Raises `VocabularyError` when one is missing or not what it should be.
    """
    try:
        given = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
        proof = {
            word.lower(): Proof(kind, entry["source"])
            for kind, entry in given.items()
            for word in entry["words"]
        }
        return CopyLexicon(_words(folder / "plain.txt"), _words(folder / "taste.txt"), proof)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VocabularyError(f"The words of {folder} cannot be read: {error}") from error


def _words(file: Path) -> frozenset[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(
        word.lower() for line in lines if not line.startswith("#") for word in line.split()
    )
