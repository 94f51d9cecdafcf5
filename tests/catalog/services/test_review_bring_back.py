"""A draft that a newer one replaced comes back once the newer one is rejected."""

from uuid import uuid4

import pytest

from catalog.choices import DescriptionState, ReviewStep
from catalog.exceptions import TransitionRefused
from catalog.models import Description
from catalog.selectors.review_history import draft_replaced_by
from catalog.services.review import (
    review_approve,
    review_bring_back,
    review_reject,
    review_undo,
)
from catalog.transitions.drafts import drafts_create, drafts_supersede_untouched
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def ana():
    return UserFactory(username="ana")


def described(product, standard):
    """A new draft of the model, which replaces untouched ones as a worker does it."""
    drafts_supersede_untouched(product_ids=[product.pk], language="en")
    draft = Description(product=product, standard=standard)
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    return draft


@pytest.fixture
def versions():
    product = ProductFactory()
    return [described(product, f"Text {number}.") for number in range(3)]


def reject(draft, actor):
    review_reject(
        description=draft,
        actor=actor,
        idempotency_key=uuid4(),
        seen=draft.updated_at.isoformat(),
        reason="",
    )
    draft.refresh_from_db()


def bring_back(draft, actor):
    return review_bring_back(description=draft, actor=actor, idempotency_key=uuid4())


def states(*drafts):
    found = Description.objects.in_bulk([draft.pk for draft in drafts])
    return [found[draft.pk].state for draft in drafts]


def test_the_replaced_draft_comes_back_and_goes_again_by_undo(versions, ana):
    reject(versions[2], ana)
    assert draft_replaced_by(versions[2]) == versions[1]
    action = bring_back(versions[1], ana)
    assert states(*versions) == ["superseded", "draft", "rejected"]
    assert (action.step, action.count) == (ReviewStep.BRING_BACK, 1)
    event = action.events.get()
    assert (event.action, event.actor) == ("reopened", ana)

    review_undo(actor=ana, idempotency_key=uuid4())
    assert states(*versions) == ["superseded", "superseded", "rejected"]
    review_undo(actor=ana, idempotency_key=uuid4())
    assert states(*versions) == ["superseded", "superseded", "draft"]


def test_the_one_before_follows_when_that_is_rejected_too(versions, ana):
    reject(versions[2], ana)
    bring_back(versions[1], ana)
    versions[1].refresh_from_db()
    reject(versions[1], ana)
    assert draft_replaced_by(versions[1]) == versions[0]


def test_nothing_comes_back_while_another_draft_of_the_model_waits(versions, ana):
    reject(versions[2], ana)
    newer = described(versions[0].product, "Text 3.")
    assert draft_replaced_by(versions[2]) is None
    with pytest.raises(TransitionRefused, match="Another draft waits in its place"):
        bring_back(versions[1], ana)
    assert states(*versions, newer) == ["superseded", "superseded", "rejected", "draft"]


def test_a_draft_in_a_persons_words_does_not_stand_in_the_way(versions, ana):
    reject(versions[2], ana)
    DescriptionFactory(product=versions[0].product, standard="Mine.", created_by=ana)
    bring_back(versions[1], ana)
    assert states(versions[1]) == [DescriptionState.DRAFT]


def test_what_an_approval_replaced_is_not_offered(ana):
    product = ProductFactory()
    former = described(product, "Text 0.")
    mine = DescriptionFactory(product=product, standard="Mine.", created_by=ana)
    review_approve(
        description=mine,
        actor=ana,
        idempotency_key=uuid4(),
        seen=mine.updated_at.isoformat(),
        texts={"standard": "Mine.", "alt_text": "", "detailed": ""},
    )
    assert states(former) == [DescriptionState.SUPERSEDED]
    rejected = described(product, "Text 1.")
    reject(rejected, ana)
    assert draft_replaced_by(rejected) is None


@pytest.mark.parametrize("state", ["approved", "rejected", "withdrawn", "draft"])
def test_only_a_superseded_text_comes_back(ana, state):
    text = DescriptionFactory(state=state)
    with pytest.raises(TransitionRefused, match="it has to be superseded"):
        bring_back(text, ana)
    assert states(text) == [state]
