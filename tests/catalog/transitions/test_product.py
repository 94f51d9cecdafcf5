"""Publishing and hiding products."""

import pytest

from catalog.choices import ProductState
from catalog.exceptions import TransitionRefused
from catalog.models import Product
from catalog.transitions.product import product_publish, product_unpublish
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def test_a_draft_is_published_and_hidden_again():
    product = ProductFactory(state=ProductState.DRAFT)
    before = product.updated_at

    product_publish(product=product, actor=None)
    assert Product.objects.get().state == ProductState.PUBLISHED == product.state
    assert product.updated_at > before

    product_unpublish(product=product, actor=None)
    assert Product.objects.get().state == ProductState.DRAFT


@pytest.mark.parametrize(
    ("step", "state"),
    [(product_publish, ProductState.PUBLISHED), (product_unpublish, ProductState.DRAFT)],
)
def test_a_refused_step_changes_nothing(step, state):
    product = ProductFactory(state=state)
    before = Product.objects.values().get()

    with pytest.raises(TransitionRefused):
        step(product=product, actor=None)

    assert Product.objects.values().get() == before


def test_a_product_that_was_deleted_meanwhile_is_refused():
    product = ProductFactory(sku="A-1", state=ProductState.DRAFT)
    Product.objects.all().delete()

    with pytest.raises(TransitionRefused):
        product_publish(product=product, actor=None)
