"""The queue of drafts: what it holds, its orders, what follows, the counts, similar photos."""

import json
from collections import OrderedDict

import pytest

from catalog.choices import DescriptionState, ReviewCheck, ReviewOrder
from catalog.models import Description
from catalog.selectors import review_queue as counting
from catalog.selectors.review_queue import (
    ReviewQueue,
    drafts_following,
    drafts_in,
    drafts_ordered,
    drafts_with_similar_photos,
    queue_counts,
)
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def draft(**given):
    return DescriptionFactory(**given)


@pytest.fixture
def drafts():
    """Six drafts, no two alike in what orders and filters look at, and one that is approved."""
    shirts, shoes = CategoryFactory(), CategoryFactory()
    photos = [ProductImageFactory(perceptual_hash=one) for one in ("b" * 16, "a" * 16, "b" * 16)]
    made = [
        draft(confidence=0.5, product=ProductFactory(category=shoes, sku="F")),
        draft(confidence=None, product=ProductFactory(category=shirts, sku="E")),
        draft(confidence=0.2, product=ProductFactory(sku="D")),
        *(
            draft(confidence=confidence, product=photo.product, image=photo)
            for confidence, photo in zip((0.9, 0.5, 0.1), photos, strict=True)
        ),
    ]
    draft(confidence=0.0, state=DescriptionState.APPROVED)
    return made


def walk(queue, start=None, **way):
    """All drafts, one after the other, each from where the one before it stands."""
    found, here = [], start
    while len(found) < 20:
        here = next(row for rows in drafts_following(queue, here, **way) if (row := rows.first()))
        if here in found:
            break
        found.append(here)
    return found


@pytest.mark.parametrize("order", ReviewOrder.values)
def test_what_follows_is_the_order_of_the_list_and_its_end_leads_to_its_beginning(drafts, order):
    queue = ReviewQueue(order=ReviewOrder(order))
    listed = list(drafts_ordered(queue))

    assert len(listed) == 6
    assert walk(queue) == listed
    assert walk(queue, listed[3]) == [*listed[4:], *listed[:4]]
    assert walk(queue, backwards=True) == listed[::-1]


def test_the_orders(drafts):
    first, second, third, fourth, fifth, sixth = drafts

    def listed(order):
        return list(drafts_ordered(ReviewQueue(order=order)))

    assert listed(ReviewOrder.DOUBT) == [sixth, third, first, fifth, fourth, second]
    assert listed(ReviewOrder.NEWEST) == drafts[::-1]
    assert listed(ReviewOrder.CATEGORY)[:3] == [second, first, third]
    assert listed(ReviewOrder.SIMILAR) == [fifth, fourth, sixth, first, second, third]


def test_where_the_one_before_was_deleted_or_reviewed_the_next_is_still_found(drafts):
    queue = ReviewQueue()
    here = drafts[2]
    Description.objects.filter(pk=here.pk).update(state=DescriptionState.APPROVED)
    assert next(drafts_following(queue, here)).first() == drafts[0]
    here.delete()
    here.pk = drafts[2].pk
    assert next(drafts_following(queue, None)).first() == drafts[5]


def test_the_filters(drafts):
    version = ModelVersionFactory()
    item = DescriptionJobItemFactory()
    Description.objects.filter(pk=drafts[3].pk).update(model_version=version, job_item=item)
    category = drafts[0].product.category_id

    def found(**wanted):
        return set(drafts_in(ReviewQueue(**wanted)))

    assert found(category=category) == {drafts[0]}
    assert found(job=item.job_id) == found(model_version=version.pk) == {drafts[3]}
    assert found(least=0.5) == {drafts[0], drafts[3], drafts[4]}
    assert found(least=0.2, most=0.5) == {drafts[0], drafts[2], drafts[4]}
    assert found(perceptual_hash="a" * 16) == {drafts[4]}
    assert found(job=item.job_id, most=0.5) == set()


def test_counts_beside_a_filter_say_what_the_filter_would_show(drafts, django_assert_num_queries):
    category = drafts[0].product.category_id
    with django_assert_num_queries(6):
        counts = queue_counts(ReviewQueue(category=category, most=0.5))
    assert counts.total == 1
    assert counts.categories == {category: 1, None: 3}
    assert counts.jobs == {None: 1}
    assert counts.checks == {ReviewCheck.CONTRADICTS: 0, ReviewCheck.DISAGREES: 0}


def test_drafts_by_what_is_wrong_with_them(drafts):
    contradicts, disagrees = ReviewCheck.CONTRADICTS, ReviewCheck.DISAGREES
    Description.objects.filter(pk=drafts[0].pk).update(contradictions=2, photo_disagrees=True)
    Description.objects.filter(pk=drafts[2].pk).update(contradictions=1)
    assert set(drafts_in(ReviewQueue(check=contradicts))) == {drafts[0], drafts[2]}
    assert set(drafts_in(ReviewQueue(check=disagrees))) == {drafts[0]}
    queue = ReviewQueue(check=disagrees, least=0.1)
    assert ReviewQueue.from_json(json.loads(json.dumps(queue.as_json()))) == queue
    assert queue_counts(queue).checks == {contradicts: 2, disagrees: 1}
    assert queue_counts(ReviewQueue(category=drafts[0].product.category_id)).checks == {
        contradicts: 1,
        disagrees: 1,
    }


def test_a_long_queue_is_counted_once_a_minute(drafts, monkeypatch):
    monkeypatch.setattr(counting, "COUNTED_AFRESH", 3)
    monkeypatch.setattr(counting, "_kept", OrderedDict())
    first = queue_counts(ReviewQueue())
    assert first.total == 6
    Description.objects.filter(pk=drafts[0].pk).update(state=DescriptionState.REJECTED)
    assert queue_counts(ReviewQueue()) is first
    assert queue_counts(ReviewQueue(order=ReviewOrder.NEWEST)).total == 5
    monkeypatch.setattr(counting, "KEPT_SECONDS", 0.0)
    assert queue_counts(ReviewQueue()).total == 5


def test_similar_photos_are_drafts_of_photos_with_the_same_hash(drafts):
    assert list(drafts_with_similar_photos(drafts[3])) == [drafts[5]]
    assert list(drafts_with_similar_photos(drafts[0])) == []
