"""What the desk shows of a text's claims, and how an edit reaches the texts beside it."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.models.description import TEXT_FIELDS
from catalog.transitions.drafts import drafts_create, drafts_supersede_untouched
from moda_engine.brief.claims import Brief, Claim, Seen
from tests.factories import DescriptionFactory, ModelVersionFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HTMX = {"HX-Request": "true"}
BRIEF = Brief(
    (
        Claim("product_type", "Tops", "catalog", 1.0, "title", Seen("Dresses", 0.9)),
        Claim("colour", "Pink", "photo", 0.8),
    ),
    probabilities={"colour": {"Pink": 0.8, "White": 0.1}},
)
TEXTS = {"standard": "Pink top.", "alt_text": "A pink top", "detailed": "It comes in pink."}


def generated(product, **given):
    draft = Description(product=product, **{"brief": BRIEF.to_json(), **TEXTS, **given})
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft():
    return generated(ProductImageFactory(product__sku="SH-1", product__title="A top").product)


def body(draft, **given):
    draft.refresh_from_db()
    texts = {name: getattr(draft, name) for name in TEXT_FIELDS}
    seen = draft.updated_at.isoformat()
    return {**texts, "seen": seen, "idempotency_key": str(uuid4()), **given}


def press(client, step, draft, **given):
    url = reverse("admin:review_step", args=[draft.pk])
    return client.post(url, body(draft, step=step, **given), headers=HTMX).content.decode()


def read(client, draft, **given):
    url = reverse("admin:review_reading", args=[draft.pk])
    return client.post(url, body(draft, **given), headers=HTMX).content.decode()


def mark(kind, word, source):
    return f'<mark class="said said-{kind}" data-source="{source}">{word}</mark>'


UNBORNE = "the title says top; the photo suggests dress, 90%"


def test_a_page_marks_what_its_texts_claim(reviewer, draft):
    page = reviewer.get(reverse("admin:review_item", args=[draft.pk])).content.decode()
    assert mark("plain", "Pink", "seen in the photo, 80%") in page
    assert mark("unborne", "top", UNBORNE) in page
    assert f'said-unborne">top</span></button> <span class="moda-quiet">{UNBORNE}' in page
    assert "the catalog says so, the photo does not" in page  # the legend


def test_a_person_who_may_only_read_can_ask_each_word_too(viewer, draft):
    page = viewer.get(reverse("admin:review_item", args=[draft.pk])).content.decode()
    source = "seen in the photo, 80%"
    assert (
        f'<mark class="said said-plain" data-source="{source}" tabindex="0" '
        f'aria-description="{source}">Pink</mark>'
    ) in page


def test_what_is_typed_is_read_and_nothing_is_saved(reviewer, draft):
    page = read(reviewer, draft, standard="White <b>top</b>.")
    assert mark("wrong", "White", "the photo suggests pink, 80%") in page
    assert '<div id="marks-standard" hx-swap-oob="innerHTML">' in page
    assert "&lt;b&gt;" in page
    assert "A <del>pink</del><ins>white</ins> top" in page
    assert "It comes in <del>pink</del><ins>white</ins>." in page
    assert '<input type="checkbox" name="declined" value="alt_text" id="declined-alt_text">' in page
    draft.refresh_from_db()
    assert draft.standard == "Pink top."


def test_a_word_that_was_deleted_has_no_mark(reviewer, draft):
    page = read(reviewer, draft, standard="Pink.", alt_text="", detailed="")
    assert "said-unborne" not in page
    assert mark("plain", "Pink", "seen in the photo, 80%") in page


def test_a_text_too_long_to_be_saved_is_read_up_to_there(reviewer, draft):
    page = read(reviewer, draft, standard="x" * 4_990 + " pink pink pink " * 10_000)
    assert page.count('">pink</mark>') == 1 + 2  # and one in each of the other texts


def test_approval_edits_the_other_texts_unless_declined(reviewer, draft):
    page = press(reviewer, "approve", draft, standard="White top.")
    assert "Changed with it: Alt text, Detailed description." in page
    draft.refresh_from_db()
    assert (draft.state, draft.alt_text) == (DescriptionState.APPROVED, "A white top")


def test_texts_that_contradict_one_another_are_approved_after_a_question(reviewer, draft):
    given = {"standard": "White top.", "declined": ["alt_text", "detailed"]}
    page = press(reviewer, "approve", draft, **given)
    assert '<dialog id="desk-contradiction"' in page
    assert "The texts of SH-1 contradict one another." in page
    assert "Description: <strong>White</strong> · Alt text: <strong>pink</strong>" in page
    assert 'value="alt_text" id="declined-alt_text" checked' in page
    assert ">White top.</textarea>" in page
    draft.refresh_from_db()
    assert draft.state == DescriptionState.DRAFT
    page = press(reviewer, "approve_anyway", draft, **given)
    assert "SH-1 approved." in page
    draft.refresh_from_db()
    assert (draft.standard, draft.alt_text) == ("White top.", "A pink top")


def test_ticked_similar_photos_stay_ticked_beside_the_question(reviewer, draft):
    image = draft.product.images.get()
    Description.objects.filter(pk=draft.pk).update(image=image)
    other = DescriptionFactory(image=ProductImageFactory(perceptual_hash=image.perceptual_hash))
    given = {"standard": "White top.", "declined": ["alt_text"], "similar": [other.pk]}
    page = press(reviewer, "approve", draft, **given)
    assert f'name="similar" value="{other.pk}" checked' in page


@pytest.fixture
def replaced():
    product = ProductImageFactory(product__sku="SH-2").product
    old = generated(product, model_version=ModelVersionFactory(name="v1"))
    drafts_supersede_untouched(product_ids=[product.pk], language="en")
    return old, generated(product, standard="Pink thing.")


def test_rejecting_a_draft_offers_the_one_that_it_replaced(reviewer, replaced):
    old, new = replaced
    page = press(reviewer, "reject", new)
    assert f'action="{reverse("admin:review_step", args=[old.pk])}' in page
    assert "Bring back the draft of v1" in page
    page = press(reviewer, "bring_back", old)
    assert "It is a draft again." in page
    assert ">Pink top.</textarea>" in page
    old.refresh_from_db()
    assert old.state == DescriptionState.DRAFT


def test_the_desk_and_the_products_page_offer_it_later_too(reviewer, replaced):
    old, new = replaced
    desk = reverse("admin:review_item", args=[old.pk])
    product = reverse("admin:catalog_product_change", args=[old.product_id])
    assert "Bring back this draft" not in reviewer.get(desk).content.decode()
    assert "Bring back" not in reviewer.get(product).content.decode()
    press(reviewer, "reject", new)
    assert "Bring back this draft" in reviewer.get(desk).content.decode()
    page = reviewer.get(product).content.decode()
    assert page.count("Bring back the draft of v1") == 1
    url = reverse("admin:review_step", args=[old.pk])
    assert reviewer.post(url, {"step": "bring_back"}).url == desk


def test_the_products_page_shows_where_words_come_from(reviewer, draft):
    url = reverse("admin:catalog_product_change", args=[draft.product_id])
    page = reviewer.get(url).content.decode()
    assert f'<mark class="said said-unborne" data-source="{UNBORNE}" tabindex="0"' in page


def test_a_photo_of_another_item_is_asked_about_whatever_the_texts_say(reviewer):
    brief = replace(BRIEF, probabilities={"product_type": {"Watches": 0.98}})
    draft = generated(ProductImageFactory().product, standard="Lovely.", brief=brief.to_json())
    page = reviewer.get(reverse("admin:review_item", args=[draft.pk])).content.decode()
    assert "The title says “top”; the photo shows “watch”, 98%. Is it the right photo?" in page


def test_the_queue_is_filtered_by_fault_and_shows_it(reviewer, draft):
    watch = Brief((Claim("product_type", "Tops", "catalog", 1.0, "title", Seen("Watches", 0.98)),))
    generated(
        ProductImageFactory(product__title="Another").product,
        standard="Pink dress.",
        brief=replace(watch, probabilities={"product_type": {"Watches": 0.98}}).to_json(),
    )
    page = reviewer.get(reverse("admin:review"), {"check": "contradicts"}).content.decode()
    assert "<strong>1</strong> draft awaits review in this choice" in page
    assert '<option value="contradicts" selected>Contradicts the catalog (1)</option>' in page
    assert '<option value="disagrees">Photo and title disagree (1)</option>' in page
    assert "contradicts the catalog</span>" in page
    assert "photo and title disagree</span>" in page
    assert "?check=contradicts" in page
