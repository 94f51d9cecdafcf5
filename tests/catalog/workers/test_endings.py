"""What the model wrote becomes a draft, and overwrites nothing that a person wrote."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import DescriptionState, JobItemState, JobState
from catalog.engine.describe import GeneratedText
from catalog.models import Description, DescriptionEvent, DescriptionJobItem
from catalog.selectors.jobs import job_progress
from catalog.transitions.description import description_approve
from catalog.workers.endings import Described, endings_write
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


def save(lease, lost=0):
    """Write the one text; returns the draft, or None where the item was `lost`."""
    described = [Described(item, TEXT, {"title": "Skirt"}, item.image_id) for item in lease.items]
    assert endings_write(lease=lease, endings=described) == lost
    return Description.objects.filter(job_item=lease.items[0]).first()


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
    assert (draft.known, draft.facts) == ({"title": "Skirt"}, "")
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
    stale = replace(lease, token=uuid4())
    assert save(stale, lost=1) is None
    item.refresh_from_db()
    assert item.state == JobItemState.LEASED
    assert states(item.product) == {former.pk: DescriptionState.DRAFT}


def test_of_a_batch_only_what_is_still_held_is_written(version):
    job = DescriptionJobFactory()
    for _ in range(3):
        DescriptionJobItemFactory(job=job)
    lease = lease_take(limit=3)
    gone = lease.items[1]
    DescriptionJobItem.objects.filter(pk=gone.pk).update(lease_token=uuid4())
    save(lease, lost=1)
    assert list(job.items.order_by("pk").values_list("state", flat=True)) == [
        "done",
        "leased",
        "done",
    ]
    assert not Description.objects.filter(job_item=gone).exists()
    assert job_progress(job).done == 2


def test_a_text_that_the_database_refuses_fails_its_own_item_alone(version):
    job = DescriptionJobFactory()
    for _ in range(3):
        DescriptionJobItemFactory(job=job)
    lease = lease_take(limit=3)
    # A second draft of one item is refused by the database.
    DescriptionFactory(product=lease.items[1].product, job_item=lease.items[1])
    save(lease)
    rows = list(job.items.order_by("pk").values_list("state", "failure_reason"))
    assert rows == [("done", ""), ("failed", "model_error"), ("done", "")]
    assert Description.objects.count() == 3


def test_a_batch_is_written_with_as_many_queries_as_a_photo(version):
    job = DescriptionJobFactory(state=JobState.RUNNING, started_at=timezone.now())
    for _ in range(12):
        DescriptionJobItemFactory(job=job)
    with CaptureQueriesContext(connection) as of_one:
        save(lease_take(limit=1))
    with CaptureQueriesContext(connection) as of_ten:
        save(lease_take(limit=10))
    assert len(of_ten) == len(of_one)


def test_an_english_and_a_german_draft_of_one_product_both_stay(version):
    """Whatever was leased together: a draft makes way for one in its own language alone."""
    english = DescriptionFactory(language="en")
    german = DescriptionFactory(product=english.product, language="de")
    for language in ("en", "de"):
        DescriptionJobItemFactory(job__language=language, product=english.product)
    while (lease := lease_take(limit=16)) is not None:
        save(lease)
    rows = english.product.descriptions.order_by("pk").values_list("language", "state")
    assert list(rows) == [
        ("en", "superseded"),
        ("de", "superseded"),
        ("en", "draft"),
        ("de", "draft"),
    ]
    assert {english.pk, german.pk} < set(states(english.product))
