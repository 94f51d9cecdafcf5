"""The review panel's buttons: what each does, what is refused, who may."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.choices import DescriptionState, ProductState
from catalog.models import Description, DescriptionJob
from tests.factories import (
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def product_page(product):
    return reverse("admin:catalog_product_change", args=[product.pk])


def press(client, step, description=None, *, product=None, **given):
    product = product or description.product
    if description is not None:
        given = {"description": description.pk, **given}
    url = reverse("admin:catalog_product_review", args=[product.pk])
    return client.post(url, {"step": step, **given})


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def draft():
    return DescriptionFactory(product=ProductImageFactory().product, confidence=0.71)


def test_the_panel_shows_the_draft(reviewer, draft):
    text = reviewer.get(product_page(draft.product)).content.decode()
    assert "Draft to review" in text
    assert "Red cotton shirt for men.</textarea>" in text
    assert "<dt>Confidence</dt><dd>71%</dd>" in text
    for step in ("approve", "save", "reject"):
        assert f'name="step" value="{step}"' in text


def test_the_panel_says_which_arithmetic_wrote_each_text(reviewer, draft):
    version = ModelVersionFactory(name="starter-1")
    for description in (draft, DescriptionFactory(product=draft.product, state="superseded")):
        description.model_version, description.numeric_mode = version, "bfloat16"
        description.save()
    text = reviewer.get(product_page(draft.product)).content.decode()
    assert 'starter-1 <span class="moda-quiet">(bfloat16)</span>' in text  # the draft
    assert '<span class="moda-quiet">starter-1 (bfloat16), ' in text  # the earlier version


def test_save_changes_the_words_only(reviewer, draft):
    answer = press(reviewer, "save", draft, standard=" Scarlet shirt. ", alt_text="A shirt")
    assert answer.url == product_page(draft.product)
    assert said(answer) == ["The text is saved."]
    draft.refresh_from_db()
    assert (draft.standard, draft.alt_text) == ("Scarlet shirt.", "A shirt")
    assert draft.generated_standard == "Red cotton shirt for men."
    assert draft.state == DescriptionState.DRAFT


def test_approve_saves_the_words_first_and_supersedes(reviewer, draft):
    former = DescriptionFactory(product=draft.product, state=DescriptionState.APPROVED)
    press(reviewer, "approve", draft, standard="Scarlet shirt.")
    draft.refresh_from_db()
    former.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Scarlet shirt.")
    assert draft.reviewed_by == reviewer.user
    assert former.state == DescriptionState.SUPERSEDED


def test_reject_keeps_the_reason(reviewer, draft):
    press(reviewer, "reject", draft, reason="Wrong colour")
    draft.refresh_from_db()
    assert (draft.state, draft.rejection_reason) == (DescriptionState.REJECTED, "Wrong colour")
    text = reviewer.get(product_page(draft.product)).content.decode()
    assert "Reason: Wrong colour" in text
    press(reviewer, "reopen", draft)
    draft.refresh_from_db()
    assert draft.state == DescriptionState.DRAFT


def test_withdraw(reviewer, draft):
    press(reviewer, "approve", draft, standard=draft.standard)
    press(reviewer, "withdraw", draft)
    draft.refresh_from_db()
    assert draft.state == DescriptionState.WITHDRAWN


def test_changing_an_approved_text_makes_a_draft(reviewer, draft):
    press(reviewer, "approve", draft, standard=draft.standard)
    press(reviewer, "save", draft, standard="Better words.")
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Red cotton shirt for men.")
    assert Description.objects.get(state=DescriptionState.DRAFT).standard == "Better words."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"standard": "  "}, "This field is required."),
        ({"standard": "x" * 5001}, "at most 5000 characters"),
        ({"standard": "fine", "alt_text": "y" * 126}, "at most 125 characters"),
        ({"standard": "nul\0"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("step", ["save", "approve"])
def test_refused_words_stay_on_the_page(reviewer, draft, step, words, sentence):
    answer = press(reviewer, step, draft, **words)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert sentence in text
    assert words["standard"].strip().replace("\0", "") in text.replace("\0", "")
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Red cotton shirt for men.")


def test_words_saved_meanwhile_are_not_overwritten(reviewer, draft):
    seen = draft.updated_at.isoformat()
    press(reviewer, "save", draft, standard="Theirs.", seen=seen)
    answer = press(reviewer, "approve", draft, standard="Mine.", seen=seen)
    text = answer.content.decode()
    assert "Somebody changed this text after you opened it." in text
    assert "Mine.</textarea>" in text
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Theirs.")
    press(reviewer, "approve", draft, standard="Mine.", seen=draft.updated_at.isoformat())
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Mine.")


def test_a_step_from_the_wrong_state_becomes_a_message(reviewer, draft):
    press(reviewer, "reject", draft)
    answer = press(reviewer, "reject", draft)
    assert answer.status_code == 302
    assert "rejected by now" in said(answer)[-1]
    answer = press(reviewer, "approve", draft, standard="again")
    assert "rejected by now" in answer.content.decode()


def test_writing_by_hand(client_with):
    product = ProductFactory()
    client = client_with("view_product", "view_description", "add_description")
    press(client, "write", product=product, standard="By hand.", alt_text="Seen")
    written = Description.objects.get()
    assert (written.standard, written.alt_text, written.created_by) == (
        "By hand.",
        "Seen",
        client.user,
    )
    assert written.state == DescriptionState.DRAFT
    answer = press(client, "write", product=ProductFactory(), standard="", alt_text="kept words")
    assert "kept words" in answer.content.decode()
    assert Description.objects.count() == 1


def test_describe_asks_for_this_product(admin_client, draft):
    press(admin_client, "describe", product=draft.product)
    job = DescriptionJob.objects.get()
    assert job.priority == DescriptionJob.SINGLE_PRIORITY
    assert [item.product for item in job.items.all()] == [draft.product]
    text = admin_client.get(product_page(draft.product)).content.decode()
    assert "Waiting" in text
    assert reverse("admin:catalog_descriptionjob_progress", args=[job.pk]) in text


def test_publish_and_unpublish(admin_client):
    product = ProductFactory(state=ProductState.DRAFT)
    press(admin_client, "publish", product=product)
    product.refresh_from_db()
    assert product.state == ProductState.PUBLISHED
    press(admin_client, "unpublish", product=product)
    product.refresh_from_db()
    assert product.state == ProductState.DRAFT


STEPS = ["save", "approve", "reject", "withdraw", "reopen", "write", "describe", "publish"]


@pytest.mark.parametrize("step", [*STEPS, "unpublish"])
def test_a_viewer_can_press_nothing(viewer, draft, step):
    answer = press(viewer, step, draft, standard="Mine.", reason="no")
    assert answer.status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Red cotton shirt for men.")
    assert not DescriptionJob.objects.exists()
    text = viewer.get(product_page(draft.product)).content.decode()
    assert "Red cotton shirt for men." in text
    assert 'name="step"' not in text


def test_a_description_of_another_product_is_not_found(reviewer, draft):
    other = ProductFactory()
    assert press(reviewer, "approve", draft, product=other, standard="x").status_code == 404
    url = reverse("admin:catalog_product_review", args=[draft.product.pk])
    for key in ("", "abc", "9" * 30):
        assert reviewer.post(url, {"step": "reject", "description": key}).status_code == 404
    assert press(reviewer, "explode", draft).status_code == 404


def test_script_in_a_text_is_shown_not_run(reviewer):
    text = "<script>alert(1)</script></textarea>"
    draft = DescriptionFactory(standard=text, generated_standard="<b>was</b>")
    DescriptionFactory(product=draft.product, standard=text, state=DescriptionState.REJECTED)
    page = reviewer.get(product_page(draft.product)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;" in page
    assert "<b>was</b>" not in page
