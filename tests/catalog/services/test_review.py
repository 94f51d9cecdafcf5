"""The steps of a reviewer: each is one action, done once however often pressed, undone whole."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.choices import DescriptionAction, DescriptionState, ReviewStep
from catalog.exceptions import ChangedMeanwhile, DescriptionRefused, TransitionRefused
from catalog.models import Description, ReviewAction, ReviewLease
from catalog.selectors.review_history import (
    alternatives_of,
    description_history,
)
from catalog.services.review import (
    review_approve,
    review_reject,
    review_reopen,
    review_restore,
    review_save,
    review_undo,
)
from catalog.text_diff import authorship_of
from catalog.transitions.description import description_change_text
from tests.factories import DescriptionFactory, UserFactory
from tests.rivals import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WORDS = "Red cotton shirt for men."


@pytest.fixture
def ana(db):
    return UserFactory(username="ana")


def texts(standard=WORDS):
    return {"standard": standard, "alt_text": "", "detailed": ""}


def press(service, description, actor, *, key=None, words=None, **more):
    """Press a button for a text as it stands now."""
    description.refresh_from_db()
    more.setdefault("seen", description.updated_at.isoformat())
    if service is not review_reject:
        more["texts"] = texts(words or description.standard)
    return service(description=description, actor=actor, idempotency_key=key or uuid4(), **more)


def row(description):
    columns = Description.objects.filter(pk=description.pk).values().get()
    return {name: columns[name] for name in columns if name not in ("updated_at", "authorship")}


def undo(actor):
    return review_undo(actor=actor, idempotency_key=uuid4())


def test_approving_edited_words_is_one_action_with_its_time_and_ends_the_lease(ana):
    draft = DescriptionFactory()
    since = timezone.now() - timedelta(seconds=30)
    ReviewLease.objects.create(
        description=draft, reviewer=ana, taken_at=since, until=since + timedelta(minutes=5)
    )
    action = press(review_approve, draft, ana, words="Red linen shirt for men.")
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Red linen shirt for men.")
    assert [event.action for event in action.events.order_by("id")] == ["edited", "approved"]
    assert (action.step, action.count, action.reviewer) == (ReviewStep.APPROVE, 1, ana)
    assert 30 <= action.seconds < 60
    assert not ReviewLease.objects.exists()


def test_undo_puts_back_words_state_and_the_text_that_was_approved_before(ana):
    former = DescriptionFactory(state=DescriptionState.APPROVED, standard="Former.")
    draft = DescriptionFactory(product=former.product)
    other = DescriptionFactory(product=former.product)
    before = [row(one) for one in (former, draft, other)]
    press(review_approve, draft, ana, words="New.")
    states = [row(one)["state"] for one in (former, draft, other)]
    assert states == ["superseded", "approved", "superseded"]

    undone = undo(ana)

    assert {one.pk for one in undone.descriptions} == {former.pk, draft.pk, other.pk}
    assert [row(one) for one in (former, draft, other)] == before
    assert draft.events.last().action == DescriptionAction.UNDONE
    with pytest.raises(TransitionRefused, match="nothing left to undo"):
        undo(ana)


def test_undo_goes_back_fifty_steps_and_no_further(ana):
    drafts = [DescriptionFactory() for _ in range(52)]
    for draft in drafts:
        press(review_reject, draft, ana, reason="")
    undone = [undo(ana).descriptions[0].pk for _ in range(50)]
    assert undone == [draft.pk for draft in drafts[:1:-1]]
    with pytest.raises(TransitionRefused, match="nothing left to undo"):
        undo(ana)
    assert row(drafts[0])["state"] == "rejected"


def test_an_undo_is_refused_when_somebody_changed_it_since(ana):
    draft = DescriptionFactory(product__sku="SH-1")
    press(review_approve, draft, ana)
    ben = UserFactory(username="ben")
    press(review_save, draft, ben, words="Words of Ben.")  # a new draft: no change of this one
    review_reopen(description=draft, actor=ben, idempotency_key=uuid4())
    before = row(draft)
    with pytest.raises(TransitionRefused, match=r"SH-1 was changed since .back to draft by ben at"):
        undo(ana)
    assert row(draft) == before
    assert not ReviewAction.objects.filter(reviewer=ana, step=ReviewStep.UNDO).exists()


def test_of_many_at_once_the_unchanged_are_undone_and_the_others_named(ana):
    drafts = [DescriptionFactory() for _ in range(3)]
    before = row(drafts[2])
    action = press(
        review_approve, drafts[0], ana, similar=drafts[1:], same_words=True, words="One."
    )
    assert action.count == 3
    assert {row(one)["standard"] for one in drafts} == {"One."}
    drafts[1].refresh_from_db()
    review_reopen(description=drafts[1], actor=UserFactory(), idempotency_key=uuid4())

    undone = undo(ana)

    assert {one.pk for one in undone.descriptions} == {drafts[0].pk, drafts[2].pk}
    assert [event.description_id for event in undone.changed_since] == [drafts[1].pk]
    assert row(drafts[2]) == before


def test_undoing_a_rejection_and_a_reopening(ana):
    draft = DescriptionFactory()
    fresh = row(draft)
    press(review_reject, draft, ana, reason=" Wrong colour ")
    rejected = row(draft)
    assert rejected["rejection_reason"] == "Wrong colour"
    draft.refresh_from_db()
    review_reopen(description=draft, actor=ana, idempotency_key=uuid4())
    undo(ana)
    assert row(draft) == rejected
    undo(ana)
    assert row(draft) == fresh


@pytest.mark.parametrize("service", [review_approve, review_reject, review_save])
def test_a_button_pressed_twice_does_its_work_once(ana, service):
    draft = DescriptionFactory()
    given = {"reason": ""} if service is review_reject else {"words": "Other words."}
    key, seen = uuid4(), draft.updated_at.isoformat()
    first = press(service, draft, ana, key=key, seen=seen, **given)
    events = draft.events.count()
    assert press(service, draft, ana, key=key, seen=seen, **given) == first
    assert draft.events.count() == events
    assert ReviewAction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_do_their_work_once(ana):
    draft = DescriptionFactory()
    key, seen = uuid4(), draft.updated_at.isoformat()

    def approve(_):
        return review_approve(
            description=Description.objects.get(pk=draft.pk),
            actor=ana,
            idempotency_key=key,
            seen=seen,
            texts=texts(),
        ).pk

    assert len(set(at_once(approve, range(4)))) == 1
    assert draft.events.count() == 1


@pytest.mark.parametrize("service", [review_approve, review_reject, review_save])
def test_a_text_that_changed_since_it_was_seen_is_left_alone(ana, service):
    draft = DescriptionFactory()
    seen = draft.updated_at.isoformat()
    description_change_text(
        description=draft, actor=UserFactory(), texts={"standard": "Words of another."}
    )
    before = row(draft)
    given = {"reason": ""} if service is review_reject else {"words": "Mine."}
    with pytest.raises(ChangedMeanwhile, match="Somebody changed this text after you opened it"):
        press(service, draft, ana, seen=seen, **given)
    assert row(draft) == before
    assert not ReviewAction.objects.exists()


def test_a_text_deleted_meanwhile_is_said_to_be(ana):
    draft = DescriptionFactory()
    gone = Description.objects.get(pk=draft.pk)
    draft.delete()
    with pytest.raises(TransitionRefused, match="deleted meanwhile"):
        review_approve(description=gone, actor=ana, idempotency_key=uuid4(), seen="", texts=texts())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (" \n ", "The description is empty"),
        ("x" * 100_000, "The description has 100,000 characters; up to 5,000 are allowed"),
        ("Red \u202eshirt", r"turns the direction of writing .U\+202E, at place 5"),
        ("Red\0shirt", "NUL"),
    ],
)
def test_bad_words_are_refused_and_nothing_changes(ana, words, message):
    draft = DescriptionFactory()
    before = row(draft)
    with pytest.raises(DescriptionRefused, match=message):
        press(review_approve, draft, ana, words=words)
    assert row(draft) == before
    assert not ReviewAction.objects.exists()


def test_history_tells_from_what_to_what_and_restores(ana):
    draft = DescriptionFactory(state=DescriptionState.DRAFT)
    press(review_save, draft, ana, words="Red linen shirt for men.")
    press(review_save, draft, ana, words="Blue linen shirt for men.")
    entries = description_history(Description.objects.get(pk=draft.pk))
    assert [entry.changes.keys() for entry in entries] == [{"standard"}, {"standard"}]
    assert [(change.kind, change.text) for change in entries[0].changes["standard"]] == [
        ("removed", "Red"),
        ("added", "Blue"),
        ("same", " linen shirt for men."),
    ]
    assert [entry.may_restore for entry in entries] == [False, True]

    assert review_restore(event=entries[1].event, actor=ana, idempotency_key=uuid4()) == draft
    draft.refresh_from_db()
    assert draft.standard == "Red linen shirt for men."
    undo(ana)
    draft.refresh_from_db()
    assert draft.standard == "Blue linen shirt for men."


def test_restoring_into_an_approved_text_makes_a_draft_which_undo_takes_away(ana):
    draft = DescriptionFactory()
    press(review_save, draft, ana, words="First.")
    event = draft.events.get()
    press(review_approve, draft, ana, words="Second.")
    restored = review_restore(event=event, actor=ana, idempotency_key=uuid4())
    assert restored != draft
    assert (restored.state, restored.standard) == (DescriptionState.DRAFT, "First.")
    undo(ana)
    assert row(restored)["state"] == "superseded"
    assert row(draft)["state"] == "approved"


def test_what_a_machine_wrote_and_what_a_person_is_followed_through_edits(ana):
    draft = DescriptionFactory()
    assert authorship_of(draft, "standard") == [(0, 25, "machine")]
    press(review_save, draft, ana, words="Red linen shirt for men.")
    press(review_save, draft, ana, words="Red linen shirt for boys.")
    draft.refresh_from_db()
    assert [tuple(span) for span in draft.authorship["standard"]] == [
        (0, 4, "machine"),
        (4, 9, "person"),
        (9, 20, "machine"),
        (20, 24, "person"),
        (24, 25, "machine"),
    ]
    assert authorship_of(draft, "standard") == [tuple(s) for s in draft.authorship["standard"]]


def test_words_taken_from_another_text_keep_their_author(ana):
    draft = DescriptionFactory()
    product = draft.product
    theirs = "Cut for a relaxed fit. Made in Italy."
    DescriptionFactory(product=product, standard=theirs, generated_standard=theirs)
    written = "Our bestseller of this summer."
    DescriptionFactory(product=product, standard=written, generated_standard="")
    press(review_save, draft, ana, words=f"{WORDS} Cut for a relaxed fit. {written} For you.")
    draft.refresh_from_db()
    parts = [(draft.standard[a:b], author) for a, b, author in draft.authorship["standard"]]
    assert parts == [
        (WORDS, "machine"),
        (" ", "person"),
        ("Cut for a relaxed fit. ", "machine"),
        (f"{written} For you.", "person"),
    ]


def test_a_whole_text_taken_over_is_as_it_was_written(ana):
    draft = DescriptionFactory()
    DescriptionFactory(
        product=draft.product, standard="Navy blazer.", generated_standard="Navy blazer."
    )
    press(review_approve, draft, ana, words="Navy blazer.")
    draft.refresh_from_db()
    assert authorship_of(draft, "standard") == [(0, 12, "machine")]


def test_alternatives_are_the_other_words_of_the_product_the_approved_first():
    draft = DescriptionFactory()
    for words in ("One.", "Two.", "One.", draft.standard):
        DescriptionFactory(product=draft.product, standard=words, state=DescriptionState.REJECTED)
    approved = DescriptionFactory(
        product=draft.product, standard="Approved.", state=DescriptionState.APPROVED
    )
    DescriptionFactory(product=draft.product, standard="Drei.", language="de")
    found = alternatives_of(draft, limit=3)
    assert found[0] == approved
    assert [one.standard for one in found] == ["Approved.", "One.", "Two."]
