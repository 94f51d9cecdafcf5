"""Pages of the grid by keyset, in both directions and orders."""

import pytest

from catalog.models import SavedView
from catalog.selectors.grid import GridQuery, attribute_names, grid_count, grid_page, saved_views_of
from tests.factories import ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def five():
    return [ProductFactory(sku=sku, brand="Wren" if sku < "D" else "Lark") for sku in "ABCDE"]


def page(**asked):
    found = grid_page(GridQuery(**asked), rows=2)
    skus = "".join(product.sku for product in found.products)
    return skus, found.next_after, found.previous_before


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ("AB", "B", "")),
        ({"after": "B"}, ("CD", "D", "C")),
        ({"after": "D"}, ("E", "", "E")),
        ({"after": "E"}, ("", "", "")),
        ({"before": "C"}, ("AB", "B", "")),
        ({"before": "E"}, ("CD", "D", "C")),
        ({"is_falling": True}, ("ED", "D", "")),
        ({"is_falling": True, "after": "D"}, ("CB", "B", "C")),
        ({"is_falling": True, "before": "C"}, ("ED", "D", "")),
        ({"filters": {"brand": "wren"}, "after": "B"}, ("C", "", "C")),
    ],
)
def test_a_page(five, asked, expected):
    assert page(**asked) == expected


def test_a_page_costs_one_query_wherever_it_begins(five, django_assert_num_queries):
    with django_assert_num_queries(1):
        page(after="C")


def test_attributes_are_offered_by_how_many_have_them():
    ProductFactory(attributes={"Fabric": "wool", "Sleeve": "long"})
    ProductFactory(attributes={"Sleeve": "short"})
    assert attribute_names() == ["Sleeve", "Fabric"]


def test_a_person_sees_own_views_and_shared_ones():
    ada, bo = UserFactory(), UserFactory()
    SavedView.objects.create(owner=ada, name="Mine")
    SavedView.objects.create(owner=bo, name="Ours", is_shared=True)
    SavedView.objects.create(owner=bo, name="His")
    assert [view.name for view in saved_views_of(ada)] == ["Mine", "Ours"]


def test_counting_stops(five, monkeypatch):
    assert grid_count(GridQuery(filters={"brand": "Wren"})) == 3
    monkeypatch.setattr("catalog.selectors.grid.MOST_COUNTED", 3)
    assert grid_count(GridQuery()) == 4
