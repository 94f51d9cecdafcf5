"""Cleaning what shops type."""

import time

import pytest

from moda_engine.brief.plain_text import LONGEST_TEXT, brand_places, is_fact, plain_text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<p>Blue</p><p>shirt</p>", "Blue\nshirt"),
        ("<li>One<li>Two", "One\nTwo"),
        ("a < b > c", "a < b > c"),
        ("Tom &amp;amp; Co&nbsp;Ltd", "Tom & Co Ltd"),
        ("cap<style>.red{}</style> one <script>x", "cap one"),
        ("call +49 (170) 123-4567 now", "call now"),
        ("only Rs. 999/- or 12,50 EUR", "only or"),
        ("£0A, a brand", "£0A, a brand"),
        ("see https://shop.example/red or me@shop.example", "see or"),
        ("size 38, 501 jeans, 2025", "size 38, 501 jeans, 2025"),
        ("half \ud800 pair\x00 end", "half pair end"),
        ("x" * 30_000, "x" * LONGEST_TEXT),
        ("<" * 30_000, "<" * LONGEST_TEXT),
    ],
    ids=lambda value: value[:20].encode("ascii", "replace").decode(),
)
def test_text_as_a_person_reads_it(typed, read):
    assert plain_text(typed) == read


@pytest.mark.parametrize(
    "value", ["", "-", "N/A", "none", "see chart", "Refer size chart", "as per image", "Unknown."]
)
def test_what_is_no_fact(value):
    assert not is_fact(value)


@pytest.mark.parametrize("value", ["Check", "No Sleeves", "Cotton", "100% wool", "Nilgiri silk"])
def test_what_is_a_fact(value):
    assert is_fact(value)


@pytest.mark.parametrize(
    ("text", "brand", "places"),
    [
        ("White top", "White", [(0, 5)]),
        ("White White top", "White", [(0, 5)]),
        ("White top by White", "White", [(13, 18)]),
        ("Red-Tape shoes, red  tape", "Red Tape", [(0, 8), (16, 25)]),
        ("Whiteness", "White", []),
        ("a (b) c", "(b)", [(2, 5)]),
        ("anything", " ", []),
        ("a - b", "-", []),
    ],
)
def test_where_a_brand_stands(text, brand, places):
    assert brand_places(text, brand) == places


@pytest.mark.parametrize("typed", ["1.", "1 ", "1", "a@", "<a ", "www.", "<script>", "&amp;", "$1"])
def test_no_text_takes_long(typed):
    start = time.process_time()
    plain_text(typed * 20_000)
    assert time.process_time() - start < 2
