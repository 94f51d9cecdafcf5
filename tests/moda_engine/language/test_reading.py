import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import StatedLabels, read
from moda_engine.language.vocabulary import (
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
)
from moda_engine.language.writing import sentence


def test_every_type_is_read_again_with_every_usage_and_wearer():
    for product_type, usage, gender in product(PRODUCT_TYPES, USAGES, GENDERS):
        if (product_type, usage) == ("Sandals", "Sports"):
            continue  # "sports sandals" are a type of their own: two labels, one phrase
        stated = read(sentence(ItemLabels(product_type, None, gender, usage)))
        read_again = (stated.product_types, stated.usages, stated.genders)
        assert read_again == ({product_type}, {usage}, {gender})


def test_all_details_at_once_are_read_again():
    for labels in product(*DETAILS.values()):
        details = dict(zip(DETAILS, labels, strict=True))
        stated = read(sentence(ItemLabels("Boots", details=details)))
        assert stated.details == set(details.items())


def test_a_long_text_is_read_in_linear_time():
    """Ten thousand words in a moment: model output may never end."""
    text = "not a blue shirt, or a red one and " * 1_000
    started = time.process_time()
    assert read(text).colours == frozenset()
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ["", " ", "...", "–", "'", "日本語", "\x00", "-", "a" * 10_000])
def test_a_text_that_states_nothing(text):
    none: frozenset[str] = frozenset()
    assert read(text) == StatedLabels(none, none, none, none, none, frozenset())


@given(
    product_type=st.sampled_from(sorted(PRODUCT_TYPES)),
    colours=st.lists(st.sampled_from(sorted(COLOURS)), min_size=1, max_size=2, unique=True),
    gender=st.sampled_from(sorted(GENDERS)),
    usage=st.sampled_from(sorted(USAGES)),
    pattern=st.sampled_from(sorted(PATTERNS)),
    sleeves=st.sampled_from(sorted(DETAILS["sleeves"])),
    neck=st.sampled_from(sorted(DETAILS["neck"])),
)
def test_what_was_written_is_read_again(
    product_type, colours, gender, usage, pattern, sleeves, neck
):
    details = {"sleeves": sleeves, "neck": neck}
    labels = ItemLabels(product_type, "/".join(colours), gender, usage, pattern, details)
    if usage == "Sports" and product_type == "Sandals":
        return  # "sports sandals" are a type of their own: two labels, one phrase
    stated = read(sentence(labels))
    assert stated.product_types == {product_type}
    assert stated.colours == set(colours)
    assert stated.genders == {gender}
    assert stated.usages == {usage}
    assert stated.patterns == {pattern}
    assert stated.details == set(details.items())
