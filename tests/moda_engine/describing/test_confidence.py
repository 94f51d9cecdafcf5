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
    )
)


def test_evidence_of_what_is_seen_and_known():
    claims = claims_of("Red casual cap for men.", BRIEF)
    assert dict(zip(EVIDENCE, evidence(claims), strict=True)) == {
        "seen": pytest.approx(math.log(0.5) - 6.0),  # a probability of 0 is cut at exp(-6)
        "least_seen": -6.0,
        "seen_count": 2.0,
        "known_count": 2.0,
        "disagreements": 1.0,
    }


def test_no_claims_no_evidence():
    assert evidence([]) == [0.0] * len(EVIDENCE)


def test_a_fitted_calibration_means_what_it_says():
    chance = random.Random(0)
    rows, truths = [], []
    for _ in range(3_000):
        row = [chance.uniform(-4, 0) for _ in EVIDENCE]
        row[1] = chance.uniform(-4, 0)
        rows.append(row)
        truths.append(chance.random() < 1 / (1 + math.exp(-(3 + 1.5 * row[1]))))
    calibration = fit_calibration(rows, truths)
    weights = dict(zip(EVIDENCE, calibration["weights"], strict=True))
    assert weights["least_seen"] == pytest.approx(1.5, abs=0.15)
    assert all(weight >= 0 for weight in calibration["weights"])
    assert sum(weights.values()) - weights["least_seen"] < 0.3
    scores = [calibrated(calibration, row) for row in rows]
    assert calibration_error(scores, truths) < 0.03
    assert area_under_curve(scores, truths) > 0.8


def test_a_calibration_of_other_evidence_is_refused():
    with pytest.raises(CheckpointError, match="calibrated on other evidence"):
        calibrated({"evidence": ["words"], "weights": [1.0], "bias": 0.0}, [0.0])


def test_no_probability_is_out_of_bounds():
    calibration = {"evidence": list(EVIDENCE), "weights": [1e6] * len(EVIDENCE), "bias": 0.0}
    assert calibrated(calibration, [-6.0] * len(EVIDENCE)) == pytest.approx(0.0, abs=1e-9)
