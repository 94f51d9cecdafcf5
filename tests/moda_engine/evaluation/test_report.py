from collections import Counter

import pytest

from moda_engine.evaluation.measures import Bin, calibration_bins, judge
from moda_engine.evaluation.report import confusions, mean_recall, measures_by
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import read

SHIRT = ItemLabels(product_type="Shirts", colour="Red", gender="Men")
CAP = ItemLabels(product_type="Caps", colour="Blue")
TEXTS = ["Red shirt for men.", "Blue shirt for men.", "Blue cap.", "Red or blue."]
LABELS = [SHIRT, SHIRT, CAP, CAP]
STATED = [read(text) for text in TEXTS]
VERDICTS = [judge(said, truth) for said, truth in zip(STATED, LABELS, strict=True)]


def test_measures_by_group_leave_out_rare_labels():
    groups = measures_by(LABELS, VERDICTS, "product_type", at_least=2)
    assert list(groups) == ["Caps", "Shirts"]
    assert groups["Shirts"]["n"] == 2
    assert groups["Shirts"]["colour_accuracy"] == 0.5
    assert groups["Caps"]["product_type_accuracy"] == 0.5
    assert measures_by(LABELS, VERDICTS, "product_type", at_least=3) == {}


def test_confusions_name_what_is_called_what():
    colours = confusions(LABELS, STATED, "colour")
    assert colours == {("Red", "Red"): 1, ("Red", "Blue"): 1, ("Blue", "Blue"): 1, ("Blue", "–"): 1}
    assert confusions(LABELS, STATED, "gender") == {("Men", "Men"): 2}


def test_mean_recall_counts_each_label_alike():
    assert mean_recall(Counter({("A", "A"): 90, ("A", "B"): 10, ("B", "A"): 1})) == 0.45
    assert mean_recall(Counter()) is None


def test_bins_hold_each_text_once():
    bins = calibration_bins([0.05, 0.95, 1.0, 0.93], [False, True, True, False])
    assert bins[0] == Bin(1, 0.05, 0.0)
    assert bins[1].count == 3
    assert bins[1].confidence == pytest.approx(0.96)
    assert bins[1].share_true == pytest.approx(2 / 3)
