"""Evaluating a checkpoint on labelled photos, and which records can be used."""

import json

import pytest

from moda_engine import Describer
from moda_engine.evaluation.evaluate import evaluate, labelled_records
from moda_engine.exceptions import DatasetError


@pytest.fixture
def describer(model_and_processor):
    return Describer(*model_and_processor)


def text_of_tokens(describer: Describer, count: int) -> str:
    """A text that the tokenizer cuts into `count` tokens."""
    text = "Red skirt"
    tokenizer = describer.processor.tokenizer
    while len(tokenizer(text)["input_ids"]) < count:
        text += " a"
    assert len(tokenizer(text)["input_ids"]) == count
    return text


def test_without_a_callback_a_bad_record_is_an_error(describer, imagefolder):
    (imagefolder / "images" / "2.png").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"metadata.jsonl, line 3: .*2.png: not a readable"):
        evaluate(describer, imagefolder)


def test_what_is_left_out_is_told_and_the_rest_measured(describer, imagefolder):
    (imagefolder / "images" / "2.png").write_bytes(b"nothing")
    left_out = []
    measures = evaluate(describer, imagefolder, left_out.append).measures()
    assert measures["n"] == 3
    assert [refusal.line for refusal in left_out] == [3]


def test_the_longest_text_that_the_model_reads(describer, imagefolder):
    """160 positions: the visual token, 158 of the text, and its end, which counts as one."""
    record = {"file_name": "images/0.png", "colour": "Red"}
    longest = text_of_tokens(describer, 158)
    (imagefolder / "metadata.jsonl").write_text(json.dumps(record | {"text": longest}))
    assert evaluate(describer, imagefolder).loss > 0
    (imagefolder / "metadata.jsonl").write_text(json.dumps(record | {"text": longest + " a"}))
    with pytest.raises(DatasetError, match=r"line 1: the text has 160 tokens; the model reads 159"):
        evaluate(describer, imagefolder)


def test_measures_of_more_photos_than_a_batch(describer, imagefolder):
    (line, *_) = (imagefolder / "metadata.jsonl").read_text().splitlines()
    (imagefolder / "metadata.jsonl").write_text(f"{line}\n" * 70)
    assert evaluate(describer, imagefolder).measures()["n"] == 70


def write_records(folder, *records: object) -> None:
    (folder / "metadata.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in records))


@pytest.mark.parametrize("label", ["colour", "usage", "product_type", "gender"])
def test_one_label_is_enough(imagefolder, label):
    write_records(imagefolder, {"file_name": "images/0.png", label: "Red"})
    (record,), refused = labelled_records(imagefolder)
    assert record.fields[label] == "Red"
    assert refused == []


def test_refusals_come_in_the_order_of_lines(imagefolder):
    write_records(
        imagefolder,
        {"file_name": "images/0.png"},
        [],
        {"file_name": "images/1.png", "gender": "Girls"},
        {"file_name": "images/2.png", "gender": 3},
    )
    records, refused = labelled_records(imagefolder)
    assert [record.line for record in records] == [3]
    assert [(refusal.line, refusal.reason) for refusal in refused] == [
        (1, "no label: give one of colour, usage, product_type, gender."),
        (2, "no file_name."),
        (4, "gender is int, not a string."),
    ]


def test_an_empty_file_is_an_error(imagefolder):
    write_records(imagefolder)
    with pytest.raises(DatasetError, match=r"metadata.jsonl is empty: there is nothing to measure"):
        labelled_records(imagefolder)
