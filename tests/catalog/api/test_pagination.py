"""Pages by cursor: each product once, in both orders, also when one is added in between."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from catalog.models import Product
from tests.factories import ProductFactory

LIST = reverse("api:product-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def walk(client, link="next", **query):
    url, skus = f"{LIST}?" + "&".join(f"{name}={value}" for name, value in query.items()), []
    while url:
        page = client.get(url).json()
        skus.append([product["sku"] for product in page["results"]])
        url = page[link]
    return skus


def test_by_sku(client):
    for number in range(5):
        ProductFactory(sku=f"P{number}")
    assert walk(client, limit=2) == [["P0", "P1"], ["P2", "P3"], ["P4"]]


def test_by_change_with_equal_times(client):
    for number in range(5):
        ProductFactory(sku=f"P{number}")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    Product.objects.update(updated_at=now)
    Product.objects.filter(sku="P3").update(updated_at=now + timedelta(days=1))
    expected = [["P3", "P0"], ["P1", "P2"], ["P4"]]
    assert walk(client, limit=2, ordering="-updated_at") == expected


def test_a_product_added_behind_does_not_shift_the_pages(client):
    for number in range(4):
        ProductFactory(sku=f"P{number}")
    first = client.get(LIST, {"limit": 2}).json()
    ProductFactory(sku="A-NEW")
    second = client.get(first["next"]).json()
    assert [product["sku"] for product in second["results"]] == ["P2", "P3"]
    back = client.get(second["previous"]).json()
    assert [product["sku"] for product in back["results"]] == ["P0", "P1"]


def test_filters_go_along(client):
    for number in range(4):
        ProductFactory(sku=f"P{number}", colour="Red" if number % 2 else "Blue")
    assert walk(client, limit=1, colour="red") == [["P1"], ["P3"]]


@pytest.mark.parametrize(
    ("position", "query"),
    [("p=%00", {}), ("p=abc", {"ordering": "-updated_at"}), ("o=-1", {}), ("o=99999&r=1", {})],
)
def test_a_cursor_made_by_hand_breaks_nothing(client, position, query):
    ProductFactory()
    cursor = b64encode(position.encode()).decode()
    answer = client.get(LIST, {"cursor": cursor, **query})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert list(answer.json()) == ["cursor"]
