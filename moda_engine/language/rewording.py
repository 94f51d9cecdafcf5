"""A sentence rewritten: in another order or length, with what the catalog knows, with other labels.

`reworded` takes apart only a text that the writer itself would write: nothing of it is lost then. A
model that learned other people's prose keeps its own words. `Frame` exchanges labels in any text,
by anybody ("Trainers, white. For men." → "Trainers, white. For women."), if the text states one
label of the kind; the rest stays as it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from moda_engine.language.labels import (
    NO_FREE_FACTS,
    FreeFacts,
    ItemLabels,
    KnownFacts,
    known_facts,
    labels_of_text,
    merged,
)
from moda_engine.language.lexicon import Statement
from moda_engine.language.reading import Mention, mentions, wearers
from moda_engine.language.vocabulary import COLOURS, GENDERS, PRODUCT_TYPES, USAGES
from moda_engine.language.writing import (
    POSSESSIVES,
    STYLE_COUNT,
    alt_text,
    detailed,
    paraphrase,
    sentence,
)


@dataclass(frozen=True)
class Wording:
    """One description in its three lengths; `detailed` is empty where there is no more to say."""

    standard: str
    alt_text: str
    detailed: str
    #: In the order that text towers learn.
    plain: str


@dataclass(frozen=True)
class OwnText:
    """A text that the writer writes of `labels` in `style`."""

    labels: ItemLabels
    style: int


def own_text(text: str, facts: FreeFacts = NO_FREE_FACTS) -> OwnText | None:
    """A text taken apart, if the writer writes it word for word; `None` for any other text.

    Args:
        facts: that are no labels and that the text may say.
    """
    labels = labels_of_text(text)
    if labels is None or labels.product_type not in PRODUCT_TYPES:
        return None
    style = next(_styles(text, labels, facts), None)
    return None if style is None else OwnText(labels, style)


def _styles(text: str, labels: ItemLabels, facts: FreeFacts) -> Iterator[int]:
    """All styles that give `text`: some are equal where little is known."""
    yield from (style for style in range(STYLE_COUNT) if paraphrase(labels, style, facts) == text)


def reworded(text: str, facts: KnownFacts, style: int | None) -> Wording:
    """`text` in its three lengths, with `facts` instead of what contradicts them.

    A text that is not the writer's own stays as it is, and is its own alternative text. One in an
    order of words that a model has learned keeps that order.

    Args:
        style: any number; the same number gives the same order of words. `None` keeps the plain
            order.
    """
    own = own_text(text)
    if own is None:
        return Wording(text, text, "", text)
    known = merged(own.labels, facts)
    varied = (style or 0) % STYLE_COUNT
    return Wording(
        paraphrase(known, own.style or varied, facts.free),
        alt_text(known, facts.free),
        detailed(known, varied % 2, facts.free),
        sentence(known),
    )


def plain_order(approved: str, drafted: str, facts: str | None = None) -> str:
    """The text that a model must learn to write, so that the catalog shows `approved`.

    The photo decides the order of a draft's words. Where people kept that order, whatever else they
    changed, it is not theirs: trained on ten orders, the model would be sure of no word. So such a
    text becomes the plain sentence of the same content. All others stay as they are.

    Args:
        facts: that the draft was conditioned on, as text.
    """
    free = known_facts(facts).free
    kept, drawn = own_text(approved, free), own_text(drafted, free)
    if kept is None or drawn is None:
        return approved
    kept_styles = set(_styles(approved, kept.labels, free))
    if kept_styles.isdisjoint(_styles(drafted, drawn.labels, free)):
        return approved
    return paraphrase(kept.labels, 0, free)


def without_cut_word(text: str) -> str:
    """A text that ended for want of room, up to its last whole sentence, or else its last word."""
    sentences = re.match(r".*[.!?](?=\s|$)", text, re.DOTALL)
    if sentences:
        return sentences[0]
    words, space, _ = text.rpartition(" ")
    return words.rstrip(" ,;:") if space else text


#: Kind → label → what it is called where no text calls it otherwise.
EXCHANGEABLE: Mapping[str, Mapping[str, str]] = {
    "product_type": {label: noun.text for label, noun in PRODUCT_TYPES.items()},
    "colour": COLOURS,
    "gender": GENDERS,
    "usage": USAGES,
}


@dataclass(frozen=True)
class Names:
    """What some texts call the labels: "trainers" in one shop, "sports shoes" in another."""

    usual: Mapping[Statement, str]

    @classmethod
    def of(cls, frames: Iterable["Frame"]) -> "Names":
        """What the texts of `frames` call each label most often, possessives ("men's") apart."""
        counts: dict[Statement, Counter[str]] = {}
        for frame in frames:
            for one in frame.mentions.values():
                words = frame.text[one.start : one.end]
                if not _is_possessive(words):
                    known = EXCHANGEABLE[one.kind][one.label]
                    name = known if words.casefold() == known.casefold() else words.lower()
                    counts.setdefault((one.kind, one.label), Counter())[name] += 1
        return cls({statement: names.most_common(1)[0][0] for statement, names in counts.items()})

    def instead_of(self, words: str, kind: str, label: str) -> str | None:
        """The words for `label` in place of `words`; `None` if there are none."""
        if _is_possessive(words):
            return POSSESSIVES.get(label)
        return self.usual.get((kind, label), EXCHANGEABLE[kind][label])


@dataclass(frozen=True)
class Frame:
    """A text, and where it states its one label of a kind."""

    text: str
    mentions: Mapping[str, Mention]

    @classmethod
    def of(cls, text: str) -> "Frame":
        """The frame of `text`."""
        by_kind: dict[str, list[Mention]] = {kind: [] for kind in EXCHANGEABLE}
        for one in mentions(text):
            by_kind.get(one.kind, []).append(one)
        found = {kind: _only(stated) for kind, stated in by_kind.items()}
        return cls(text, {kind: one for kind, one in found.items() if one})

    @property
    def labels(self) -> dict[str, str]:
        """Kind → the label that the text states."""
        return {kind: one.label for kind, one in self.mentions.items()}

    def others(self, kind: str) -> list[str]:
        """Other labels of `kind` that fit the text; only nouns of the same number."""
        own = self.mentions[kind].label
        if kind != "product_type":
            return [label for label in EXCHANGEABLE[kind] if label != own]
        plural = PRODUCT_TYPES[own].plural
        return [
            label for label, noun in PRODUCT_TYPES.items() if label != own and noun.plural is plural
        ]

    def with_labels(self, labels: Mapping[str, str], names: Names) -> str | None:
        """The text with `labels`, by kind, instead of its own.

        `None` where a word does not fit: it has no possessive, or needs another article.
        """
        text = self.text
        for one in sorted(self.mentions.values(), key=lambda one: -one.start):
            label = labels.get(one.kind, one.label)
            if label == one.label:
                continue
            words = names.instead_of(self.text[one.start : one.end], one.kind, label)
            if words is None or not _fits_article(text, one, words):
                return None
            if _begins_sentence(text, one.start):
                words = words[0].upper() + words[1:]
            text = text[: one.start] + words + text[one.end :]
        return text


def _only(stated: Sequence[Mention]) -> Mention | None:
    """The only mention; two wearers may be one label together: "men and women"."""
    labels = wearers(frozenset(one.label for one in stated if one.kind == "gender"))
    if len(stated) == 2 and labels == {"Unisex"}:
        return Mention("gender", "Unisex", stated[0].start, stated[1].end)
    return stated[0] if len(stated) == 1 else None


def _is_possessive(words: str) -> bool:
    return words.replace("’", "'").endswith(("'s", "s'"))


def _fits_article(text: str, one: Mention, words: str) -> bool:
    """Whether the article before the label, if there is one, stays the right one."""
    before = text[: one.start].lower().split()
    vowels = [word[0].lower() in "aeiou" for word in (text[one.start], words)]
    return not before or before[-1] not in {"a", "an"} or vowels[0] == vowels[1]


def _begins_sentence(text: str, start: int) -> bool:
    return text[:start].rstrip().endswith((".", "!", "?")) or not text[:start].strip()
