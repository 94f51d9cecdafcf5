"""The gate: each rule by itself decides."""

import pytest

from catalog.selectors.model_version_reports import gate_judge

LEARNED = {"loss": (2.0, 1.5), "edit_distance": (0.5, 0.3)}
KEPT = {"colour_accuracy": (0.7, 0.695), "gender_accuracy": (None, None)}


def failed(**changes):
    given = {"held_out": 20, "learned": LEARNED, "kept": KEPT, **changes}
    gate = gate_judge(**given)
    names = [check["name"] for check in gate["checks"] if not check["passed"]]
    assert gate["passed"] == (names == [])
    return names


def test_better_on_what_is_new_and_as_good_on_what_is_old_passes():
    assert failed() == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"held_out": 4}, "captions"),
        ({"learned": {**LEARNED, "loss": (2.0, 2.01)}}, "loss"),
        ({"learned": {**LEARNED, "edit_distance": (0.5, 0.51)}}, "edit_distance"),
        ({"kept": {"colour_accuracy": (0.7, 0.68)}}, "colour_accuracy"),
    ],
)
def test_each_rule_by_itself_fails(changes, name):
    assert failed(**changes) == [name]


def test_rules_are_settings(settings):
    settings.GATE = {**settings.GATE, "measure_fall": 0.03, "captions": 30}
    assert failed(kept={"colour_accuracy": (0.7, 0.68)}) == ["captions"]


@pytest.mark.parametrize(
    ("held_out", "sentence"),
    [
        (1, "1 caption was held out; the gate needs 5."),
        (2, "2 captions were held out; the gate needs 5."),
    ],
)
def test_the_number_of_captions_is_told(held_out, sentence):
    gate = gate_judge(held_out=held_out, learned=LEARNED, kept=KEPT)
    assert gate["checks"][0]["text"] == sentence
