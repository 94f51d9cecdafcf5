"""A generated sentence said anew: in another order or length, with what the catalog knows.

Only a text that the writer itself would have written is taken apart: nothing of it is lost then.
A checkpoint that learned other people's prose keeps its own words.
"""

import re
from dataclasses import dataclass

from moda_engine.language.facts import KnownFacts, labels_of_text, merged
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import STYLE_COUNT, alt_text, detailed, paraphrase, sentence


@dataclass(frozen=True)
class Wording:
    """One description in its three lengths; `detailed` is empty where there is no more to say."""

    standard: str
    alt_text: str
    detailed: str
    #: In the order that text towers learn.
    plain: str


def own_labels(text: str) -> ItemLabels | None:
    """The labels of a text that the writer writes for them; `None` for any other text."""
    labels = labels_of_text(text)
    if labels is None or labels.product_type not in PRODUCT_TYPES:
        return None
    written = (paraphrase(labels, style) for style in range(STYLE_COUNT))
    return labels if text in written else None


def reworded(text: str, facts: KnownFacts, style: int) -> Wording:
    """`text` in its three lengths, with `facts` in the place of what it says otherwise.

    A text that is not the writer's own stays as it is, and is its own alternative text.

    Args:
        style: any number; the same gives the same order of words.
    """
    labels = own_labels(text)
    if labels is None:
        return Wording(text, text, "", text)
    known = merged(labels, facts)
    return Wording(
        paraphrase(known, style % STYLE_COUNT, facts.free),
        alt_text(known, facts.free),
        detailed(known, style % 2, facts.free),
        sentence(known),
    )


def without_cut_word(text: str) -> str:
    """A text that ended for want of room, up to its last whole sentence, or else its last word."""
    sentences = re.match(r".*[.!?](?=\s|$)", text, re.DOTALL)
    if sentences:
        return sentences[0]
    words, space, _ = text.rpartition(" ")
    return words.rstrip(" ,;:") if space else text
