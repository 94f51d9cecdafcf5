"""Drawings are repeatable, complete, clean at the corners, and of the colour they claim."""

import random
import subprocess
import sys

import numpy as np
import pytest

from lab.drawings import COLOURS, PRODUCT_TYPES, draw, random_specification
from lab.drawings.colours import ANCHORS, Colour, anchor, distance, jittered
from lab.drawings.specification import DETAIL_LABELS, DrawingSpecification


def nearest_label(colour: Colour) -> str:
    """The label whose anchor looks most like this colour."""
    return min(COLOURS, key=lambda label: distance(anchor(label), colour))


def pixels(specification: DrawingSpecification, size: int = 64) -> np.ndarray:
    return np.asarray(draw(specification, size)).astype(np.int16)


def test_the_same_specification_gives_the_same_bytes() -> None:
    for product_type in ("Shirts", "Dresses", "Sandals", "Handbags"):
        specification = random_specification(random.Random(5), product_type, pattern="Checked")
        assert draw(specification, 32).tobytes() == draw(specification, 32).tobytes()


def test_another_seed_gives_another_picture() -> None:
    first = DrawingSpecification("Tshirts", "Red", seed=1)
    second = DrawingSpecification("Tshirts", "Red", seed=2)
    assert draw(first, 48).tobytes() != draw(second, 48).tobytes()


@pytest.mark.parametrize("product_type", PRODUCT_TYPES)
def test_every_type_and_colour_draws_on_white(product_type: str) -> None:
    generator = random.Random(f"pictures of {product_type}")
    for colour in COLOURS:
        picture = pixels(random_specification(generator, product_type, colour), 32)
        covered = float((picture.min(axis=2) < 249).mean())
        assert 0.1 < covered < 0.75, (product_type, colour, covered)
        corners = picture[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert corners.min() >= 253, (product_type, colour)


@pytest.mark.parametrize("product_type", PRODUCT_TYPES)
def test_every_detail_label_draws(product_type: str) -> None:
    for name, labels in DETAIL_LABELS[product_type].items():
        for label in labels:
            specification = DrawingSpecification(product_type, "Blue", details={name: label})
            assert pixels(specification, 16).min() < 200, (name, label)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_dominant_colour_is_the_one_claimed(colour: str) -> None:
    for seed, product_type in enumerate(("Trousers", "Handbags")):
        picture = pixels(DrawingSpecification(product_type, colour, seed=seed), 48)
        item = picture[picture.min(axis=2) < 249]
        red, green, blue = (float(value) / 255 for value in np.median(item, axis=0))
        assert nearest_label((red, green, blue)) == colour, (product_type, red, green, blue)


@pytest.mark.parametrize("colour", COLOURS)
def test_jitter_stays_in_the_colour_family(colour: str) -> None:
    dice = random.Random(6)
    for _ in range(50):
        assert nearest_label(jittered(colour, dice)) == colour


def test_anchors_are_their_own_nearest_label() -> None:
    assert [nearest_label(anchor(label)) for label in ANCHORS] == list(ANCHORS)


def test_white_items_can_be_seen_on_white() -> None:
    picture = pixels(DrawingSpecification("Tshirts", "White", seed=3), 96)
    assert float((picture.min(axis=2) < 225).mean()) > 0.02


def test_a_pattern_shows_its_second_colour() -> None:
    solid = DrawingSpecification("Tshirts", "Navy Blue", "Solid", seed=8)
    striped = DrawingSpecification("Tshirts", "Navy Blue", "Striped", "Yellow", seed=8)

    def yellow_share(specification: DrawingSpecification) -> float:
        picture = pixels(specification, 96)
        return float(((picture[..., 0] > 150) & (picture[..., 2] < 110)).mean())

    assert yellow_share(solid) < 0.002
    assert 0.03 < yellow_share(striped) < 0.25


def test_portrait_is_three_to_four() -> None:
    picture = draw(DrawingSpecification("Dresses", "Green"), 64, portrait=True)
    assert (picture.size, picture.mode) == ((48, 64), "RGB")


def test_a_tiny_size_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        draw(DrawingSpecification("Caps", "Red"), 8)


def test_no_heavy_library_is_imported() -> None:
    program = (
        "import sys, lab.drawings\n"
        "print(sorted({'torch', 'transformers', 'django'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
