"""What is wrong with a text, by words and brief alone."""

import pytest

from moda_engine.brief.claims import Brief, Claim
from moda_engine.describing.description import Description
from moda_engine.evaluation.faults import faults_of, left_unsaid, words_of_briefs

BRIEF = Brief(
    (
        Claim("product_type", "Tshirts", "catalog", 1.0, "title"),
        Claim("colour", "Navy Blue", "catalog", 1.0, "colour"),
        Claim("gender", "Men", "photo", 0.9),
        Claim("brand", "Blue Harbour", "catalog", 1.0, "brand"),
    )
)
WORDS = words_of_briefs([BRIEF])


def faults(text, **more):
    return set(faults_of(Description(text, 0.9, "float32", BRIEF, **more), WORDS))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Navy blue T-shirt by Blue Harbour for men.", set()),
        # What only the photo shows may be left out.
        ("A navy blue T-shirt by Blue Harbour.", set()),
        # A colour before a brand that begins with it is no word twice.
        ("This T-shirt in navy blue Blue Harbour style.", set()),
        ("Navy blue T-shirt by Blue Harbour for for men.", {"mangled"}),
        ("Navy blue T-shirt by Blue Harbour with a Fitting.", {"mangled", "unknown_words"}),
        ("", {"mangled", "unsaid", "no_noun"}),
        ("Navy blue T-shirt by Blue Harbour for byiners.", {"unknown_words"}),
        ("Navy blue T-shirt for men.", {"unsaid"}),
        ("Navy blue, by Blue Harbour, for men.", {"no_noun", "unsaid"}),
        ("Black T-shirt by Blue Harbour.", {"contradicted", "unsaid"}),
        ("Navy blue striped T-shirt by Blue Harbour.", {"contradicted"}),
    ],
)
def test_each_fault_is_found_alone(text, found):
    assert faults(text) == found


def test_a_text_that_could_not_stand_says_so():
    assert faults("Navy blue T-shirt by Blue Harbour.", replaced=True) == {"replaced"}


def test_a_photo_of_no_item_has_no_text_and_no_fault():
    described = Description("", 0.0, "float32", Brief(recognised=False, reason="No item."))
    assert faults_of(described, WORDS) == frozenset()


def test_what_people_mostly_leave_unsaid_may_stay_so():
    texts = ["Navy blue T-shirt for men."] * 3 + ["Navy blue T-shirt by Blue Harbour for men."] * 2
    optional = left_unsaid(texts, [BRIEF] * 5)
    assert optional == {"brand"}
    assert left_unsaid(texts[:2], [BRIEF] * 2) == frozenset()
    described = Description("Navy blue T-shirt for men.", 0.9, "float32", BRIEF)
    assert faults_of(described, WORDS, optional) == frozenset()
