"""What drafts claim, held against their briefs: when they are written, edited, put back."""

from uuid import uuid4

import pytest

from catalog.choices import DescriptionState
from catalog.claims import brief_of, text_claims, told_facts
from catalog.models import Description
from catalog.models.description import TEXT_FIELDS
from catalog.services.review import review_save, review_undo
from catalog.transitions.description import description_change_text, description_revise
from catalog.transitions.drafts import drafts_create
from moda_engine.brief.claims import Brief, Claim, Seen
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

RED_DRESS = Brief(
    (
        Claim("product_type", "Dresses", "catalog", 1.0, "title"),
        Claim("colour", "Red", "catalog", 1.0, "colour"),
        Claim("gender", "Women", "photo", 0.97),
    ),
    probabilities={"gender": {"Women": 0.97, "Girls": 0.02}},
)


def generated(standard, *, alt_text="", detailed="", brief=RED_DRESS):
    draft = Description(
        product=ProductFactory(),
        standard=standard,
        alt_text=alt_text,
        detailed=detailed,
        brief=brief.to_json() if brief else {},
    )
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    return draft


def said(claims):
    return [(claim.text, claim.kind, claim.value, claim.verdict) for claim in claims]


def test_what_the_catalog_knew_is_a_caption_s_facts():
    assert told_facts(RED_DRESS.to_json(), "brand: Wren") == "type: dress; colour: red"
    assert told_facts({}, "brand: Wren") == "brand: Wren"


def test_a_draft_without_contradiction():
    draft = generated("Red dress for women.", alt_text="A red dress")
    assert (draft.contradictions, draft.photo_disagrees) == (0, False)
    assert brief_of(draft) == RED_DRESS
    claims = text_claims(draft)
    assert said(claims["standard"]) == [
        ("Red", "colour", "Red", "known"),
        ("dress", "product_type", "Dresses", "known"),
        ("women", "gender", "Women", "seen"),
    ]
    assert said(claims["alt_text"]) == [
        ("red", "colour", "Red", "known"),
        ("dress", "product_type", "Dresses", "known"),
    ]
    assert claims["detailed"] == []


@pytest.mark.parametrize(
    ("standard", "alt_text", "detailed", "count"),
    [
        ("Blue dress.", "", "", 1),
        ("Blue dress.", "A blue dress", "This dress is blue.", 1),
        ("Blue shirt.", "A green dress", "", 3),
        # The photo says "women", and the catalog says nothing of it.
        ("Red dress for men.", "", "", 0),
        # Nobody says anything of the sleeves.
        ("Red dress with long sleeves.", "", "", 0),
    ],
)
def test_each_thing_that_the_catalog_contradicts_counts_once(standard, alt_text, detailed, count):
    draft = generated(standard, alt_text=alt_text, detailed=detailed)
    assert draft.contradictions == count


@pytest.mark.parametrize(
    ("kind", "value", "seen", "probability", "disagrees"),
    [
        ("product_type", "Trousers", "Dresses", 0.95, True),
        ("product_type", "Trousers", "Dresses", 0.55, False),
        ("product_type", "Trousers", "Jeans", 0.95, False),
        ("colour", "Red", "Blue", 0.99, False),
    ],
)
def test_a_photo_of_another_item(kind, value, seen, probability, disagrees):
    claim = Claim(kind, value, "catalog", 1.0, "title", Seen(seen, probability))
    brief = Brief((claim,), probabilities={kind: {seen: probability}})
    draft = generated("Something.", brief=brief)
    assert (draft.photo_disagrees, draft.contradictions) == (disagrees, 0)


def test_without_a_brief_nothing_is_claimed():
    draft = generated("Blue dress.", brief=None)
    assert (draft.contradictions, draft.photo_disagrees) == (0, False)
    assert text_claims(draft) == {field: [] for field in TEXT_FIELDS}


def test_edited_words_are_held_against_the_brief():
    draft = generated("Blue dress.", alt_text="A green dress")
    assert draft.contradictions == 2
    words = {"standard": "Red dress.", "alt_text": "A green dress", "detailed": ""}
    description_change_text(description=draft, actor=None, texts=words)
    assert draft.contradictions == Description.objects.get().contradictions == 1
    words["alt_text"] = "A dress"
    description_change_text(description=draft, actor=None, texts=words)
    assert draft.contradictions == Description.objects.get().contradictions == 0


def test_an_undone_edit_contradicts_as_before():
    reviewer = UserFactory()
    draft = generated("Blue dress.")
    review_save(
        description=draft,
        actor=reviewer,
        texts={"standard": "Red dress.", "alt_text": "", "detailed": ""},
        seen=draft.updated_at.isoformat(),
        idempotency_key=uuid4(),
    )
    assert Description.objects.get().contradictions == 0
    review_undo(actor=reviewer, idempotency_key=uuid4())
    draft.refresh_from_db()
    assert (draft.standard, draft.contradictions) == ("Blue dress.", 1)


def test_a_draft_from_an_approved_text_keeps_its_brief():
    approved = DescriptionFactory(state=DescriptionState.APPROVED, brief=RED_DRESS.to_json())
    words = {"standard": "Blue dress.", "alt_text": "", "detailed": ""}
    draft = description_revise(description=approved, actor=None, texts=words)
    draft.refresh_from_db()
    assert (draft.brief, draft.contradictions) == (RED_DRESS.to_json(), 1)
