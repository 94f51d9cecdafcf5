"""Channels are edited with a clear word for a wrong line; the page leads to what is missing."""

import pytest
from django.urls import reverse

from catalog.models import Channel
from tests.factories import CategoryFactory, ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PAGE = reverse("admin:completeness")


@pytest.fixture
def one_channel():
    Channel.objects.all().delete()
    return Channel.objects.create(name="Google", requirements="title\nbrand")


def test_a_wrong_line_is_refused_and_kept(client_with, one_channel):
    manager = client_with("view_channel", "change_channel")
    address = reverse("admin:catalog_channel_change", args=[one_channel.pk])
    form = {"name": "Google", "language": "en", "banned": " sale \n", "position": "0"}
    page = manager.post(address, {**form, "requirements": "titel <= 70"}).content.decode()
    assert "“titel &lt;= 70” is not understood" in page
    assert "titel &lt;= 70</textarea>" in page
    manager.post(address, {**form, "requirements": " title <= 70 \n\nbrand"})
    one_channel.refresh_from_db()
    assert (one_channel.requirements, one_channel.banned) == ("title <= 70\nbrand", "sale")


def test_the_page_leads_to_the_products_that_lack_something(client_with, one_channel):
    ProductFactory(sku="A", brand="Wren", category=CategoryFactory(name="Hats"))
    ProductFactory(sku="B", brand="", category=None)
    viewer = client_with("view_product")
    page = viewer.get(PAGE)
    ((found, total, (gap,)),) = page.context["channels"]
    assert (found, total.complete, total.total, gap.products) == (one_channel, 1, 2, 1)
    address = f"{reverse('admin:grid')}?missing={one_channel.pk}%3Abrand"
    assert address in page.content.decode()
    rows = viewer.get(address).context["rows"]
    assert [product.sku for product, _cells in rows] == ["B"]


def test_an_empty_catalog_and_no_channel(client_with, one_channel):
    viewer = client_with("view_product")
    assert "0 of 0 complete" in viewer.get(PAGE).content.decode()
    Channel.objects.all().delete()
    assert "No channels yet" in viewer.get(PAGE).content.decode()


def test_a_view_of_a_deleted_channel_shows_all(client_with, one_channel):
    ProductFactory(sku="A")
    address = f"{reverse('admin:grid')}?missing={one_channel.pk}:brand"
    one_channel.delete()
    assert client_with("view_product").get(address).context["total"] == 1


def test_the_page_of_a_product_says_what_it_lacks(client_with, one_channel):
    product = ProductFactory(brand="")
    page = client_with("view_product").get(
        reverse("admin:catalog_product_change", args=[product.pk])
    )
    assert page.context["gaps"] == [(one_channel, ["Brand"])]
