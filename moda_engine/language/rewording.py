"""A generated sentence said anew: in another order or length, with what the catalog knows.

Only a text that the writer itself would have written is taken apart: nothing of it is lost then.
A checkpoint that learned other people's prose keeps its own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moda_engine.language.facts import KnownFacts, known_facts, labels_of_text, merged
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import (
    NO_FREE_FACTS,
    STYLE_COUNT,
    FreeFacts,
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
        facts: that were told and are no labels, so that the text may say them.
    """
    labels = labels_of_text(text)
    if labels is None or labels.product_type not in PRODUCT_TYPES:
        return None
    style = next(_styles(text, labels, facts), None)
    return None if style is None else OwnText(labels, style)


def _styles(text: str, labels: ItemLabels, facts: FreeFacts) -> Iterator[int]:
    """All that `text` is of: some are alike where little is known."""
    yield from (style for style in range(STYLE_COUNT) if paraphrase(labels, style, facts) == text)


def reworded(text: str, facts: KnownFacts, style: int | None) -> Wording:
    """`text` in its three lengths, with `facts` in the place of what it says otherwise.

    A text that is not the writer's own stays as it is, and is its own alternative text. One whose
    order of words a model has learned keeps that order.

    Args:
        style: any number, for an order of words in the place of the plain one; the same gives the
            same order. `None` keeps the plain one.
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


def without_drawn_order(approved: str, drafted: str, facts: str | None = None) -> str:
    """`approved` as the model itself would have to write it, for the catalog to show it like that.

    The order of a draft's words is drawn by its photo. Where people kept it, whatever else they
    changed, it is not theirs: taught as it stands, ten orders would be likely at once and no word
    sure. So such a text is the plain sentence of the same content. All others stay as they are.

    Args:
        facts: that the draft was told, as text.
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
