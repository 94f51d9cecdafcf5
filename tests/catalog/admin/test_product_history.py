"""The page *History* of a product: people's changes, publishing, its texts, its imports."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from catalog.admin.product_history import product_history
from catalog.choices import DescriptionState, ImportState, ProductState
from catalog.models import ImportRow, Product, ProductImport
from catalog.services.description_texts import description_write
from tests.factories import DescriptionFactory, ProductFactory

LIST = reverse("admin:catalog_product_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return ProductFactory(sku="A", title="Cap", state=ProductState.DRAFT)


def lines(product):
    return [(line.who, line.what, line.detail) for line in product_history(product)]


def test_a_product_that_nobody_touched_was_created(product):
    assert lines(product) == [("", "Created", "")]


def test_publishing_is_noted_with_the_person(admin_client, admin_user, product):
    data = {"_selected_action": [product.pk]}
    step = reverse("admin:catalog_product_review", args=[product.pk])
    admin_client.post(LIST, {**data, "action": "publish_selected"})
    admin_client.post(LIST, {**data, "action": "unpublish_selected"})
    admin_client.post(step, {"step": "publish"})
    admin_client.post(step, {"step": "publish"})  # refused: it is published
    admin_client.post(step, {"step": "unpublish"})
    words = ["Unpublished", "Published", "Unpublished", "Published"]
    assert lines(product)[:-1] == [(admin_user.username, word, "") for word in words]


def test_texts_are_told_with_who_judged_them(admin_client, admin_user, product):
    draft = description_write(product=product, standard="Red cap.", actor=admin_user)
    form = {"step": "approve", "standard": "Red cap.", "alt_text": "", "detailed": ""}
    admin_client.post(
        reverse("admin:review_step", args=[draft.pk]),
        {**form, "seen": draft.updated_at.isoformat(),
         "idempotency_key": "00000000-0000-0000-0000-000000000001"},
    )  # fmt: skip
    draft.refresh_from_db()
    assert draft.state == DescriptionState.APPROVED
    approved, written, created = lines(product)
    assert approved == (admin_user.username, "Text in English: Approved", "Red cap.")
    assert written == (admin_user.username, "Text in English: Written by hand", "Red cap.")
    assert created == ("", "Created", "")
    address = reverse("admin:review_history", args=[draft.pk])
    assert [line.address for line in product_history(product)] == [address, address, ""]


def test_imports_are_told_with_what_they_changed(admin_user, product):
    ended = datetime(2026, 5, 4, 10, tzinfo=UTC)
    Product.objects.update(created_at=ended)
    product.refresh_from_db()
    for name, row in (
        ("spring.csv", {"outcome": "new", "state": "applied", "changes": {"title": ["", "B"]}}),
        ("summer.csv", {"outcome": "changed", "state": "undone",
                        "changes": {"title": ["B", "C"], "colour": ["", "Red"]}}),
        ("same.csv", {"outcome": "unchanged", "state": "applied"}),
    ):  # fmt: skip
        made = ProductImport.objects.create(
            name=name, state=ImportState.COMPLETED, created_by=admin_user,
            ended_at=datetime(2026, 5, {"spring.csv": 5}.get(name, 6), tzinfo=UTC),
        )  # fmt: skip
        ImportRow.objects.create(product_import=made, number=0, line=2, product=product, **row)
    assert lines(product) == [
        (admin_user.username, "Import, undone", "summer.csv, line 2: title, colour"),
        (admin_user.username, "Import", "spring.csv, line 2: title"),
        ("", "Created", ""),
    ]


def test_the_page_shows_them_in_order_and_escaped(admin_client, product):
    DescriptionFactory(product=product)
    change = reverse("admin:catalog_product_change", args=[product.pk])
    Product.objects.update(attributes={"Cut": "slim", "Fit": "small"})
    form = {"variants-TOTAL_FORMS": "0", "variants-INITIAL_FORMS": "0",
            "images-TOTAL_FORMS": 0, "images-INITIAL_FORMS": 0,
            "attributes": "Cut: slim\r\nFit: small"}  # fmt: skip
    assert admin_client.post(change, {**form, "sku": "A", "title": "<b>New</b>"}).status_code == 302
    text = admin_client.get(reverse("admin:catalog_product_history", args=[product.pk])).text
    assert text.index("<td>Changed Title.</td>") < text.index("Created")
    assert "have a change history" not in text
    assert "<b>New</b>" not in text


def test_of_a_product_that_is_not_there_there_is_no_history(admin_client):
    answer = admin_client.get(reverse("admin:catalog_product_history", args=[7_000]))
    assert answer.status_code == 302  # Django says so on the start page
