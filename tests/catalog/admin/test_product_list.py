"""The product list: badges, filters, search, publishing, what it says when empty."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.admin.product_texts import MOST_NAMED
from catalog.choices import DescriptionState, ItemOutcome, JobItemState, ProductState
from catalog.models import Product
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    DescriptionJobItemFactory,
    ProductFactory,
    ProductImageFactory,
)

LIST = reverse("admin:catalog_product_changelist")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


NOT_RECOGNISED = {"state": JobItemState.DONE, "outcome": ItemOutcome.NOT_RECOGNISED}


@pytest.fixture
def products():
    ProductFactory(sku="EMPTY")
    DescriptionJobItemFactory(image__product__sku="WAITS")
    DescriptionFactory(product__sku="DRAFTED", confidence=0.834)
    DescriptionFactory(product__sku="WRITTEN", generated_standard="", confidence=None)
    DescriptionFactory(product__sku="DONE", state=DescriptionState.APPROVED)
    DescriptionFactory(product__sku="REFUSED", state=DescriptionState.REJECTED)
    DescriptionJobItemFactory(image__product__sku="CUP", **NOT_RECOGNISED)
    described = DescriptionJobItemFactory(image__product__sku="OTHER-PHOTO", **NOT_RECOGNISED)
    DescriptionJobItemFactory(image=described.image, state=JobItemState.DONE)
    DescriptionFactory(
        product=described.product, state=DescriptionState.DRAFT, photo_disagrees=True
    )


def shown(client, query=""):
    page = client.get(f"{LIST}?{query}")
    assert page.status_code == 200
    return {row.sku for row in page.context["cl"].result_list}, page.content.decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("none", {"EMPTY"}),
        ("rejected", {"REFUSED"}),
        ("waiting", {"WAITS"}),
        ("draft", {"DRAFTED", "WRITTEN", "OTHER-PHOTO"}),
        ("approved", {"DONE"}),
        ("unrecognised", {"CUP"}),
        ("photo", {"OTHER-PHOTO"}),
    ],
)
def test_the_description_filter(admin_client, products, value, expected):
    assert shown(admin_client, f"description={value}")[0] == expected


@pytest.mark.parametrize(
    ("sku", "badge"),
    [
        ("EMPTY", '<span class="moda-badge moda-badge-plain">None</span>'),
        ("WAITS", '<span class="moda-badge moda-badge-info">Waiting</span>'),
        ("DRAFTED", '<span class="moda-badge moda-badge-warn">To review 83%</span>'),
        ("WRITTEN", '<span class="moda-badge moda-badge-warn">To review</span>'),
        ("DONE", '<span class="moda-badge moda-badge-good">Approved</span>'),
        ("REFUSED", '<span class="moda-badge moda-badge-bad">Rejected</span>'),
        ("CUP", '<span class="moda-badge moda-badge-bad">Photo not recognised</span>'),
        ("OTHER-PHOTO", '<span class="moda-badge moda-badge-warn">To review</span>'),
    ],
)
def test_the_badges(admin_client, products, sku, badge):
    cell = f'<td class="field-description_state">{badge}</td>'
    assert cell in shown(admin_client, f"q={sku}")[1]


def test_an_approved_product_with_a_newer_draft_shows_both(admin_client):
    product = DescriptionFactory(state=DescriptionState.APPROVED).product
    DescriptionFactory(product=product, confidence=0.5)
    text = shown(admin_client)[1]
    assert "Approved</span> <span" in text
    assert "To review 50%" in text


def test_thumbnails_and_the_lack_of_one(admin_client):
    image = ProductImageFactory()
    ProductFactory()
    text = shown(admin_client)[1]
    assert f'<img class="moda-thumb" src="{image.thumbnail.url}" alt="">' in text
    assert "No photo" in text


def test_queries_do_not_grow_with_the_list(admin_client, django_assert_num_queries):
    for _ in range(3):
        DescriptionFactory(product=ProductImageFactory().product)
    with django_assert_num_queries(7):
        admin_client.get(LIST)
    for _ in range(5):
        DescriptionFactory(product=ProductImageFactory().product)
    with django_assert_num_queries(7):
        admin_client.get(LIST)


def test_categories_of_one_name_are_told_apart_by_their_paths(admin_client):
    women, men = CategoryFactory(name="Women"), CategoryFactory(name="Men")
    for parent in (women, men):
        CategoryFactory(name="Shoes", parent=parent)
    page = admin_client.get(LIST).content.decode()
    offered = re.findall(r"category__id__exact=\d+[^>]*>\s*([^<]+?)\s*</a>", page)
    assert offered == ["Men", "Men &gt; Shoes", "Women", "Women &gt; Shoes"]
    form = admin_client.get(reverse("admin:catalog_product_add")).content.decode()
    assert ">Men &gt; Shoes</option>" in form and ">Women &gt; Shoes</option>" in form
    parents = admin_client.get(reverse("admin:catalog_category_add")).content.decode()
    assert ">Men &gt; Shoes</option>" in parents


@pytest.mark.parametrize(("model", "field"), [("product", "category"), ("category", "parent")])
def test_categories_are_chosen_in_the_order_of_what_is_read(admin_client, model, field):
    women, men = CategoryFactory(name="Women"), CategoryFactory(name="men")
    CategoryFactory(name="Zip boots", parent=men)
    CategoryFactory(name="Ankle boots", parent=women)
    form = admin_client.get(reverse(f"admin:catalog_{model}_add")).content.decode()
    choice = form.partition(f'<select name="{field}"')[2].partition("</select>")[0]
    assert re.findall(r">([^<>]+)</option>", choice) == [
        "---------", "men", "men &gt; Zip boots", "Women", "Women &gt; Ankle boots"
    ]  # fmt: skip


def test_publishing_names_those_that_cannot_be(admin_client):
    draft = ProductFactory(sku="DRAFT", state=ProductState.DRAFT)
    public = ProductFactory(sku="PUBLIC")
    data = {"action": "publish_selected", "_selected_action": [draft.pk, public.pk]}
    answer = admin_client.post(LIST, data)
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == [
        "PUBLIC is already published.",
        "1 product published.",
        "1 published product has no approved text, so storefronts show it without one: DRAFT",
    ]
    assert Product.objects.filter(state=ProductState.PUBLISHED).count() == 2
    admin_client.post(LIST, {**data, "action": "unpublish_selected"})
    assert Product.objects.filter(state=ProductState.PUBLISHED).count() == 0


def test_publishing_says_how_many_have_no_approved_text_and_which(admin_client):
    products = [
        ProductFactory(sku=f"P{n:02d}", state=ProductState.DRAFT) for n in range(MOST_NAMED + 3)
    ]
    for product, state in zip(products, ("approved", "draft", "rejected"), strict=False):
        DescriptionFactory(product=product, state=state)
    data = {"action": "publish_selected", "_selected_action": [one.pk for one in products]}
    warned = get_messages(admin_client.post(LIST, data).wsgi_request)
    *_, warning = [str(message) for message in warned]
    skus = ", ".join(f"P{n:02d}" for n in range(1, MOST_NAMED + 1))
    assert warning == (
        "22 published products have no approved text, so storefronts show them without one: "
        f"{skus} …"
    )


def test_a_product_whose_text_was_rejected_says_so_until_there_is_another(admin_client):
    product = DescriptionFactory(product__sku="R", state=DescriptionState.REJECTED).product
    DescriptionFactory(product=product)
    text = shown(admin_client)[1]
    assert "To review" in text
    assert "moda-badge-bad" not in text
    assert shown(admin_client, "description=rejected")[0] == set()


def test_products_cannot_be_deleted(admin_client):
    product = ProductFactory()
    assert "delete_selected" not in admin_client.get(LIST).content.decode()
    url = reverse("admin:catalog_product_delete", args=[product.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert Product.objects.filter(pk=product.pk).exists()


def test_an_empty_list_says_what_to_do(admin_client):
    text = shown(admin_client)[1]
    assert "No products yet" in text
    assert "import_products FOLDER" in text
    assert "Nothing matches" in shown(admin_client, "q=zebra")[1]
