import json
import subprocess
import sys

import pytest
from PIL import Image

from lab.drawings.__main__ import main as draw
from moda_engine.__main__ import main


def test_describe_prints_a_line_a_photo(checkpoint, imagefolder, capsys):
    paths = [str(imagefolder / "images" / f"{number}.png") for number in range(2)]
    assert main(["describe", "--model", str(checkpoint), *paths]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == paths


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_describe_in_a_precision_that_is_named(checkpoint, imagefolder, capsys, precision):
    photo = str(imagefolder / "images" / "0.png")
    arguments = ["--json", "--model", str(checkpoint), "--precision", precision, photo]
    assert main(["describe", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["mode"] == precision


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
    assert list(answer) == [
        "image", "recognised", "reason", "description", "confidence", "mode", "alt_text",
        "detailed", "title", "bullets", "meta_title", "meta_description", "fit", "claims",
    ]  # fmt: skip
    assert answer["image"] == good
    assert 0 <= answer["confidence"] <= 1
    assert "metadata.jsonl: not a readable JPEG, PNG, WebP or AVIF photo" in captured.err


def test_what_is_known_of_each_photo_comes_from_a_file(imagefolder, tmp_path, capsys):
    photos = [str(imagefolder / "images" / f"{number}.png") for number in (0, 1)]
    known = tmp_path / "known.jsonl"
    known.write_text(
        json.dumps({"image": "0.png", "title": "Wren Red Cap for Women", "brand": "Wren"})
        + "\n\n"
        + json.dumps({"image": photos[1], "facts": "type: kurta; colour: green"}),
        encoding="utf-8",
    )
    options = ["--json", "--min-probability", "0", "--facts-file", str(known)]
    assert main(["describe", *options, "--facts", "fabric: cotton", *photos]) == 0
    cap, kurta = map(json.loads, capsys.readouterr().out.splitlines())
    said = {claim["kind"]: claim for claim in cap["claims"]}
    assert {kind: said[kind]["value"] for kind in ("product_type", "colour", "brand")} == {
        "product_type": "Caps",
        "colour": "Red",
        "brand": "Wren",
    }
    assert {said[kind]["field"] for kind in ("product_type", "colour", "gender")} == {"title"}
    assert said["fabric"]["source"] == "catalog"
    assert [claim["text"] for claim in cap["claims"]] == [
        cap["description"][claim["start"] : claim["end"]] for claim in cap["claims"]
    ]
    assert {"Kurtas", "Green"} <= {claim["value"] for claim in kurta["claims"]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1]", "line 1: an object with `image`, the name of a photo's file, is needed."),
        ('{"title": "Cap"}', "line 1: an object with `image`"),
        ("{", "line 1: this is no JSON object"),
    ],
)
def test_a_line_that_says_nothing_of_a_photo_is_named(line, message, tmp_path, capsys):
    known = tmp_path / "known.jsonl"
    known.write_text(line, encoding="utf-8")
    assert main(["describe", "--facts-file", str(known), "photo.jpg"]) == 1
    assert message in capsys.readouterr().err


def test_a_probability_is_from_0_to_1(capsys):
    with pytest.raises(SystemExit):
        main(["describe", "--min-probability", "90", "photo.jpg"])
    assert "'90' is no probability: give a number from 0 to 1." in capsys.readouterr().err


def test_a_missing_checkpoint_is_a_sentence(tmp_path, capsys):
    assert main(["describe", "--model", str(tmp_path / "absent"), "photo.jpg"]) == 1
    assert capsys.readouterr().err.startswith("moda_engine: There is no checkpoint folder")


def test_draw_and_sheet(checkpoint, tmp_path, capsys):
    drawings, sheet = tmp_path / "drawings", tmp_path / "sheet.png"
    draw(["--random", "4", "--size", "64", "--output", str(drawings)])
    assert len((drawings / "metadata.jsonl").read_text().splitlines()) == 4
    arguments = ["--data", str(drawings), "--output", str(sheet), "--count", "4", "--columns", "2"]
    assert main(["sheet", *arguments, "--model", str(checkpoint)]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (440, 592)


def test_a_sheet_leaves_bad_lines_out(checkpoint, imagefolder, tmp_path, capsys):
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_text("{\n" + metadata.read_text())
    sheet = ["sheet", "--data", str(imagefolder), "--output", str(tmp_path / "sheet.png")]
    assert main([*sheet, "--model", str(checkpoint)]) == 0
    captured = capsys.readouterr()
    assert captured.out.endswith("sheet.png: 4 photos.\n")
    assert f"left out: {metadata}, line 1: no JSON" in captured.err


def test_a_sheet_of_nothing_is_refused(checkpoint, imagefolder, tmp_path, capsys):
    (imagefolder / "metadata.jsonl").write_text("")
    sheet = ["sheet", "--data", str(imagefolder), "--output", str(tmp_path / "sheet.png")]
    assert main([*sheet, "--model", str(checkpoint)]) == 1
    assert capsys.readouterr().err.endswith("has no photo to show.\n")


def test_wrong_usage_exits_with_two():
    with pytest.raises(SystemExit) as stopped:
        main(["describe"])
    assert stopped.value.code == 2
