"""Creating products."""

import pytest
from django.core.exceptions import ValidationError

from catalog.choices import ProductState
from catalog.exceptions import TransitionRefused
from catalog.models import Product
from catalog.services.products import product_create
from catalog.transitions.product import product_publish, product_unpublish
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_creates_a_draft_with_all_that_is_known():
    category = CategoryFactory()

    product_create(
        sku="A-1.b_2",
        title="Shirt",
        brand="Acme",
        category=category,
        colour="Navy",
        gender="men",
        attributes={"fabric": "linen"},
    )

    product = Product.objects.get()
    assert (product.sku, product.title, product.brand) == ("A-1.b_2", "Shirt", "Acme")
    assert (product.category, product.colour, product.gender) == (category, "Navy", "men")
    assert (product.attributes, product.state) == ({"fabric": "linen"}, ProductState.DRAFT)


@pytest.mark.parametrize(
    "sku", ["", " a", "a ", "a\tb", "a\nb", "a\n", "nul\0", "del\x7f", ".", "..", "x" * 256]
)
def test_refuses_a_wrong_sku(sku):
    with pytest.raises(ValidationError) as caught:
        product_create(sku=sku, title="Shirt")

    assert set(caught.value.message_dict) == {"sku"}
    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"), [("gender", "dogs"), ("title", ""), ("title", "x" * 201), ("state", "sold")]
)
def test_refuses_a_wrong_field(field, value):
    with pytest.raises(ValidationError) as caught:
        product_create(**{"sku": "A", "title": "Shirt", field: value})

    assert field in caught.value.message_dict
    assert Product.objects.count() == 0


def test_a_taken_sku_is_refused_and_its_product_unchanged():
    ProductFactory(sku="A", title="First")

    with pytest.raises(ValidationError, match="already exists"):
        product_create(sku="A", title="Second")

    assert Product.objects.get().title == "First"


def test_publish_and_unpublish():
    product = product_create(sku="A", title="Shirt")

    product_publish(product=product, actor=None)
    assert product.state == ProductState.PUBLISHED
    with pytest.raises(TransitionRefused, match="A is already published"):
        product_publish(product=product, actor=None)
    product_unpublish(product=product, actor=None)
    assert product.state == ProductState.DRAFT
