import pytest
import torch

from moda_engine.training.corrected import LEAST_CAPTIONS, corrected

COUNT = 60


def features(column):
    """A feature that says `column`, one ±1 a caption, among seven of noise."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(len(column), 7, generator=generator)
    return torch.cat([torch.tensor(column).float().unsqueeze(1) * 3, noise], dim=1)


def test_what_the_photo_shows_is_learned_from_the_other_captions():
    """All are casual to the base; what the first feature says, one in three, people call formal."""
    formal = [1.0 if row % 3 == 0 else -1.0 for row in range(COUNT)]
    beliefs = [{"usage": {"Casual": 0.95, "Formal": 0.05}}] * COUNT
    approved = [{"usage": "Formal" if one > 0 else "Casual"} for one in formal]
    found = corrected(beliefs, approved, features(formal), COUNT)
    for belief, truth in zip(found, approved, strict=True):
        assert belief["usage"][truth["usage"]] > 0.9
        assert sum(belief["usage"].values()) == pytest.approx(1.0)


def test_of_labels_given_by_chance_no_single_one_is_believed():
    """One in twelve was corrected, and no feature shows which: each stays as unlikely as all."""
    generator = torch.Generator().manual_seed(1)
    chance = torch.randperm(COUNT, generator=generator).tolist()
    approved = [{"gender": "Girls" if one < COUNT // 12 else "Boys"} for one in chance]
    beliefs = [{"gender": {"Boys": 0.9, "Girls": 0.1}}] * COUNT
    found = corrected(beliefs, approved, features([(-1.0) ** row for row in range(COUNT)]), COUNT)
    girls = [one["gender"]["Girls"] for one in found]
    assert max(girls) < 0.25


def test_a_label_that_the_base_never_thought_of_can_be_believed():
    sign = [(-1.0) ** row for row in range(COUNT)]
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    beliefs = [{"colour": {"Red": 1 - 1e-9} | ({"Rust": 1e-9} if one > 0 else {})} for one in sign]
    found = corrected(beliefs, approved, features(sign), COUNT)
    assert all(one["colour"]["Rust"] > 0.9 for one in found[::2])
    assert all(one["colour"]["Rust"] < 0.1 for one in found[1::2])


def test_kinds_that_few_captions_state_have_no_belief():
    few = LEAST_CAPTIONS - 1
    both = {"usage": {"Casual": 0.9, "Formal": 0.1}, "gender": {"Men": 1.0}}
    beliefs = [both] * few + [{"gender": {"Men": 1.0}}] * (COUNT - few)
    approved = [{"usage": "Casual", "gender": "Men"}] * COUNT
    found = corrected(beliefs, approved, features([1.0] * COUNT), COUNT)
    assert found == [{"gender": {"Men": pytest.approx(1.0)}}] * COUNT


def test_the_same_captions_give_the_same_beliefs():
    sign = [(-1.0) ** row for row in range(COUNT)]
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    beliefs = [{"colour": {"Red": 0.6, "Rust": 0.4}}] * COUNT
    first, second = (corrected(beliefs, approved, features(sign), COUNT) for _ in range(2))
    assert first == second


def test_without_captions_there_is_nothing_to_correct():
    assert corrected([], [], torch.empty(0, 8), 0) == []


def test_nothing_is_learned_from_what_is_held_out():
    sign = [(-1.0) ** row for row in range(COUNT)]
    beliefs = [{"colour": {"Red": 0.6, "Rust": 0.4}}] * COUNT
    approved = [{"colour": "Rust" if one > 0 else "Red"} for one in sign]
    turned = [{"colour": "Rust" if one < 0 else "Red"} for one in sign]
    learned = COUNT - 10
    found = corrected(beliefs, approved, features(sign), learned)
    other = corrected(beliefs, approved[:learned] + turned[learned:], features(sign), learned)
    assert found == other
    assert all(one["colour"]["Rust"] > 0.9 for one in found[::2])
