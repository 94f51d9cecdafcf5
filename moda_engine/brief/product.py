"""What a shop has typed of a product, as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Attributes, tags, options and levels of the category that are looked at; 500 cost no more.
MOST_VALUES = 100
#: A number of so many digits states nothing.
_LARGEST = 1e12


@dataclass(frozen=True)
class KnownProduct:
    """What a shop has typed of a product; each field may be empty, and may be nonsense."""

    title: str = ""
    brand: str = ""
    #: From the top down.
    category: tuple[str, ...] = ()
    product_type: str = ""
    colour: str = ""
    gender: str = ""
    #: "size" and "colour" → the values that a customer chooses from.
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    #: The shop's earlier text.
    description: str = ""
    #: `name: value` facts, as `known_facts` reads them; they count most.
    facts: str = ""
    #: Of all texts: "en", "de-AT".
    language: str = "en"
    #: Chooses the order of a text's words, and nothing else: a product's SKU. Empty for the plain
    #: order.
    seed: str = ""
    #: The shop's words for those of the writer: "sports shoes" → "trainers"; "" is never said.
    style: Mapping[str, str] = field(default_factory=dict)
    #: How the brand speaks: settings of `moda_engine.copywriting.voice`, as JSON.
    voice: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, object]) -> "KnownProduct":
        """From an object of JSON; `category` is a list or "Men > Shirts". Others are dropped."""
        texts = {name: text_of(given.get(name)) for name in _TEXT_FIELDS}
        options, attributes = given.get("options"), given.get("attributes")
        style = given.get("style")
        voice = given.get("voice")
        category = given.get("category")
        return cls(
            **texts,
            category=texts_of(category.split(">") if isinstance(category, str) else category),
            tags=texts_of(given.get("tags")),
            options={
                str(name): texts_of(values)
                for name, values in (options.items() if isinstance(options, Mapping) else ())
            },
            attributes=dict(attributes) if isinstance(attributes, Mapping) else {},
            style={
                str(said).lower(): text_of(wanted)
                for said, wanted in (style.items() if isinstance(style, Mapping) else ())
            },
            language=text_of(given.get("language")) or "en",
            voice=dict(voice) if isinstance(voice, Mapping) else {},
        )


_TEXT_FIELDS = (
    "title",
    "brand",
    "product_type",
    "colour",
    "gender",
    "description",
    "facts",
    "seed",
)


def texts_of(value: object) -> tuple[str, ...]:
    """A list of texts; one text is a list of one, and anything else an empty list."""
    if isinstance(value, str):
        return (value,)
    given = value[:MOST_VALUES] if isinstance(value, list | tuple) else ()
    return tuple(text for one in given if (text := text_of(one)))


def text_of(value: object) -> str:
    """A text, a number, or a list of them as text; anything else says nothing."""
    if isinstance(value, list | tuple):
        given = [_scalar(one) for one in value[:MOST_VALUES]]
        return ", ".join(text for text in given if text)
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value:g}" if abs(value) < _LARGEST else ""
