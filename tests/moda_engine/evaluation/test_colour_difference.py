import pytest

from moda_engine.evaluation.colour_difference import REFERENCES, cielab, colour_difference
from moda_engine.language.vocabulary import COLOURS


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", (100, 0, 0)),
        ("#000000", (0, 0, 0)),
        # sRGB's primaries under D50, as ICC profiles have it.
        ("#ff0000", (54.3, 80.8, 69.9)),
        ("#0000ff", (29.6, 68.3, -112.0)),
    ],
)
def test_values_of_known_colours(colour, expected):
    assert cielab(colour) == pytest.approx(expected, abs=1.0)


def test_near_colours_are_nearer_than_others():
    navy, red = colour_difference("Navy Blue", "Black"), colour_difference("Red", "Black")
    assert navy == pytest.approx(13.6, abs=1.0)
    assert red == pytest.approx(64, abs=2.0)
    assert colour_difference("Black", "Navy Blue") == navy
    assert colour_difference("Red", "Red") == 0


def test_a_label_that_is_no_one_colour_has_no_distance():
    assert colour_difference("Multi", "Red") is None
    assert set(REFERENCES) < set(COLOURS)
