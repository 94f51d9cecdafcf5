"""What the API answers with, to the letter, and what it never tells."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState, ProductState
from catalog.models import Description, Product, ProductChange
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

LIST = reverse("api:product-list")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def detail(sku):
    return reverse("api:product-detail", args=[sku])


@pytest.fixture
def shirt():
    product = ProductFactory(
        sku="SH-1",
        title="Linen shirt",
        brand="Wren",
        category=CategoryFactory(name="Shirts", slug="shirts"),
        colour="White",
        gender="men",
        attributes={"Fabric": "linen"},
    )
    ProductImageFactory(product=product)
    DescriptionFactory(
        product=product,
        standard="White linen shirt for men.",
        generated_standard="White linen shirt for men.",
        alt_text="A white shirt",
        generated_alt_text="A white shirt",
        page_title="White Linen Shirt",
        generated_page_title="White Linen Shirt",
        bullets="White\nLinen",
        generated_bullets="White\nLinen",
        model_version=ModelVersionFactory(name="starter-1"),
        state=DescriptionState.APPROVED,
        reviewed_at=AT,
    )
    ProductChange.objects.update(at=AT)
    return product


def test_the_exact_answer(client, shirt):
    image = shirt.images.get()
    expected = {
        "sku": "SH-1",
        "title": "Linen shirt",
        "brand": "Wren",
        "category": {"name": "Shirts", "slug": "shirts"},
        "further_categories": [],
        "colour": "White",
        "gender": "men",
        "attributes": {"Fabric": "linen"},
        "state": "published",
        "variants": [],
        "images": [
            {
                "id": image.pk,
                "url": f"http://testserver{image.file.url}",
                "thumbnail_url": f"http://testserver{image.thumbnail.url}",
                "width": 12,
                "height": 16,
                "position": 0,
            }
        ],
        "description": {
            "language": "en",
            "standard": "White linen shirt for men.",
            "alt_text": "A white shirt",
            "detailed": "",
            "page_title": "White Linen Shirt",
            "bullets": ["White", "Linen"],
            "meta_title": "",
            "meta_description": "",
            "provenance": "generated",
            "model_version": "starter-1",
            "approved_at": "2026-03-04T05:06:07Z",
        },
        "languages": {
            "chain": ["en"],
            "title": "en",
            "colour": "en",
            "attributes": {},
            "description": "en",
        },
        "updated_at": "2026-03-04T05:06:07Z",
    }
    assert client.get(detail("SH-1")).json() == expected
    page = client.get(LIST).json()
    assert page == {"next": None, "previous": None, "results": [expected]}


def test_a_bare_product(client):
    ProductFactory(sku="BARE")
    answer = client.get(detail("BARE")).json()
    bare = (answer["category"], answer["images"], answer["description"], answer["attributes"])
    assert bare == (None, [], None, {})


@pytest.mark.parametrize(
    ("change", "provenance"),
    [
        ({}, "generated"),
        ({"standard": "Better."}, "edited"),
        ({"alt_text": "Other"}, "edited"),
        ({"generated_standard": "", "model_version": None}, "human"),
    ],
)
def test_provenance(client, shirt, change, provenance):
    Description.objects.update(**change)
    described = client.get(detail("SH-1")).json()["description"]
    assert described["provenance"] == provenance
    assert described["model_version"] == ("starter-1" if provenance != "human" else None)


@pytest.mark.parametrize(
    "state", [state for state in DescriptionState if state != DescriptionState.APPROVED]
)
def test_a_text_that_is_not_approved_never_shows(client, state):
    DescriptionFactory(product__sku="D", standard="secret words", state=state)
    for answer in (client.get(detail("D")), client.get(LIST)):
        assert answer.status_code == 200
        assert b"secret" not in answer.content
    assert client.get(detail("D")).json()["description"] is None
    assert client.get(LIST, {"search": "secret"}).json()["results"] == []


def test_an_approved_text_beside_a_draft(client, shirt):
    DescriptionFactory(product=shirt, standard="secret words")
    answer = client.get(detail("SH-1"))
    assert answer.json()["description"]["standard"] == "White linen shirt for men."
    assert b"secret" not in answer.content


def test_an_unpublished_product_is_not_there(client, shirt):
    Product.objects.update(state=ProductState.DRAFT)
    assert client.get(detail("SH-1")).status_code == 404
    assert client.get(LIST).json()["results"] == []


@pytest.mark.parametrize("sku", ["NONE", "a b", "%00", "..", "-x", "x" * 500])
def test_what_is_no_sku_is_not_found(client, sku):
    answer = client.get(LIST + f"{sku}/")
    assert answer.status_code == 404


def test_only_json_is_served(client, shirt):
    assert client.get(LIST, headers={"Accept": "application/xml"}).status_code == 406
    assert client.get(LIST)["Content-Type"] == "application/json"


def test_script_in_a_text_arrives_as_text(client):
    text = '<script>alert("1")</script>'
    DescriptionFactory(product__sku="X", standard=text, state=DescriptionState.APPROVED)
    answer = client.get(detail("X"))
    assert answer.json()["description"]["standard"] == text
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_number_of_queries_is_constant(client, shirt, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert len(client.get(LIST).json()["results"]) == 1
    for _ in range(8):
        product = ProductImageFactory().product
        ProductImageFactory(product=product)
        DescriptionFactory(
            product=product,
            state=DescriptionState.APPROVED,
            model_version=Description.objects.first().model_version,
        )
    with django_assert_num_queries(4):
        assert len(client.get(LIST).json()["results"]) == 9
    with django_assert_num_queries(4):
        client.get(detail("SH-1"))


def test_no_account_is_looked_at(admin_client, shirt, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert admin_client.get(detail("SH-1")).status_code == 200
