import math
import random

import pytest

from moda_engine.brief.check import claims_of
from moda_engine.brief.claims import Brief, Claim, Seen
from moda_engine.describing.confidence import EVIDENCE, calibrated, evidence, fit_calibration
from moda_engine.evaluation.measures import area_under_curve, calibration_error
from moda_engine.exceptions import CheckpointError

BRIEF = Brief(
    (
        Claim("product_type", "Caps", "photo", 0.5),
        Claim("colour", "Red", "catalog", 1.0, "title", Seen("Blue", 0.8)),
        Claim("gender", "Men", "catalog", 1.0, "gender"),
        Claim("usage", "Casual", "photo", 0.0),
    ),
    probabilities={"colour": {"Blue": 0.8, "Red": 0.2}, "gender": {"Men": 0.0, "Women": 1.0}},
)


def test_evidence_of_what_is_seen_and_known():
    claims = claims_of("Red casual cap for men.", BRIEF)
    assert dict(zip(EVIDENCE, evidence(claims, BRIEF), strict=True)) == {
        "seen": pytest.approx(math.log(0.5) - 6.0),  # a probability of 0 is cut at exp(-6)
        "least_seen": -6.0,
        "seen_count": 2.0,
        "known_count": 2.0,
        "disagreements": 1.0,
        "seen_product_type": pytest.approx(math.log(0.5)),
        "seen_colour": 0.0,
        "seen_gender": 0.0,
        "seen_usage": -6.0,
        "seen_others": 0.0,
        "below_0.9": 2.0,
        "below_0.7": 2.0,
        "known_product_type": 0.0,
        "known_colour": 1.0,
        "known_gender": 1.0,
        "known_usage": 0.0,
        "all_seen": pytest.approx(0.5 * math.exp(-6)),
        "borne_out_product_type": 0.0,  # the photo says it, not the catalog
        "borne_out_colour": pytest.approx(math.log(0.2)),
        "borne_out_gender": -6.0,
        "borne_out_usage": 0.0,
    }


def test_of_two_colours_either_may_be_seen_and_strange_labels_are_no_evidence():
    brief = Brief(
        (
            Claim("product_type", "Caps", "catalog", 1.0, "title"),
            Claim("colour", "Red/Blue", "catalog", 1.0, "title"),
        ),
        probabilities={"product_type": {"Shirts": 1.0}, "colour": {"Blue": 0.3, "Red": 0.2}},
    )
    claims = claims_of("Red and blue cap.", brief)
    found = dict(zip(EVIDENCE, evidence(claims, brief), strict=True))
    assert found["borne_out_colour"] == pytest.approx(math.log(0.5))
    assert found["borne_out_product_type"] == 0


def test_a_calibration_of_before_asks_for_less():
    fitted = {"weights": [2.0, -1.0], "bias": 0.5}
    calibration = {"evidence": ["seen_count", "known_count"], "alone": fitted, "told": fitted}
    values = [float(name in ("seen_count", "all_seen")) for name in EVIDENCE]
    assert calibrated(calibration, values) == pytest.approx(1 / (1 + math.exp(-2.5)))


def test_no_claims_no_evidence():
    assert evidence([], Brief()) == [0.0] * len(EVIDENCE)


def test_each_fitted_regression_means_what_it_says():
    chance = random.Random(0)
    rows, truths = [], []
    known = EVIDENCE.index("known_count")
    for number in range(6_000):
        row = [chance.uniform(-4, 0) for _ in EVIDENCE]
        row[known] = float(number % 2)  # photos alone hang on one value, the others on another
        logit = 3 + 1.5 * row[0] if row[known] else 2 + row[1]
        rows.append(row)
        truths.append(chance.random() < 1 / (1 + math.exp(-logit)))
    calibration = fit_calibration(rows, truths, decay=0.0)
    told, alone = (
        dict(zip(EVIDENCE, calibration[name]["weights"], strict=True)) for name in ("told", "alone")
    )
    assert told["seen"] == pytest.approx(1.5, abs=0.2)
    assert alone["least_seen"] == pytest.approx(1, abs=0.15)
    assert abs(told["least_seen"]) + abs(alone["seen"]) < 0.2
    scores = [calibrated(calibration, row) for row in rows]
    assert calibration_error(scores, truths) < 0.03
    assert area_under_curve(scores, truths) > 0.8


def test_both_regressions_need_texts():
    with pytest.raises(ValueError, match="photo told"):
        fit_calibration([[0.0] * len(EVIDENCE)], [True])


def test_a_calibration_of_other_evidence_is_refused():
    with pytest.raises(CheckpointError, match="calibrated on other evidence"):
        calibrated({"evidence": ["words"], "weights": [1.0], "bias": 0.0}, [0.0])


def test_no_probability_is_out_of_bounds():
    fitted = {"weights": [1e6] * len(EVIDENCE), "bias": 0.0}
    calibration = {"evidence": list(EVIDENCE), "alone": fitted, "told": fitted}
    assert calibrated(calibration, [-6.0] * len(EVIDENCE)) == pytest.approx(0.0, abs=1e-9)
