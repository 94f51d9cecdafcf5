import json

import pytest

from moda_engine.__main__ import main

KEYS = [
    "loss",
    "colour_accuracy",
    "colour_family_accuracy",
    "usage_accuracy",
    "product_type_accuracy",
    "gender_accuracy",
    "factual_consistency",
    "overall",
    "confidence_auroc",
    "calibration_error",
    "right",
    "not_said",
    "wrong",
    "n",
]
GOOD = {"file_name": "images/0.png", "text": "Red skirt.", "colour": "Red"}


@pytest.fixture
def run_evaluate(checkpoint, imagefolder, capsys):
    """Run the command on `imagefolder`; its status, standard output and standard error."""

    def run(*options: str) -> tuple[int, str, str]:
        arguments = ["evaluate", "--data", str(imagefolder), "--model", str(checkpoint)]
        status = main([*arguments, *options])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def add_line(folder, line: str) -> None:
    """Put `line` before the good ones, as line 1."""
    metadata = folder / "metadata.jsonl"
    metadata.write_text(line + "\n" + metadata.read_text())


def test_every_measure_is_printed(run_evaluate):
    status, out, err = run_evaluate("--json")
    measures = json.loads(out)
    assert (status, err) == (0, "")
    assert list(measures) == KEYS
    assert measures["n"] == 4
    assert measures["loss"] > 0


def test_a_precision_may_be_named(run_evaluate):
    single = json.loads(run_evaluate("--json")[1])
    for precision in ("bfloat16", "int8"):
        status, out, _ = run_evaluate("--json", "--precision", precision)
        measures = json.loads(out)
        assert (status, measures["n"]) == (0, 4)
        assert measures["loss"] == pytest.approx(single["loss"], rel=0.02)


def test_the_table_has_the_same_names(run_evaluate):
    status, out, _ = run_evaluate()
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == KEYS


def test_a_measure_without_labels_is_null(run_evaluate, imagefolder):
    (imagefolder / "metadata.jsonl").write_text(
        json.dumps({"file_name": "images/0.png", "colour": "Red"})
    )
    _, out, _ = run_evaluate("--json")
    measures = json.loads(out)
    assert (measures["n"], measures["colour_accuracy"]) == (1, 0.0)
    assert (measures["loss"], measures["gender_accuracy"]) == (None, None)


BAD_LINES = [
    ("{", "no JSON"),
    ('{"colour": "Red"}', "no file_name."),
    (json.dumps(GOOD | {"file_name": "images/9.png"}), "images/9.png does not exist."),
    (json.dumps(GOOD | {"file_name": "../metadata.jsonl"}), "lies outside the folder."),
    (
        json.dumps(GOOD | {"file_name": "broken.jpg"}),
        "not a readable JPEG, PNG, WebP or AVIF photo",
    ),
    (json.dumps(GOOD | {"colour": 7}), "colour is int, not a string."),
    (json.dumps(GOOD | {"colour": ["Black", "White"]}), "colour is list, not a string."),
    (json.dumps(GOOD | {"pattern": {}}), "pattern is dict, not a string."),
    (json.dumps(GOOD | {"attributes": ["Solid"]}), "attributes is no object."),
    (json.dumps(GOOD | {"colour": None}), "no label: give one of colour, usage"),
    (json.dumps(GOOD | {"colour": "NA"}), "no label: give one of colour, usage"),
    (json.dumps(GOOD | {"text": "red " * 10_000}), "the model reads 159 at most."),
]


def test_bad_records_are_named_counted_and_change_no_measure(run_evaluate, imagefolder):
    _, whole, _ = run_evaluate("--json")
    (imagefolder / "broken.jpg").write_bytes(b"nothing")
    for line, _ in reversed(BAD_LINES):
        add_line(imagefolder, line)
    status, out, err = run_evaluate("--json")
    assert (status, out) == (0, whole)
    *named, counted = err.splitlines()
    assert counted == f"moda_engine: {len(BAD_LINES)} records left out of {imagefolder}."
    assert len(named) == len(BAD_LINES)
    for number, (_, reason) in enumerate(BAD_LINES, start=1):
        start = f"moda_engine: left out: {imagefolder / 'metadata.jsonl'}, line {number}: "
        (line,) = (line for line in named if line.startswith(start))
        assert reason in line


def test_one_is_counted_in_the_singular(run_evaluate, imagefolder):
    add_line(imagefolder, "{")
    _, _, err = run_evaluate()
    assert err.endswith(f"moda_engine: 1 record left out of {imagefolder}.\n")


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_strict_refuses_the_set(run_evaluate, imagefolder, line, reason):
    (imagefolder / "broken.jpg").write_bytes(b"nothing")
    add_line(imagefolder, line)
    status, out, err = run_evaluate("--strict")
    assert (status, out) == (1, "")
    (named,) = err.splitlines()
    assert named.startswith(f"moda_engine: {imagefolder / 'metadata.jsonl'}, line 1: ")
    assert reason in named


def test_strict_names_every_bad_line_at_once(run_evaluate, imagefolder):
    add_line(imagefolder, "{")
    add_line(imagefolder, '{"file_name": "images/0.png"}')
    _, _, err = run_evaluate("--strict")
    assert [line.split("line ")[1][0] for line in err.splitlines()] == ["1", "2"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_set_is_an_error(run_evaluate, imagefolder, content):
    (imagefolder / "metadata.jsonl").write_text(content)
    status, out, err = run_evaluate()
    assert (status, out) == (1, "")
    assert "metadata.jsonl is empty: there is nothing to measure." in err


@pytest.mark.parametrize("line", ["{", json.dumps(GOOD | {"file_name": "broken.jpg"})])
def test_a_wholly_unusable_set_is_an_error(run_evaluate, imagefolder, line):
    (imagefolder / "broken.jpg").write_bytes(b"nothing")
    (imagefolder / "metadata.jsonl").write_text(line)
    status, out, err = run_evaluate()
    assert (status, out) == (1, "")
    assert "line 1: " in err.splitlines()[0]
    assert err.endswith("metadata.jsonl has no usable record: nothing to measure.\n")


def test_a_folder_without_metadata_is_an_error(run_evaluate, imagefolder):
    (imagefolder / "metadata.jsonl").unlink()
    status, _, err = run_evaluate()
    assert status == 1
    assert "metadata.jsonl is missing" in err


def test_texts_alone_are_measured_by_what_they_state(run_evaluate, imagefolder):
    for number in range(4):
        text = "Red casual skirt for girls." if number else "A thing."
        (imagefolder / "images" / f"{number}.txt").write_text(text)
    (imagefolder / "metadata.jsonl").unlink()
    status, out, err = run_evaluate("--json")
    measures = json.loads(out)
    assert (status, measures["n"]) == (0, 3)
    assert measures["loss"] > 0
    for kind in ("colour", "product_type", "gender", "usage"):
        assert 0 <= measures[f"{kind}_accuracy"] <= 1
    assert f"{imagefolder / 'images' / '0.txt'}, line 1: no label: give one of" in err
