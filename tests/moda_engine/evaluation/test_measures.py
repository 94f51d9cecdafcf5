import pytest

from moda_engine.evaluation.measures import (
    area_under_curve,
    calibration_error,
    five_measures,
    judge,
)
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import read

LABELS = ItemLabels("Skirts", "Navy Blue", "Girls", "Casual")


def test_a_true_sentence():
    verdict = judge(read("Navy blue casual skirt for girls."), LABELS)
    assert (verdict.stated, verdict.true, verdict.all_true) == (4, 4, True)


def test_a_wrong_colour_of_the_same_family():
    verdict = judge(read("Blue casual skirt for girls."), LABELS)
    assert verdict.colour == 0.0
    assert verdict.colour_family == 1.0
    assert (verdict.stated, verdict.true, verdict.all_true) == (4, 3, False)


def test_an_empty_text_is_not_true():
    verdict = judge(read(""), LABELS)
    assert (verdict.stated, verdict.all_true) == (0, False)


def test_details_without_a_label_are_not_counted():
    labels = ItemLabels("Tops", "Red", details={"sleeves": "Long Sleeves"})
    verdict = judge(read("Red top with short sleeves and a round neck."), labels)
    assert (verdict.stated, verdict.true) == (3, 2)


def test_five_measures():
    texts = ["Navy blue casual skirt for girls.", "Red casual skirt for boys."]
    measures = five_measures([judge(read(text), LABELS) for text in texts])
    assert measures == {
        "colour_accuracy": 0.5,
        "colour_family_accuracy": 0.5,
        "usage_accuracy": 1.0,
        "product_type_accuracy": 1.0,
        "gender_accuracy": 0.5,
        "factual_consistency": 0.75,
        "overall": 0.75,
    }


@pytest.mark.parametrize(
    ("text", "colour", "stated", "true"),
    [
        ("Black and white skirt.", 1.0, 3, 3),
        ("Black skirt.", 0.5, 2, 2),
        ("Black and red skirt.", 0.5, 3, 2),
        ("Red skirt.", 0.0, 2, 1),
        ("Skirt.", 0.0, 1, 1),
        ("Skirt, not black.", 0.0, 1, 1),
    ],
)
def test_two_colours_count_by_share(text, colour, stated, true):
    verdict = judge(read(text), ItemLabels("Skirts", "Black/White"))
    assert (verdict.colour, verdict.stated, verdict.true) == (colour, stated, true)


def test_one_family_for_each_of_two_colours():
    verdict = judge(read("Charcoal skirt."), ItemLabels("Skirts", "Black/White"))
    assert (verdict.colour, verdict.colour_family) == (0.0, 0.5)


def test_more_than_the_truth_costs_consistency_alone():
    measures = five_measures([judge(read("Red and navy blue skirt for girls."), LABELS)])
    assert measures["colour_accuracy"] == 1.0
    assert measures["factual_consistency"] == 0.75


def test_consistency_weighs_details_not_texts():
    """Four true details of four, and none of one: 4/5, where the mean of texts would be 1/2."""
    texts = ["Navy blue casual skirt for girls.", "Dress."]
    measures = five_measures([judge(read(text), LABELS) for text in texts])
    assert measures["factual_consistency"] == 0.8


def test_a_solid_item_is_not_striped():
    labels = ItemLabels("Skirts", pattern="Solid")
    assert judge(read("Striped skirt."), labels).true == 1
    assert judge(read("Plain skirt."), labels).true == 2


def test_no_text_at_all():
    assert set(five_measures([]).values()) == {None}


def test_unknown_labels_are_no_measure():
    measures = five_measures([judge(read("Red skirt."), ItemLabels("Skirts", "Red"))])
    assert measures["gender_accuracy"] is None
    assert measures["overall"] == 1.0


@pytest.mark.parametrize(
    ("scores", "truths", "expected"),
    [
        ([0.1, 0.9], [False, True], 1.0),
        ([0.9, 0.1], [False, True], 0.0),
        ([0.5, 0.5], [False, True], 0.5),
        ([0.1, 0.4, 0.35, 0.8], [False, False, True, True], 0.75),
        ([0.1, 0.2], [True, True], None),
    ],
)
def test_area_under_curve(scores, truths, expected):
    assert area_under_curve(scores, truths) == expected


def test_calibration_error():
    assert calibration_error([], []) is None
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert calibration_error([0.95, 0.95, 0.15, 0.15], [True, False, False, False]) == (
        pytest.approx(0.5 * 0.45 + 0.5 * 0.15)
    )
