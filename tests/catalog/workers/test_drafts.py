"""What the model wrote becomes a draft, and overwrites nothing that a person wrote."""

from uuid import uuid4

import pytest

from catalog.choices import DescriptionState, JobItemState
from catalog.engine.describe import GeneratedText
from catalog.exceptions import LeaseLost
from catalog.models import Description, DescriptionEvent
from catalog.transitions.description import description_approve
from catalog.workers.drafts import draft_save
from catalog.workers.lease import lease_take
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TEXT = GeneratedText(standard="Blue skirt.", alt_text="Skirt", detailed="Long.", confidence=0.75)


@pytest.fixture
def lease(version):
    DescriptionJobItemFactory(job=DescriptionJobFactory(options={"max_new_tokens": 9}))
    return lease_take(limit=1)


def save(lease):
    return draft_save(item=lease.items[0], token=lease.token, text=TEXT)


def states(product):
    return dict(product.descriptions.values_list("pk", "state"))


def test_the_draft_says_where_it_comes_from(lease, version):
    item = lease.items[0]
    draft = Description.objects.get(pk=save(lease).pk)
    item.refresh_from_db()
    assert item.state == JobItemState.DONE
    assert draft.state == DescriptionState.DRAFT
    assert (draft.product, draft.image, draft.job_item) == (item.product, item.image, item)
    assert (draft.standard, draft.alt_text, draft.detailed) == ("Blue skirt.", "Skirt", "Long.")
    assert draft.generated_standard == "Blue skirt."
    assert (draft.model_version, draft.confidence) == (version, 0.75)
    assert (draft.language, draft.options) == ("en", {"max_new_tokens": 9})
    assert draft.created_by is None


def test_an_untouched_draft_makes_way(lease):
    product = lease.items[0].product
    former = DescriptionFactory(product=product)
    draft = save(lease)
    assert states(product) == {
        former.pk: DescriptionState.SUPERSEDED,
        draft.pk: DescriptionState.DRAFT,
    }
    event = DescriptionEvent.objects.get(description=former)
    assert (event.action, event.actor) == ("superseded", None)


@pytest.mark.parametrize(
    "touched",
    [
        {"standard": "A person's words."},
        {"alt_text": "A person's words."},
        {"detailed": "A person's words."},
        {"generated_standard": ""},
        {"language": "de"},
    ],
    ids=["text", "alt text", "detailed", "written by hand", "other language"],
)
def test_what_a_person_wrote_stays(lease, touched):
    product = lease.items[0].product
    former = DescriptionFactory(product=product, **touched)
    before = Description.objects.filter(pk=former.pk).values().get()
    draft = save(lease)
    assert Description.objects.filter(pk=former.pk).values().get() == before
    assert states(product)[draft.pk] == DescriptionState.DRAFT


def test_a_draft_made_by_a_person_stays_even_in_the_machines_words(lease):
    former = DescriptionFactory(product=lease.items[0].product, created_by=UserFactory())
    save(lease)
    former.refresh_from_db()
    assert former.state == DescriptionState.DRAFT


def test_the_approved_text_stays_approved(lease):
    former = DescriptionFactory(product=lease.items[0].product)
    description_approve(description=former, actor=UserFactory())
    save(lease)
    former.refresh_from_db()
    assert former.state == DescriptionState.APPROVED


def test_a_worker_without_the_lease_writes_nothing(lease):
    item = lease.items[0]
    former = DescriptionFactory(product=item.product)
    with pytest.raises(LeaseLost):
        draft_save(item=item, token=uuid4(), text=TEXT)
    item.refresh_from_db()
    assert item.state == JobItemState.LEASED
    assert states(item.product) == {former.pk: DescriptionState.DRAFT}


def test_a_draft_that_cannot_be_written_leaves_the_item_open(lease):
    # A second draft of one item is refused by the database; the item's end goes back with it.
    item = lease.items[0]
    DescriptionFactory(product=item.product, job_item=item)
    with pytest.raises(Exception, match="job_item_id"):
        save(lease)
    item.refresh_from_db()
    assert item.state == JobItemState.LEASED
