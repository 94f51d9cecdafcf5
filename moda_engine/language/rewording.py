"""Texts that the writer itself would write, in whichever order of words."""

from collections.abc import Iterator
from dataclasses import dataclass

from moda_engine.language.labels import (
    NO_FREE_FACTS,
    FreeFacts,
    ItemLabels,
    known_facts,
    labels_of_text,
)
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import (
    STYLE_COUNT,
    paraphrase,
)


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
