"""Each filter, the search, and the answer to values that make no sense."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Product
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory

LIST = reverse("api:product-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def products():
    shirts = CategoryFactory(name="Shirts", slug="shirts")
    ProductFactory(
        sku="A", title="Linen shirt", brand="Wren", category=shirts, colour="White", gender="men"
    )
    ProductFactory(sku="B", title="Denim jacket", brand="Fathom", colour="Blue", gender="women")
    DescriptionFactory(
        product=Product.objects.get(sku="B"),
        standard="Indigo jacket with brass buttons.",
        state=DescriptionState.APPROVED,
    )
    DescriptionFactory(product=Product.objects.get(sku="A"), standard="Secret draft.")
    Product.objects.filter(sku="A").update(updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    Product.objects.filter(sku="B").update(updated_at=datetime(2026, 2, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ({}, ["A", "B"]),
        ({"category": "shirts"}, ["A"]),
        ({"brand": "wren"}, ["A"]),
        ({"colour": "blue"}, ["B"]),
        ({"gender": "men"}, ["A"]),
        ({"has_description": "true"}, ["B"]),
        ({"has_description": "false"}, ["A"]),
        ({"updated_since": "2026-01-15"}, ["B"]),
        ({"updated_since": "2026-02-01T00:00:00Z"}, ["B"]),
        ({"updated_since": "2026-02-01T00:00:01Z"}, []),
        ({"search": "jacket DENIM"}, ["B"]),
        ({"search": "brass"}, ["B"]),
        ({"search": "shirts"}, ["A"]),
        ({"search": "secret"}, []),
        ({"search": "%"}, []),
        ({"brand": "nobody"}, []),
        ({"brand": "wren", "gender": "women"}, []),
        ({"ordering": "-updated_at"}, ["B", "A"]),
    ],
)
def test_what_is_found(client, products, query, skus):
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    assert [product["sku"] for product in answer.json()["results"]] == skus


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "no-such"),
        ("category", "nul\0"),
        ("gender", "robots"),
        ("has_description", "perhaps"),
        ("updated_since", "yesterday"),
        ("updated_since", "2026-13-45"),
        ("brand", "nul\0"),
        ("colour", "nul\0"),
        ("search", "nul\0"),
        ("search", "x" * 201),
        ("limit", "abc"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "201"),
        ("limit", "9" * 5000),
        ("limit", "²"),
        ("limit", ""),
        ("ordering", "title"),
        ("cursor", "garbage"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(client, products, field, value):
    answer = client.get(LIST, {field: value})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert all(isinstance(sentence, str) for sentence in answer.json()[field])
