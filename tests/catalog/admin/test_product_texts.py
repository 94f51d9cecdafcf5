"""The texts on a product's page: what is shown, what the buttons do, who may."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.choices import DescriptionState, ItemOutcome, JobItemState, ProductState
from catalog.models import Description, DescriptionJob
from tests.factories import (
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def product_page(product):
    return reverse("admin:catalog_product_change", args=[product.pk])


def press(client, step, product, **given):
    url = reverse("admin:catalog_product_review", args=[product.pk])
    return client.post(url, {"step": step, **given})


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def desk_link(text, words="Review this draft"):
    return f'<a href="{reverse("admin:review_item", args=[text.pk])}">{words}</a>'


@pytest.fixture
def draft():
    return DescriptionFactory(product=ProductImageFactory().product, confidence=0.71)


def test_the_page_shows_the_draft_and_leads_to_the_desk(reviewer, draft):
    text = reviewer.get(product_page(draft.product)).content.decode()
    assert '<span class="moda-badge moda-badge-warn">Draft</span>' in text
    assert "Red cotton shirt for men.</p>" in text
    assert "71% sure" in text
    assert desk_link(draft) in text
    history = reverse("admin:review_history", args=[draft.pk])
    assert f'<a href="{history}">History</a>' in text
    assert 'name="step"' not in text  # verdicts are given at the desk alone


def test_texts_stand_by_language_what_is_in_use_before_what_was(reviewer, draft):
    product = draft.product
    approved = DescriptionFactory(
        product=product,
        standard="In use.",
        state=DescriptionState.APPROVED,
        reviewed_by=UserFactory(username="ana"),
    )
    rejected = DescriptionFactory(
        product=product, standard="Was bad.", state="rejected", rejection_reason="Wrong colour"
    )
    german = DescriptionFactory(product=product, standard="Rotes Hemd.", language="de")
    unknown = DescriptionFactory(product=product, standard="Unknown.", language="xx")
    page = reviewer.get(product_page(product))
    texts = page.context["texts"]
    languages = texts["languages"]
    assert [(one["language"], one["current"], one["earlier"]) for one in languages] == [
        ("de", [german], []),
        ("en", [draft, approved], [rejected]),
        ("xx", [unknown], []),
    ]
    text = page.content.decode()
    for language, name in (("de", "German"), ("en", "English"), ("xx", "xx")):
        assert f'<h3 id="texts-{language}">{name}</h3>' in text
    assert "Approved by ana on" in text
    assert "Reason: Wrong colour" in text
    for one in (approved, rejected):
        assert desk_link(one, "Open at the review desk") in text


def test_the_page_says_which_arithmetic_wrote_each_text(reviewer, draft):
    version = ModelVersionFactory(name="starter-1")
    for description in (draft, DescriptionFactory(product=draft.product, state="superseded")):
        description.model_version, description.numeric_mode = version, "bfloat16"
        description.save()
    text = reviewer.get(product_page(draft.product)).content.decode()
    assert '<span class="moda-quiet">starter-1 (bfloat16) · 71% sure · ' in text  # the draft
    assert text.count('<span class="moda-quiet">starter-1 (bfloat16) · ') == 2


def test_writing_by_hand(client_with):
    product = ProductFactory()
    client = client_with("view_product", "view_description", "add_description")
    page = client.get(product_page(product)).content.decode()
    assert 'name="step" value="write"' in page
    answer = press(client, "write", product, standard=" By hand. ", alt_text="Seen")
    assert answer.url == product_page(product)
    assert said(answer) == ["The draft is saved. Approve it at the review desk to show it."]
    written = Description.objects.get()
    assert (written.standard, written.alt_text, written.created_by, written.language) == (
        "By hand.",
        "Seen",
        client.user,
        "en",
    )
    assert written.state == DescriptionState.DRAFT
    assert 'value="write"' not in client.get(product_page(product)).content.decode()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"standard": "  ", "alt_text": "kept words"}, "This field is required."),
        ({"standard": "x" * 5001}, "at most 5000 characters"),
        ({"standard": "fine", "alt_text": "y" * 126}, "at most 125 characters"),
        ({"standard": "nul\0"}, "Null characters are not allowed."),
        ({"standard": "Red \u202eshirt"}, "turns the direction of writing"),
    ],
)
def test_refused_words_stay_on_a_page_with_the_reason(client_with, words, sentence):
    client = client_with("view_product", "view_description", "add_description")
    answer = press(client, "write", ProductFactory(), **words)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert sentence in text
    for typed in words.values():
        assert typed.strip().replace("\0", "") in text.replace("\0", "")
    assert not Description.objects.exists()


def test_the_language_of_a_refusal_is_changed_on_the_page_before(client_with):
    product = ProductFactory()
    client = client_with("view_product", "view_description", "add_description")
    before = f"http://testserver{product_page(product)}?_changelist_filters=q%3Dred"
    url = reverse("admin:catalog_product_review", args=[product.pk])
    answer = client.post(url, {"step": "write", "standard": ""}, headers={"Referer": before})
    assert f'name="next" value="{before}"' in answer.content.decode()
    page = client.get(product_page(product)).content.decode()
    assert f'name="next" value="{product_page(product)}"' in page


def test_describe_asks_for_this_product(admin_client, draft):
    answer = press(admin_client, "describe", draft.product)
    assert said(answer) == ["A description was asked for. A worker writes it soon."]
    job = DescriptionJob.objects.get()
    assert job.priority == DescriptionJob.SINGLE_PRIORITY
    assert [item.product for item in job.items.all()] == [draft.product]
    text = admin_client.get(product_page(draft.product)).content.decode()
    assert "Waiting" in text
    assert reverse("admin:catalog_descriptionjob_progress", args=[job.pk]) in text
    assert 'value="describe"' not in text


def test_publish_and_unpublish(admin_client):
    product = ProductFactory(sku="BARE", state=ProductState.DRAFT)
    assert said(press(admin_client, "publish", product)) == [
        "Published: storefronts show the product.",
        "1 published product has no approved text, so storefronts show it without one: BARE",
    ]
    product.refresh_from_db()
    assert product.state == ProductState.PUBLISHED
    press(admin_client, "unpublish", product)
    product.refresh_from_db()
    assert product.state == ProductState.DRAFT


@pytest.mark.parametrize("step", ["write", "describe", "publish", "unpublish"])
def test_a_viewer_can_press_nothing(viewer, draft, step):
    answer = press(viewer, step, draft.product, standard="Mine.")
    assert answer.status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Red cotton shirt for men.")
    assert Description.objects.count() == 1
    assert not DescriptionJob.objects.exists()
    text = viewer.get(product_page(draft.product)).content.decode()
    assert "Red cotton shirt for men." in text
    assert 'name="step"' not in text


@pytest.mark.parametrize("step", ["save", "approve", "reject", "withdraw", "reopen", "explode", ""])
def test_no_verdict_is_given_on_the_page(admin_client, draft, step):
    answer = press(admin_client, step, draft.product, description=draft.pk, standard="Mine.")
    assert answer.status_code == 404
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Red cotton shirt for men.")


def test_script_in_a_text_is_shown_not_run(reviewer):
    text = "<script>alert(1)</script></textarea>"
    draft = DescriptionFactory(standard=text, alt_text=text, detailed=text, facts=text)
    DescriptionFactory(product=draft.product, standard=text, state=DescriptionState.REJECTED)
    page = reviewer.get(product_page(draft.product)).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;") == 5


def test_a_photo_that_was_not_recognised_is_said_with_the_reason_and_asked_again(admin_client):
    ModelVersionFactory()
    item = DescriptionJobItemFactory(
        state=JobItemState.DONE, outcome=ItemOutcome.NOT_RECOGNISED, detail="No item is shown."
    )
    text = admin_client.get(product_page(item.product)).content.decode()
    assert '<span class="moda-badge moda-badge-bad">Photo not recognised</span>' in text
    assert "<span>No item is shown. Add a photo that shows the item, or" in text
    press(admin_client, "describe", item.product)
    assert [one.state for one in DescriptionJob.objects.first().items.all()] == ["queued"]
    DescriptionFactory(product=item.product)
    assert "No item is shown." not in admin_client.get(product_page(item.product)).content.decode()
