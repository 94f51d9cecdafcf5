"""The detailed text as the writer of the starter writes it: a paragraph that says the whole brief.

It is put together of sentences that each say some of the facts once. What says no fact is taste or
an occasion of the item's own usage, and is there only where the facts carry it: a nearly empty
brief has a short text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from moda_engine.copywriting.lexicon import copy_lexicon
from moda_engine.copywriting.phrases import (
    ADJECTIVE_COLOURS,
    LOUD,
    OCCASIONS,
    PATTERN_EFFECTS,
    PATTERN_NOUNS,
    QUIET,
    QUIET_COLOURS,
    TASTE,
    is_clothing,
    is_shown,
    is_worn,
)
from moda_engine.copywriting.voice import SENTENCE_WORDS, Voice
from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.writing import Phrases, capital, listed, spaced

#: Facts from which on a text says more than the facts.
_ENOUGH_FACTS = 4
#: Words that a text with enough facts has at least, where taste and occasions can give them.
FEWEST_WORDS = 40
MOST_WORDS = 90
#: Details of one sentence at most.
_DETAILS_A_SENTENCE = 4
_HALF = 0.5
#: Fabrics that can stand before a noun: not "85% cotton", nor "blended fabric".
_SIMPLE_FABRIC = re.compile(r"(?!.*\b(?:fabric|material)$)[a-z]+(?: [a-z]+)?")


@dataclass
class _Item:
    """The words of an item, and the choices of one text; sentences take them as they are needed."""

    words: Phrases
    random: Random
    voice: Voice
    worn: bool
    #: Whether others see it: nobody builds an outfit around briefs.
    shows: bool
    is_clothing: bool
    #: Adjectives and phrases that the text has used: none comes twice.
    used: set[str] = field(default_factory=set)

    def pick(self, choices: tuple[str, ...]) -> str:
        """One that the voice allows and the text has not used; empty where none is left."""
        left = [one for one in choices if one not in self.used and self.voice.may_say(one)]
        chosen = self.random.choice(left) if left else ""
        self.used.add(chosen)
        return chosen

    def taste(self) -> str:
        """An adjective that suits the usage."""
        provable = copy_lexicon().proof
        own = tuple(one for one in self.voice.taste if one.lower() not in provable)
        usual = TASTE.get(self.words.usage, TASTE[""])
        return self.pick(own) or self.pick(usual) or self.pick(TASTE[""])

    @property
    def it(self) -> str:
        return "they" if self.words.plural else "it"

    def verb(self, singular: str, plural: str) -> str:
        return plural if self.words.plural else singular


def paragraph(labels: ItemLabels, facts: FreeFacts, random: Random, voice: Voice) -> str:
    """The detailed text. Raises `ValueError` where the item has no name.

    In the voice's person, formality and length of sentences; its opening and closing are not added.
    """
    text = _sentences(labels, facts, random, voice)
    most = SENTENCE_WORDS.get(voice.sentence_length, MOST_WORDS)
    if any(len(one.split()) > most for one in text):
        text = _sentences(labels, facts, random, replace(voice, sentence_length="short"))
    if voice.formality == "friendly":
        text = [_contracted(one) for one in text]
    return " ".join(text)


def _contracted(sentence: str) -> str:
    """ "It is made" as "It's made"."""
    for word, short in (("it is", "it's"), ("they are", "they're")):
        sentence = sentence.replace(f"{word} ", f"{short} ")
        sentence = sentence.replace(f"{capital(word)} ", f"{capital(short)} ")
    return sentence


def _sentences(labels: ItemLabels, facts: FreeFacts, random: Random, voice: Voice) -> list[str]:
    own, in_noun = _divided(facts, random, voice)
    words = Phrases.of(labels, in_noun)
    kind = labels.product_type
    item = _Item(words, random, voice, is_worn(kind), is_shown(kind), is_clothing(kind))
    made = list(_making(item, own))
    told = _told(words, made)
    said = [*_introduction(item, told), *_features(item), *made]
    extra = list(_beside_the_facts(item)) if told >= _ENOUGH_FACTS else []
    return _whole(item, said, extra)


def _divided(facts: FreeFacts, random: Random, voice: Voice) -> tuple[FreeFacts, FreeFacts]:
    """What a sentence of its own says of fabric and fit, and what noun and details say of them."""
    is_simple = bool(facts.fabric and _SIMPLE_FABRIC.fullmatch(facts.fabric))
    fabric = facts.fabric if is_simple and random.random() < _HALF else None
    fit = facts.fit if voice.sentence_length == "any" and random.random() < _HALF else None
    own = replace(facts, fabric=None if fabric else facts.fabric, fit=None if fit else facts.fit)
    return own, replace(facts, fabric=fabric, fit=fit)


def _whole(item: _Item, said: list[str], extra: list[list[str]]) -> list[str]:
    """The sentences that say facts, and as many others as give the text its length."""
    most = SENTENCE_WORDS.get(item.voice.sentence_length, MOST_WORDS)
    usage = _use(item)
    text = [*said, *usage]
    for group in extra:
        longer = [text[0], *group, *text[1:]] if item.random.random() < _HALF else [*text, *group]
        count = sum(len(one.split()) for one in longer)
        short = sum(len(one.split()) for one in text) < FEWEST_WORDS
        if short and count <= MOST_WORDS and all(len(one.split()) <= most for one in group):
            text = longer
    if item.voice.person == "you" and not any("you" in one.lower() for one in text):
        text.append(_to_the_customer(item))
    return text


def _told(words: Phrases, made: list[str]) -> int:
    said = (words.noun, words.colours, words.pattern, words.usage, words.wearer, words.cut)
    facts = words.facts
    return sum(map(bool, (*said, *words.details, facts.brand, facts.fabric, facts.fit, *made)))


#: A form of the first sentence: it says type, colours, pattern, cut, brand and wearer.
_Form = Callable[[_Item], str]


def _introduction(item: _Item, told: int) -> list[str]:
    """One sentence, or for short sentences several."""
    words = item.words
    if item.voice.sentence_length == "short":
        noun = words.article(words.look, words.item)
        parts = [f"{noun}{words.by}."]
        if len(parts[0].split()) > SENTENCE_WORDS["short"]:
            parts = [f"{noun}.", f"{capital(item.it)} {item.verb('is', 'are')}{words.by}."]
        wearer = f"{capital(item.it)} {item.verb('is', 'are')} for {words.wearer}."
        return [*parts, *([wearer] if words.wearer else [])]
    plain = f"{words.article(words.look, words.item)}{words.by}{words.for_wearer}."
    if told < _ENOUGH_FACTS:
        return [plain]
    most = SENTENCE_WORDS.get(item.voice.sentence_length, MOST_WORDS)
    ranked = sorted(_INTRODUCTIONS, key=lambda one: -(item.random.random() ** (1 / one[1])))
    texts = (form(item) for form, _share in ranked)
    return [next((capital(text) for text in texts if text and len(text.split()) <= most), plain)]


def _noun(item: _Item, *, colours: bool = True, wearer: bool = False) -> str:
    """The noun with what stands before it: "men's navy blue striped T-shirt"."""
    words = item.words
    look = words.look if colours else words.pattern
    return spaced(words.possessive if wearer else "", look, words.item)


def _this(item: _Item, noun: str) -> str:
    return f"{item.verb('this', 'these')} {noun}"


def _for(item: _Item, *, said: bool) -> str:
    """Whom it is for, where the noun does not say so."""
    words = item.words
    return "" if said and words.possessive else words.for_wearer


def _maker(item: _Item) -> str:
    return item.words.facts.brand or ""


def _chosen(item: _Item) -> str:
    owned = item.random.random() < _HALF
    noun, who = _noun(item, wearer=owned), _for(item, said=owned)
    taste = item.taste()
    article = "an" if taste[:1] in "aeiou" else "a"
    verb = item.verb("is", "are")
    end = item.pick(("choice", "pick", "find"))
    return f"{_this(item, noun)}{item.words.by}{who} {verb} {article} {taste} {end}."


def _meet(item: _Item) -> str:
    if item.voice.formality == "formal":
        return ""
    owned = item.random.random() < _HALF
    verb = item.pick(("meet", "say hello to", "take a look at"))
    noun = _this(item, _noun(item, wearer=owned))
    return f"{verb} {noun}{item.words.by}{_for(item, said=owned)}."


def _brand_first(item: _Item) -> str:
    if not _maker(item):
        return ""
    brings = "brings you" if item.voice.person == "you" else "brings"
    verb = item.pick(("presents", "offers", "introduces", brings))
    owned = item.random.random() < _HALF
    article = item.words.article(_noun(item, wearer=False))
    noun = _this(item, _noun(item, wearer=owned)) if owned else _low_article(article)
    return f"{_maker(item)} {verb} {noun}{_for(item, said=owned)}."


def _low_article(text: str) -> str:
    """ "A red cap" within a sentence; a noun without an article as it is."""
    return text[0].lower() + text[1:] if text.startswith(("A ", "An ")) else text


def _colour_first(item: _Item) -> str:
    words = item.words
    if not words.colours or words.facts.plain or words.colours in ADJECTIVE_COLOURS:
        return ""
    ways = item.pick(("sets the tone for", "is the colour of", "suits", "runs through"))
    if " and " in words.colours:
        ways = {
            "sets the tone for": "set the tone for",
            "is the colour of": "are the colours of",
            "runs through": "run through",
        }.get(ways, "suit")
    noun = _this(item, _noun(item, colours=False, wearer=True))
    return f"{words.colours} {ways} {noun}{words.by}{_for(item, said=True)}."


def _from_brand(item: _Item) -> str:
    if not _maker(item):
        return ""
    words = item.words
    lead = f"{item.pick(('from', 'by'))} {_maker(item)}"
    return f"{lead}: {_low_article(words.article(_noun(item)))}{words.for_wearer}."


def _taste_first(item: _Item) -> str:
    one, two = item.taste(), item.taste()
    noun = _this(item, _noun(item))
    verb = item.pick(
        (
            item.verb("keeps things simple", "keep things simple"),
            item.verb("speaks for itself", "speak for themselves"),
            item.verb("earns its place", "earn their place"),
            item.verb("does its job in style", "do their job in style"),
        )
    )
    return f"{one} and {two}, {noun}{item.words.by}{item.words.for_wearer} {verb}."


def _here(item: _Item) -> str:
    words = item.words
    be = "are" if words.plural and not words.pair else "is"
    article = _low_article(words.article(_noun(item)))
    return f"here {be} {article}{words.by}{words.for_wearer}."


def _plain_article(item: _Item) -> str:
    words = item.words
    taste = item.taste()
    return f"{words.article(taste, _noun(item))}{words.by}{words.for_wearer}."


def _wearer_first(item: _Item) -> str:
    words = item.words
    if not words.wearer:
        return ""
    lead = item.pick((f"for {words.wearer}:", f"made for {words.wearer}:"))
    return f"{lead} {_low_article(words.article(_noun(item)))}{words.by}."


def _question(item: _Item) -> str:
    words = item.words
    if item.voice.formality == "formal" or item.voice.person != "you":
        return ""
    noun = _low_article(words.article(_noun(item)))
    return f"looking for {noun}{words.by}{words.for_wearer}?"


#: Each with its share: forms that begin with the same words are rarer.
_INTRODUCTIONS: tuple[tuple[_Form, float], ...] = (
    (_chosen, 1.0),
    (_meet, 0.5),
    (_brand_first, 1.2),
    (_colour_first, 1.0),
    (_from_brand, 0.8),
    (_taste_first, 1.4),
    (_here, 0.15),
    (_plain_article, 1.0),
    (_wearer_first, 0.3),
    (_question, 1.0),
)


def _features(item: _Item) -> Iterator[str]:
    """The details, a few a sentence; for short sentences one each."""
    fit = item.words.facts.fit
    known = (*item.words.details, *((f"a {fit}",) if fit else ()))
    details = tuple(item.random.sample(known, len(known)))
    size = 1 if item.voice.sentence_length == "short" else _DETAILS_A_SENTENCE
    for start in range(0, len(details), size):
        yield _feature(item, listed(details[start : start + size]), details[start : start + size])


def _feature(item: _Item, features: str, details: tuple[str, ...]) -> str:
    several = len(details) > 1 or not details[0].startswith(("a ", "an "))
    have, it = item.verb("has", "have"), capital(item.it)
    complete, give = ("complete", "give") if several else ("completes", "gives")
    if item.voice.sentence_length == "short":
        return f"{it} {have} {features}."
    taste = item.taste()
    article = "an" if taste[:1] in "aeiou" else "a"
    them = "them" if item.words.plural else "it"
    forms = (
        f"{it} {have} {features}.",
        f"{capital(features)} {complete} the look.",
        f"{capital(features)} {give} {them} {article} {taste} air.",
        f"{it} {item.verb('comes', 'come')} with {features}.",
        f"With {features}, the look stays {taste}.",
        f"{capital(features)} {'keep' if several else 'keeps'} the look {taste}.",
        f"The {'details' if several else 'detail'}: {features}.",
        f"{capital(features)} {'round' if several else 'rounds'} it off.",
    )
    return item.random.choice(forms)


def _making(item: _Item, facts: FreeFacts) -> Iterator[str]:
    """Fabric and fit."""
    it, be = capital(item.it), item.verb("is", "are")
    fabric = facts.fabric or ""
    if fabric and facts.fit and item.voice.sentence_length != "short":
        have = item.verb("has", "have")
        yield item.random.choice(
            (
                f"{it} {be} made of {fabric} and cut in a {facts.fit}.",
                f"Made of {fabric}, {item.it} {have} a {facts.fit}.",
                f"The fabric is {fabric}, and {item.it} {have} a {facts.fit}.",
                f"{it} {have} a {facts.fit} and {be} made of {fabric}.",
                f"In {fabric}, with a {facts.fit}.",
            )
        )
        return
    if fabric:
        yield item.random.choice(
            (
                f"{it} {be} made of {fabric}.",
                f"The material: {fabric}.",
            )
        )
    if facts.fit:
        yield item.random.choice((f"{it} {be} cut in a {facts.fit}.", f"The cut is a {facts.fit}."))


def _use(item: _Item) -> list[str]:
    """What it is for, where the brief holds a usage that the noun does not say."""
    words = item.words
    if not words.usage:
        return []
    it, be = capital(item.it), item.verb("is", "are")
    wear = words.occasion if item.is_clothing else _DAYS.get(words.usage, words.occasion)
    occasions = OCCASIONS[words.usage]
    if wear.endswith("days"):
        occasions = tuple(one for one in occasions if "days" not in one)
    one = item.pick(occasions)
    others = (other for other in occasions if not _long_words(one) & _long_words(other))
    two = item.pick(tuple(others))
    if item.voice.sentence_length == "short" or not (one and two):
        return [f"{it} {be} made for {wear}."]
    both = item.random.choice((f"{one} or {two}", f"{one} and {two}"))
    forms = [
        f"Made for {wear}: think of {both}.",
        f"{it} {be} made for {wear}, from {one} to {two}.",
        f"{it} {item.verb('belongs', 'belong')} to {wear}, be it {one} or {two}.",
        f"Right for {wear}, whether {one} or {two}.",
        f"Ready for {wear}: {both}.",
        f"{capital(one)} or {two}: {item.it} {be} made for {wear}.",
    ]
    if item.voice.person == "you":
        forms += [f"Made for {wear}, {item.it} {be} there for your {two}."] if _is_bare(two) else []
        forms = forms[-1:] if len(forms) > 6 else forms
    return [item.random.choice(forms)]


def _long_words(phrase: str) -> set[str]:
    return {word for word in phrase.split() if len(word) > _SHORT_WORD}


#: Letters of words that may come twice in a sentence: "with".
_SHORT_WORD = 4
#: Usage → what an item that is no clothing is for.
_DAYS = {"casual": "casual days", "formal": "formal occasions", "smart casual": "smart casual days"}


def _is_bare(phrase: str) -> bool:
    """Whether "your" can stand before the phrase."""
    return not phrase.startswith(("a ", "an ", "the ")) and " " not in phrase


def _beside_the_facts(item: _Item) -> Iterator[list[str]]:
    """Sentences of taste, each with a fact of the brief as its subject."""
    words = item.words
    pattern = PATTERN_NOUNS.get(words.pattern, "")
    groups: list[list[str]] = []
    if pattern:
        groups.append([f"The {pattern} {item.pick(PATTERN_EFFECTS)}."])
    if words.colours and item.worn:
        groups.append([_of_colour(item)])
    groups.append([_of_taste(item)])
    if item.shows:
        groups.append([_of_outfit(item)])
    item.random.shuffle(groups)
    yield from groups


def _of_colour(item: _Item) -> str:
    colours = item.words.colours
    quiet = set(colours.split(" and ")) <= QUIET_COLOURS
    taste = item.pick(QUIET if quiet else LOUD) or item.taste()
    article = "an" if taste[:1] in "aeiou" else "a"
    if " and " in colours:
        return item.random.choice(
            (
                f"{capital(colours)} make {article} {taste} pair.",
                f"The mix of {colours} keeps the look {taste}.",
            )
        )
    tone = item.pick(("tone", "shade", "colour"))
    if colours in ADJECTIVE_COLOURS:
        return f"The {colours} look is {taste}."
    forms = [
        f"The {colours} {tone} keeps the look {taste}.",
        f"{capital(colours)} is {article} {taste} {tone}.",
        f"In {colours}, the look is {taste}.",
        f"The {tone}: {colours}, {taste} as ever.",
        f"{capital(colours)} makes for {article} {taste} look.",
    ]
    if quiet:
        forms += [
            f"{capital(colours)} is easy to combine.",
            f"The {colours} {tone} goes with almost anything.",
        ]
    return item.random.choice(forms)


def _of_taste(item: _Item) -> str:
    one, two = item.taste(), item.taste()
    it = capital(item.it)
    noun = item.pick(("look", "style"))
    article = "an" if one[:1] in "aeiou" else "a"
    forms = (
        f"The {noun} is {one} and {two}.",
        f"{it} {item.verb('has', 'have')} {article} {one}, {two} {noun}.",
        f"{capital(one)} and {two}, {item.it} {item.verb('needs', 'need')} little else.",
        f"The overall {noun} stays {one}, never loud.",
        f"{capital(one)} in {noun}, {two} in mood.",
        f"{article} {one} {noun} that never tries too hard.".capitalize(),
        f"{it} {item.verb('leaves', 'leave')} {article} {one} impression.",
    )
    return item.random.choice(forms)


def _of_outfit(item: _Item) -> str:
    it, them = capital(item.it), "them" if item.words.plural else "it"
    taste = item.taste()
    article = "an" if taste[:1] in "aeiou" else "a"
    forms = (
        f"{it} {item.verb('slots', 'slot')} into any wardrobe.",
        f"{capital(article)} {taste} start to an outfit.",
        f"{it} {item.verb('belongs', 'belong')} in the regular rotation.",
        "Easy to wear again and again." if taste == "simple" else f"Wear {them} again and again.",
        f"{it} {item.verb('leaves', 'leave')} room for the rest.",
        f"Build {article} {taste} outfit around {them}.",
        f"{capital(article)} {taste} part of any outfit.",
        f"{it} {item.verb('gives', 'give')} an outfit {article} {taste} note.",
        "Good company for any wardrobe.",
        f"{it} {item.verb('finds its', 'find their')} place in the wardrobe.",
    )
    return item.random.choice(forms)


def _to_the_customer(item: _Item) -> str:
    """For a voice that speaks to the customer, where no other sentence does."""
    it = item.it
    forms = (
        f"Make {'them' if item.words.plural else 'it'} your own.",
        f"You will be glad of {'them' if item.words.plural else 'it'}.",
        f"Wear {'them' if item.words.plural else 'it'} your way." if item.worn else "It is yours.",
        f"{capital(it)} will suit you." if item.worn else "The choice is yours.",
    )
    return item.random.choice(forms)
