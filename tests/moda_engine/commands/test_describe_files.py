"""`describe` as people script it: what it takes, where it writes, how it goes on and ends."""

import csv
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import moda_engine
from moda_engine.__main__ import main
from moda_engine.commands.photo_files import photo_files
from moda_engine.exceptions import DatasetError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def shop(tmp_path, photos):
    """A folder with two photos, one in a sub-folder, and what is none."""
    folder = tmp_path / "shop"
    (folder / "shoes").mkdir(parents=True)
    for name, photo in zip(("b.png", "a.JPG", "shoes/c.webp"), photos, strict=False):
        photo.save(folder / name)
    (folder / "note.txt").write_text("no photo")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


def test_folders_patterns_and_files_are_photos_once_each(shop):
    a, b, c = shop / "a.JPG", shop / "b.png", shop / "shoes" / "c.webp"
    assert photo_files([str(shop)], recursive=False) == [a, b]
    assert photo_files([str(shop)], recursive=True) == [a, b, c]
    assert photo_files([f"{shop}/**/*.webp", str(b), str(shop)], recursive=False) == [c, b, a]
    assert photo_files([f"{shop}/*.gif"], recursive=False) == [shop / "*.gif"]


def test_a_name_with_brackets_is_a_file_where_there_is_one(shop):
    odd = (shop / "a.JPG").rename(shop / "a[1].jpg")
    assert photo_files([str(odd)], recursive=False) == [odd]


def test_a_folder_without_photos_is_refused(shop):
    (shop / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"holds no photos .* Add --recursive"):
        photo_files([str(shop / "empty")], recursive=False)


@pytest.fixture
def describe(checkpoint, capsys):
    """Runs the command with the tiny model; its exit status and what it said."""

    def run(*arguments):
        status = main(["describe", "--model", str(checkpoint), *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_file_of_json_lines_is_what_json_prints(describe, shop, tmp_path):
    output = tmp_path / "new" / "texts.jsonl"
    _, printed, _ = describe(shop, "--json")
    assert describe(shop, "--output", output)[:2] == (0, "")
    assert output.read_text() == printed


def test_a_table_has_a_row_a_photo(describe, shop, tmp_path):
    output = tmp_path / "texts.csv"
    assert describe(shop, "--output", output)[0] == 0
    _, printed, _ = describe(shop, "--json")
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [row["image"] for row in rows] == [line["image"] for line in lines]
    assert [row["description"] for row in rows] == [line["description"] for line in lines]
    assert "claims" not in rows[0]
    for name in ("title", "meta_title", "meta_description", "alt_text"):
        assert [row[name] for row in rows] == [line[name] for line in lines]
    assert [row["bullets"] for row in rows] == [" | ".join(line["bullets"]) for line in lines]


def test_a_table_of_before_keeps_its_columns(describe, shop, tmp_path):
    output = tmp_path / "texts.csv"
    output.write_text(f"image,description\n{shop / 'a.JPG'},By hand.\n")
    assert describe(shop, "--output", output, "--resume")[0] == 0
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [set(row) for row in rows] == [{"image", "description"}] * 2
    assert rows[0]["description"] == "By hand."
    assert rows[1]["description"]


def test_texts_stand_beside_their_photos(describe, shop):
    assert describe(shop, "--sidecars", "--recursive")[0] == 0
    _, printed, _ = describe(shop, "--json", "--recursive")
    for line in map(json.loads, printed.splitlines()):
        beside = Path(line["image"]).with_suffix(".txt")
        assert beside.read_text() == f"{line['description']}\n"


@pytest.mark.parametrize("name", ["texts.jsonl", "texts.csv"])
def test_a_run_that_was_cut_goes_on(describe, shop, tmp_path, name):
    output, whole = tmp_path / name, tmp_path / f"whole-{name}"
    describe(shop, "--recursive", "--output", whole)
    content = whole.read_bytes()
    output.write_bytes(content[:-9])  # the last line was being written
    refused, _, err = describe(shop, "--recursive", "--output", output)
    assert refused == 1
    assert "exists: go on with it by --resume" in err
    assert describe(shop, "--recursive", "--output", output, "--resume")[0] == 0
    assert output.read_bytes() == content
    status, _, err = describe(shop, "--recursive", "--output", output, "--resume")
    assert (status, err) == (0, "moda_engine: all photos are described already.\n")


def test_what_failed_is_tried_again(describe, shop, tmp_path):
    output = tmp_path / "texts.jsonl"
    good = (shop / "b.png").read_bytes()
    (shop / "b.png").write_bytes(good[:-100])
    status, _, err = describe(shop, "--output", output)
    assert (status, err.count("b.png: not a readable")) == (1, 1)
    (shop / "b.png").write_bytes(good)
    assert describe(shop, "--output", output, "--resume")[0] == 0
    images = [json.loads(line)["image"] for line in output.read_text().splitlines()]
    assert images == [str(shop / "a.JPG"), str(shop / "b.png")]


def test_sidecars_that_are_there_are_passed_over(describe, shop):
    (shop / "a.txt").write_text("By hand.\n")
    assert describe(shop, "--sidecars", "--resume")[0] == 0
    assert (shop / "a.txt").read_text() == "By hand.\n"
    assert (shop / "b.txt").read_text().strip()


def test_a_file_that_is_no_output_is_not_gone_on_with(describe, shop, tmp_path):
    output = tmp_path / "texts.jsonl"
    output.write_text("[]\n")
    status, _, err = describe(shop, "--output", output, "--resume")
    assert (status, output.read_text()) == (1, "[]\n")
    assert "cannot be gone on with" in err


def test_batches_of_any_size_write_the_same(describe, shop):
    expected = describe(shop)
    assert describe(shop, "--batch-size", 1) == expected
    with pytest.raises(SystemExit, match="2"):
        describe(shop, "--batch-size", 0)


def test_an_adapter_that_is_none_is_a_sentence(describe, shop, tmp_path):
    status, _, err = describe(shop, "--adapter", tmp_path)
    assert status == 1
    assert "is no adapter" in err


def test_the_version_is_the_packages(capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert moda_engine.__version__ == project["version"]
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"moda_engine {project['version']}\n"


def test_a_pipe_that_closes_ends_it_quietly(checkpoint, shop):
    for number in range(40):
        shutil.copy(shop / "b.png", shop / f"b{number}.png")
    arguments = ["describe", "--batch-size", "1", "--model", str(checkpoint), str(shop)]
    process = subprocess.Popen(
        [sys.executable, "-m", "moda_engine", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141
