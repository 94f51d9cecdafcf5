"""The starter's beliefs of drawings, whose labels it tells well."""

import pytest
import torch

from lab.drawings import DrawingSpecification
from moda_engine import Describer
from moda_engine.describing.describer import DescribeOptions
from moda_engine.language.exchange import Frame
from moda_engine.training import beliefs as module
from moda_engine.training.beliefs import beliefs
from moda_engine.training.captions import EncodedCaptions
from tests.moda_engine.training.drawn import drawn_features

DRAWINGS = [
    DrawingSpecification("Trousers", "Maroon"),
    DrawingSpecification("Backpacks", "Green"),
    DrawingSpecification("Sweaters", "Brown"),
]
APPROVED = ["Pants, red.", "Bag, green. For men.", "Sweater, brown. Casual."]


@pytest.fixture(scope="module")
def starter():
    return Describer.from_pretrained(dtype=torch.float32)


@pytest.fixture(scope="module")
def features(starter):
    return drawn_features(starter, DRAWINGS, size=256)


def believed(starter, features, texts=APPROVED, facts=None):
    options = DescribeOptions(fit=False)
    written = [one.text for one in starter.describe_features(features, facts, options)]
    captions = EncodedCaptions(features, list(texts), facts)
    approved, spoken = ([Frame.of(text) for text in some] for some in (texts, written))
    return beliefs(starter, captions, approved, spoken), written


def test_what_the_photo_shows_is_believed_whatever_was_approved(starter, features):
    found, _ = believed(starter, features)
    assert found[0]["colour"]["Maroon"] > 0.8
    assert 0 < found[0]["colour"]["Red"] < 0.2
    assert found[1]["colour"]["Green"] > 0.9
    assert found[2]["product_type"]["Sweaters"] > 0.7


def test_the_probabilities_of_a_kind_add_up_to_1(starter, features):
    found, _ = believed(starter, features)
    sums = [sum(belief.values()) for one in found for belief in one.values()]
    assert sums == pytest.approx([1.0] * len(sums))
    assert len(sums) == 5


def test_a_kind_that_either_side_does_not_state_has_no_belief(starter, features):
    found, written = believed(starter, features)
    assert not any("for" in text.split() for text in written)
    # "Bag" names no type; of drawings nobody says the wearer or the use.
    assert [set(one) for one in found] == [
        {"product_type", "colour"},
        {"colour"},
        {"product_type", "colour"},
    ]


def test_what_was_told_is_not_asked_for(starter, features):
    """A text says what was told, whatever the photo shows: nothing is believed beside it."""
    found, _ = believed(starter, features, facts=["color: red; brand: Wren", None, None])
    assert set(found[0]) == {"product_type"}
    assert set(found[1]) == {"colour"}


def test_labels_that_are_not_asked_for_have_next_to_no_share(starter, features, monkeypatch):
    some, _ = believed(starter, features)
    monkeypatch.setattr(module, "LEAST_FIRST_WORD", 1e-30)
    every, _ = believed(starter, features)
    for few, all_of_them in zip(some, every, strict=True):
        for kind, belief in all_of_them.items():
            assert len(few[kind]) < len(belief)
            missing = sum(share for label, share in belief.items() if label not in few[kind])
            assert missing < 0.02
            for label, share in few[kind].items():
                assert share == pytest.approx(belief[label], abs=0.02)


def test_of_texts_without_labels_nothing_is_believed(starter, features):
    found, _ = believed(starter, features, texts=["Made in Kent."] * 3)
    assert found == [{}, {}, {}]


def test_photos_in_parts_have_the_beliefs_of_all_together(starter, features, monkeypatch):
    together, _ = believed(starter, features)
    monkeypatch.setattr(module, "PHOTOS_AT_ONCE", 2)
    apart, _ = believed(starter, features)
    for one, other in zip(together, apart, strict=True):
        assert one.keys() == other.keys()
        for kind, belief in one.items():
            assert other[kind] == pytest.approx(belief, abs=1e-4)
