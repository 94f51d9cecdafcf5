import json
import subprocess
import sys

import pytest
from PIL import Image

from moda_engine.__main__ import main


def test_describe_prints_a_line_a_photo(checkpoint, imagefolder, capsys):
    paths = [str(imagefolder / "images" / f"{number}.png") for number in range(2)]
    assert main(["describe", "--model", str(checkpoint), *paths]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == paths


def test_describe_in_a_process_of_its_own(checkpoint, imagefolder):
    """Nothing that the other tests imported may be needed."""
    photo = str(imagefolder / "images" / "0.png")
    command = [sys.executable, "-m", "moda_engine", "describe", "--model", str(checkpoint), photo]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{photo}: ")
    assert done.stderr == ""


def test_describe_as_json_goes_on_after_a_bad_photo(checkpoint, imagefolder, capsys):
    good = str(imagefolder / "images" / "0.png")
    bad = str(imagefolder / "metadata.jsonl")
    assert main(["describe", "--json", "--model", str(checkpoint), bad, good]) == 1
    captured = capsys.readouterr()
    (line,) = captured.out.splitlines()
    answer = json.loads(line)
    assert set(answer) == {"image", "description", "confidence"}
    assert answer["image"] == good
    assert 0 <= answer["confidence"] <= 1
    assert "metadata.jsonl: not a readable JPEG, PNG or WebP photo" in captured.err


def test_a_missing_checkpoint_is_a_sentence(tmp_path, capsys):
    assert main(["describe", "--model", str(tmp_path / "absent"), "photo.jpg"]) == 1
    assert capsys.readouterr().err.startswith("moda_engine: There is no checkpoint folder")


def test_evaluate_prints_every_measure(checkpoint, imagefolder, capsys):
    arguments = ["evaluate", "--data", str(imagefolder), "--model", str(checkpoint), "--json"]
    assert main(arguments) == 0
    measures = json.loads(capsys.readouterr().out)
    assert list(measures) == [
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
        "n",
    ]
    assert measures["n"] == 4
    assert measures["loss"] > 0


def test_evaluate_refuses_a_folder_without_metadata(checkpoint, tmp_path, capsys):
    assert main(["evaluate", "--data", str(tmp_path), "--model", str(checkpoint)]) == 1
    assert "metadata.jsonl is missing" in capsys.readouterr().err


def test_draw_and_sheet(checkpoint, tmp_path, capsys):
    drawings, sheet = tmp_path / "drawings", tmp_path / "sheet.png"
    draw = ["draw", "--random", "4", "--size", "64", "--output", str(drawings)]
    assert main(draw) == 0
    assert len((drawings / "metadata.jsonl").read_text().splitlines()) == 4
    arguments = ["--data", str(drawings), "--output", str(sheet), "--count", "4", "--columns", "2"]
    assert main(["sheet", *arguments, "--model", str(checkpoint)]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (440, 592)


def test_wrong_usage_exits_with_two():
    with pytest.raises(SystemExit) as stopped:
        main(["describe"])
    assert stopped.value.code == 2
