"""What waits for a person."""

import pytest

from catalog.choices import DescriptionState
from catalog.selectors.descriptions import descriptions_awaiting_review
from tests.factories import DescriptionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_drafts_with_the_most_doubtful_first_and_hand_written_last(django_assert_num_queries):
    sure, doubtful = (DescriptionFactory(confidence=value) for value in (0.9, 0.2))
    by_hand = DescriptionFactory(confidence=None)
    for state in set(DescriptionState.values) - {DescriptionState.DRAFT}:
        DescriptionFactory(state=state, confidence=0.1)

    with django_assert_num_queries(1):
        found = list(descriptions_awaiting_review())
        assert [str(text.product.sku) for text in found]
    assert found == [doubtful, sure, by_hand]
