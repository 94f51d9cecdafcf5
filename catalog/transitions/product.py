"""The named state changes of a product."""

import logging

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.choices import ProductState
from catalog.exceptions import TransitionRefused
from catalog.models import Product

logger = logging.getLogger(__name__)


def product_publish(*, product: Product, actor: User | None) -> None:
    """Draft to published: storefronts may see it."""
    _change(product, ProductState.DRAFT, ProductState.PUBLISHED, actor)


def product_unpublish(*, product: Product, actor: User | None) -> None:
    """Published back to draft: storefronts see it no longer."""
    _change(product, ProductState.PUBLISHED, ProductState.DRAFT, actor)


def _change(
    product: Product, former: ProductState, state: ProductState, actor: User | None
) -> None:
    """One UPDATE with the former state in its WHERE: of two people at once, one is refused."""
    rows = Product.objects.filter(pk=product.pk, state=former)
    if not rows.update(state=state, updated_at=timezone.now()):
        raise TransitionRefused(f"{product.sku} is not {former.label.lower()} any more.")
    product.refresh_from_db()
    logger.info("%s is %s, by %s", product.sku, state, actor or "the program")
