import pytest
import torch

from lab.starter.calibration import NEVER, Likeliest, best, calibration_errors, thresholds
from lab.starter.label_space import MISSING, LabelSpace
from lab.starter.linear_heads import LinearHeads
from moda_engine.language.labels import ItemLabels


def likeliest(probabilities, right):
    return Likeliest(torch.tensor(probabilities), torch.tensor(right))


def test_the_temperature_is_that_of_the_drawn_targets():
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(20_000, 3, generator=generator)
    targets = (logits / 2.5).softmax(1).multinomial(1, generator=generator)[:, 0]
    targets[::2] = MISSING
    temperature, factor = best(logits, torch.zeros_like(logits), targets, factors=[0.0])
    assert temperature == pytest.approx(2.5, abs=0.1)
    assert factor == 0


def test_what_is_said_beside_counts_as_much_as_it_is_worth():
    generator = torch.Generator().manual_seed(0)
    logits, said = torch.randn(2, 20_000, 3, generator=generator)
    targets = (logits + 0.5 * said).softmax(1).multinomial(1, generator=generator)[:, 0]
    temperature, factor = best(logits, said, targets)
    assert temperature == pytest.approx(1, abs=0.1)
    assert factor == pytest.approx(0.5, abs=0.1)


def test_where_no_target_is_known_nothing_is_chosen():
    zeros = torch.zeros(2, 3)
    assert best(zeros, zeros, torch.tensor([MISSING, MISSING])) == (1.0, 0.0)


def test_one_threshold_leaves_a_third_of_the_wrong_words():
    found = thresholds(
        {
            "product_type": likeliest([0.2, 0.5, 0.9], [False, True, True]),
            "colour": likeliest([0.4, 0.6, 0.8, 0.9], [False, False, True, False]),
            "gender": likeliest([0.4, 0.7, 0.8], [False, False, True]),
        }
    )
    # Six are wrong, and the type that is wrong is said: of the other five one may stay.
    assert found["colour"] == found["gender"] == pytest.approx(0.71)
    assert found["product_type"] == 0.15


def test_a_detail_is_said_where_it_is_nearly_always_right():
    many = likeliest([0.4] * 100 + [0.9] * 100, [False] * 50 + [True] * 150)
    few = likeliest([0.9] * 8, [True] * 8)
    wrong = likeliest([0.99] * 100, [False] * 10 + [True] * 90)
    always = likeliest([0.9], [True])
    found = thresholds({"product_type": always, "neck": many, "toe": few, "display": wrong})
    assert found["neck"] == pytest.approx(0.41)
    assert found["toe"] == found["display"] == NEVER


def test_the_plain_design_is_not_counted():
    space = LabelSpace({"pattern": ("Dotted", "Solid")})
    logits = torch.tensor([[2.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
    targets = {"pattern": torch.tensor([1, 1, MISSING])}
    found = Likeliest.of("pattern", logits, space, targets)
    assert (found.right.tolist(), len(found.probabilities)) == ([False], 1)
    assert (found.wrong(0.5), found.wrong(0.9)) == (1, 0)


def test_the_error_of_calibration_is_small_where_temperatures_can_mend_it():
    generator = torch.Generator().manual_seed(0)
    features = 4 * torch.randn(4_000, 2, generator=generator)
    numbers = (features / 2).softmax(1).multinomial(1, generator=generator)[:, 0].tolist()
    labels = [ItemLabels(gender=("Men", "Women")[number]) for number in numbers]
    heads = LinearHeads(
        LabelSpace({"gender": ("Men", "Women")}),
        {"gender": torch.eye(2)},
        {"gender": torch.zeros(2)},
    )
    assert calibration_errors(heads, features, labels)["gender"] < 0.03
