import json

import pytest

from moda_engine.evaluation.records import labelled_records
from moda_engine.exceptions import DatasetError


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
