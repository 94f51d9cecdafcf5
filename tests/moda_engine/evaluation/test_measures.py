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
    assert verdict.colour is False
    assert verdict.colour_family is True
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
