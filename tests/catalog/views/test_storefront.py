"""The storefront's pages: what they show, and what never."""

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState, ProductState
from catalog.models import ProductCategory, ProductTranslation
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ProductFactory,
    ProductImageFactory,
)

HOME = reverse("storefront:home")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def page(sku):
    return reverse("storefront:product", args=[sku])


@pytest.fixture
def shirt():
    product = ProductFactory(
        sku="SH-1",
        title="Linen shirt",
        category=CategoryFactory(name="Shirts", slug="shirts"),
        attributes={"Fabric": "linen"},
    )
    ProductImageFactory(product=product)
    return product


def test_the_approved_text_is_shown(client, shirt):
    DescriptionFactory(
        product=shirt,
        standard="White shirt.",
        alt_text="A white shirt",
        state=DescriptionState.APPROVED,
    )
    for url in (HOME, page("SH-1")):
        text = client.get(url).content.decode()
        assert "Linen shirt" in text
        assert "White shirt." in text
        assert 'alt="A white shirt"' in text
    assert shirt.images.get().thumbnail.url in client.get(HOME).content.decode()
    assert shirt.images.get().file.url in client.get(page("SH-1")).content.decode()


@pytest.mark.parametrize("state", [s for s in DescriptionState if s != DescriptionState.APPROVED])
def test_without_an_approved_text_none_is_shown(client, shirt, state):
    DescriptionFactory(product=shirt, standard="secret words", state=state)
    for url in (HOME, page("SH-1"), f"{HOME}?search=secret"):
        answer = client.get(url)
        assert answer.status_code == 200
        assert b"secret words" not in answer.content
    assert b"SH-1" not in client.get(f"{HOME}?search=secret").content


def test_categories_of_one_name_are_told_apart(client):
    for slug, branch in (("women-shoes", "Women"), ("men-shoes", "Men")):
        parent = CategoryFactory(name=branch, slug=branch.lower())
        ProductFactory(category=CategoryFactory(name="Shoes", slug=slug, parent=parent))
    ProductFactory(category=CategoryFactory(name="Bags", slug="bags"))
    choices = client.get(HOME).context["form"]["category"].field.choices
    assert [(str(value), label) for value, label in choices] == [
        ("", "All categories"),
        ("bags", "Bags"),
        ("men-shoes", "Men > Shoes"),
        ("women-shoes", "Women > Shoes"),
    ]


def test_a_page_shows_the_text_in_its_own_language_and_says_which_it_is(client, shirt):
    for language, text in (("en", "White shirt."), ("es", "Camisa blanca.")):
        DescriptionFactory(
            product=shirt, language=language, standard=text, state=DescriptionState.APPROVED
        )
    DescriptionFactory(product__sku="EN", standard="A cap.", state=DescriptionState.APPROVED)
    for headers, language, text, other in (
        ({"accept-language": "es"}, "es", "Camisa blanca.", "White shirt."),
        ({}, "en", "White shirt.", "Camisa blanca."),
    ):
        for url in (HOME, page("SH-1")):
            shown = client.get(url, headers=headers).content.decode()
            assert f' lang="{language}">{text}</p>' in shown
            assert other not in shown
    spanish = client.get(HOME, headers={"accept-language": "es"}).content.decode()
    assert ' lang="en">A cap.</p>' in spanish


def test_an_unpublished_product_is_not_shown(client):
    ProductFactory(sku="HIDDEN", title="Hidden shirt", state=ProductState.DRAFT)
    assert b"Hidden shirt" not in client.get(HOME).content
    assert client.get(page("HIDDEN")).status_code == 404


def test_text_is_escaped(client):
    product = ProductFactory(
        sku="X",
        title="<b>bold</b>",
        attributes={"<i>a</i>": "<u>b</u>"},
        category=CategoryFactory(name="<em>c</em>"),
    )
    DescriptionFactory(
        product=product,
        standard="<script>alert(1)</script>",
        alt_text='"><script>alert(2)</script>',
        detailed="<script>alert(3)</script>",
        state=DescriptionState.APPROVED,
    )
    ProductImageFactory(product=product)
    for url in (HOME, page("X")):
        text = client.get(url).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        for tag in ("<script", "<b>", "<i>", "<u>", "<em>"):
            assert tag not in text.lower()


def test_search_and_category_narrow_the_grid(client, shirt):
    ProductFactory(sku="JA-1", title="Denim jacket")
    assert b"Denim jacket" in client.get(HOME).content
    for query in ("search=linen", "category=shirts", "search=SH-1&category=shirts"):
        text = client.get(f"{HOME}?{query}").content.decode()
        assert "1 product found." in text
        assert "Linen shirt" in text
        assert "Denim jacket" not in text
    assert b"Nothing found" in client.get(f"{HOME}?search=zebra").content


@pytest.mark.parametrize(
    "query", ["category=none", "page=abc", "page=99", "page=-1", "search=%00", "category=%00"]
)
def test_odd_queries_break_nothing(client, shirt, query):
    answer = client.get(f"{HOME}?{query}")
    assert answer.status_code == 200
    assert b"Linen shirt" in answer.content


def test_pages_keep_the_search(client):
    for number in range(25):
        ProductFactory(title=f"Shirt {number:02}")
    first = client.get(f"{HOME}?search=shirt").content.decode()
    assert first.count('<li class="card">') == 24
    assert 'href="?search=shirt&amp;page=2"' in first
    second = client.get(f"{HOME}?search=shirt&page=2").content.decode()
    assert second.count('<li class="card">') == 1
    assert "Page 2 of 2" in second


def test_an_empty_shop_says_what_to_do(client):
    assert b"No products yet" in client.get(HOME).content


def test_queries_do_not_grow_with_the_grid(client, django_assert_num_queries):
    for _ in range(2):
        ProductImageFactory()
    with django_assert_num_queries(7):
        client.get(HOME)
    for _ in range(5):
        ProductImageFactory()
    with django_assert_num_queries(7):
        client.get(HOME)


def test_the_policy_is_strict(client, shirt):
    for url in (HOME, page("SH-1"), reverse("admin:login")):
        answer = client.get(url)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("sku", ["NONE", "%00", "a b", "x" * 300])
def test_what_is_no_sku_is_not_found(client, sku):
    answer = client.get(f"/products/{sku}/")
    assert answer.status_code == 404
    assert b"There is nothing at this address." in answer.content


def test_names_of_attributes_are_words(client):
    ProductFactory(
        sku="SH-2", state=ProductState.PUBLISHED, attributes={"product_type": "Shirts", "": "x"}
    )
    answer = client.get(page("SH-2"))
    assert "<dt>Product type</dt><dd>Shirts</dd>" in answer.content.decode()


def test_titles_and_attributes_are_in_the_language_of_the_page(client, shirt):
    ProductTranslation.objects.create(
        product=shirt, language="es", title="Camisa de lino", attributes={"Fabric": "lino"}
    )
    client.cookies["django_language"] = "es"
    for url in (HOME, page("SH-1")):
        text = client.get(url).content.decode()
        assert "Camisa de lino" in text
        assert "Linen shirt" not in text
    assert '<h1 lang="es">Camisa de lino</h1>' in text
    assert '<div lang="es"><dt>Fabric</dt><dd>lino</dd></div>' in text
    client.cookies["django_language"] = "en"
    assert '<h1 lang="en">Linen shirt</h1>' in client.get(page("SH-1")).content.decode()


def test_a_category_shows_what_is_below_it_and_what_stands_there_besides(client, shirt):
    women = CategoryFactory(name="Women", slug="women")
    below = CategoryFactory(name="Dresses", slug="dresses", parent=women)
    ProductFactory(sku="DR-1", title="Dress", category=below)
    ProductCategory.objects.create(product=shirt, category=women)
    text = client.get(HOME, {"category": "women"}).content.decode()
    assert ("Linen shirt" in text, "2 products found." in text) == (True, True)
    link = f'<a href="{HOME}?category=women">Women</a>'
    assert link in client.get(page("SH-1")).content.decode()
