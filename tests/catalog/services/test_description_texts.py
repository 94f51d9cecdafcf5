"""What people may write, and what is refused before anything is written."""

from uuid import uuid4

import pytest
from django.utils import translation

from catalog.choices import DescriptionAction, DescriptionState
from catalog.exceptions import ChangedMeanwhile, DescriptionRefused, TransitionRefused
from catalog.models import Description, DescriptionEvent
from catalog.models.description import PAGE_FIELDS
from catalog.services.description_texts import description_write
from catalog.services.review import (
    review_approve,
    review_reject,
    review_reopen,
    review_save,
    review_withdraw,
)
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WRONG = [
    pytest.param({"standard": ""}, "The description is empty: write at least a word.", id="empty"),
    pytest.param({"standard": " \n\t"}, "The description is empty: write at least a word.", id="w"),
    pytest.param(
        {"standard": "a\0b"}, "The description holds a NUL character: remove it.", id="nul"
    ),
    pytest.param(
        {"standard": "x" * 5_001},
        "The description has 5,001 characters; up to 5,000 are allowed.",
        id="long",
    ),
    pytest.param(
        {"standard": "x", "alt_text": "y" * 126},
        "The alt text has 126 characters; up to 125 are allowed.",
        id="long alt text",
    ),
    pytest.param(
        {"standard": "x", "detailed": "y" * 5_001},
        "The detailed description has 5,001 characters; up to 5,000 are allowed.",
        id="long detailed",
    ),
    pytest.param(
        {"standard": "x", "page_title": "y" * 151},
        "The title has 151 characters; up to 150 are allowed.",
        id="long title",
    ),
    pytest.param(
        {"standard": "x", "meta_description": "y" * 321},
        "The description for search engines has 321 characters; up to 320 are allowed.",
        id="long description for search engines",
    ),
]


def step(service, description, *, actor=None, **given):
    """One press of a button at the desk."""
    return service(
        description=description, actor=actor or UserFactory(), idempotency_key=uuid4(), **given
    )


def save(description, *, actor=None, seen="", **texts):
    """Save words at the desk over the text as it stands."""
    return step(
        review_save,
        description,
        actor=actor,
        seen=seen or description.updated_at.isoformat(),
        texts={"alt_text": "", "detailed": "", **texts},
    )


@pytest.mark.parametrize(("texts", "sentence"), WRONG)
def test_a_wrong_text_is_refused_and_nothing_is_written(texts, sentence):
    draft = DescriptionFactory()
    before = Description.objects.values().get()

    with pytest.raises(DescriptionRefused) as written:
        description_write(product=draft.product, actor=None, **texts)
    with pytest.raises(DescriptionRefused) as edited:
        save(draft, **texts)

    assert str(written.value) == str(edited.value) == sentence
    assert Description.objects.values().get() == before
    assert DescriptionEvent.objects.count() == 0


def test_a_refusal_speaks_the_language_of_the_page():
    product = ProductFactory()
    rejected = DescriptionFactory(state=DescriptionState.REJECTED)
    with translation.override("es"):
        with pytest.raises(DescriptionRefused) as long:
            description_write(product=product, actor=None, standard="x" * 5_001)
        with pytest.raises(TransitionRefused) as late:
            step(review_reject, rejected, seen=rejected.updated_at.isoformat(), reason="")
    assert (
        str(long.value) == "La descripción tiene 5\xa0001 caracteres; se permiten hasta 5\xa0000."
    )
    assert str(late.value) == (
        "El estado de esta descripción es ahora «rechazado», así que este paso no es posible; "
        "tendría que ser «borrador»."
    )


def test_the_longest_texts_are_taken_stripped_with_plain_line_ends():
    description = description_write(
        product=ProductFactory(),
        actor=None,
        standard="  " + "x" * 5_000 + "\r\n",
        alt_text="é" * 125,
        detailed="one\r\ntwo\rthree",
        language="fr",
    )

    description.refresh_from_db()
    assert description.standard == "x" * 5_000
    assert description.alt_text == "é" * 125
    assert description.detailed == "one\ntwo\nthree"
    assert description.language == "fr"


def test_a_text_written_by_hand_is_a_draft_without_a_machines_words():
    actor = UserFactory()

    description = description_write(product=ProductFactory(), actor=actor, standard="By hand.")

    description.refresh_from_db()
    assert (description.state, description.created_by) == (DescriptionState.DRAFT, actor)
    assert (description.generated_standard, description.confidence) == ("", None)
    event = description.events.get()
    assert (event.action, event.actor) == (DescriptionAction.WRITTEN, actor)


def test_editing_a_draft_changes_it_in_place_and_keeps_the_machines_words():
    actor = UserFactory()
    draft = DescriptionFactory(standard="Old.", generated_standard="Machine.", alt_text="Alt")

    result = save(draft, actor=actor, standard=" New. ", alt_text="Alt")

    assert result == draft
    draft.refresh_from_db()
    assert (draft.standard, draft.generated_standard) == ("New.", "Machine.")
    event = draft.events.get()
    assert (event.action, event.actor) == (DescriptionAction.EDITED, actor)
    others = {"detailed": "", **dict.fromkeys(PAGE_FIELDS, "")}
    assert event.before == {"standard": "Old.", "alt_text": "Alt", **others}
    assert event.after == {"standard": "New.", "alt_text": "Alt", **others}


def test_editing_without_a_change_records_nothing():
    draft = DescriptionFactory(standard="Same.")
    approved = DescriptionFactory(standard="Same.", state=DescriptionState.APPROVED)

    for description in (draft, approved):
        assert save(description, standard="Same.") is description

    assert Description.objects.count() == 2
    assert DescriptionEvent.objects.count() == 0


def test_editing_an_approved_text_makes_a_draft_that_supersedes_it_once_approved():
    actor = UserFactory()
    approved = DescriptionFactory(
        state=DescriptionState.APPROVED,
        standard="In use.",
        generated_standard="Machine.",
        confidence=0.5,
        facts="Brand: Acme",
    )

    draft = save(approved, actor=actor, standard="Better.")

    approved.refresh_from_db()
    assert (approved.state, approved.standard) == (DescriptionState.APPROVED, "In use.")
    assert draft.pk != approved.pk
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "Better.")
    assert (draft.generated_standard, draft.confidence) == ("Machine.", 0.5)
    assert (draft.facts, draft.created_by, draft.reviewed_by) == ("Brand: Acme", actor, None)
    assert draft.events.get().before["standard"] == "In use."

    step(
        review_approve,
        draft,
        actor=actor,
        seen=draft.updated_at.isoformat(),
        texts={"standard": "Better.", "alt_text": "", "detailed": ""},
    )
    approved.refresh_from_db()
    assert approved.state == DescriptionState.SUPERSEDED
    assert Description.objects.get(state=DescriptionState.APPROVED).standard == "Better."


@pytest.mark.parametrize("state", ["rejected", "superseded", "withdrawn"])
def test_a_text_out_of_use_is_not_edited_but_becomes_a_new_draft(state):
    description = DescriptionFactory(state=state, standard="Old.")
    before = Description.objects.values().get()

    draft = save(description, standard="New.")

    assert Description.objects.filter(pk=description.pk).values().get() == before
    assert (draft.state, draft.standard) == (DescriptionState.DRAFT, "New.")


def test_editing_a_draft_that_was_approved_meanwhile_is_refused():
    """The page was opened before a colleague approved: the words on it are not in force."""
    stale = DescriptionFactory(standard="Old.")
    seen = stale.updated_at.isoformat()
    colleague = {"standard": "Old.", "alt_text": "", "detailed": ""}
    step(review_approve, stale, seen=seen, texts=colleague)

    with pytest.raises(ChangedMeanwhile):
        save(stale, seen=seen, standard="New.")

    assert Description.objects.get().standard == "Old."


def test_rejecting_takes_a_reason_of_200_characters_and_no_more():
    draft, other = DescriptionFactory(), DescriptionFactory()

    step(review_reject, draft, seen=draft.updated_at.isoformat(), reason=" " + "x" * 200)
    draft.refresh_from_db()
    assert draft.rejection_reason == "x" * 200

    for reason in ("x" * 201, "a\0"):
        with pytest.raises(DescriptionRefused):
            step(review_reject, other, seen=other.updated_at.isoformat(), reason=reason)
    other.refresh_from_db()
    assert other.state == DescriptionState.DRAFT


def test_withdraw_and_reopen():
    text = DescriptionFactory(state=DescriptionState.APPROVED)

    step(review_withdraw, text)
    text.refresh_from_db()
    assert text.state == DescriptionState.WITHDRAWN
    step(review_reopen, text)
    text.refresh_from_db()
    assert text.state == DescriptionState.DRAFT
