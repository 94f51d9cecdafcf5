import math
import random

import pytest

from moda_engine.describing.confidence import EVIDENCE, calibrated, evidence, fit_calibration
from moda_engine.describing.description import Detail
from moda_engine.evaluation.measures import area_under_curve, calibration_error
from moda_engine.exceptions import CheckpointError


def detail(kind, score):
    return Detail("word", 0, 4, kind, "Label", score)


def test_evidence_has_a_place_for_each_kind():
    details = [
        detail("colour", 0.5),
        detail("colour", 0.25),
        detail("neck", 0.1),
        detail("sleeves", None),
        detail("gender", 0.0),
    ]
    found = dict(zip(EVIDENCE, evidence([-0.1, -2.0, -50.0], details), strict=True))
    assert found == {
        "words": pytest.approx(-8.1),  # the last is cut at -6
        "least_word": -6.0,
        "product_type": 0.0,
        "colour": pytest.approx(math.log(0.125)),
        "gender": -6.0,
        "usage": 0.0,
        "others": pytest.approx(math.log(0.1)),
    }


def test_no_evidence_is_zero():
    assert evidence([], []) == [0.0] * len(EVIDENCE)


def test_a_fitted_calibration_means_what_it_says():
    chance = random.Random(0)
    rows, truths = [], []
    for _ in range(3_000):
        row = [chance.uniform(-4, 0) for _ in EVIDENCE]
        row[3] = chance.uniform(-4, 0)
        rows.append(row)
        truths.append(chance.random() < 1 / (1 + math.exp(-(3 + 1.5 * row[3]))))
    calibration = fit_calibration(rows, truths)
    weights = dict(zip(EVIDENCE, calibration["weights"], strict=True))
    assert weights["colour"] == pytest.approx(1.5, abs=0.15)
    assert all(weight >= 0 for weight in calibration["weights"])
    assert sum(weights.values()) - weights["colour"] < 0.3
    scores = [calibrated(calibration, row) for row in rows]
    assert calibration_error(scores, truths) < 0.03
    assert area_under_curve(scores, truths) > 0.8


def test_a_calibration_of_other_evidence_is_refused():
    with pytest.raises(CheckpointError, match="calibrated on other evidence"):
        calibrated({"evidence": ["words"], "weights": [1.0], "bias": 0.0}, [0.0])


def test_no_probability_is_out_of_bounds():
    calibration = {"evidence": list(EVIDENCE), "weights": [1e6] * len(EVIDENCE), "bias": 0.0}
    assert calibrated(calibration, [-6.0] * len(EVIDENCE)) == pytest.approx(0.0, abs=1e-9)
