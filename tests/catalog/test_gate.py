"""The gate: each rule by itself decides, and each verdict has its evidence."""

import pytest

from catalog.choices import GateVerdict
from catalog.gate import gate_judge, gate_verdict
from moda_engine.evaluation.paired import PairedChange

LEARNED = {
    "loss": PairedChange(20, 2.0, 1.5, -0.7, -0.3),
    "edit_distance": PairedChange(20, 0.5, 0.3, -0.3, -0.1),
}
FAULTS = {"mangled": PairedChange(300, 0.0, 0.0, -0.01, 0.01)}
MEASURES = {
    "colour_accuracy": PairedChange(300, 0.7, 0.7, 0.0, 0.0),
    "gender_accuracy": PairedChange(300, 0.9, 0.9, 0.0, 0.0),
}


def judged(**changes):
    given = {
        "held_out": 20,
        "learned": LEARNED,
        "faults": FAULTS,
        "measures": MEASURES,
        "photos": 300,
        **changes,
    }
    gate = gate_judge(**given)
    assert gate["passed"] == (gate["verdict"] == GateVerdict.PASSED)
    names = [check["name"] for check in gate["checks"] if not check["passed"]]
    return gate["verdict"], names


def test_better_on_what_is_new_and_as_good_on_what_is_old_passes():
    assert judged() == (GateVerdict.PASSED, [])


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"learned": {**LEARNED, "loss": PairedChange(20, 2.0, 2.2, 0.1, 0.3)}}, "loss"),
        (
            {"learned": {**LEARNED, "edit_distance": PairedChange(20, 0.5, 0.6, 0.05, 0.15)}},
            "edit_distance",
        ),
        ({"faults": {"mangled": PairedChange(300, 0.0, 0.38, 0.32, 0.44)}}, "mangled"),
        ({"faults": {"replaced": PairedChange(300, 0.0, 0.2, 0.15, 0.25)}}, "replaced"),
        (
            {"measures": {"colour_accuracy": PairedChange(300, 0.7, 0.6, -0.13, -0.07)}},
            "colour_accuracy",
        ),
    ],
)
def test_each_rule_by_itself_fails(changes, name):
    assert judged(**changes) == (GateVerdict.FAILED, [name])


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"held_out": 4}, "captions"),
        ({"photos": 0}, "photos"),
        ({"learned": {**LEARNED, "loss": PairedChange(4, 2.0, 1.9, -0.4, 0.2)}}, "loss"),
        ({"faults": {"mangled": PairedChange(60, 0.0, 0.0, -0.05, 0.05)}}, "mangled"),
        # Neither version says it: nothing can be compared.
        (
            {"measures": {"gender_accuracy": PairedChange(50, 0.0, 0.0, 0.0, 0.0)}},
            "gender_accuracy",
        ),
    ],
)
def test_what_may_be_chance_is_not_enough_evidence(changes, name):
    assert judged(**changes) == (GateVerdict.UNCLEAR, [name])


def test_a_fault_for_sure_outweighs_what_is_unclear():
    faults = {
        "mangled": PairedChange(60, 0.0, 0.4, 0.3, 0.5),
        "no_noun": PairedChange(60, 0.0, 0.0, -0.05, 0.05),
    }
    assert judged(faults=faults) == (GateVerdict.FAILED, ["mangled", "no_noun"])


def test_without_any_figure_there_is_no_evidence():
    gate = gate_judge(held_out=0, learned={}, faults={}, measures={}, photos=0)
    assert gate["verdict"] == GateVerdict.UNCLEAR
    assert gate_judge(held_out=9, learned={}, faults={}, measures={}, photos=9)["verdict"] == (
        GateVerdict.UNCLEAR
    )


def test_a_measure_that_few_photos_tell_of_is_judged_with_the_others():
    few = {"usage_accuracy": PairedChange(8, 0.5, 0.25, -0.6, 0.0)}
    assert judged(measures=few) == (GateVerdict.PASSED, [])
    whole = {**few, "factual_consistency": PairedChange(8, 1.0, 0.5, -0.8, -0.2)}
    assert judged(measures=whole) == (GateVerdict.FAILED, ["factual_consistency"])


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        # Nothing was seen: the bound falls with the number of photos.
        (PairedChange(60, 0.0, 0.0, -0.05, 0.05), "About 90 more products with photos would tell."),
        # Something was seen: it falls with the root of the number.
        (
            PairedChange(100, 0.0, 0.01, 0.0, 0.03),
            "About 300 more products with photos would tell.",
        ),
        (
            PairedChange(100, 0.0, 0.03, -0.01, 0.07),
            "Train again with more approved descriptions: this may be a fault or chance.",
        ),
    ],
)
def test_what_would_give_the_evidence_is_told(change, needed):
    gate = gate_judge(
        held_out=20, learned=LEARNED, faults={"mangled": change}, measures={}, photos=100
    )
    assert [check["needed"] for check in gate["checks"] if check["name"] == "mangled"] == [needed]


def test_rules_are_settings(settings):
    settings.GATE = {**settings.GATE, "measure_fall": 0.2, "captions": 30, "fault_rise": 0.5}
    changes = {
        "measures": {"colour_accuracy": PairedChange(300, 0.7, 0.6, -0.13, -0.07)},
        "faults": {"mangled": PairedChange(300, 0.0, 0.38, 0.32, 0.44)},
    }
    assert judged(**changes) == (GateVerdict.UNCLEAR, ["captions"])


@pytest.mark.parametrize(
    ("held_out", "sentence"),
    [
        (1, "1 caption was held out; the gate needs 5."),
        (2, "2 captions were held out; the gate needs 5."),
    ],
)
def test_the_number_of_captions_is_told(held_out, sentence):
    gate = gate_judge(held_out=held_out, learned=LEARNED, faults={}, measures={}, photos=1)
    assert gate["checks"][0]["text"] == sentence


@pytest.mark.parametrize(
    ("judgement", "verdict"),
    [
        ({}, None),
        ({"gate": {"passed": True}}, GateVerdict.PASSED),
        ({"gate": {"passed": False}}, GateVerdict.FAILED),
        ({"gate": {"passed": False, "verdict": "unclear"}}, GateVerdict.UNCLEAR),
    ],
)
def test_the_verdict_of_a_stored_judgement(judgement, verdict):
    assert gate_verdict(judgement) == verdict
