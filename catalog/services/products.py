"""Products and their photos: created, changed one by one or many at once."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, BinaryIO, Required, TypedDict, Unpack

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices import ProductState
from catalog.exceptions import ChangedMeanwhile, JobRefused
from catalog.models import (
    Category,
    DescriptionJob,
    Product,
    ProductCategory,
    ProductChange,
    ProductImage,
    ProductTranslation,
    Variant,
)
from catalog.photo_store import NewPhoto, photos_store
from catalog.photos import photo_normalise
from catalog.services.jobs import description_job_create
from catalog.transitions.product import product_publish, product_unpublish, products_save

logger = logging.getLogger(__name__)

#: What a row of `products_upsert` may change.
FACTS = ("title", "brand", "category_id", "colour", "gender", "attributes", "state")
MOST_VARIANTS = 2_048
#: Further categories of a product.
MOST_CATEGORIES = 100
#: Rows of one request.
MOST_ROWS = 1_000


#: What a product has in tables of its own.
_PARTS = ("variants", "further_categories", "translations")


class RowOutcome(Enum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One row's outcome; `errors` says why it was refused, field to sentences."""

    sku: str
    outcome: RowOutcome
    errors: Mapping[str, Any] | None = None


class ProductFacts(TypedDict, total=False):
    """What is known of a product; what is not given is empty."""

    sku: Required[str]
    title: Required[str]
    brand: str
    category: Category | None
    colour: str
    gender: str
    attributes: Mapping[str, Any]
    state: ProductState


def product_create(
    *,
    variants: Sequence[Mapping[str, Any]] = (),
    further_categories: Sequence[Category] = (),
    translations: Mapping[str, Mapping[str, Any] | None] | None = None,
    **facts: Unpack[ProductFacts],
) -> Product:
    """A new product. Raises `ValidationError` for a wrong field, a taken SKU among them."""
    product = Product(**facts)
    with transaction.atomic():
        product.full_clean()
        product.save(force_insert=True)
        _variants_write(product, variants)
        product_places_write(product=product, categories=further_categories)
        product_translations_write(product=product, translations=translations or {})
    return product


def product_places_write(*, product: Product, categories: Sequence[Category]) -> None:
    """Replace the further categories of a product; its main one is none of them."""
    ProductCategory.objects.filter(product=product).delete()
    others = dict.fromkeys(one for one in categories if one.pk != product.category_id)
    ProductCategory.objects.bulk_create(
        ProductCategory(product=product, category=category, position=position)
        for position, category in enumerate(others)
    )


def product_places_tidy(*, product: Product) -> None:
    """What is the main category now is none of the further ones."""
    ProductCategory.objects.filter(product=product, category=product.category_id).delete()


def product_translations_write(
    *, product: Product, translations: Mapping[str, Mapping[str, Any] | None]
) -> None:
    """Replace the translation of each language; None, or an empty one, takes it away."""
    ProductTranslation.objects.filter(product=product, language__in=translations).delete()
    ProductTranslation.objects.bulk_create(
        ProductTranslation(product=product, language=language, **said)
        for language, said in translations.items()
        if said is not None and any(said.values())
    )


def _variants_write(product: Product, variants: Sequence[Mapping[str, Any]]) -> None:
    """Replace a product's variants. Raises `ValidationError` for a SKU that comes twice."""
    skus = [variant["sku"] for variant in variants if variant.get("sku")]
    if len(set(skus)) < len(skus):
        raise ValidationError({"variants": _("Two variants have one SKU.")})
    photos = dict(product.variants.exclude(sku="").values_list("sku", "photo"))
    product.variants.all().delete()
    for position, variant in enumerate(variants):
        options = [[option["name"], option["value"]] for option in variant.get("options", ())]
        Variant.objects.create(
            product=product,
            position=position,
            photo_id=photos.get(variant.get("sku", "")),
            **{**variant, "options": options},
        )


def product_update(*, product: Product, facts: Mapping[str, Any]) -> None:
    """Change these facts of a product. Raises `ValidationError` for a wrong field."""
    for name, value in facts.items():
        setattr(product, name, value)
    with transaction.atomic():
        product.full_clean()
        product.save(update_fields=[*facts, "updated_at"])
        if "category" in facts:
            product_places_tidy(product=product)


def product_patch(
    *,
    sku: str,
    expected: Collection[int] | None,
    changes: Mapping[str, Any],
    actor: User | None = None,
) -> Product:
    """Change some facts, or the state, of a product that is as the asker has seen it.

    `expected` holds the numbers of changes that the asker takes for the last one; None takes any.
    Raises `Product.DoesNotExist`, `ChangedMeanwhile`, or `ValidationError` for a wrong field.
    """
    with transaction.atomic():
        product = Product.objects.select_for_update(no_key=True).get(sku=sku)
        # Read under the lock: an earlier change has committed.
        last = ProductChange.objects.get(product=product).sequence
        if expected is not None and last not in expected:
            raise ChangedMeanwhile(_("%(sku)s was changed since you read it.") % {"sku": sku})
        facts = {
            name: value
            for name, value in changes.items()
            if name not in ("state", *_PARTS) and value != getattr(product, name)
        }
        if facts:
            product_update(product=product, facts=facts)
        if changes.keys() & {*_PARTS}:
            _parts_write(product, changes)
        if changes.get("state", product.state) != product.state:
            publish = changes["state"] == ProductState.PUBLISHED
            step = product_publish if publish else product_unpublish
            step(product=product, actor=actor)
    return product


def _parts_write(product: Product, changes: Mapping[str, Any]) -> None:
    if "variants" in changes:
        _variants_write(product, changes["variants"])
    if "further_categories" in changes:
        product_places_write(product=product, categories=changes["further_categories"])
    if "translations" in changes:
        product_translations_write(product=product, translations=changes["translations"])
    product.save(update_fields=["updated_at"])


def products_upsert(
    *, rows: Sequence[Mapping[str, Any]], check_new: Callable[[Mapping[str, Any]], Any]
) -> list[RowAnswer]:
    """Create or change a product a row, all in one transaction; returns an answer a row, in order.

    A row holds `sku` and those of `FACTS` to change, already checked; other facts
    stay. `check_new` is asked of each row whose SKU is new, and returns errors or nothing.
    A SKU that comes twice is refused the second time.
    """
    with transaction.atomic():
        stored = _locked([row["sku"] for row in rows])
        answers: list[RowAnswer] = []
        changed: list[Product] = []
        seen: set[str] = set()
        for row in rows:
            if row["sku"] in seen:
                again = {"sku": ["This SKU came before in the same request."]}
                answers.append(RowAnswer(row["sku"], RowOutcome.REFUSED, again))
                continue
            seen.add(row["sku"])
            answers.append(_plan(row, stored.get(row["sku"]), changed, check_new))
        products_save(products=changed)
    return answers


def product_image_add(
    *, product: Product, upload: BinaryIO, name: str, actor: User | None = None
) -> ProductImage:
    """Check an upload and store it as the product's last photo; one it has already is that row.

    Raises `PhotoRefused`; nothing is stored then. With `DESCRIBE_ON_UPLOAD`, a product's first
    photo asks for its description too; where that is refused, the photo is stored all the same.
    """
    photo = NewPhoto(product.pk, photo_normalise(upload, name=name))
    (stored,) = photos_store(photos=[photo])
    if stored.new and settings.DESCRIBE_ON_UPLOAD and stored.image.position == 0:
        try:
            description_job_create(
                products=Product.objects.filter(pk=product.pk),
                actor=actor,
                priority=DescriptionJob.SINGLE_PRIORITY,
            )
        except JobRefused as refused:
            logger.warning("The first photo of %s is not described: %s", product.sku, refused)
    return stored.image


def _locked(skus: Sequence[str]) -> dict[str, Product]:
    """The products that exist, locked by rising key, so that no two requests wait in a circle."""
    rows = Product.objects.select_for_update(no_key=True).filter(sku__in=skus).order_by("pk")
    return {product.sku: product for product in rows}


def _plan(
    row: Mapping[str, Any],
    product: Product | None,
    changed: list[Product],
    check_new: Callable[[Mapping[str, Any]], Any],
) -> RowAnswer:
    """What to do with one row; a product to be written is added to `changed`."""
    if product is None:
        if errors := check_new(row):
            return RowAnswer(row["sku"], RowOutcome.REFUSED, errors)
        changed.append(Product(**row))
        return RowAnswer(row["sku"], RowOutcome.CREATED)
    new = {name: row[name] for name in FACTS if name in row and row[name] != getattr(product, name)}
    if not new:
        return RowAnswer(product.sku, RowOutcome.UNCHANGED)
    for name, value in new.items():
        setattr(product, name, value)
    changed.append(product)
    return RowAnswer(product.sku, RowOutcome.UPDATED)
