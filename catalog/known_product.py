"""What the catalog knows of products, as their descriptions are told it.

The form is that of the engine's `KnownProduct` as JSON, without what is empty: it is sent to the
engine, and kept with the draft so that its text can be written again.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings

from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState, KnownSource
from catalog.claims import by_source
from catalog.models import BrandVoice, Description, Product, StyleRule

#: Told at most: attributes, tags or options of a product, and characters of a text.
MOST_VALUES = 100
LONGEST_TEXT = 2_000
#: Values of attributes that shops write for having none.
_NOTHING = ("", "-", "NA", "N/A", None)
#: States of a shop's own text that still speaks for its product.
_STANDING = (DescriptionState.DRAFT, DescriptionState.APPROVED, DescriptionState.SUPERSEDED)

Known = Mapping[str, Any]


def conditioned_on(known: Known, facts: str) -> Known:
    """What is known together with what a person typed, which counts most."""
    return {**known, "facts": facts} if facts else known


def attributes_known(product: Product) -> list[tuple[str, Any]]:
    """The product's further facts, without those that say that nothing is known."""
    return [(name, value) for name, value in product.attributes.items() if value not in _NOTHING]


def products_known(
    product_ids: Collection[int],
    *,
    sources: Collection[str] = KnownSource.values,
    language: str = "en",
) -> dict[int, Known]:
    """What each product that exists is described with: what its `sources` say, its seed, the voice
    of its brand, and the shop's words for texts in `language`.

    The seed, the SKU, decides on the order of words: a product keeps it. Some queries, however many
    products.
    """
    products = Product.objects.in_bulk(product_ids)
    paths = _paths({one.category_id for one in products.values() if one.category_id is not None})
    texts = _own_texts(product_ids) if KnownSource.DESCRIPTION in sources else {}
    style = style_followed(language)
    voices = {voice.brand.lower(): voice.settings() for voice in BrandVoice.objects.all()}
    known = {}
    for pk, product in products.items():
        said = {
            **_columns(product),
            "category": paths.get(product.category_id or 0, []),
            "description": texts.get(pk, ""),
        }
        told = {name: said[name] for name in KnownSource.values if name in sources and said[name]}
        if voice := voices.get(product.brand.strip().lower()):
            told["voice"] = voice
        if settings.SHOP_LANGUAGE != "en":
            told["language"] = settings.SHOP_LANGUAGE
        if style:
            told["style"] = style
        known[pk] = _storable({**told, "seed": product.sku})
    return known


def style_followed(language: str) -> dict[str, str]:
    """The style sheet: a draft's words → the shop's, of the rules that are on."""
    rules = StyleRule.objects.filter(language=language, is_on=True).order_by("said")
    return dict(rules.values_list("said", "wanted"))


def _columns(product: Product) -> dict[str, Any]:
    """What the row says, by source; of its attributes some are sources of their own."""
    found = by_source(dict(attributes_known(product)))
    return {
        "title": product.title,
        "brand": product.brand,
        "product_type": ", ".join(found.product_types),
        "colour": product.colour,
        "gender": product.gender,
        "options": found.options,
        "attributes": found.attributes,
        "tags": found.tags,
    }


def _storable(value: Any) -> Any:
    """Texts cut to what is read, without NUL, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\0", " ")[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value[:MOST_VALUES]]
    return value


def _paths(category_ids: Collection[int]) -> dict[int, list[str]]:
    """The names from the root down, by category."""
    if not category_ids:
        return {}
    tree = CategoryTree()
    return {pk: tree.names(pk) for pk in category_ids}


def _own_texts(product_ids: Collection[int]) -> dict[int, str]:
    """The shop's own text of each product that has one: imported, or written by a person.

    What a model wrote is never among them, even where a person edited it: a model that is told its
    own words believes them. An approved text counts most, then one in the shop's language, then
    the latest.
    """
    rows = (
        Description.objects.filter(
            product__in=product_ids, generated_standard="", state__in=_STANDING
        )
        .order_by("pk")
        .values_list("product_id", "state", "language", "standard")
    )
    ranked = sorted(
        rows,
        key=lambda row: (row[1] == DescriptionState.APPROVED, row[2] == settings.SHOP_LANGUAGE),
    )
    return {product_id: text for product_id, _state, _language, text in ranked}
