"""ETag, Last-Modified, 304: what a cache in front of the catalog lives on."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.choices import DescriptionState, ProductState
from catalog.models import Category, Product, ProductChange
from catalog.services.api_keys import api_key_create
from catalog.transitions.description import description_approve
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory

LIST = reverse("api:product-list")
DETAIL = reverse("api:product-detail", args=["A"])
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def product():
    return ProductFactory(sku="A", category=CategoryFactory(name="Shirts"))


@pytest.mark.parametrize("url", [LIST, DETAIL, f"{LIST}?updated_since=2020-01-01"])
def test_what_a_client_has_is_not_sent_again(client, product, url):
    answer = client.get(url)
    tag = answer["ETag"]
    assert tag.startswith('"')
    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert again["Cache-Control"] == answer["Cache-Control"]
    assert len(queries) == 1
    assert 'FROM "catalog_productchange"' in queries[0]["sql"]
    assert "JOIN" not in queries[0]["sql"]


@pytest.mark.parametrize("url", [LIST, DETAIL])
def test_every_change_of_what_is_shown_is_a_new_tag(client, product, url):
    text = DescriptionFactory(product=product)
    tags = [client.get(url)["ETag"]]
    changes = [
        lambda: Product.objects.update(title="Other"),
        lambda: description_approve(description=text, actor=None),
        lambda: Category.objects.update(name="Blouses"),
    ]
    for change in changes:
        change()
        answer = client.get(url, headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        tags.append(answer["ETag"])
    assert len(set(tags)) == 4


def test_a_tag_belongs_to_its_address(client, product):
    tag = client.get(LIST)["ETag"]
    for url in (f"{LIST}?limit=1", f"{LIST}?fields=sku", DETAIL):
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 200


def test_last_modified_is_given_once_no_second_change_can_hide_behind_it(client, product):
    assert "Last-Modified" not in client.get(DETAIL)
    ProductChange.objects.update(at=datetime(2026, 3, 4, 5, 6, 7, 800_000, tzinfo=UTC))
    for url in (LIST, DETAIL):
        modified = client.get(url)["Last-Modified"]
        assert modified == "Wed, 04 Mar 2026 05:06:07 GMT"
        assert client.get(url, headers={"If-Modified-Since": modified}).status_code == 304
        earlier = "Wed, 04 Mar 2026 05:06:06 GMT"
        assert client.get(url, headers={"If-Modified-Since": earlier}).status_code == 200


def test_who_may_keep_what(client, product, settings):
    _, key = api_key_create(name="Editor", scopes=["read", "drafts"])
    headers = {"Authorization": f"Api-Key {key}"}
    public = "public, max-age=30, stale-while-revalidate=300"
    assert client.get(LIST)["Cache-Control"] == public
    assert client.get(DETAIL, headers=headers)["Cache-Control"] == public
    changes = client.get(f"{LIST}?updated_since=2020-01-01")
    assert changes["Cache-Control"] == "public, no-cache"
    for url in (f"{LIST}?state=any", f"{LIST}?updated_since=2020-01-01"):
        assert client.get(url, headers=headers)["Cache-Control"] == "private, no-store"
    assert client.get(f"{LIST}?limit=x")["Cache-Control"] == "private, no-store"
    Product.objects.update(state=ProductState.DRAFT)
    assert client.get(DETAIL, headers=headers)["Cache-Control"] == "private, no-store"
    settings.API_PUBLIC_READ = False
    Product.objects.update(state=ProductState.PUBLISHED)
    assert client.get(DETAIL, headers=headers)["Cache-Control"].startswith("private, max-age")


def test_the_shelves(client, product):
    ProductFactory(category=product.category, state=ProductState.DRAFT)
    CategoryFactory(name="Ties", slug="ties", parent=product.category)
    answer = client.get(reverse("api:category-list"))
    shelf = {"name": "Shirts", "slug": product.category.slug, "parent": None, "products": 1}
    ties = {"name": "Ties", "slug": "ties", "parent": product.category.slug, "products": 0}
    assert answer.json() == {"results": [shelf, ties]}
    url = reverse("api:category-list")
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_page_costs_six_queries_with_a_key(client, django_assert_max_num_queries):
    """Whatever the page: filters, search, direction, changes."""
    _, key = api_key_create(name="Shop", scopes=["read"])
    headers = {"Authorization": f"Api-Key {key}"}
    for number in range(5):
        DescriptionFactory(
            product=ProductFactory(brand="Wren", category=CategoryFactory(slug=f"c{number}")),
            state=DescriptionState.APPROVED,
        )
    client.get(LIST, headers=headers)  # notes the key's use
    queries = ["", "search=product&brand=wren&category=c1", "ordering=-updated_at&limit=2"]
    queries += ["updated_since=2020-01-01&limit=2", "has_description=true&language=de"]
    for query in queries:
        url = f"{LIST}?{query}"
        while url:
            with django_assert_max_num_queries(6):
                page = client.get(url, headers=headers)
            assert page.status_code == 200
            url = page.json()["next"]
