"""What the names of a shop's attributes mean: a kind of claim, or a source of its own.

Exports of shops keep product types, tags and options among the attributes. The catalog and the
engine take them out by one rule: here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from moda_engine.brief.product import MOST_VALUES, KnownProduct
from moda_engine.language.labels import FACT_NAMES

_PRODUCT_TYPES = frozenset({"product type"})
_TAGS = frozenset({"tag", "tags"})
_OPTIONS = {
    **dict.fromkeys(("size", "sizes", "available sizes"), "size"),
    **dict.fromkeys(("colours", "colors", "available colours", "available colors"), "colour"),
}
_KINDS = FACT_NAMES | {
    "product": "",
    "type": "",
    "composition": "fabric",
    "pattern type": "pattern",
    "print or pattern type": "pattern",
    "brand name": "brand",
    "target gender": "gender",
    "age gender": "gender",
}


@dataclass
class Sources:
    """The attributes of a product, by what they are."""

    product_types: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    #: "size" and "colour" → the values that a customer chooses from.
    options: dict[str, list[str]] = field(default_factory=dict)
    #: All others, as they were given.
    attributes: dict[str, object] = field(default_factory=dict)


def kind_of_attribute(name: str) -> str:
    """The kind of claim that an attribute's value is; the name itself if it is none of ours."""
    spelt = _spelt(name)
    return _KINDS.get(spelt, spelt.replace(" ", "_"))


def by_source(attributes: Mapping[str, object]) -> Sources:
    """The first hundred attributes, sorted; lists may be texts with commas: "S, M, L"."""
    found = Sources()
    for name, value in list(attributes.items())[:MOST_VALUES]:
        spelt = _spelt(name) if isinstance(name, str) else ""
        if spelt in _PRODUCT_TYPES:
            found.product_types += _listed(value)
        elif spelt in _TAGS:
            found.tags += _listed(value)
        elif spelt in _OPTIONS:
            found.options.setdefault(_OPTIONS[spelt], []).extend(_listed(value))
        else:
            found.attributes[name] = value
    return found


def with_sources(product: KnownProduct) -> KnownProduct:
    """The product with attributes that are sources of their own in their places.

    What the product says in these places itself counts more.
    """
    found = by_source(product.attributes)
    options = {name: tuple(values) for name, values in found.options.items()}
    return replace(
        product,
        product_type=product.product_type or ", ".join(found.product_types),
        tags=(*product.tags, *found.tags),
        options={**options, **product.options},
        attributes=found.attributes,
    )


def _spelt(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().lower())


def _listed(value: object) -> list[str]:
    values = value.split(",") if isinstance(value, str) else value
    given = values if isinstance(values, list) else [values]
    return [text for one in given if (text := str(one).strip())][:MOST_VALUES]
