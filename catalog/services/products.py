"""What a person may ask for with products."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from catalog.choices import ProductState
from catalog.models import Category, Product
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


def product_publish(*, product: Product, actor: User | None = None) -> Product:
    """Let storefronts see a product. Raises `TransitionRefused` unless it is a draft."""
    transitions.product_publish(product=product, actor=actor)
    return product


def product_unpublish(*, product: Product, actor: User | None = None) -> Product:
    """Hide a product from storefronts. Raises `TransitionRefused` unless it is published."""
    transitions.product_unpublish(product=product, actor=actor)
    return product
