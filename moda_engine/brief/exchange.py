"""Other labels in any text, by anybody: "Trainers, white. For men." → "Trainers, white. For women."

The rest of the text stays as it is. `Frame` exchanges labels one for one, for texts to learn from:
its words stay in their places. `exchanged` also sets articles, plurals and details right, for texts
to print.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from moda_engine.brief.plain_text import without_brand
from moda_engine.language.lexicon import Statement, plural
from moda_engine.language.reading import Mention, mentions, wearers
from moda_engine.language.vocabulary import (
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)
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
        for one in _with_apostrophes(text):
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


def _with_apostrophes(text: str) -> Iterator[Mention]:
    """The mentions; "girls'" with the apostrophe, which the reader takes for a quotation mark."""
    for one in mentions(text):
        behind = text[one.end : one.end + 2]
        ends = one.kind == "gender" and text[one.end - 1] in "sS" and behind[:1] in ("'", "’")
        yield replace(one, end=one.end + 1) if ends and not behind[1:].isalnum() else one


def _is_possessive(words: str) -> bool:
    return words.replace("’", "'").endswith(("'s", "s'"))


def _fits_article(text: str, one: Mention, words: str) -> bool:
    """Whether the article before the label, if there is one, stays the right one."""
    before = text[: one.start].lower().split()
    vowels = [word[0].lower() in "aeiou" for word in (text[one.start], words)]
    return not before or before[-1] not in {"a", "an"} or vowels[0] == vowels[1]


def _begins_sentence(text: str, start: int) -> bool:
    return text[:start].rstrip().endswith((".", "!", "?")) or not text[:start].strip()


@dataclass(frozen=True)
class Place:
    """Where a text states labels of one kind side by side: "black and white" is one place."""

    kind: str
    labels: tuple[str, ...]
    start: int
    end: int


#: What may stand between two labels of one place.
_BETWEEN = re.compile(r"\s*(,|/|-|&|\band\b)?\s*")


def places(text: str, brand: str = "") -> list[Place]:
    """Where `text` states what, in order; words of the brand state nothing."""
    read = without_brand(text, brand)
    found: list[Place] = []
    for one in _with_apostrophes(read):
        last = found[-1] if found else None
        if (
            last is not None
            and last.kind == one.kind
            and _BETWEEN.fullmatch(read, last.end, one.start)
        ):
            together = _one_wearer(last.kind, (*last.labels, one.label))
            found[-1] = Place(last.kind, together, last.start, one.end)
        else:
            found.append(Place(one.kind, (one.label,), one.start, one.end))
    return found


def labels_in(text: str, brand: str = "") -> dict[str, frozenset[str]]:
    """Kind → all labels of it that `text` states; kinds that it does not state are missing."""
    found: dict[str, frozenset[str]] = {}
    for place in places(text, brand):
        found[place.kind] = found.get(place.kind, frozenset()) | set(place.labels)
    return found


def exchanged(
    text: str, kind: str, old: frozenset[str], new: tuple[str, ...], brand: str = ""
) -> str | None:
    """`text` with the labels `new` of `kind` wherever it states `old`; the rest stays as it is.

    `None` where no words fit: then the result would be no English, or would state another thing as
    well. Read again, the result states `new` and all else that `text` states.
    """
    here = [place for place in places(text, brand) if place.kind == kind]
    there = [place for place in here if frozenset(place.labels) == old]
    result = text
    for place in reversed(there):
        words = _words_for(text, place, new)
        if words is None:
            return None
        result = _put(result, place, words)
    kept = frozenset(label for place in here if place not in there for label in place.labels)
    wanted = labels_in(text, brand) | {kind: kept | set(new)}
    return result if there and labels_in(result, brand) == wanted else None


def _one_wearer(kind: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """ "Men and women" are one label."""
    return tuple(wearers(frozenset(labels))) if kind == "gender" else labels


def _words_for(text: str, place: Place, new: tuple[str, ...]) -> str | None:
    """The words for `new` in the place of the old ones, in lower case but for names."""
    written = text[place.start : place.end].replace("’", "'").lower()
    if place.kind == "colour":
        return " and ".join(COLOURS[label] for label in new)
    if len(new) != 1 or len(place.labels) != 1:
        return None
    if place.kind == "product_type":
        return _noun_for(text, place, written, new[0])
    if place.kind in DETAILS:
        return _detail_for(text, place, written, new[0])
    forms = _FORMS[place.kind]
    return next((form.get(new[0]) for form in forms if written in form.values()), None)


#: Words that may stand for one another: the form of the old label names the form of the new one.
_FORMS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "gender": (
        POSSESSIVES | {"Unisex": "unisex"},
        GENDERS,
        {"Men": "gentlemen", "Women": "ladies", "Boys": "boys", "Girls": "girls"}
        | {"Unisex": "everyone"},
        {"Men": "gents", "Women": "ladies"},
        {"Men": "male", "Women": "female", "Unisex": "unisex"},
        {"Men": "man", "Women": "woman", "Boys": "boy", "Girls": "girl"},
        {"Men": "him", "Women": "her", "Unisex": "him and her"},
    ),
    "usage": (USAGES,),
    "pattern": (
        {"Solid": "plain", **PATTERNS},
        {"Solid": "solid", **PATTERNS},
        {"Printed": "prints", "Striped": "stripes", "Checked": "checks", "Dotted": "polka dots"},
        {"Printed": "print", "Striped": "stripe", "Checked": "check", "Dotted": "polka dot"},
    ),
}
_SLEEVED = {
    "Short Sleeves": "short-sleeved",
    "Long Sleeves": "long-sleeved",
    "Three-Quarter Sleeves": "three-quarter-sleeved",
    "Sleeveless": "sleeveless",
}
#: Product types that are counted as little as water.
_UNCOUNTABLE = frozenset({"Swimwear", "Nail Polish", "Perfume and Body Mist"})


def _noun_for(text: str, place: Place, written: str, new: str) -> str | None:
    """The noun in the number that is written. A pair is no single thing, and has other verbs."""
    own, other = PRODUCT_TYPES[place.labels[0]], PRODUCT_TYPES[new]
    if own.plural is not other.plural or {new, place.labels[0]} & _UNCOUNTABLE:
        return None
    singular = own.plural or plural(written) != written or written.endswith(("ss", "sh", "ch"))
    return other.text if singular else plural(other.text)


def _detail_for(text: str, place: Place, written: str, new: str) -> str | None:
    """The words for a detail; its article is the text's, which `_put` sets right."""
    if place.kind == "sleeves" and written in _SLEEVED.values():
        return _SLEEVED[new]
    own, other = (DETAILS[place.kind][label] for label in (place.labels[0], new))
    if written.replace("-", " ") not in (own.lower().replace("-", " "), _bare(own).lower()):
        return None
    before_noun = text[place.end :].lstrip(" -")[:1].isalpha()
    if before_noun and not _BEFORE_A_DETAIL.search(_ARTICLE.sub("", text[: place.start])):
        return _bare(other) if _bare(other).endswith(("neck", "collar", "sleeves")) else None
    return other


def _bare(phrase: str) -> str:
    return re.sub(r"^an? ", "", phrase)


_ARTICLE = re.compile(r"\b(an?)(\s+)\Z", re.IGNORECASE)
#: Words behind which a detail stands by itself, with an article of its own.
_BEFORE_A_DETAIL = re.compile(
    r"(\b(with|and|have|has|featuring|feature|features)\s+|[,:]\s+)\Z", re.I
)


def _put(text: str, place: Place, words: str) -> str:
    """`words` in the place, with the article and the capital that they need there."""
    before, after = text[: place.start], text[place.end :]
    article = _ARTICLE.search(before)
    if place.kind in DETAILS:
        before, words = _detail_with_article(before, article, text, place, words)
        article = _ARTICLE.search(before)
    if article:
        right = "an" if words[0].lower() in "aeiou" else "a"
        right = right.capitalize() if article[1][0].isupper() else right
        before = f"{before[: article.start()]}{right}{article[2]}"
    return f"{before}{_in_case_of(text, place, words)}{after}"


#: Words that begin with a capital wherever they stand.
_CAPITALS = re.compile(r"(T-shirt|V-neck|Velcro)", re.IGNORECASE)


def _in_case_of(text: str, place: Place, words: str) -> str:
    """`words` in capitals, with one, or without, as what stood in the place."""
    written = text[place.start : place.end]
    if written.isupper() and len(written) > 1:
        return words.upper()
    capital = written[0].isupper() and not _CAPITALS.match(written)
    if capital or (_begins_sentence(text, place.start) and written[0].isupper()):
        return words[0].upper() + words[1:]
    return words


def _detail_with_article(
    before: str, article: re.Match[str] | None, text: str, place: Place, words: str
) -> tuple[str, str]:
    """What stands before a detail and the detail, with one article between them or none."""
    bare = _bare(words)
    own = re.match(r"an?\s", text[place.start : place.end], re.IGNORECASE)
    if article and bare == words and not text[place.end :].lstrip(" -")[:1].isalpha():
        return before[: article.start()], words
    return before, words if own or _BEFORE_A_DETAIL.search(before) else bare
