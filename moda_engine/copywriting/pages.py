"""The texts of a page in the writer's own words: true, another for each product, never cut.

Each slot has forms from the fullest to the shortest; the first that fits its slot and honours the
voice is the text. A product's SKU draws the form, so the same product has the same words.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from zlib import crc32

from moda_engine.brief.claims import Brief, words_of
from moda_engine.copywriting.paragraph import paragraph
from moda_engine.copywriting.phrases import ADJECTIVE_COLOURS, PATTERN_NOUNS
from moda_engine.copywriting.slots import MOST_BULLETS, SLOTS, misfits
from moda_engine.copywriting.voice import PLAIN_VOICE, Voice
from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import STYLE_COUNT, Phrases, alt_text, capital, paraphrase, spaced

#: Words that a title leaves small.
_SMALL = frozenset({"a", "an", "and", "by", "for", "in", "of", "the", "with"})
#: How often a text is drawn before its slot stays empty.
_DRAWS = 24
_HALF = 0.5
#: A brand that says whom it is for: "Arrow Woman".
_WEARER = re.compile(r"\b(?:wom[ae]n|m[ae]n|girls?|boys?|kids)\b", re.IGNORECASE)
_BULLET_WORDS = SLOTS["bullets"].words_a_line
_MERE_NOUNS = ("fabric", "material")
_SIMPLE_FABRIC = re.compile(r"[a-z]+(?: [a-z]+)?")


@dataclass(frozen=True)
class _Told:
    """What the forms of all slots are made from."""

    labels: ItemLabels
    facts: FreeFacts
    words: Phrases
    seed: str
    voice: Voice


def page_texts(
    brief: Brief, slots: Sequence[str], seed: str, voice: Voice = PLAIN_VOICE
) -> dict[str, str]:
    """The text of each of `slots`, by name; empty where the brief has no name for the item.

    Args:
        seed: draws the words; a product's SKU.

    Raises `KeyError` for a slot that there is none.
    """
    noun = PRODUCT_TYPES.get(brief.labels().product_type or "")
    if noun is None:
        return dict.fromkeys(slots, "")
    voice = _naming(voice, voice.spelt(noun.text))
    brief = _without_banned(brief, voice)
    labels, facts = brief.labels(), brief.free_facts()
    told = _Told(labels, facts, Phrases.of(labels, facts), seed, voice)
    return {name: _text(name, told) for name in slots}


def names_of(brief: Brief) -> tuple[str, ...]:
    """The names of a brief: no voice changes their words."""
    brand = brief.free_facts().brand
    return (brand,) if brand else ()


def one_stop(text: str, names: tuple[str, ...]) -> str:
    """`text` with one full stop where a name that ends with its own ends a sentence."""
    for name in names:
        if name.endswith("."):
            text = text.replace(f"{name}.", name)
    return text


def with_lines(text: str, voice: Voice) -> str:
    """A detailed text between the opening and the closing line of the voice."""
    return spaced(voice.opening, text, voice.closing) if text else ""


def _naming(voice: Voice, noun: str) -> Voice:
    """The voice without banned words that the name of the item itself holds."""
    kept = tuple(word for word in voice.banned if replace(voice, banned=(word,)).may_say(noun))
    return replace(voice, banned=kept)


def _without_banned(brief: Brief, voice: Voice) -> Brief:
    """The brief without claims that no text may state for their words."""
    if not voice.banned:
        return brief
    free = brief.free_facts()
    kept = tuple(
        claim
        for claim in brief.claims
        if claim.kind in {"product_type", "brand"}
        or voice.may_say(
            voice.spelt(getattr(free, claim.kind, None) or words_of(claim.kind, claim.value))
        )
    )
    return replace(brief, claims=kept)


def _text(name: str, told: _Told) -> str:
    """The first of the slot's texts that fits and honours the voice; else the first that fits."""
    slot, voice = SLOTS[name], told.voice
    names = (told.facts.brand,) if told.facts.brand else ()
    fitting = ""
    for drawn in range(_DRAWS):
        random = Random(crc32(f"{told.seed}/{name}/{drawn}".encode("utf-8", "surrogatepass")))
        for form in _FORMS[name](told, random):
            text = voice.spelt(one_stop(form, names), names)
            if any(misfits(slot, text)):
                continue
            if not any(voice.faults(text, names)):
                return text
            fitting = fitting or text
    return fitting


def _titles(told: _Told, random: Random) -> Iterator[str]:
    """Brand and noun first of all; then as many of the other facts as there is room for."""
    brand = told.facts.brand or ""
    for words in _ever_fewer(told):
        who = words.possessive
        fabric = _fabric_word(words.facts.fabric)
        item = spaced(words.pattern, words.cut, fabric, words.noun)
        looks = spaced(words.look, words.cut, fabric, words.noun)
        forms = [spaced(brand, who, looks), f"{spaced(brand, looks)}{words.for_wearer}"]
        if words.colours and not set(words.colours.split(" and ")) & ADJECTIVE_COLOURS:
            tone = f"in {words.colours}"
            forms += [
                spaced(brand, who, item, tone),
                spaced(brand, item, words.for_wearer.strip(), tone),
            ]
        if not who:  # said by "for", or by nothing
            forms = forms[1::2]
        yield from (_titled(form, brand) for form in random.sample(forms, len(forms)))
    yield _titled(told.words.noun, "")


def _meta_titles(told: _Told, random: Random) -> Iterator[str]:
    brand = told.facts.brand or ""
    mark = random.choice((" | ", " – ", " by ")) if brand else ""
    for words in _ever_fewer(told):
        looks = spaced(words.look, words.cut, _fabric_word(words.facts.fabric), words.noun)
        owned = spaced(words.possessive, looks) if words.possessive else looks + words.for_wearer
        forms = random.sample((owned, looks + words.for_wearer), 2)
        yield from (f"{_titled(form, '')}{mark}{brand}" for form in forms)
    yield _titled(told.words.noun, "")


def _meta_descriptions(told: _Told, random: Random) -> Iterator[str]:
    """All facts in one or two sentences, then ever fewer of them."""
    calls = () if told.voice.formality == "formal" else _CALLS
    for labels, facts in _ever_fewer_facts(told):
        styles = random.sample(range(STYLE_COUNT), STYLE_COUNT)
        texts = [paraphrase(labels, style, facts) for style in styles]
        yield from (f"{text} {random.choice(calls)}" for text in texts if calls)
        yield from texts


_CALLS = (
    "Take a closer look.",
    "See it from all sides.",
    "Have a look.",
    "Worth a second look.",
    "See the details.",
    "Discover more.",
    "Find out more.",
    "See for yourself.",
)


def _standards(told: _Told, random: Random) -> Iterator[str]:
    """The sentences of the brief in all orders; for a voice of short sentences two of them."""
    for labels, facts in _ever_fewer_facts(told):
        for style in random.sample(range(STYLE_COUNT), STYLE_COUNT):
            yield paraphrase(labels, style, facts)


def _alt_texts(told: _Told, random: Random) -> Iterator[str]:
    yield alt_text(told.labels, told.facts)
    for labels, facts in _ever_fewer_facts(told):
        yield alt_text(labels, facts)


def _detailed(told: _Told, random: Random) -> Iterator[str]:
    yield paragraph(told.labels, told.facts, random, told.voice)


def _bullets(told: _Told, random: Random) -> Iterator[str]:
    """What can be listed of the item: its look, its details, what it is made of and for."""
    words, facts = told.words, told.facts
    lines = [_look_line(words, random)]
    details = [re.sub(r"^an? ", "", detail) for detail in words.details]
    if len(details) > 1 and random.random() < _HALF:
        joined = f"{details[0]} and {words.details[1]}"
        details = [joined, *details[2:]] if len(joined.split()) <= _BULLET_WORDS else details
    lines += details
    if facts.fabric:
        forms = (f"Made of {facts.fabric}", f"In {facts.fabric}", capital(facts.fabric))
        lines.append(random.choice(forms))
    if facts.fit:
        lines.append(random.choice((capital(facts.fit), f"Cut in a {facts.fit}")))
    lines.append(_use_line(words, random))
    known = list(dict.fromkeys(capital(line) for line in lines if line))
    first, rest = known[:1], known[1:]
    random.shuffle(rest)
    if facts.brand and len(known) < MOST_BULLETS:
        rest.append(random.choice((f"By {facts.brand}", f"From {facts.brand}")))
    yield "\n".join([*first, *rest][:MOST_BULLETS])
    yield "\n".join(line for line in [*first, *rest] if len(line.split()) <= _BULLET_WORDS)


def _look_line(words: Phrases, random: Random) -> str:
    """What it looks like: "Navy blue with a striped design"."""
    colours, noun = words.colours, spaced(words.cut, words.noun)
    pattern = PATTERN_NOUNS.get(words.pattern, "")
    if pattern and colours:
        return random.choice((f"{colours} with a {pattern}", f"{colours}, {words.pattern}"))
    look = spaced("plain" if words.facts.plain else words.pattern, colours)
    forms = [spaced(look, noun)]
    if colours and not set(colours.split(" and ")) & ADJECTIVE_COLOURS:
        forms.append(f"{noun} in {look}")
    return random.choice(forms)


def _use_line(words: Phrases, random: Random) -> str:
    if words.usage and words.wearer:
        return random.choice(
            (
                f"Made for {words.wearer}, for {words.occasion}",
                f"For {words.wearer}: {words.occasion}",
                f"{capital(words.occasion)} for {words.wearer}",
            )
        )
    if words.usage:
        return random.choice((f"Made for {words.occasion}", f"For {words.occasion}"))
    if words.wearer:
        return random.choice((f"Made for {words.wearer}", f"For {words.wearer}"))
    return ""


_FORMS: MappingProxyType[str, Callable[[_Told, Random], Iterator[str]]] = MappingProxyType(
    {
        "title": _titles,
        "standard": _standards,
        "detailed": _detailed,
        "bullets": _bullets,
        "meta_title": _meta_titles,
        "meta_description": _meta_descriptions,
        "alt_text": _alt_texts,
    }
)


def _ever_fewer(told: _Told) -> Iterator[Phrases]:
    """The phrases of a title: without details, then ever fewer; brand and noun stay."""
    words = replace(told.words, details=(), usage="")
    if told.labels.gender == "Unisex" or _WEARER.search(told.facts.brand or ""):
        words = replace(words, wearer="", possessive="")
    yield words
    words = replace(words, facts=replace(words.facts, fabric=None))
    yield words
    words = replace(words, pattern="", facts=replace(words.facts, plain=False))
    yield words
    words = replace(words, cut="")
    yield words
    words = replace(words, wearer="", possessive="")
    yield words
    yield replace(words, colours="")


def _ever_fewer_facts(told: _Told) -> Iterator[tuple[ItemLabels, FreeFacts]]:
    """All facts, then without the last details, fit, fabric, usage, wearer; the brand goes last."""
    labels, facts = told.labels, told.facts
    yield labels, facts
    for count in reversed(range(len(facts.further))):
        facts = replace(facts, further=facts.further[:count])
        yield labels, facts
    for kind in reversed(tuple(labels.details)):
        labels = replace(labels, details={k: v for k, v in labels.details.items() if k != kind})
        yield labels, facts
    facts = replace(facts, fit=None)
    yield labels, facts
    facts = replace(facts, fabric=None)
    yield labels, facts
    labels = replace(labels, usage=None)
    yield labels, facts
    labels, facts = replace(labels, pattern=None), replace(facts, plain=False)
    yield labels, facts
    labels = replace(labels, gender=None)
    yield labels, facts
    labels = replace(labels, colour=None)
    yield labels, facts
    yield labels, replace(facts, brand=None)


def _fabric_word(fabric: str | None) -> str:
    """A fabric that can stand before a noun: "cotton"; not "85% cotton", nor "blended fabric"."""
    is_simple = fabric and _SIMPLE_FABRIC.fullmatch(fabric)
    return fabric if fabric and is_simple and not fabric.endswith(_MERE_NOUNS) else ""


def _titled(text: str, brand: str) -> str:
    """`text` as a title: capitals but for small words; the brand is spelt as it is."""
    rest = text.removeprefix(brand).strip() if brand else text
    words = [
        word if place and word in _SMALL else _capitals(word)
        for place, word in enumerate(rest.split())
    ]
    if brand and words and words[0].lower() in _SMALL:
        words[0] = words[0].lower()
    return spaced(brand, *words)


def _capitals(word: str) -> str:
    """ "T-shirt" as "T-Shirt", "men's" as "Men's"."""
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
