"""What a person may ask for with products."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices import ProductState
from catalog.exceptions import ChangedMeanwhile
from catalog.models import Category, Product, ProductChange
from catalog.transitions import product as transitions


def product_create(
    *,
    actor: User | None = None,
    sku: str,
    title: str,
    brand: str = "",
    category: Category | None = None,
    colour: str = "",
    gender: str = "",
    attributes: Mapping[str, Any] | None = None,
    state: ProductState = ProductState.DRAFT,
) -> Product:
    """A new product. Raises `ValidationError` for a wrong field, a taken SKU among them."""
    product = Product(
        sku=sku,
        title=title,
        brand=brand,
        category=category,
        colour=colour,
        gender=gender,
        attributes=dict(attributes or {}),
        state=state,
    )
    with transaction.atomic():
        product.full_clean()
        product.save(force_insert=True)
    return product


def product_update(
    *,
    product: Product,
    actor: User | None = None,
    sku: str,
    title: str,
    brand: str = "",
    category: Category | None = None,
    colour: str = "",
    gender: str = "",
    attributes: Mapping[str, Any] | None = None,
) -> Product:
    """Replace a product's facts; its state stays. Raises `ValidationError` for a wrong field."""
    facts = {
        "sku": sku,
        "title": title,
        "brand": brand,
        "category": category,
        "colour": colour,
        "gender": gender,
        "attributes": dict(attributes or {}),
    }
    for field, value in facts.items():
        setattr(product, field, value)
    with transaction.atomic():
        product.full_clean()
        product.save(update_fields=[*facts, "updated_at"])
    return product


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
        # Read under the lock: whoever changed the product before has committed.
        last = ProductChange.objects.get(product=product).sequence
        if expected is not None and last not in expected:
            raise ChangedMeanwhile(_("%(sku)s was changed since you read it.") % {"sku": sku})
        facts = {
            name: value
            for name, value in changes.items()
            if name != "state" and value != getattr(product, name)
        }
        for name, value in facts.items():
            setattr(product, name, value)
        if facts:
            product.full_clean()
            product.save(update_fields=[*facts, "updated_at"])
        if changes.get("state", product.state) != product.state:
            publish = changes["state"] == ProductState.PUBLISHED
            (product_publish if publish else product_unpublish)(product=product, actor=actor)
    return product


def product_publish(*, product: Product, actor: User | None = None) -> Product:
    """Let storefronts see a product. Raises `TransitionRefused` unless it is a draft."""
    transitions.product_publish(product=product, actor=actor)
    return product


def product_unpublish(*, product: Product, actor: User | None = None) -> Product:
    """Hide a product from storefronts. Raises `TransitionRefused` unless it is published."""
    transitions.product_unpublish(product=product, actor=actor)
    return product
