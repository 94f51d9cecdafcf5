"""What storefronts see."""

import pytest

from catalog.choices import DescriptionState, ProductState
from catalog.selectors.products import products_for_storefront
from tests.factories import DescriptionFactory, ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db


def test_published_products_alone_by_sku():
    for sku, state in (("b", "published"), ("a", "published"), ("c", ProductState.DRAFT)):
        ProductFactory(sku=sku, state=state)

    assert [product.sku for product in products_for_storefront()] == ["a", "b"]


def test_the_approved_text_of_the_language_comes_first_then_the_english_one():
    product = ProductFactory()
    for state in DescriptionState.values:
        DescriptionFactory(product=product, state=state, standard=state)
    DescriptionFactory(product=product, state="approved", language="de", standard="auf Deutsch")

    def texts(**asked):
        [found] = products_for_storefront(**asked)
        return [text.standard for text in found.approved_descriptions]

    assert texts() == ["approved", "auf Deutsch"]
    assert texts(language="de") == ["auf Deutsch", "approved"]
    assert texts(language="fr") == ["approved", "auf Deutsch"]


def test_the_main_photo_comes_first_and_queries_do_not_grow(django_assert_num_queries):
    product = ProductFactory()
    second = ProductImageFactory(product=product, position=5)
    first = ProductImageFactory(product=product, position=2)
    ProductImageFactory.create_batch(3)

    with django_assert_num_queries(4):  # products, photos, translations, texts
        found = list(products_for_storefront())
        for each in found:
            assert each.category is None
            assert len(each.images.all()) >= 1
            assert each.approved_descriptions == []

    assert list(found[0].images.all()) == [first, second]
