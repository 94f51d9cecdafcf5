"""Sentences from an item's labels, as a shop would print them.

`sentence` is the plain one: "Navy blue casual T-shirt for boys with short sleeves and a round
neck." `paraphrase` says the same in one of ten orders, `alt_text` in one short one, and `detailed`
in two or three sentences. What labels and facts do not say is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from moda_engine.language.further import stated_by
from moda_engine.language.labels import NO_FREE_FACTS, FreeFacts, ItemLabels
from moda_engine.language.vocabulary import (
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)

#: Characters of an alternative text at most: screen readers cut longer ones.
ALT_TEXT_LENGTH = 125
_DETAIL_ORDER = ("sleeves", "neck", "toe", "fastening", "display")
#: Details that stand before the noun as a word: nobody writes "a top with no sleeves".
_ADJECTIVES = {"Sleeveless": "sleeveless"}
#: What an item is made for, behind "for"; other usages are "casual wear".
_OCCASIONS = {"sports": "sport", "party": "parties", "travel": "travel"}
POSSESSIVES = {"Men": "men's", "Women": "women's", "Boys": "boys'", "Girls": "girls'"}
#: Plurals that are one thing in two halves or of two pieces; others ("earrings") may come singly.
_UNCOUNTABLE = frozenset({"Swimwear"})
_NO_PAIR = frozenset({"Innerwear Vests", "Briefs", "Trunk", "Boxers", "Cufflinks", "Booties"})


def sentence(labels: ItemLabels) -> str:
    """The plain sentence for `labels`.

    Raises `ValueError` when the product type has no words: there is nothing to call the item.
    """
    return paraphrase(labels, 0)


def paraphrase(labels: ItemLabels, style: int, facts: FreeFacts = NO_FREE_FACTS) -> str:
    """The text of style 0 to 9. Raises `ValueError` as `sentence`, and for another style."""
    if not 0 <= style < len(_STYLES):
        raise ValueError(f"There are {len(_STYLES)} styles, from 0; {style} is none.")
    return capital(_STYLES[style](Phrases.of(labels, facts)))


def alt_text(labels: ItemLabels, facts: FreeFacts = NO_FREE_FACTS) -> str:
    """One short sentence; details are left out from the last until it fits an alternative text."""
    text = ""
    for fewer, fewer_facts in _ever_fewer_details(labels, facts):
        text = capital(_STYLES[4](Phrases.of(fewer, fewer_facts)))
        if len(text) <= ALT_TEXT_LENGTH:
            break
    return text


def _ever_fewer_details(
    labels: ItemLabels, facts: FreeFacts
) -> Iterator[tuple[ItemLabels, FreeFacts]]:
    """With all details, then without the last, and so on until none is left."""
    for count in range(len(facts.further), 0, -1):
        yield labels, replace(facts, further=facts.further[:count])
    kept = [kind for kind in _DETAIL_ORDER if kind in labels.details]
    for count in range(len(kept), -1, -1):
        details = {kind: labels.details[kind] for kind in kept[:count]}
        yield replace(labels, details=details), replace(facts, further=())


def detailed(labels: ItemLabels, style: int, facts: FreeFacts = NO_FREE_FACTS) -> str:
    """Two or three sentences with all that is known, a plain design too; `style` is 0 or 1."""
    words = Phrases.of(labels, replace(facts, fabric=None, fit=None))
    they, are = ("They", "are") if words.plural else ("It", "is")
    plain = "a plain design" if labels.pattern == "Solid" and not facts.plain else ""
    features = listed([*words.details, plain])
    if style == 0 or not (words.colours or features):
        noun = words.article(words.look, words.cut, words.noun)
        parts = [f"{noun}{words.by}{words.for_wearer}."]
        parts += [f"{they} {'have' if words.plural else 'has'} {features}."] if features else []
    else:
        noun = spaced("These" if words.plural else "This", words.pattern, words.cut, words.noun)
        come = "come" if words.plural else "comes"
        with_features = f" with {features}" if features else ""
        tone = f" in {words.colours}" if words.colours else ""
        parts = [f"{noun}{words.by} {come}{tone}{with_features}."]
        if words.wearer:
            use = f" and for {words.occasion}" if words.usage else ""
            parts += [f"{they} {are} made{words.for_wearer}{use}."]
            words = replace(words, usage="")
    made = f"made of {facts.fabric}" if facts.fabric else ""
    cut = f"cut in a {facts.fit}" if facts.fit else ""
    use = f"made for {words.occasion}" if words.usage else ""
    if made and use and not cut:
        made, use = f"{made}, for {words.occasion}", ""
    parts += [f"{they} {are} {listed([made, cut, use])}."] if made or cut or use else []
    return " ".join(parts)


@dataclass(frozen=True)
class Phrases:
    """The words for each kind; empty where nothing is known."""

    noun: str
    plural: bool
    pair: bool
    countable: bool
    colours: str
    pattern: str
    #: Empty where the noun says it itself: "casual shoes".
    usage: str
    wearer: str
    possessive: str
    #: Before the noun: "sleeveless".
    cut: str
    #: Behind "with".
    details: tuple[str, ...]
    facts: FreeFacts

    @classmethod
    def of(cls, labels: ItemLabels, facts: FreeFacts) -> "Phrases":
        noun = PRODUCT_TYPES.get(labels.product_type or "")
        if noun is None:
            raise ValueError(f"No words for the product type {labels.product_type!r}.")
        said = stated_by(facts.further)  # "horizontal stripes" need no further "striped"
        known = [
            (kind, labels.details[kind])
            for kind in _DETAIL_ORDER
            if kind in labels.details and said.get(kind) != labels.details[kind]
        ]
        pattern = None if said.get("pattern") == labels.pattern else labels.pattern
        implied = noun.states_usage is not None and noun.states_usage == labels.usage
        return cls(
            noun=noun.text,
            plural=noun.plural,
            pair=noun.plural and labels.product_type not in _NO_PAIR,
            countable=not noun.plural and labels.product_type not in _UNCOUNTABLE,
            colours=_and(*(COLOURS[one] for one in labels.colours if one in COLOURS)),
            pattern="plain" if facts.plain else PATTERNS.get(pattern or "", ""),
            usage="" if implied else USAGES.get(labels.usage or "", ""),
            wearer=GENDERS.get(labels.gender or "", ""),
            possessive=POSSESSIVES.get(labels.gender or "", ""),
            cut=spaced(*(_ADJECTIVES.get(label, "") for _, label in known)),
            details=(
                *(DETAILS[kind][label] for kind, label in known if label not in _ADJECTIVES),
                *facts.further,
            ),
            facts=facts,
        )

    @property
    def look(self) -> str:
        """Colours and pattern, before a noun: "navy blue striped", but "plain navy blue".

        Of 1,991 texts by merchandisers that call a colour plain or solid 1,903 say so before it;
        stripes and checks they name behind it, six times as often as before.
        """
        if self.facts.plain:
            return spaced(self.pattern, self.colours)
        return spaced(self.colours, self.pattern)

    @property
    def adjective(self) -> str:
        """The usage where it stands before the noun; not before one that names another usage."""
        return "" if self.noun.endswith((" shoes", "sandals")) else self.usage

    @property
    def occasion(self) -> str:
        """The usage behind "for": "casual wear", "sport"; empty where none is known."""
        return _OCCASIONS.get(self.usage, f"{self.usage} wear") if self.usage else ""

    @property
    def use(self) -> str:
        """The usage at the end of a sentence: ", for casual wear"."""
        return f", for {self.occasion}" if self.usage else ""

    @property
    def wear(self) -> str:
        """`use` where no adjective says it."""
        return "" if self.adjective else self.use

    @property
    def for_wearer(self) -> str:
        return f" for {self.wearer}" if self.wearer else ""

    @property
    def by(self) -> str:
        return f" by {self.facts.brand}" if self.facts.brand else ""

    @property
    def features(self) -> str:
        """All that stands behind "with"."""
        fit = f"a {self.facts.fit}" if self.facts.fit else ""
        return listed([*self.details, fit])

    @property
    def with_features(self) -> str:
        return f" with {self.features}" if self.features else ""

    def article(self, *words: str) -> str:
        """The words with what stands before them: "a red cap", "a pair of blue jeans"."""
        text = spaced(*words)
        if self.pair:
            return f"A pair of {text}"
        if not self.countable:
            return text
        return f"{'An' if text[0].lower() in 'aeiou' else 'A'} {text}"

    @property
    def item(self) -> str:
        """The noun with cut and fabric: "sleeveless cotton top"."""
        return spaced(self.cut, self.facts.fabric or "", self.noun)

    @property
    def item_of_use(self) -> str:
        """The noun with its usage as well: "sleeveless casual cotton top"."""
        return spaced(self.cut, self.adjective, self.facts.fabric or "", self.noun)


def _plain(w: Phrases) -> str:
    noun = spaced(w.look, w.item_of_use)
    return f"{noun}{w.by}{w.for_wearer}{w.with_features}{w.wear}."


def _with_article(w: Phrases) -> str:
    noun = w.article(w.look, w.item)
    return f"{noun}{w.by}{w.for_wearer}{w.with_features}{w.use}."


def _colour_last(w: Phrases) -> str:
    tone = f" in {w.colours}" if w.colours else ""
    noun = spaced(w.pattern, w.item_of_use)
    features = f", with {w.features}" if w.features and tone else w.with_features
    return f"{noun}{w.by}{w.for_wearer}{tone}{features}{w.wear}."


def _this_one(w: Phrases) -> str:
    these = "These" if w.plural else "This"
    noun = spaced(w.possessive, w.pattern, w.item)
    who = "" if w.possessive else w.for_wearer
    tone = f" in {w.colours}" if w.colours else ""
    made = f"{'are' if w.plural else 'is'} made for {w.occasion}" if w.usage else ""
    have = f"{'have' if w.plural else 'has'} {w.features}" if w.features else ""
    predicate = ", and ".join(part for part in (have, made) if part)
    if not predicate:
        return _plain(w)
    return f"{these} {noun}{w.by}{who}{tone} {predicate}."


def _possessive(w: Phrases) -> str:
    noun = spaced(w.possessive, w.look, w.item_of_use)
    who = "" if w.possessive else w.for_wearer
    return f"{noun}{w.by}{who}{w.with_features}{w.wear}."


def _features_first(w: Phrases) -> str:
    if not w.features:
        return _with_article(w)
    this = "these" if w.plural else "this"
    noun = spaced(w.look, w.item_of_use)
    if not w.wearer:
        return _plain(w)
    made = f"{'are' if w.plural else 'is'} made for {w.wearer}"
    return f"With {w.features}, {this} {noun}{w.by} {made}{w.wear}."


def _two_sentences(w: Phrases) -> str:
    tone = f" in {w.colours}" if w.colours else ""
    noun = w.article(w.pattern, w.item_of_use)
    they = "They have" if w.plural else "It has"
    features = f" {they} {w.features}." if w.features else ""
    return f"{noun}{w.by}{tone}{w.for_wearer}{w.wear}.{features}"


def _made_for(w: Phrases) -> str:
    noun = w.article(w.look, w.item_of_use)
    who = f", made for {w.wearer}" if w.wearer else ""
    come = "They come" if w.plural else "It comes"
    features = f" {come} with {w.features}." if w.features else ""
    return f"{noun}{w.by}{who}{w.wear}.{features}"


def _possessive_with_article(w: Phrases) -> str:
    noun = spaced(w.pattern, w.item)
    if not w.possessive:
        noun, owner = w.article(noun), w.for_wearer
    elif w.pair:
        noun, owner = f"A pair of {w.possessive} {noun}", ""
    else:
        noun, owner = spaced("A" if w.countable else "", w.possessive, noun), ""
    tone = f" in {w.colours}" if w.colours else ""
    features = f", with {w.features}" if w.features and tone else w.with_features
    return f"{noun}{w.by}{owner}{tone}{features}{w.use}."


def _this_is(w: Phrases) -> str:
    tone = f" in {w.colours}" if w.colours else ""
    noun = w.article(w.pattern, w.item_of_use)
    noun = noun[0].lower() + noun[1:] if noun.startswith(("A ", "An ")) else noun
    opening = "These are" if w.plural and not w.pair else "This is"
    return f"{opening} {noun}{w.by}{w.for_wearer}{tone}{w.with_features}{w.wear}."


_STYLES = (
    _plain,
    _with_article,
    _colour_last,
    _this_one,
    _possessive,
    _features_first,
    _two_sentences,
    _made_for,
    _possessive_with_article,
    _this_is,
)
STYLE_COUNT = len(_STYLES)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def spaced(*words: str) -> str:
    return " ".join(word for word in words if word)


def _and(*words: str) -> str:
    return " and ".join(word for word in words if word)


def listed(words: Iterable[str]) -> str:
    """ "short sleeves, a round neck and a zip"."""
    known = [word for word in words if word]
    return " and ".join(part for part in (", ".join(known[:-1]), *known[-1:]) if part)
