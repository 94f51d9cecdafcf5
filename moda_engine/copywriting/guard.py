"""The guard: of several candidates for a slot it keeps the best that says nothing unaccounted for.

Each word of a candidate is a word of a fact, a word of taste, or one that states nothing; each
claim that the reader finds is known or seen. A candidate that is anything else is dropped, and the
reasons are kept. Where none is left the caller's own sentence stands.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from rapidfuzz.distance import DamerauLevenshtein

from moda_engine.brief.check import TextClaim, claims_of, ends_a_list_without_and, unsaid
from moda_engine.brief.claims import FREE_KINDS, Brief, words_of
from moda_engine.brief.conditioning import ALL_PLACEHOLDERS
from moda_engine.brief.plain_text import name_places
from moda_engine.copywriting.lexicon import WORD, CopyLexicon, copy_lexicon, word_list
from moda_engine.copywriting.slots import Slot, misfits, sentences
from moda_engine.copywriting.voice import PLAIN_VOICE, Voice
from moda_engine.language.lexicon import plural
from moda_engine.language.writing import Phrases

#: Words in a row that a text says once.
_REPEATED = 4
#: Letters by which a word may differ from a name and still be meant as it.
_MANGLED = 2
_SHORTEST_NAME = 4
#: What a candidate's coverage and variety weigh beside its mean log-probability.
_COVERAGE_WEIGHT = 4.0
_VARIETY_WEIGHT = 1.0
_WRONG_ARTICLE = re.compile(r"\b(a (?=[aeio])|an (?![aeiouh]))", re.IGNORECASE)
#: Words that no writer puts together: an occasion is worn for, and an item is made of a fabric.
_ILL_JOINED = re.compile(
    r"\b(?:with|has|have|and) (?:casual|formal|smart casual|sports|ethnic|party|travel|home) wear\b"
    r"|\bmade of an? \w+",
    re.IGNORECASE,
)
_UNFILLED = frozenset(ALL_PLACEHOLDERS)


@dataclass(frozen=True)
class Candidate:
    """A text that was written for a slot; `likelihood` is its mean log-probability a token."""

    text: str
    likelihood: float = 0.0
    #: Whether it came to its end.
    is_whole: bool = True


@dataclass(frozen=True)
class Judged:
    """A candidate, why it was dropped, and how good it is otherwise."""

    text: str
    #: Each in a few words: "unknown word: zippy"; empty where the candidate stands.
    reasons: tuple[str, ...]
    #: The share of the brief's claims that it states, 0 to 1.
    coverage: float
    score: float

    @property
    def stands(self) -> bool:
        """Whether every claim of it is accounted for."""
        return not self.reasons


@dataclass(frozen=True)
class Choice:
    """The best candidate, `None` where all were dropped, and what was held against each."""

    text: str | None
    judged: tuple[Judged, ...]


@dataclass(frozen=True)
class Guard:
    """Judges texts for items of one voice.

    Args:
        lexicon: the words beside the facts; default is the engine's own.
    """

    voice: Voice = PLAIN_VOICE
    lexicon: CopyLexicon | None = None

    def choose(
        self,
        candidates: Sequence[Candidate],
        slot: Slot,
        brief: Brief,
        beside: Iterable[str] = (),
    ) -> Choice:
        """The best of the candidates that stand: by likelihood, coverage, and variety.

        Args:
            beside: texts of other items or slots; what they share with a candidate counts against
                it.
        """
        taken = {run for text in beside for run in _runs(word_list(text))}
        judged = tuple(self._judged(one, slot, brief, taken) for one in candidates)
        standing = [one for one in judged if one.stands]
        best = max(standing, key=lambda one: one.score, default=None)
        return Choice(None if best is None else best.text, judged)

    def reasons(self, text: str, slot: Slot, brief: Brief) -> list[str]:
        """Why `text` may not be stored; empty where all of it is accounted for."""
        names, claims = _names(brief), claims_of(text, brief)
        bare = _without_facts(text, names, claims)
        return list(
            dict.fromkeys(
                (
                    *misfits(slot, text),
                    *self.voice.faults(text, names),
                    *_false_claims(claims),
                    *self._unproved(text, brief),
                    *self._mangled(text, names),
                    *_repetitions(bare, claims),
                    *_said_twice(text, brief),
                    *_ill_joined(text, claims),
                    *self._unaccounted(bare, brief),
                )
            )
        )

    def _judged(
        self, candidate: Candidate, slot: Slot, brief: Brief, taken: set[tuple[str, ...]]
    ) -> Judged:
        text = candidate.text
        coverage = _coverage(text, brief)
        runs = _runs(word_list(text))
        variety = 1 - sum(run in taken for run in runs) / len(runs) if runs else 1.0
        score = candidate.likelihood + _COVERAGE_WEIGHT * coverage + _VARIETY_WEIGHT * variety
        cut = () if candidate.is_whole else ("cut off",)
        return Judged(text, (*cut, *self.reasons(text, slot, brief)), coverage, score)

    @property
    def _words(self) -> CopyLexicon:
        return (self.lexicon or copy_lexicon()).with_taste(self.voice.taste)

    def _unproved(self, text: str, brief: Brief) -> Iterator[str]:
        """Claims that need proof and are no known fact."""
        known = " | ".join(claim.value for claim in brief.claims if claim.source == "catalog")
        proved = {word for word, _ in self._words.in_need_of_proof(known)}
        bare = _masked(text, _names(brief)[:1])
        for word, proof in self._words.in_need_of_proof(bare):
            if word not in proved:
                yield f"needs proof ({proof.kind}): {word}"

    def _mangled(self, text: str, names: Sequence[str]) -> Iterator[str]:
        """A brand that is not spelt as it is, and placeholders that stand for no name.

        "And" is the brand AND where it is spelt so, and a word otherwise.
        """
        for name in names[:1]:
            for start, end in name_places(text, name):
                found = text[start:end]
                is_word = found.islower() and self._is_plain(found)
                if found not in (name, name[0].upper() + name[1:]) and not is_word:
                    yield f"mangled name: {found}"
        for word in _UNFILLED & {found[0] for found in WORD.finditer(text)}:
            if not any(word in name.split() for name in names):
                yield f"unfilled: {word}"

    def _unaccounted(self, bare: str, brief: Brief) -> Iterator[str]:
        """Words that are of no fact, no taste, and not of those that state nothing.

        Args:
            bare: as `_without_facts` gives it.
        """
        names = _names(brief)
        facts = _fact_words(brief) | self.voice.own_words()
        for word in dict.fromkeys(found[0] for found in WORD.finditer(bare)):
            lowered = word.lower().replace("’", "'")
            parts = [lowered] if self._is_plain(lowered) else word_list(word)
            if not all(self._is_plain(part) or part in facts for part in parts):
                yield f"mangled name: {word}" if _is_like(word, names) else f"unknown word: {word}"

    def _is_plain(self, word: str) -> bool:
        return word in self._words.plain or word in self._words.taste


def _coverage(text: str, brief: Brief) -> float:
    return 1 - len(unsaid(text, brief)) / len(brief.claims) if brief.claims else 1.0


def _names(brief: Brief) -> tuple[str, ...]:
    """The facts in words of their own, as texts say them; the brand is the first, or empty."""
    free = brief.free_facts()
    return (free.brand or "", free.fabric or "", free.fit or "", *free.further)


def _masked(text: str, names: Iterable[str]) -> str:
    for name in names:
        for start, end in name_places(text, name):
            text = f"{text[:start]}{'#' * (end - start)}{text[end:]}"
    return text


def _without_facts(text: str, names: Iterable[str], claims: Iterable[TextClaim]) -> str:
    """`text` with each letter of its names and of what it states rightly replaced by "#"."""
    bare = _masked(text, names)
    for claim in claims:
        if claim.verdict in ("known", "seen"):
            bare = f"{bare[: claim.start]}{'#' * (claim.end - claim.start)}{bare[claim.end :]}"
    return bare


def _false_claims(claims: Iterable[TextClaim]) -> Iterator[str]:
    for claim in claims:
        if claim.verdict in ("contradicted", "unsupported"):
            yield f"{claim.verdict}: {claim.text}"


def _fact_words(brief: Brief) -> frozenset[str]:
    """The words in which texts may say the facts, in lower case."""
    words: set[str] = set()
    for claim in brief.claims:
        if claim.kind in FREE_KINDS:
            continue
        spelt = words_of(claim.kind, claim.value)
        words.update(word_list(spelt), word_list(plural(spelt)))
    labels = brief.labels()
    try:
        phrases = Phrases.of(labels, brief.free_facts())
    except ValueError:  # an item without a name has no phrases
        return frozenset(words)
    words.update(word_list(f"{phrases.possessive} {phrases.occasion} {phrases.pattern}"))
    return frozenset(words)


def _is_like(word: str, names: Sequence[str]) -> bool:
    """Whether the word is all but one of a name."""
    parts = (part for name in names for part in name.split() if len(part) >= _SHORTEST_NAME)
    return len(word) >= _SHORTEST_NAME and any(
        DamerauLevenshtein.distance(word.lower(), part.lower(), score_cutoff=_MANGLED) <= _MANGLED
        for part in parts
    )


def _repetitions(bare: str, claims: Iterable[TextClaim]) -> Iterator[str]:
    """A word twice in a row, and a phrase that comes again.

    Facts may come again: "turquoise blue and white". Not so side by side: "a navy navy shirt".

    Args:
        bare: as `_without_facts` gives it.
    """
    number = count(1)
    bare = re.sub("#+", lambda _: f"fact{next(number)}", bare)
    for claim, following in pairwise(claims):
        if claim.value == following.value and claim.end + 1 == following.start:
            yield f"repeated word: {following.text}"
    for sentence in sentences(bare):
        words = word_list(sentence)
        for one, other in pairwise(words):
            if one == other:
                yield f"repeated word: {one}"
    for run, times in Counter(_runs(word_list(bare))).items():
        if times > 1:
            yield f"repeated phrase: {' '.join(run)}"


def _ill_joined(text: str, claims: Sequence[TextClaim]) -> Iterator[str]:
    """Words that do not go together, an article among them, and lists without an end."""
    if _WRONG_ARTICLE.search(text):
        yield "wrong article"
    if ends_a_list_without_and(text, claims):
        yield "a list without and"
    if ill := _ILL_JOINED.search(text):
        yield f"ill joined: {ill[0]}"


def _said_twice(text: str, brief: Brief) -> Iterator[str]:
    """What one sentence states twice, colours apart: "a hood and a hood"."""
    for sentence in sentences(text):
        stated = Counter(
            (claim.kind, claim.value)
            for claim in claims_of(sentence, brief)
            if claim.kind != "colour"
        )
        for (_, value), times in stated.items():
            if times > 1:
                yield f"said twice: {value}"


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    """All runs of `_REPEATED` words."""
    return [tuple(words[at : at + _REPEATED]) for at in range(len(words) - _REPEATED + 1)]
