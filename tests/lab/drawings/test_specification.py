"""Labels are checked, and random drawings keep what they were given."""

import random

import pytest

from lab.drawings import (
    COLOURS,
    PATTERNS,
    PRODUCT_TYPES,
    DrawingSpecification,
    random_specification,
)


def test_given_labels_are_kept() -> None:
    specification = random_specification(random.Random(1), "Shirts", "Maroon", "Checked")
    assert specification.product_type == "Shirts"
    assert specification.colour == "Maroon"
    assert specification.pattern == "Checked"
    assert specification.second_colour in COLOURS
    assert specification.second_colour != "Maroon"
    assert specification.details["closure"] == "Buttoned"


def test_solid_products_have_no_second_colour() -> None:
    assert random_specification(random.Random(2), pattern="Solid").second_colour is None


def test_equal_generators_give_equal_specifications() -> None:
    first = [random_specification(random.Random(seed)) for seed in range(20)]
    second = [random_specification(random.Random(seed)) for seed in range(20)]
    assert first == second
    assert len({item.seed for item in first}) == 20


def test_random_choice_reaches_every_label() -> None:
    generator = random.Random(3)
    drawn = [random_specification(generator) for _ in range(600)]
    assert {item.product_type for item in drawn} == set(PRODUCT_TYPES)
    assert {item.colour for item in drawn} == set(COLOURS)
    assert {item.pattern for item in drawn} == set(PATTERNS)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"product_type": "Hats"}, "Sports Shoes"),
        ({"colour": "Teal"}, "Navy Blue"),
        ({"pattern": "Paisley"}, "Checked"),
    ],
)
def test_unknown_labels_are_refused(arguments: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        random_specification(random.Random(4), **arguments)


@pytest.mark.parametrize(
    "specification",
    [
        {"product_type": "Hats", "colour": "Red"},
        {"product_type": "Caps", "colour": "Teal"},
        {"product_type": "Caps", "colour": "Red", "second_colour": "Teal"},
        {"product_type": "Caps", "colour": "Red", "details": {"neck": "V-Neck"}},
        {"product_type": "Caps", "colour": "Red", "details": {"peak": "Round Peak"}},
    ],
)
def test_a_specification_with_unknown_labels_cannot_be_made(
    specification: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        DrawingSpecification(**specification)  # type: ignore[arg-type]
