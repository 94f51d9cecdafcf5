"""Words of a text that are of a part of the item, or of another: hidden before a claim is read.

The reader reads prose, where a lone "for your jeans" may be all that is said. A claim has to be
surer: the gold of "gold dial" is not the watch's, and a salwar suit with a dupatta is no dupatta.
"""

from collections.abc import Iterator

from moda_engine.language.lexicon import SHOES, element_at, elements, kinds
from moda_engine.language.scopes import stated

#: Behind a colour, these say what is so coloured.
_PARTS = frozenset(
    {
        *("dial", "dials", "strap", "straps", "zip", "zips", "zipper", "thread", "embroidery"),
        *("sole", "soles", "lining", "trim", "trims", "piping", "buckle", "buckles", "buttons"),
        *("logo", "lettering", "stitching", "laces", "lenses", "lens", "frame", "hardware"),
        *("accents", "accent", "detail", "details", "detailing", "design", "border", "toned"),
        *("print", "prints", "stripe", "stripes", "polka dots", "dots", "checks", "collar"),
    }
)
_AND = frozenset({"and", "/"})
_TYPES = frozenset({"product_type", SHOES[0]})
#: Beside another type, a ball names the sport: "football jacket".
_BALLS = frozenset({"Footballs", "Basketballs"})


def own_words(text: str) -> str:
    """`text` with every word that is not of the item itself replaced by letters "x"."""
    for start, end in _others(text):
        text = f"{text[:start]}{'x' * (end - start)}{text[end:]}"
    return text


def names_no_type(text: str) -> bool:
    """Whether no word of `text` is a type, be it of another item."""
    return not any(kinds(element) & _TYPES - {SHOES[0]} for element in elements(text))


def _others(text: str) -> Iterator[tuple[int, int]]:
    found = elements(text)
    types = [item for item in stated(found) if item.statement[0] in _TYPES]
    sports_only = any(item.statement[1] not in _BALLS for item in types)
    for item in types:
        ball = sports_only and item.statement[1] in _BALLS
        if ball or item.attached or item.likened:
            yield found[item.position].start, found[item.position].end
    for position, element in enumerate(found):
        if element.text not in _PARTS:
            continue
        before = position - 1
        while "colour" in kinds(element_at(found, before)):
            yield found[before].start, found[before].end
            before -= 2 if element_at(found, before - 1).text in _AND else 1
