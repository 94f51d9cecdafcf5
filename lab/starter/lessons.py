"""The captions that the captioner learns: an item's text in many orders, with and without facts.

An order is asked for as a fact ("order: 4"). Without facts the model says the plain sentence: were
all orders likely at once, no word could be sure, and confidence would mean nothing.
"""

import random
from dataclasses import dataclass

from lab.starter.label_space import label_of
from moda_engine.language.labels import ItemLabels, known_facts, merged
from moda_engine.language.vocabulary import ALTERNATIVES
from moda_engine.language.writing import STYLE_COUNT, paraphrase, sentence

#: Of all captions; the others are in an order that is asked for.
PLAIN_SHARE = 0.5
#: Of those in other orders, how many are conditioned on some of the labels.
KNOWN_SHARE = 0.5
#: Of these labels, how many differ from the photo: the model learns to follow the facts.
CONTRARY_SHARE = 0.3
_MOST_TOLD = 3


@dataclass(frozen=True)
class Lesson:
    """How an item's caption is asked for."""

    #: Asked for as a fact; `None` is the plain sentence.
    order: int | None = None
    #: Labels that are given, as facts.
    told: tuple[str, ...] = ()
    #: All facts beside the photo.
    facts: str | None = None

    def text(self, labels: ItemLabels) -> str:
        """The caption of an item of these labels."""
        if self.order is None:
            return sentence(labels)
        return paraphrase(merged(labels, known_facts("; ".join(self.told))), self.order)


def lesson(labels: ItemLabels, chance: random.Random) -> Lesson:
    """A lesson on an item."""
    if chance.random() < PLAIN_SHARE:
        return Lesson()
    order = chance.randrange(STYLE_COUNT)
    told = _told(labels, chance) if chance.random() < KNOWN_SHARE else []
    facts = [f"order: {order}", *told]
    chance.shuffle(facts)
    return Lesson(order, tuple(told), "; ".join(facts))


def _told(labels: ItemLabels, chance: random.Random) -> list[str]:
    """One to three of the stated labels as facts."""
    stated = [kind for kind in ALTERNATIVES if label_of(labels, kind) in ALTERNATIVES[kind]]
    kinds = chance.sample(stated, min(len(stated), chance.randint(1, _MOST_TOLD)))
    return [f"{kind.replace('_', ' ')}: {_value(labels, kind, chance)}" for kind in kinds]


def _value(labels: ItemLabels, kind: str, chance: random.Random) -> str:
    if chance.random() < CONTRARY_SHARE:
        return chance.choice(ALTERNATIVES[kind]).lower()
    return str(label_of(labels, kind)).lower()
