"""One natural sentence from an item's labels.

"Navy blue casual T-shirt for boys with short sleeves and a round neck."
"""

from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import (
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)

_DETAIL_ORDER = ("sleeves", "neck", "toe", "fastening", "display")


def sentence(labels: ItemLabels) -> str:
    """The sentence for `labels`; what they do not say is left out.

    Raises `ValueError` when the product type has no words: there is nothing to call the item.
    """
    noun = PRODUCT_TYPES.get(labels.product_type or "")
    if noun is None:
        raise ValueError(f"No words for the product type {labels.product_type!r}.")
    usage = USAGES.get(labels.usage or "")
    implied = noun.states_usage
    adjectives = [_colours(labels), PATTERNS.get(labels.pattern or "")]
    if implied is None:
        adjectives.append(usage)
    words = [word for word in adjectives if word] + [noun.text]
    text = " ".join(words) + _wearer(labels) + _details(labels)
    if implied is not None and usage and labels.usage != implied:
        text += f", for {usage} wear"
    return text[0].upper() + text[1:] + "."


def _colours(labels: ItemLabels) -> str:
    """ "black and white", or nothing."""
    return " and ".join(COLOURS[colour] for colour in labels.colours if colour in COLOURS)


def _wearer(labels: ItemLabels) -> str:
    wearer = GENDERS.get(labels.gender or "")
    return f" for {wearer}" if wearer else ""


def _details(labels: ItemLabels) -> str:
    """ " with short sleeves and a round neck", or nothing."""
    phrases = [
        DETAILS[kind][labels.details[kind]] for kind in _DETAIL_ORDER if kind in labels.details
    ]
    if not phrases:
        return ""
    if len(phrases) == 1:
        return f" with {phrases[0]}"
    return f" with {', '.join(phrases[:-1])} and {phrases[-1]}"
