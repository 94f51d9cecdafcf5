"""Each filter, the search, and the answer to values that make no sense."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Product, ProductChange
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
    ProductChange.objects.filter(pk="A").update(sequence=101, at=datetime(2026, 1, 1, tzinfo=UTC))
    ProductChange.objects.filter(pk="B").update(sequence=102, at=datetime(2026, 2, 1, tzinfo=UTC))


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
        ({"category": "no-such"}, []),
        ({"brand": "nobody"}, []),
        ({"brand": "wren", "gender": "women"}, []),
        ({"ordering": "-updated_at"}, ["B", "A"]),
        ({"ordering": "updated_at"}, ["A", "B"]),
        ({"ordering": "-sku"}, ["B", "A"]),
    ],
)
def test_what_is_found(client, products, query, skus):
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    assert [product["sku"] for product in answer.json()["results"]] == skus


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "Not a slug"),
        ("state", "gone"),
        ("language", "klingon"),
        ("fields", "sku,price"),
        ("fields", ""),
        ("brnad", "Wren"),
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
    ],
)
def test_a_value_that_makes_no_sense_is_named(client, products, field, value):
    answer = client.get(LIST, {field: value})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "http://testserver/api/v1/problems/invalid-request/"
    assert [error["parameter"] for error in problem["errors"]] == [field]


def test_a_parameter_given_twice_is_named(client):
    answer = client.get(f"{LIST}?brand=a&brand=b")
    assert answer.json()["errors"][0]["parameter"] == "brand"


def test_only_the_fields_that_were_asked_for(client, products, django_assert_num_queries):
    with django_assert_num_queries(2):
        answer = client.get(LIST, {"fields": "title,sku"})
    expected = [{"sku": "A", "title": "Linen shirt"}, {"sku": "B", "title": "Denim jacket"}]
    assert answer.json()["results"] == expected
    detail = reverse("api:product-detail", args=["A"])
    assert client.get(detail, {"fields": "colour"}).json() == {"colour": "White"}


def test_the_text_of_another_language(client, products):
    DescriptionFactory(
        product=Product.objects.get(sku="B"),
        language="de",
        standard="Jacke mit Knöpfen.",
        state=DescriptionState.APPROVED,
    )
    found = client.get(LIST, {"language": "de"}).json()["results"]
    assert [one["description"] and one["description"]["standard"] for one in found] == [
        None,
        "Jacke mit Knöpfen.",
    ]


def test_a_category_has_what_is_below_it_and_case_counts_in_no_script(client):
    men = CategoryFactory(name="Men", slug="men")
    shirts = CategoryFactory(name="Shirts", slug="men-shirts", parent=men)
    ProductFactory(sku="S", category=CategoryFactory(slug="men-polos", parent=shirts), colour="RØD")
    ProductFactory(sku="M", category=men, colour="blå")
    found = {
        slug: [one["sku"] for one in client.get(LIST, {"category": slug}).json()["results"]]
        for slug in ("men", "men-shirts", "men-polos", "gone")
    }
    assert found == {"men": ["M", "S"], "men-shirts": ["S"], "men-polos": ["S"], "gone": []}
    assert [one["sku"] for one in client.get(LIST, {"colour": "rød"}).json()["results"]] == ["S"]
    assert [one["sku"] for one in client.get(LIST, {"colour": "BLÅ"}).json()["results"]] == ["M"]
