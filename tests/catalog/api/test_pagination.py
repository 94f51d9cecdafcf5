"""Pages by cursor: each product once, in both orders, also when one is added in between."""

from base64 import b64encode
from urllib.parse import parse_qs, urlsplit

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


def test_by_change(client):
    for number in range(5):
        ProductFactory(sku=f"P{number}")
    Product.objects.filter(sku="P3").update(title="changed")
    assert walk(client, limit=2, ordering="updated_at") == [["P0", "P1"], ["P2", "P4"], ["P3"]]
    assert walk(client, limit=2, ordering="-updated_at") == [["P3", "P4"], ["P2", "P1"], ["P0"]]


def test_there_and_back_again(client):
    for number in range(7):
        ProductFactory(sku=f"P{number}")
    for ordering in ("sku", "-sku", "updated_at", "-updated_at"):
        page = client.get(LIST, {"limit": 3, "ordering": ordering}).json()
        pages = [page]
        while page["next"]:
            page = client.get(page["next"]).json()
            pages.append(page)
        assert (pages[0]["previous"], len(pages)) == (None, 3)
        while page["previous"]:
            page = client.get(page["previous"]).json()
            pages.pop()
            assert page["results"] == pages[-1]["results"]
        assert len(pages) == 1


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


def altered(cursor):
    return [
        "garbage",
        cursor[:-1],
        cursor + "x",
        "x" + cursor,
        cursor[::-1],
        cursor.partition(":")[2],
        b64encode(b'["sku","A",false]').decode(),
        ":",
    ]


def test_an_altered_cursor_is_refused(client):
    for number in range(3):
        ProductFactory(sku=f"P{number}")
    link = client.get(LIST, {"limit": 1}).json()["next"]
    cursor = parse_qs(urlsplit(link).query)["cursor"][0]
    assert client.get(LIST, {"cursor": cursor}).status_code == 200
    for text in altered(cursor):
        answer = client.get(LIST, {"cursor": text})
        assert (answer.status_code, text) == (422, text)
        assert answer.json()["type"].endswith("/problems/invalid-cursor/")
    answer = client.get(LIST, {"cursor": cursor, "ordering": "-sku"})
    assert "another order" in answer.json()["detail"]
