"""The base model's probabilities of labels, and their correction by approved captions."""

import pytest
import torch

from lab.drawings import DrawingSpecification
from moda_engine import Describer
from moda_engine.brief.exchange import Frame
from moda_engine.describing.describer import DescribeOptions
from moda_engine.training import teacher as module
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.teacher import LEAST_CAPTIONS, corrected, label_probabilities
from tests.moda_engine.tiny import without_heads
from tests.moda_engine.training.drawn import drawn_features

DRAWINGS = [
    DrawingSpecification("Trousers", "Maroon"),
    DrawingSpecification("Backpacks", "Green"),
    DrawingSpecification("Sweaters", "Brown"),
]
APPROVED = ["Pants, red.", "Bag, green. For men.", "Sweater, brown. Casual."]


@pytest.fixture(scope="module")
def starter():
    """The starter as a model without heads: it alone has a teacher."""
    describer = Describer.from_pretrained(dtype=torch.float32)
    return Describer(without_heads(describer.model), describer.processor)


@pytest.fixture(scope="module")
def features(starter):
    return drawn_features(starter, DRAWINGS, size=256)


def believed(starter, features, texts=APPROVED, facts=None):
    options = DescribeOptions(fit=False)
    written = [one.text for one in starter.describe_features(features, facts, options)]
    captions = EncodedCaptions(features, list(texts), facts)
    approved, spoken = ([Frame.of(text) for text in some] for some in (texts, written))
    return label_probabilities(starter, captions, approved, spoken), written


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


COUNT = 60


def signal(column):
    """A feature that says `column`, one ±1 a caption, among seven of noise."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(len(column), 7, generator=generator)
    return torch.cat([torch.tensor(column).float().unsqueeze(1) * 3, noise], dim=1)


def test_what_the_photo_shows_is_learned_from_the_other_captions():
    """All are casual to the base; what the first feature says, one in three, people call formal."""
    formal = [1.0 if row % 3 == 0 else -1.0 for row in range(COUNT)]
    teacher = [{"usage": {"Casual": 0.95, "Formal": 0.05}}] * COUNT
    approved = [{"usage": "Formal" if one > 0 else "Casual"} for one in formal]
    found = corrected(teacher, approved, signal(formal), COUNT)
    for belief, truth in zip(found, approved, strict=True):
        assert belief["usage"][truth["usage"]] > 0.9
        assert sum(belief["usage"].values()) == pytest.approx(1.0)


def test_of_labels_given_by_chance_no_single_one_is_believed():
    """One in twelve was corrected, and no feature shows which: each stays as unlikely as all."""
    generator = torch.Generator().manual_seed(1)
    chance = torch.randperm(COUNT, generator=generator).tolist()
    approved = [{"gender": "Girls" if one < COUNT // 12 else "Boys"} for one in chance]
    teacher = [{"gender": {"Boys": 0.9, "Girls": 0.1}}] * COUNT
    found = corrected(teacher, approved, signal([(-1.0) ** row for row in range(COUNT)]), COUNT)
    girls = [one["gender"]["Girls"] for one in found]
    assert max(girls) < 0.25


def test_a_label_that_the_base_never_thought_of_can_be_believed():
    sign = [(-1.0) ** row for row in range(COUNT)]
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    teacher = [{"colour": {"Red": 1 - 1e-9} | ({"Rust": 1e-9} if one > 0 else {})} for one in sign]
    found = corrected(teacher, approved, signal(sign), COUNT)
    assert all(one["colour"]["Rust"] > 0.9 for one in found[::2])
    assert all(one["colour"]["Rust"] < 0.1 for one in found[1::2])


def test_kinds_that_few_captions_state_have_no_belief():
    few = LEAST_CAPTIONS - 1
    both = {"usage": {"Casual": 0.9, "Formal": 0.1}, "gender": {"Men": 1.0}}
    teacher = [both] * few + [{"gender": {"Men": 1.0}}] * (COUNT - few)
    approved = [{"usage": "Casual", "gender": "Men"}] * COUNT
    found = corrected(teacher, approved, signal([1.0] * COUNT), COUNT)
    assert found == [{"gender": {"Men": pytest.approx(1.0)}}] * COUNT


def test_the_same_captions_give_the_same_beliefs():
    sign = [(-1.0) ** row for row in range(COUNT)]
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    teacher = [{"colour": {"Red": 0.6, "Rust": 0.4}}] * COUNT
    first, second = (corrected(teacher, approved, signal(sign), COUNT) for _ in range(2))
    assert first == second


def test_without_captions_there_is_nothing_to_correct():
    assert corrected([], [], torch.empty(0, 8), 0) == []


def test_nothing_is_learned_from_what_is_held_out():
    sign = [(-1.0) ** row for row in range(COUNT)]
    teacher = [{"colour": {"Red": 0.6, "Rust": 0.4}}] * COUNT
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    turned = [{"colour": "Rust" if one < 0 else "Red"} for one in sign]
    learned = COUNT - 10
    found = corrected(teacher, approved, signal(sign), learned)
    other = corrected(teacher, approved[:learned] + turned[learned:], signal(sign), learned)
    assert found == other
    assert all(one["colour"]["Rust"] > 0.9 for one in found[::2])
