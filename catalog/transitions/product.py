"""The named state changes of a product."""

import logging
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import ProductState
from catalog.exceptions import TransitionRefused
from catalog.leasing import change_state
from catalog.models import Product

logger = logging.getLogger(__name__)

#: Rows of one statement.
_UPDATE_BATCH = 1_000


def product_publish(*, product: Product, actor: User | None) -> None:
    """Draft to published: storefronts may see it."""
    _change(product, ProductState.DRAFT, ProductState.PUBLISHED, actor)


def product_unpublish(*, product: Product, actor: User | None) -> None:
    """Published back to draft: storefronts no longer see it."""
    _change(product, ProductState.PUBLISHED, ProductState.DRAFT, actor)


def products_save(*, products: Sequence[Product]) -> None:
    """Insert new products and replace known ones (by SKU) in one statement, states included.

    The caller has locked the known ones. A product that somebody else creates at this moment is
    replaced too.
    """
    for product in products:
        product.pk = None  # a known row is found by its SKU and keeps its key
    Product.objects.bulk_create(
        sorted(products, key=lambda product: product.sku),
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=[
            "title", "brand", "category", "colour", "gender", "attributes", "state", "updated_at",
        ],
    )  # fmt: skip


def products_change(*, products: Sequence[Product], columns: Sequence[str]) -> None:
    """Write these columns of many products, `state` included. The caller has locked the rows.

    An INSERT whose rows all exist: a `bulk_update` spells out every row in a CASE a column, and
    takes half as long again.
    """
    Product.objects.bulk_create(
        products,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=columns,
        batch_size=_UPDATE_BATCH,
    )


def _change(
    product: Product, former: ProductState, state: ProductState, actor: User | None
) -> None:
    refused = _("%(sku)s is already %(state)s.") % {
        "sku": product.sku,
        "state": state.label.lower(),
    }
    change_state(
        Product.objects.filter(pk=product.pk),
        former,
        to=state,
        otherwise=TransitionRefused(refused),
        updated_at=timezone.now(),
    )
    product.refresh_from_db()
    logger.info("%s is %s, by %s", product.sku, state, actor or "the program")
