"""A storefront that asks for what changed since its last visit misses nothing that it shows."""

import random
import threading
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.urls import reverse

from catalog.choices import ProductState
from catalog.models import Description, Product
from catalog.photo_store import photos_delete
from catalog.services.products import product_image_add
from catalog.transitions.description import (
    description_approve,
    description_change_text,
    description_reject,
    description_reopen,
    description_withdraw,
)
from catalog.transitions.product import product_publish, product_unpublish
from tests.factories import DescriptionFactory, ProductFactory, photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LIST = reverse("api:product-list")


@pytest.fixture
def is_updated(client):
    """Whether the API tells of a change since the last question."""
    url = None

    def ask():
        nonlocal url
        page = client.get(url or f"{LIST}?updated_since=2021-01-01T00:00:00Z").json()
        assert page["next"] is None
        url = page["resume"]
        return bool(page["results"])

    return ask


def test_reviews_that_change_what_is_shown(is_updated):
    text = DescriptionFactory()
    is_updated()
    description_approve(description=text, actor=None)
    assert is_updated()
    description_withdraw(description=text, actor=None)
    assert is_updated()
    description_reopen(description=text, actor=None)
    description_approve(description=text, actor=None)
    is_updated()
    description_reopen(description=text, actor=None)
    assert is_updated()


def test_work_on_drafts_is_nobody_elses_business(is_updated):
    text = DescriptionFactory()
    is_updated()
    description_change_text(description=text, actor=None, texts={"standard": "Other words."})
    description_reject(description=text, actor=None)
    description_reopen(description=Description.objects.get(), actor=None)
    assert not is_updated()


def test_photos_and_publishing(is_updated):
    product = DescriptionFactory().product
    is_updated()
    upload = BytesIO(photo_bytes())
    image = product_image_add(product=product, upload=upload, name="a.jpg")
    assert is_updated()
    upload.seek(0)
    product_image_add(product=product, upload=upload, name="again.jpg")
    assert not is_updated()
    photos_delete(images=[image])
    assert is_updated()
    product_unpublish(product=product, actor=None)
    product_publish(product=product, actor=None)
    assert is_updated()
    assert not is_updated()


def told(client, url):
    """SKUs and whether they are gone, page by page; and where to go on."""
    pages = []
    while url:
        page = client.get(url).json()
        pages.append([(one["sku"], one.get("deleted", False)) for one in page["results"]])
        url = page["next"]
    return pages, page["resume"]


def test_a_mirror_follows_changes_and_ends(client):
    for sku in "ABCD":
        ProductFactory(sku=sku)
    ProductFactory(sku="DRAFT", state=ProductState.DRAFT)
    since = f"{LIST}?updated_since=2021-01-01T00:00:00Z&limit=2"
    pages, resume = told(client, since)
    assert pages == [[("A", False), ("B", False)], [("C", False), ("D", False)]]
    assert told(client, resume)[0] == [[]]
    product_unpublish(product=Product.objects.get(sku="C"), actor=None)
    Product.objects.get(sku="A").delete()
    Product.objects.filter(sku="DRAFT").update(title="Other")
    Product.objects.filter(sku="B").update(title="Other")
    pages, resume = told(client, resume)
    assert pages == [[("C", True), ("A", True)], [("B", False)]]
    assert told(client, resume)[0] == [[]]
    tombstone = client.get(since).json()["results"][1]
    assert set(tombstone) == {"sku", "deleted", "updated_at"}


def test_what_no_longer_matches_the_filters_is_told_as_gone(client):
    ProductFactory(sku="A", brand="Wren")
    ProductFactory(sku="B", brand="Fathom")
    url = f"{LIST}?updated_since=2021-01-01T00:00:00Z&brand=wren"
    pages, resume = told(client, url)
    assert pages == [[("A", False), ("B", True)]]
    Product.objects.update(brand="Fathom")
    assert told(client, resume)[0] == [[("A", True), ("B", True)]]


def test_the_future_has_no_changes_yet(client):
    ProductFactory()
    assert told(client, f"{LIST}?updated_since=2999-01-01")[0] == [[]]
    answer = client.get(f"{LIST}?updated_since=2999-01-01&ordering=sku")
    assert answer.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_is_not_missed(client):
    """It began first and ends last: by then a mirror has seen what came between."""
    for sku in "AB":
        ProductFactory(sku=sku)
    _, resume = told(client, f"{LIST}?updated_since=2021-01-01T00:00:00Z")
    written, go_on = threading.Event(), threading.Event()

    def slowly():
        try:
            with transaction.atomic():
                Product.objects.filter(sku="A").update(title="slow")
                written.set()
                assert go_on.wait(30)
        finally:
            connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    assert written.wait(30)
    if connection.vendor == "sqlite":  # there others wait for it: nothing can come between
        go_on.set()
        slow.join()
    Product.objects.filter(sku="B").update(title="quick")
    pages, resume = told(client, resume)
    expected = [("B", False)] if connection.vendor != "sqlite" else [("A", False), ("B", False)]
    assert pages == [expected]
    go_on.set()
    slow.join()
    rest = [("A", False)] if connection.vendor != "sqlite" else []
    assert told(client, resume)[0] == [rest]


@pytest.mark.django_db(transaction=True)
def test_a_mirror_equals_the_table_after_a_writer_has_changed_it_meanwhile(client):
    for number in range(60):
        ProductFactory(sku=f"S{number:02d}")
    done = threading.Event()

    def write():
        chance = random.Random(1)
        try:
            for step in range(120):
                rows = Product.objects.filter(sku=f"S{chance.randrange(60):02d}")
                with transaction.atomic():
                    if step % 5 == 0:
                        rows.delete()
                    elif step % 5 == 1:
                        rows.update(state=chance.choice(ProductState.values))
                    else:
                        rows.update(title=f"Title {step}")
        finally:
            done.set()
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    mirror, url = {}, f"{LIST}?updated_since=2021-01-01T00:00:00Z&limit=7"
    finished = False
    while True:
        page = client.get(url).json()
        for product in page["results"]:
            mirror[product["sku"]] = None if product.get("deleted") else product["title"]
        url = page["next"] or page["resume"]
        if finished and not page["results"]:
            break
        finished = done.is_set()
    writer.join()
    shown = {sku: title for sku, title in mirror.items() if title is not None}
    assert shown == dict(Product.objects.filter(state="published").values_list("sku", "title"))
    assert len(shown) < 60
