"""An edit of one text reaches the others at approval, and texts that contradict one another ask."""

from uuid import uuid4

import pytest

from catalog.choices import DescriptionState
from catalog.exceptions import TextsContradict
from catalog.models import Description, ReviewAction
from catalog.models.description import PAGE_FIELDS, TEXT_FIELDS
from catalog.selectors.review_history import description_history
from catalog.services.review import review_approve, review_save, review_undo
from catalog.text_diff import authorship_of
from catalog.transitions.drafts import drafts_create
from moda_engine.brief.claims import Brief, Claim
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

BRIEF = Brief(
    (
        Claim("product_type", "Tops", "catalog", 1.0, "title"),
        Claim("colour", "Pink", "photo", 0.6),
        Claim("gender", "Women", "photo", 0.9),
    )
)
#: Texts of a page that nobody asked for.
NONE_ASKED = dict.fromkeys(PAGE_FIELDS, "")
WRITTEN = {
    **NONE_ASKED,
    "standard": "Pink top for women.",
    "alt_text": "Women's pink top.",
    "detailed": "A pink top for women. It suits casual wear.",
}
WHITE = {
    **NONE_ASKED,
    "standard": "White top for women.",
    "alt_text": "Women's white top.",
    "detailed": "A white top for women. It suits casual wear.",
}


@pytest.fixture
def ana():
    return UserFactory(username="ana")


@pytest.fixture
def draft():
    draft = Description(product=ProductFactory(sku="SH-1"), brief=BRIEF.to_json(), **WRITTEN)
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    return draft


def approve(draft, actor, *, similar=(), **given):
    texts = {name: given.pop(name, getattr(draft, name)) for name in TEXT_FIELDS}
    return review_approve(
        description=draft,
        actor=actor,
        idempotency_key=uuid4(),
        seen=draft.updated_at.isoformat(),
        texts=texts,
        similar=similar,
        **given,
    )


def stored(draft):
    row = Description.objects.get(pk=draft.pk)
    return row.state, {name: getattr(row, name) for name in TEXT_FIELDS}


def test_an_edit_reaches_every_text_and_is_undone_with_the_approval(draft, ana):
    action = approve(draft, ana, standard=WHITE["standard"])
    assert stored(draft) == (DescriptionState.APPROVED, WHITE)
    assert [event.action for event in action.events.order_by("pk")] == ["edited", "approved"]
    review_undo(actor=ana, idempotency_key=uuid4())
    assert stored(draft) == (DescriptionState.DRAFT, WRITTEN)


def test_the_history_has_the_persons_edits_of_all_texts(draft, ana):
    approve(draft, ana, alt_text=WHITE["alt_text"])
    draft.refresh_from_db()
    edited = description_history(draft)[1]
    assert edited.event.actor == ana
    assert edited.event.after == WHITE
    assert list(edited.changes) == ["standard", "alt_text", "detailed"]
    assert authorship_of(draft, "detailed") == [
        (0, 2, "machine"),
        (2, 7, "person"),
        (7, 44, "machine"),
    ]


def test_a_declined_text_keeps_its_words_and_then_asks(draft, ana):
    given = {"standard": WHITE["standard"], "declined": {"alt_text"}}
    with pytest.raises(TextsContradict, match=r"^The texts of SH-1 contradict one another\.$"):
        approve(draft, ana, **given)
    assert stored(draft) == (DescriptionState.DRAFT, WRITTEN)
    assert not ReviewAction.objects.exists()
    approve(draft, ana, **given, insists=True)
    assert stored(draft) == (
        DescriptionState.APPROVED,
        {**WHITE, "alt_text": WRITTEN["alt_text"]},
    )


def test_other_peoples_prose_that_cannot_be_changed_word_for_word_asks(ana):
    prose = {"standard": "Pink dress for women.", "alt_text": "She wears a pink dress and smiles."}
    draft = DescriptionFactory(**prose, generated_standard="")
    with pytest.raises(TextsContradict):
        approve(draft, ana, standard="Pink jeans for women.")
    approve(draft, ana, standard="Orange dress for women.")
    assert stored(draft)[1]["alt_text"] == "She wears an orange dress and smiles."


def test_saving_changes_the_typed_text_alone_and_approval_the_others(draft, ana):
    review_save(
        description=draft,
        actor=ana,
        idempotency_key=uuid4(),
        seen=draft.updated_at.isoformat(),
        texts={**WRITTEN, "standard": WHITE["standard"]},
    )
    draft.refresh_from_db()
    assert stored(draft)[1] == {**WRITTEN, "standard": WHITE["standard"]}
    approve(draft, ana)
    assert stored(draft) == (DescriptionState.APPROVED, WHITE)


def test_an_alt_text_that_would_be_too_long_is_left_to_a_person(ana):
    alt = "Pink top, " + "long " * 22 + "."
    draft = Description(
        product=ProductFactory(), brief=BRIEF.to_json(), standard="Pink top.", alt_text=alt
    )
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    with pytest.raises(TextsContradict):
        approve(draft, ana, standard="Fluorescent green top.")
    approve(draft, ana, standard="Red top.")
    assert stored(draft)[1]["alt_text"] == alt.replace("Pink", "Red")


def test_a_similar_draft_that_contradicts_itself_asks_and_is_named(draft, ana):
    other = DescriptionFactory(
        product=ProductFactory(sku="SH-2"), standard="Pink top.", alt_text="White top."
    )
    with pytest.raises(TextsContradict, match="The texts of SH-2 contradict"):
        approve(draft, ana, similar=[other])
    assert stored(draft) == (DescriptionState.DRAFT, WRITTEN)
    approve(draft, ana, similar=[other], standard=WHITE["standard"], same_words=True)
    assert stored(other) == (DescriptionState.APPROVED, WHITE)
