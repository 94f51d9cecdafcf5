"""Each reviewer gets another draft; a lease that ran out, or was given back, is anybody's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import ReviewLease
from catalog.selectors.review_queue import ReviewQueue, drafts_following
from catalog.transitions.review import (
    LEASE,
    review_lease_end,
    review_lease_open,
    review_lease_renew,
    review_lease_take,
)
from tests.factories import DescriptionFactory, UserFactory
from tests.rivals import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def take(reviewer):
    return review_lease_take(candidates=drafts_following(ReviewQueue()), reviewer=reviewer)


def run_out():
    ReviewLease.objects.update(until=timezone.now() - timedelta(seconds=1))


def test_each_reviewer_gets_another_draft_and_their_own_again():
    one, two = DescriptionFactory(confidence=0.1), DescriptionFactory(confidence=0.2)
    ana, ben, cem = UserFactory(), UserFactory(), UserFactory()
    assert take(ana) == take(ana) == one
    assert take(ben) == two
    assert take(cem) is None


def test_a_lease_that_ran_out_is_anybodys():
    draft = DescriptionFactory()
    ana, ben = UserFactory(), UserFactory()
    take(ana)
    run_out()
    before = timezone.now()
    assert take(ben) == draft
    lease = ReviewLease.objects.get()
    assert lease.reviewer == ben
    assert before <= lease.taken_at <= timezone.now()
    assert lease.until - lease.taken_at == LEASE
    assert not review_lease_renew(description_id=draft.pk, reviewer=ana)


def test_renewing_keeps_the_time_of_taking_and_ending_tells_it():
    draft = DescriptionFactory()
    ana = UserFactory()
    take(ana)
    taken_at = ReviewLease.objects.get().taken_at
    assert review_lease_renew(description_id=draft.pk, reviewer=ana)
    take(ana)
    assert review_lease_end(description_ids=[draft.pk], reviewer=ana) == taken_at
    assert review_lease_end(description_ids=[draft.pk], reviewer=ana) is None


def test_a_draft_that_is_opened_by_its_address_is_told_whose_it_is():
    draft = DescriptionFactory()
    ana, ben = UserFactory(), UserFactory()
    assert review_lease_open(description=draft, reviewer=ana).reviewer == ana
    assert review_lease_open(description=draft, reviewer=ben).reviewer == ana
    run_out()
    assert review_lease_open(description=draft, reviewer=ben).reviewer == ben


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_each_their_own():
    drafts = {DescriptionFactory().pk for _ in range(8)}
    reviewers = [UserFactory() for _ in range(8)]
    assert set(at_once(lambda reviewer: take(reviewer).pk, reviewers)) == drafts
