"""The captions that the captioner learns: whole briefs, and the text that says just what they hold.

A brief holds one to all claims that an item can have. Some are the photo's, some are against it and
some of the photo's are withheld, so that a text follows from its brief and from nothing else. An
order of words is asked for as a fact ("order: 4"); without one the text is the plain sentence.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from lab.starter.label_space import label_of
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import facts_of_brief, with_placeholders
from moda_engine.language.further import FURTHER, MOST_SAID
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import ALTERNATIVES, details_of_type
from moda_engine.language.writing import STYLE_COUNT, paraphrase

#: Of all lessons; the others ask for one of the ten orders.
PLAIN_SHARE = 0.2
#: Of types and of other claims, how many are drawn from all labels instead of the photo's.
CONTRARY_TYPES = 0.3
CONTRARY_SHARE = 0.3
TWO_COLOURS_SHARE = 0.1
#: Of the claims that an item can have, the least share that a brief is drawn to hold.
LEAST_TOLD = 0.1
#: Names by kind, for which placeholders are learned: which name it is never matters.
_NAMES = {"brand": "Wren", "fabric": "cotton", "fit": "slim fit"}
_FURTHER = ("chest_pocket", "ribbed_cuffs", "curved_hem")
#: Of all lessons, those that say one to three further details.
FURTHER_SHARE = 0.4


@dataclass(frozen=True)
class Lesson:
    """A text, and the facts that it is conditioned on."""

    text: str
    facts: str


def lesson(labels: ItemLabels, chance: random.Random) -> Lesson:
    """A lesson on an item that shows `labels`, of a type that has words."""
    order = None if chance.random() < PLAIN_SHARE else chance.randrange(STYLE_COUNT)
    brief = Brief(tuple(_claims(labels, chance)))
    names = brief.free_facts()
    text = paraphrase(brief.labels(), order or 0, names)
    return Lesson(with_placeholders(text, names), facts_of_brief(brief, order))


def _claims(labels: ItemLabels, chance: random.Random) -> Iterator[Claim]:
    """One a kind, as the catalog knows them; a type always."""
    told_share = chance.uniform(LEAST_TOLD, 1)
    product_type = _label(labels, "product_type", CONTRARY_TYPES, chance)
    yield Claim("product_type", product_type, "catalog", 1.0)
    for kind in ("colour", "pattern", "gender", "usage", *sorted(details_of_type(product_type))):
        if chance.random() < told_share:
            yield Claim(kind, _label(labels, kind, CONTRARY_SHARE, chance), "catalog", 1.0)
    if chance.random() < FURTHER_SHARE:
        for kind in _FURTHER[: chance.randint(1, MOST_SAID)]:
            yield Claim(kind, FURTHER[kind].label, "catalog", 1.0)
    for kind, name in _NAMES.items():
        if chance.random() < told_share / 2:
            yield Claim(kind, name, "catalog", 1.0)


def _label(labels: ItemLabels, kind: str, contrary_share: float, chance: random.Random) -> str:
    """The photo's label of `kind`, or any; any where the photo has none."""
    if kind == "colour" and chance.random() < TWO_COLOURS_SHARE:
        return "/".join(chance.sample(ALTERNATIVES[kind], 2))
    label = label_of(labels, kind) or ""
    parts = label.split("/") if kind == "colour" else [label]
    if chance.random() < contrary_share or not set(parts) <= set(ALTERNATIVES[kind]):
        return chance.choice(ALTERNATIVES[kind])
    return label
