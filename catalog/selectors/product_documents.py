"""Products as the API shows them: plain values, at most six queries for any number of products.

No model instances are made: they took most of the time of a page of a hundred products.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import orjson
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from catalog.choices import DescriptionState
from catalog.languages import Spoken, language_chain
from catalog.models import (
    Description,
    Product,
    ProductCategory,
    ProductChange,
    ProductImage,
    Variant,
)
from catalog.models.description import GENERATED_FIELDS, TEXT_FIELDS
from catalog.selectors.product_languages import Translations
from catalog.tables.variants import amount_text

#: The members of a product, in their order.
FIELDS = (
    "sku", "title", "brand", "category", "further_categories", "colour", "gender", "attributes",
    "state", "variants", "images", "description", "languages", "updated_at",
)  # fmt: skip
COLUMNS = (
    "pk", "sku", "title", "brand", "category__name", "category__slug", "colour", "gender",
    "attributes_text", "state", "changed_at", "has_variants", "has_further",
)  # fmt: skip
_HAS_VARIANTS, _HAS_FURTHER = COLUMNS.index("has_variants"), COLUMNS.index("has_further")
#: Members that a translation may say.
_TRANSLATED = {"title", "colour", "attributes", "languages"}
_TEXT_COLUMNS = (
    "product_id", "language", *TEXT_FIELDS, *GENERATED_FIELDS, "model_version__name", "reviewed_at",
)  # fmt: skip


class Provenance(Enum):
    """Who wrote a text: the model, the model and then a person, or a person alone."""

    GENERATED = "generated"
    EDITED = "edited"
    HUMAN = "human"


def product_documents(
    products: QuerySet[Product],
    *,
    base: str,
    language: str = "en",
    fields: Collection[str] = FIELDS,
) -> dict[str, dict[str, Any]]:
    """SKU to document, in no order. `base` is put before addresses of photos that have no host."""
    rows = product_rows(products).order_by().values_list(*COLUMNS)
    return documents_of(rows, base=base, language=language, fields=fields)


def product_rows(products: QuerySet[Product]) -> QuerySet[Product]:
    """The products with all of `COLUMNS`."""
    changes = ProductChange.objects.filter(pk=OuterRef("sku"))
    return products.annotate(
        # Cast, so that the JSON goes through as it is stored, neither read nor written again.
        attributes_text=Cast("attributes", TextField()),
        # No join: for the last pages PostgreSQL would merge with the whole table of changes.
        changed_at=Subquery(changes.values("at")[:1]),
        has_variants=Exists(Variant.objects.filter(product=OuterRef("pk"))),
        has_further=Exists(ProductCategory.objects.filter(product=OuterRef("pk"))),
    )


def documents_of(
    rows: Iterable[tuple[Any, ...]], *, base: str, language: str, fields: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Documents, by SKU, of rows with the columns `COLUMNS`."""
    rows = list(rows)
    keys = [row[0] for row in rows]
    images = _images(keys, base) if "images" in fields else {}
    chain = language_chain(language)
    texts = _texts(keys, chain) if {"description", "languages"} & {*fields} else {}
    translated = Translations(keys if _TRANSLATED & {*fields} else [], language)
    with_further = [row[0] for row in rows if row[_HAS_FURTHER]]
    asks_further = with_further and "further_categories" in fields
    further = _further(with_further) if asks_further else {}
    with_variants = [row[0] for row in rows if row[_HAS_VARIANTS]] if "variants" in fields else []
    variants = _variants(with_variants) if with_variants else {}
    documents = {}
    for key, sku, title, brand, shelf, slug, colour, gender, attributes, state, at, *_ in rows:
        said = translated.of(key, title=title, colour=colour, attributes=attributes)
        text = texts.get(key)
        document = {
            "sku": sku,
            "title": said.title if said else title,
            "brand": brand,
            "category": None if slug is None else {"name": shelf, "slug": slug},
            "further_categories": further.get(key, []),
            "colour": said.colour if said else colour,
            "gender": gender,
            "attributes": said.attributes if said else orjson.Fragment(attributes),
            "state": state,
            "variants": variants.get(key, []),
            "images": images.get(key, []),
            "description": text,
            "languages": _languages(chain, said, text),
            "updated_at": at,
        }
        if fields is not FIELDS:
            document = {name: document[name] for name in fields}
        documents[sku] = document
    return documents


def _languages(
    chain: Sequence[str], said: Spoken | None, text: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Which language each part is in; attributes that are in the shop's are not named."""
    own = settings.SHOP_LANGUAGE
    spoken = said.attribute_languages.items() if said else ()
    return {
        "chain": list(chain),
        "title": said.title_language if said else own,
        "colour": said.colour_language if said else own,
        "attributes": {name: language for name, language in spoken if language != own},
        "description": text["language"] if text else None,
    }


def _further(keys: list[int]) -> dict[int, list[dict[str, str]]]:
    places = ProductCategory.objects.filter(product__in=keys)
    rows = places.exclude(category=F("product__category")).order_by("position", "pk")
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for key, name, slug in rows.values_list("product_id", "category__name", "category__slug"):
        found[key].append({"name": name, "slug": slug})
    return found


def _variants(keys: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = Variant.objects.filter(product_id__in=keys).order_by("product_id", "position", "pk")
    variants: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        variants[row.product_id].append(
            {
                "sku": row.sku,
                "options": [{"name": name, "value": value} for name, value in row.options],
                "price": amount_text(row.price) or None,
                "compare_at_price": amount_text(row.compare_at_price) or None,
                "currency": row.currency,
                "barcode": row.barcode,
                "availability": row.availability,
                "image": row.photo_id,
            }
        )
    return variants


def _images(keys: list[int], base: str) -> dict[int, list[dict[str, Any]]]:
    rows = (
        ProductImage.objects.filter(product_id__in=keys)
        .order_by("product_id", "position", "pk")
        .values_list("pk", "product_id", "file", "thumbnail", "width", "height", "position")
    )
    address = _addresses(base)
    images: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pk, key, file, thumbnail, width, height, position in rows:
        images[key].append(
            {
                "id": pk,
                "url": address(file),
                "thumbnail_url": address(thumbnail),
                "width": width,
                "height": height,
                "position": position,
            }
        )
    return images


def photo_address(name: str, base: str) -> str:
    """The absolute address of a stored file."""
    address = default_storage.url(name)
    return base + address if address.startswith("/") else address


def _addresses(base: str) -> Callable[[str], str]:
    """`photo_address` for many. Files below MEDIA_URL have names that need neither quoting nor
    joining; both together took a quarter of the time of a page."""
    if isinstance(storages["default"], FileSystemStorage) and settings.MEDIA_URL.startswith("/"):
        prefix = base + settings.MEDIA_URL
        return lambda name: prefix + name
    return lambda name: photo_address(name, base)


def _texts(keys: list[int], chain: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Of each product the approved text in the first language of the chain that has one."""
    rows = Description.objects.filter(
        product_id__in=keys, language__in=chain, state=DescriptionState.APPROVED
    ).order_by()
    found = sorted(
        rows.values(*_TEXT_COLUMNS), key=lambda row: chain.index(row["language"]), reverse=True
    )
    return {row["product_id"]: _text(row) for row in found}


def _text(row: dict[str, Any]) -> dict[str, Any]:
    provenance = provenance_of(
        shown=[row[field] for field in TEXT_FIELDS],
        generated=[row[field] for field in GENERATED_FIELDS],
    )
    return {
        "language": row["language"],
        **{field: row[field] for field in TEXT_FIELDS},
        "bullets": row["bullets"].splitlines(),
        "provenance": provenance.value,
        "model_version": row["model_version__name"],
        "approved_at": row["reviewed_at"],
    }


def provenance_of(*, shown: Sequence[str], generated: Sequence[str]) -> Provenance:
    """Compare the texts that are shown with those that the model wrote, `standard` first."""
    if not generated[0]:
        return Provenance.HUMAN
    return Provenance.GENERATED if tuple(shown) == tuple(generated) else Provenance.EDITED
