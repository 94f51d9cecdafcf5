"""Each step of a description: what it changes and records, and from where it is refused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.choices import DescriptionAction, DescriptionState
from catalog.exceptions import TransitionRefused
from catalog.models import Description
from catalog.models.description import TEXT_FIELDS
from catalog.transitions import description as transitions
from catalog.transitions.drafts import drafts_create
from tests.factories import (
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

STEPS = {
    "approve": transitions.description_approve,
    "reject": transitions.description_reject,
    "withdraw": transitions.description_withdraw,
    "reopen": transitions.description_reopen,
}
ALLOWED = {
    ("approve", "draft"): "approved",
    ("reject", "draft"): "rejected",
    ("withdraw", "approved"): "withdrawn",
    ("reopen", "approved"): "draft",
    ("reopen", "rejected"): "draft",
    ("reopen", "withdrawn"): "draft",
}
PAIRS = [(step, state) for step in STEPS for state in DescriptionState.values]


def columns(description: Description) -> dict[str, Any]:
    return Description.objects.filter(pk=description.pk).values().get()


@pytest.mark.parametrize(("step", "state"), [pair for pair in PAIRS if pair in ALLOWED])
def test_an_allowed_step_changes_the_state_and_records_who_did_what(step, state):
    actor = UserFactory()
    description = DescriptionFactory(state=state)
    before = timezone.now()

    STEPS[step](description=description, actor=actor)

    assert columns(description)["state"] == ALLOWED[step, state] == description.state
    event = description.events.get()
    assert event.actor == actor
    assert before <= event.at <= timezone.now()
    assert event.before == {"state": state}
    assert event.after == {"state": ALLOWED[step, state]}
    assert (
        event.action
        == {
            "approve": DescriptionAction.APPROVED,
            "reject": DescriptionAction.REJECTED,
            "withdraw": DescriptionAction.WITHDRAWN,
            "reopen": DescriptionAction.REOPENED,
        }[step]
    )


@pytest.mark.parametrize(("step", "state"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_a_refused_step_changes_nothing(step, state):
    description = DescriptionFactory(state=state)
    before = columns(description)

    with pytest.raises(TransitionRefused, match=f"is {state} by now"):
        STEPS[step](description=description, actor=UserFactory())

    assert columns(description) == before
    assert description.events.count() == 0


def test_approving_records_the_reviewer_and_reopening_forgets_them():
    actor = UserFactory()
    description = DescriptionFactory()

    transitions.description_approve(description=description, actor=actor)
    assert description.reviewed_by == actor
    assert description.reviewed_at is not None

    transitions.description_reopen(description=description, actor=actor)
    assert (description.reviewed_by, description.reviewed_at) == (None, None)


def test_rejecting_keeps_the_reason_until_the_text_is_reopened():
    description = DescriptionFactory()

    transitions.description_reject(description=description, actor=None, reason="Wrong colour")
    assert description.rejection_reason == "Wrong colour"
    assert description.events.get().after == {
        "state": "rejected",
        "rejection_reason": "Wrong colour",
    }

    transitions.description_reopen(description=description, actor=None)
    assert description.rejection_reason == ""


def test_approving_supersedes_the_text_approved_before_and_no_other():
    product = ProductFactory()
    reviewer = UserFactory()
    former = DescriptionFactory(
        product=product, state=DescriptionState.APPROVED, reviewed_by=reviewer
    )
    other_language = DescriptionFactory(
        product=product, state=DescriptionState.APPROVED, language="de"
    )
    other_product = DescriptionFactory(state=DescriptionState.APPROVED)
    draft = DescriptionFactory(product=product)

    transitions.description_approve(description=draft, actor=UserFactory())

    assert columns(former)["state"] == DescriptionState.SUPERSEDED
    assert columns(former)["reviewed_by_id"] == reviewer.pk
    assert columns(other_language)["state"] == DescriptionState.APPROVED
    assert columns(other_product)["state"] == DescriptionState.APPROVED
    assert former.events.get().before == {"state": "approved"}


def test_an_approval_that_fails_leaves_the_former_text_approved():
    """The stale copy says draft; the row was rejected meanwhile."""
    product = ProductFactory()
    former = DescriptionFactory(product=product, state=DescriptionState.APPROVED)
    stale = DescriptionFactory(product=product)
    transitions.description_reject(description=Description.objects.get(pk=stale.pk), actor=None)

    with pytest.raises(TransitionRefused, match="is rejected by now"):
        transitions.description_approve(description=stale, actor=None)

    assert columns(former)["state"] == DescriptionState.APPROVED
    assert columns(stale)["state"] == DescriptionState.REJECTED


def test_of_two_people_who_review_one_draft_the_second_is_refused():
    first, second = UserFactory(), UserFactory()
    description = DescriptionFactory()
    seen_by_second = Description.objects.get(pk=description.pk)

    transitions.description_approve(description=description, actor=first)
    with pytest.raises(TransitionRefused):
        transitions.description_reject(description=seen_by_second, actor=second)

    description.refresh_from_db()
    assert (description.state, description.reviewed_by) == (DescriptionState.APPROVED, first)


def test_a_step_on_a_deleted_description_is_refused():
    description = DescriptionFactory()
    Description.objects.all().delete()

    with pytest.raises(TransitionRefused, match="deleted meanwhile"):
        transitions.description_approve(description=description, actor=None)


def test_the_database_itself_refuses_a_second_approved_text():
    former = DescriptionFactory(state=DescriptionState.APPROVED)

    with pytest.raises(IntegrityError), transaction.atomic():
        DescriptionFactory(product=former.product, state=DescriptionState.APPROVED)


def test_a_generated_draft_keeps_the_machines_words_beside_the_editable_ones():
    item = DescriptionJobItemFactory()
    version = ModelVersionFactory()

    description = Description(
        product=item.product,
        image=item.image,
        standard="Blue shirt.",
        alt_text="Shirt",
        facts="Brand: Acme",
        options={"beams": 2},
        model_version=version,
        confidence=0.75,
        job_item=item,
    )
    drafts_create(drafts=[description])

    transitions.description_change_text(
        description=description, actor=None, texts={"standard": "Navy shirt.", "alt_text": "Shirt"}
    )
    row = columns(description)
    assert (row["standard"], row["generated_standard"]) == ("Navy shirt.", "Blue shirt.")
    assert (row["alt_text"], row["generated_alt_text"]) == ("Shirt", "Shirt")
    assert (row["facts"], row["options"], row["confidence"]) == ("Brand: Acme", {"beams": 2}, 0.75)
    assert (row["model_version_id"], row["job_item_id"]) == (version.pk, item.pk)
    assert (row["state"], row["language"], row["created_by_id"]) == ("draft", "en", None)
    generated = dict.fromkeys(TEXT_FIELDS, "")
    assert [(event.action, event.after) for event in description.events.all()] == [
        ("generated", {**generated, "standard": "Blue shirt.", "alt_text": "Shirt"}),
        ("edited", {"standard": "Navy shirt.", "alt_text": "Shirt"}),
    ]


def create(drafts):
    drafts_create(drafts=drafts)


def test_one_item_of_a_job_has_one_draft_at_most():
    item = DescriptionJobItemFactory()
    other = ProductFactory()
    create([Description(product=item.product, standard="First.", job_item=item)])

    with pytest.raises(IntegrityError):
        create(
            [
                Description(product=other, standard="Of another item."),
                Description(product=item.product, standard="Again.", job_item=item),
            ]
        )

    assert Description.objects.get().standard == "First."


def test_a_machines_draft_changes_none_of_a_persons_texts():
    product = ProductFactory()
    texts = [
        DescriptionFactory(product=product, state=state)
        for state in (DescriptionState.APPROVED, DescriptionState.DRAFT)
    ]
    before = [columns(text) for text in texts]

    create([Description(product=product, standard="Generated again.")])

    assert [columns(text) for text in texts] == before
