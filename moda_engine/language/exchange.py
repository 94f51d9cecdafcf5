"""A text that states another label: "Trainers, white. For men." → "Trainers, white. For women."

The rest stays as it stands, whoever wrote it. Only kinds of which a text states one label can be
exchanged in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moda_engine.language.lexicon import Statement
from moda_engine.language.reading import Mention, mentions, wearers
from moda_engine.language.vocabulary import COLOURS, GENDERS, PRODUCT_TYPES, USAGES
from moda_engine.language.writing import POSSESSIVES

#: Kind → label → what it is called where no text calls it otherwise.
EXCHANGEABLE: Mapping[str, Mapping[str, str]] = {
    "product_type": {label: noun.text for label, noun in PRODUCT_TYPES.items()},
    "colour": COLOURS,
    "gender": GENDERS,
    "usage": USAGES,
}


@dataclass(frozen=True)
class Names:
    """What some texts call the labels: one shop has trainers where another has sports shoes."""

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
        """What says `label` where `words` stand; `None` where nothing would."""
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
        """Labels that could stand where that of `kind` does; nouns of the same number alone."""
        own = self.mentions[kind].label
        if kind != "product_type":
            return [label for label in EXCHANGEABLE[kind] if label != own]
        plural = PRODUCT_TYPES[own].plural
        return [
            label for label, noun in PRODUCT_TYPES.items() if label != own and noun.plural is plural
        ]

    def saying(self, labels: Mapping[str, str], names: Names) -> str | None:
        """The text with `labels`, by kind, in the place of its own.

        `None` where a word would not fit: no possessive, or another article.
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
    """The one label; two wearers may be one together: "men and women"."""
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
