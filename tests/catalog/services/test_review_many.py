"""Many drafts judged as one step: done once, undone as one, and nobody's work run over."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import DescriptionState, ReviewStep
from catalog.exceptions import DescriptionRefused, TransitionRefused
from catalog.models import Description, ReviewAction, ReviewLease, WebhookDelivery, WebhookEndpoint
from catalog.services.review import review_undo
from catalog.services.review_many import ManyReviewed, review_many
from catalog.transitions.description import description_approve
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DRAFT, APPROVED, SUPERSEDED, REJECTED = (
    DescriptionState.DRAFT,
    DescriptionState.APPROVED,
    DescriptionState.SUPERSEDED,
    DescriptionState.REJECTED,
)


@pytest.fixture
def actor():
    return UserFactory()


def approve(drafts, actor, *, idempotency_key=None, as_of=None):
    return review_many(
        step=ReviewStep.APPROVE,
        ids=[draft.pk for draft in drafts],
        actor=actor,
        idempotency_key=idempotency_key or uuid4(),
        as_of=as_of or timezone.now(),
    )


def states(*descriptions):
    found = Description.objects.in_bulk([one.pk for one in descriptions])
    return [found[one.pk].state for one in descriptions]


def test_drafts_are_approved_as_one_step_and_undone_as_one(actor):
    former = DescriptionFactory(state=APPROVED, standard="Former.")
    drafts = [
        DescriptionFactory(product=former.product),
        DescriptionFactory(standard="Red cotton shirt."),
        DescriptionFactory(generated_standard=""),
    ]
    beside = DescriptionFactory(product=drafts[1].product)
    edited_beside = DescriptionFactory(product=drafts[1].product, standard="Mine.")
    stamp = former.product.updated_at
    assert approve(drafts, actor) == ManyReviewed(judged=3, left=0)
    assert states(former, *drafts, beside, edited_beside) == [
        SUPERSEDED, APPROVED, APPROVED, APPROVED, SUPERSEDED, DRAFT,
    ]  # fmt: skip
    action = ReviewAction.objects.get()
    assert (action.step, action.count, action.seconds) == (ReviewStep.APPROVE, 3, None)
    rows = [Description.objects.get(pk=draft.pk) for draft in drafts]
    assert [row.edit_distance for row in rows] == [0, 8, None]
    assert {row.reviewed_by for row in rows} == {actor}
    former.product.refresh_from_db()
    assert former.product.updated_at > stamp
    undone = review_undo(actor=actor, idempotency_key=uuid4())
    assert len(undone.descriptions) == 5
    assert states(former, *drafts, beside) == [APPROVED, DRAFT, DRAFT, DRAFT, DRAFT]


def test_many_leave_the_history_that_one_leaves(actor):
    one, other = DescriptionFactory(), DescriptionFactory()
    description_approve(description=one, actor=actor)
    approve([other], actor)
    left = [
        [(event.action, event.actor, event.before, event.after) for event in row.events.all()]
        for row in (one, other)
    ]
    assert left[0] == left[1]


def test_drafts_are_rejected_for_a_reason(actor):
    drafts = [DescriptionFactory(), DescriptionFactory()]
    review_many(
        step=ReviewStep.REJECT,
        ids=[draft.pk for draft in drafts],
        actor=actor,
        idempotency_key=uuid4(),
        as_of=timezone.now(),
        reason=" Wrong colour ",
    )
    rows = Description.objects.values_list("state", "rejection_reason")
    assert set(rows) == {(REJECTED, "Wrong colour")}
    review_undo(actor=actor, idempotency_key=uuid4())
    assert set(Description.objects.values_list("state", "rejection_reason")) == {(DRAFT, "")}


def test_a_reason_too_long_changes_nothing(actor):
    draft = DescriptionFactory()
    with pytest.raises(DescriptionRefused):
        review_many(
            step=ReviewStep.REJECT,
            ids=[draft.pk],
            actor=actor,
            idempotency_key=uuid4(),
            as_of=timezone.now(),
            reason="x" * 201,
        )
    assert states(draft) == [DRAFT]


def test_a_second_press_does_nothing(actor):
    drafts, idempotency_key = [DescriptionFactory(), DescriptionFactory()], uuid4()
    first = approve(drafts, actor, idempotency_key=idempotency_key)
    assert approve(drafts, actor, idempotency_key=idempotency_key) == first
    assert ReviewAction.objects.count() == 1
    assert drafts[0].events.count() == 1


def test_what_changed_or_is_before_somebody_else_is_left(actor):
    as_of = timezone.now()
    plain, edited, held, judged = (DescriptionFactory() for _ in range(4))
    Description.objects.update(updated_at=as_of - timedelta(seconds=1))
    Description.objects.filter(pk=edited.pk).update(updated_at=as_of + timedelta(seconds=1))
    description_approve(description=judged, actor=actor)
    ReviewLease.objects.create(
        description=held,
        reviewer=UserFactory(),
        taken_at=as_of,
        until=timezone.now() + timedelta(minutes=5),
    )
    done = approve([plain, edited, held, judged], actor, as_of=as_of)
    assert done == ManyReviewed(judged=1, left=3)
    assert states(plain, edited, held) == [APPROVED, DRAFT, DRAFT]
    with pytest.raises(TransitionRefused, match="None of these"):
        approve([edited, held], actor, as_of=as_of)
    assert ReviewAction.objects.count() == 1


def test_of_two_drafts_of_a_product_the_newest_is_approved(actor):
    product = ProductFactory()
    old, new = (DescriptionFactory(product=product) for _ in range(2))
    assert approve([old, new], actor) == ManyReviewed(judged=1, left=1)
    assert states(old, new) == [SUPERSEDED, APPROVED]


def test_webhooks_are_told_of_each(actor):
    WebhookEndpoint.objects.create(
        owner="x", url="https://x.example/", events=["description.approved"]
    )
    drafts = [DescriptionFactory(), DescriptionFactory()]
    approve(drafts, actor)
    told = set(WebhookDelivery.objects.values_list("subject", flat=True))
    assert told == {draft.product.sku for draft in drafts}


def test_statements_do_not_grow(actor):
    taken = []
    for many in (2, 12):
        drafts = [DescriptionFactory() for _ in range(many)]
        with CaptureQueriesContext(connection) as queries:
            approve(drafts, actor)
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 16


def contradicting(**given):
    return DescriptionFactory(standard="Red shirt.", alt_text="Blue shirt.", **given)


def test_drafts_whose_texts_contradict_one_another_are_left_out_and_named(actor):
    clear, other = DescriptionFactory(), contradicting(product__sku="SH-2")
    assert approve([clear, other], actor) == ManyReviewed(1, left=1, contradicting=["SH-2"])
    assert states(clear, other) == [APPROVED, DRAFT]
    with pytest.raises(TransitionRefused, match=r"^The texts of SH-2 contradict one another\.$"):
        approve([other], actor)


def test_drafts_whose_texts_contradict_one_another_can_be_rejected_together(actor):
    drafts = [contradicting(), contradicting()]
    done = review_many(
        step=ReviewStep.REJECT,
        ids=[draft.pk for draft in drafts],
        actor=actor,
        idempotency_key=uuid4(),
        as_of=timezone.now(),
    )
    assert done == ManyReviewed(judged=2, left=0)
