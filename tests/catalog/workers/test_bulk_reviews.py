"""Steps over more drafts than a request judges: chunk by chunk, stopped, taken back as one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import BulkReviewState, DescriptionState, ReviewStep
from catalog.exceptions import DescriptionRefused, TransitionRefused
from catalog.models import BulkReview, Description, ReviewAction, ReviewLease
from catalog.selectors.review_history import bulk_reviews_shown
from catalog.selectors.review_queue import ReviewQueue, drafts_in
from catalog.services.review import review_undo
from catalog.services.review_many import review_all
from catalog.transitions.description import description_change_text
from catalog.workers import bulk_reviews
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DRAFT, APPROVED, SUPERSEDED, REJECTED = (
    DescriptionState.DRAFT,
    DescriptionState.APPROVED,
    DescriptionState.SUPERSEDED,
    DescriptionState.REJECTED,
)


@pytest.fixture(autouse=True)
def two_products_a_chunk(monkeypatch):
    monkeypatch.setattr(bulk_reviews, "CHUNK", 2)


@pytest.fixture
def actor():
    return UserFactory()


def judge_all(actor, *, step=ReviewStep.APPROVE, queue=None, **more):
    queue = queue or ReviewQueue()
    more = {
        "idempotency_key": uuid4(),
        "as_of": timezone.now(),
        "total": drafts_in(queue).count(),
        **more,
    }
    return review_all(queue=queue, step=step, actor=actor, **more)


def work(chunks=100):
    """What a worker does, until nothing is due or so many chunks are done."""
    return sum(bulk_reviews.bulk_review_run_chunk() for _ in range(chunks))


def states():
    return list(Description.objects.order_by("pk").values_list("state", flat=True))


def test_all_drafts_are_approved_in_chunks_and_taken_back_as_one_step(actor):
    drafts = [DescriptionFactory() for _ in range(5)]
    former = DescriptionFactory(product=drafts[3].product, state=APPROVED, standard="Former.")
    review = judge_all(actor)
    assert (review.total, states()[:5]) == (5, [DRAFT] * 5)
    assert work(chunks=1) == 1
    assert states()[:5] == [APPROVED, APPROVED, DRAFT, DRAFT, DRAFT]
    work()
    assert states() == [APPROVED] * 5 + [SUPERSEDED]
    review.refresh_from_db()
    action = ReviewAction.objects.get()
    assert (review.state, review.left, action.count) == (BulkReviewState.DONE, 0, 5)
    assert str(review) == "5 of 5 texts"

    undone = review_undo(actor=actor, idempotency_key=uuid4())
    assert (undone.descriptions, undone.bulk.state) == ([], BulkReviewState.RUNNING)
    assert states() == [APPROVED] * 5 + [SUPERSEDED]
    work()
    assert states() == [DRAFT] * 5 + [APPROVED]
    former.refresh_from_db()
    assert former.state == APPROVED
    with pytest.raises(TransitionRefused, match="nothing left to undo"):
        review_undo(actor=actor, idempotency_key=uuid4())


def test_an_undo_stops_what_is_still_going_on(actor):
    for _ in range(5):
        DescriptionFactory()
    review = judge_all(actor, step=ReviewStep.REJECT, reason="Wrong colour")
    work(chunks=1)
    assert states() == [REJECTED, REJECTED, DRAFT, DRAFT, DRAFT]
    undone = review_undo(actor=actor, idempotency_key=uuid4())
    review.refresh_from_db()
    assert (review.state, undone.bulk.total) == (BulkReviewState.STOPPED, 2)
    work()
    assert states() == [DRAFT] * 5
    assert set(Description.objects.values_list("rejection_reason", flat=True)) == {""}


def test_of_the_drafts_of_a_product_the_newest_is_approved_wherever_a_chunk_ends(actor):
    product = ProductFactory()
    drafts = [DescriptionFactory(product=product) for _ in range(4)]
    mine = DescriptionFactory(product=product, standard="Mine.", generated_standard="")
    DescriptionFactory()
    judge_all(actor)
    work()
    assert states() == [SUPERSEDED] * 4 + [APPROVED, APPROVED]
    assert {draft.product_id for draft in drafts} == {mine.product_id}


def test_only_what_was_chosen_is_judged(actor):
    shirts = CategoryFactory()
    chosen, out, held, edited = (DescriptionFactory(product__category=shirts) for _ in range(4))
    elsewhere = DescriptionFactory()
    ReviewLease.objects.create(
        description=held,
        reviewer=UserFactory(),
        taken_at=timezone.now(),
        until=timezone.now() + timedelta(minutes=5),
    )
    review = judge_all(actor, queue=ReviewQueue(category=shirts.pk), left_out=[out.pk])
    late = DescriptionFactory(product__category=shirts)
    description_change_text(
        description=edited, actor=None, texts={"standard": "Changed meanwhile."}
    )
    work()
    found = dict(Description.objects.values_list("pk", "state"))
    assert found.pop(chosen.pk) == APPROVED
    assert found == dict.fromkeys([out.pk, held.pk, edited.pk, elsewhere.pk, late.pk], DRAFT)
    review.refresh_from_db()
    assert (review.action.count, review.total, review.left) == (1, 3, 1)


def test_a_second_press_begins_nothing_and_a_long_reason_is_refused(actor):
    DescriptionFactory()
    idempotency_key = uuid4()
    first = judge_all(actor, idempotency_key=idempotency_key)
    assert judge_all(actor, idempotency_key=idempotency_key) == first
    with pytest.raises(DescriptionRefused):
        judge_all(actor, step=ReviewStep.REJECT, reason="x" * 201)
    assert BulkReview.objects.get() == first
    undo = uuid4()
    begun = review_undo(actor=actor, idempotency_key=undo).bulk
    assert review_undo(actor=actor, idempotency_key=undo).bulk == begun


def test_a_worker_that_dies_in_a_chunk_leaves_nothing_of_it(actor, monkeypatch):
    for _ in range(3):
        DescriptionFactory()
    judge_all(actor)

    def die(**_):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(bulk_reviews, "bulk_review_advance", die)
        with pytest.raises(SystemExit), transaction.atomic():
            work(chunks=1)
    assert states() == [DRAFT] * 3
    work()
    assert states() == [APPROVED] * 3
    assert ReviewAction.objects.get().count == 3


def test_the_steps_of_somebody_who_is_gone_end(actor):
    DescriptionFactory()
    review = judge_all(actor)
    actor.delete()
    work()
    review.refresh_from_db()
    assert (review.state, states()) == (BulkReviewState.STOPPED, [DRAFT])


def test_a_chunk_costs_the_same_statements_whatever_is_in_it(actor, monkeypatch):
    taken = []
    monkeypatch.setattr(bulk_reviews, "CHUNK", 100)
    for many in (2, 20):
        for _ in range(many):
            DescriptionFactory()
        judge_all(actor)
        with CaptureQueriesContext(connection) as queries:
            work(chunks=1)
        taken.append(len(queries))
        work()
    assert taken[0] == taken[1] <= 24


def test_a_reviewer_is_shown_their_own_steps_for_a_while(actor):
    DescriptionFactory()
    review = judge_all(actor)
    assert bulk_reviews_shown(UserFactory()) == []
    assert bulk_reviews_shown(actor) == [review]
    work()
    assert bulk_reviews_shown(actor) == [review]
    BulkReview.objects.update(ended_at=timezone.now() - timedelta(minutes=11))
    assert bulk_reviews_shown(actor) == []


def test_drafts_whose_texts_contradict_one_another_are_left_out_and_named(actor):
    for number in range(5):
        alt_text = "Blue shirt." if number % 2 else ""
        DescriptionFactory(product__sku=f"SH-{number}", standard="Red shirt.", alt_text=alt_text)
    review = judge_all(actor)
    work()
    review.refresh_from_db()
    assert states() == [APPROVED, DRAFT, APPROVED, DRAFT, APPROVED]
    assert (review.left, review.contradicting) == (2, ["SH-1", "SH-3"])
