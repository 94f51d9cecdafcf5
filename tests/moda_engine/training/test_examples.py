import pytest

from moda_engine.exceptions import DatasetError
from moda_engine.training.examples import read_imagefolder


def test_examples_in_order(imagefolder):
    examples, refused = read_imagefolder(imagefolder)
    assert refused == []
    assert [example.text for example in examples] == [f"Red skirt {n}." for n in range(4)]
    assert [example.facts for example in examples] == [None] * 4
    assert examples[2].source == f"{imagefolder / 'metadata.jsonl'}, line 3"


def test_facts_are_taken_along(imagefolder):
    (imagefolder / "metadata.jsonl").write_text(
        '{"file_name": "images/0.png", "text": "Red skirt.", "facts": "colour red"}\n'
    )
    (example,), _ = read_imagefolder(imagefolder)
    assert example.facts == "colour red"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "no file_name"),
        ('{"text": "Red."}', "no file_name"),
        ('{"file_name": "images/0.png"}', "no text"),
        ('{"file_name": "images/0.png", "text": "  "}', "no text"),
        ('{"file_name": "images/0.png", "text": "Red.", "facts": 3}', "facts is no text"),
        ('{"file_name": "images/9.png", "text": "Red."}', "images/9.png does not exist"),
        ('{"file_name": "../secret.png", "text": "Red."}', "lies outside the folder"),
    ],
)
def test_a_bad_line_is_left_out_and_named(imagefolder, line, reason):
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_text(metadata.read_text() + line + "\n")
    examples, refused = read_imagefolder(imagefolder)
    assert len(examples) == 4
    assert len(refused) == 1
    assert f"{metadata}, line 5: " in refused[0]
    assert reason in refused[0]


def test_a_folder_without_metadata(tmp_path):
    with pytest.raises(DatasetError, match=r"metadata.jsonl is missing"):
        read_imagefolder(tmp_path)
