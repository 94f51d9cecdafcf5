"""Whether a photo shows another item than the catalog names."""

import pytest

from moda_engine.brief.another_item import ANOTHER_ITEM_FROM, TYPE_FAMILIES, another_item
from moda_engine.brief.claims import Brief, Claim, Seen
from moda_engine.language.vocabulary import PRODUCT_TYPES


def brief(value, seen, source="catalog"):
    claims = (Claim("product_type", value, source, 1.0, "title"),) if value else ()
    return Brief(claims, probabilities={"product_type": seen})


@pytest.mark.parametrize(
    ("known", "seen", "found"),
    [
        ("Trousers", {"Dresses": 0.9, "Trousers": 0.05}, ("Dresses", 0.9)),
        # What is unlike it counts together, and the likeliest is named.
        ("Trousers", {"Dresses": 0.4, "Tops": 0.35, "Jeans": 0.2}, ("Dresses", 0.75)),
        # A photo seldom tells a dress from a kurta, or a top from a T-shirt.
        ("Dresses", {"Kurtas": 0.95}, None),
        ("Tops", {"Tshirts": 0.99}, None),
        ("Trousers", {"Trousers": 0.99}, None),
        ("Trousers", {"Dresses": ANOTHER_ITEM_FROM - 0.01}, None),
        ("Trousers", {}, None),
        (None, {"Dresses": 0.99}, None),
    ],
)
def test_what_the_photo_shows_in_the_place_of_the_known_type(known, seen, found):
    assert another_item(brief(known, seen)) == (found and Seen(found[0], pytest.approx(found[1])))


def test_a_type_that_only_the_photo_tells_is_denied_by_nobody():
    assert another_item(brief("Trousers", {"Dresses": 0.99}, source="photo")) is None


def test_after_storage_it_is_the_same():
    whole = brief("Trousers", {"Dresses": 0.6, "Tops": 0.2, "Shirts": 0.15, "Trousers": 0.05})
    stored = Brief.from_json(whole.to_json())
    assert another_item(stored) == another_item(whole) == Seen("Dresses", pytest.approx(0.95))


def test_families_name_types_that_exist():
    assert set().union(*TYPE_FAMILIES) <= PRODUCT_TYPES.keys()
