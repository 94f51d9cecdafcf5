"""How a brand speaks: settings that its texts honour exactly.

The words themselves come from the brief; a voice says how they are put.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from moda_engine.brief.product import text_of, texts_of
from moda_engine.copywriting.slots import sentences
from moda_engine.language.vocabulary import PRODUCT_TYPES

Formality = Literal["formal", "neutral", "friendly"]
SentenceLength = Literal["any", "short", "medium"]
Person = Literal["item", "you"]
Spelling = Literal["british", "american"]

#: Words of a sentence at most.
SENTENCE_WORDS: dict[SentenceLength, int] = {"short": 12, "medium": 20}
LONGEST_LINE = 200
#: British word → American word, of those that a text of ours may hold; plurals follow.
_AMERICAN = {
    "grey": "gray",
    "jewellery": "jewelry",
    "colour": "color",
    "coloured": "colored",
    "multicoloured": "multicolored",
    "analogue": "analog",
    "favourite": "favorite",
    "pyjamas": "pajamas",
    "moustache": "mustache",
    "centre": "center",
    "fibre": "fiber",
    "neighbourhood": "neighborhood",
    "travelling": "traveling",
    "organised": "organized",
}
_CONTRACTIONS = re.compile(
    r"\b(?:it|that|there|here|what|who|let)['’]s\b|\w['’](?:re|ll|ve|d)\b|n['’]t\b", re.IGNORECASE
)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Voice:
    """The settings of a brand; the default changes nothing."""

    #: A formal text has no contraction ("it's") and no call; a friendly one may have both.
    formality: Formality = "neutral"
    sentence_length: SentenceLength = "any"
    #: Whether the detailed text speaks to the customer.
    person: Person = "item"
    spelling: Spelling = "british"
    #: Words and phrases that no text of ours holds, whatever their case. Names are no words, and a
    #: type of item ("shirt") can be preferred another way, not banned.
    banned: tuple[str, ...] = ()
    #: Word or phrase → the one to say instead.
    preferred: Mapping[str, str] = field(default_factory=dict)
    #: Adjectives of taste that the writer says instead of its own.
    taste: tuple[str, ...] = ()
    #: Whole sentences of the shop before and behind the detailed text; nobody checks their claims.
    opening: str = ""
    closing: str = ""

    @classmethod
    def of(cls, given: object) -> "Voice":
        """From an object of JSON; what it lacks, or is no setting, is the default."""
        told = given if isinstance(given, Mapping) else {}
        preferred = told.get("preferred")
        pairs = preferred.items() if isinstance(preferred, Mapping) else ()
        return cls(
            formality=cast("Formality", _one_of(Formality, told.get("formality"), "neutral")),
            sentence_length=cast(
                "SentenceLength", _one_of(SentenceLength, told.get("sentence_length"), "any")
            ),
            person=cast("Person", _one_of(Person, told.get("person"), "item")),
            spelling=cast("Spelling", _one_of(Spelling, told.get("spelling"), "british")),
            banned=tuple(word for one in texts_of(told.get("banned")) if (word := one.strip())),
            preferred={
                word: instead
                for name, value in pairs
                if (word := text_of(name).strip()) and (instead := text_of(value).strip())
            },
            taste=tuple(word for one in texts_of(told.get("taste")) if (word := one.strip())),
            opening=_line(told.get("opening")),
            closing=_line(told.get("closing")),
        )

    def spelt(self, text: str, names: tuple[str, ...] = ()) -> str:
        """`text` with the preferred words and the spelling of the voice; names stay as they are."""
        for word, instead in self.preferred.items():
            kept = (*names, instead) if _places(instead, word) else names
            text = _exchanged(text, word, instead, kept)
        if self.spelling == "american":
            for word, instead in _AMERICAN.items():
                text = _exchanged(text, word, instead, names)
        return text

    def faults(self, text: str, names: tuple[str, ...] = ()) -> Iterator[str]:
        """What `text` has that the voice does not, each in a few words."""
        bare = _without(text, names)
        replaced = (one for one, instead in self.preferred.items() if not _places(instead, one))
        for word in (*self.banned, *replaced):
            if _places(bare, word):
                yield f"banned word: {word}"
        most = SENTENCE_WORDS.get(self.sentence_length)
        lines = (one for line in text.split("\n") for one in sentences(line))
        if most and any(len(one.split()) > most for one in lines):
            yield f"a sentence of more than {most} words"
        if self.person == "item" and _SECOND_PERSON.search(bare):
            yield "speaks to the customer"
        if self.formality == "formal" and (_CONTRACTIONS.search(bare) or "!" in bare):
            yield "not formal"

    def own_words(self) -> frozenset[str]:
        """The words, in lower case, that texts of this voice hold in place of others."""
        instead = " ".join(self.preferred.values()).lower().replace("-", " ").split()
        return frozenset(instead) | frozenset(
            _AMERICAN.values() if self.spelling == "american" else ()
        )

    def may_say(self, words: str) -> bool:
        """Whether a phrase holds no banned word."""
        return not any(_places(words, word) for word in self.banned)


PLAIN_VOICE = Voice()


def type_names_in(words: Iterable[str]) -> list[str]:
    """Those of the words without which a type of item could not be named."""
    nouns = " / ".join(noun.text for noun in PRODUCT_TYPES.values())
    return [word for word in words if _places(nouns, word)]


def _one_of(choices: object, value: object, usual: str) -> str:
    return value if isinstance(value, str) and value in get_args(choices) else usual


def _line(value: object) -> str:
    """One line of a shop, ended as a sentence."""
    line = " ".join(text_of(value).split())[:LONGEST_LINE]
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."


def _places(text: str, word: str) -> list[tuple[int, int]]:
    spelt = r"[\s-]+".join(map(re.escape, word.split()))
    return [found.span() for found in re.finditer(rf"(?i)(?<!\w){spelt}(?!\w)", text)]


def _without(text: str, names: tuple[str, ...]) -> str:
    """`text` with each letter of the names, as they are spelt, replaced: places stay."""
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "#" * len(name), text)
    return text


def _exchanged(text: str, word: str, instead: str, names: tuple[str, ...]) -> str:
    """`word` as `instead` outside of names, with the capitals and the article of its place."""
    for start, end in reversed(_places(_without(text, names), word)):
        found = text[start:end]
        spelt = instead
        begins = not text[:start].strip() or text[:start].rstrip().endswith((".", "!", "?", "\n"))
        if found[0].isupper() and (word[0].islower() or found != word or begins):
            spelt = instead[0].upper() + instead[1:]
        article = r"\1n " if spelt[0].lower() in "aeiou" else r"\1 "
        before = re.sub(r"\b([Aa])n? \Z", article, text[:start])
        text = f"{before}{spelt}{text[end:]}"
    return text
