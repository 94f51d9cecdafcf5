import pytest

from moda_engine.exceptions import DatasetError
from moda_engine.training.examples import CaptionedPhoto, encode_examples, read_imagefolder


def test_examples_in_order(imagefolder):
    examples, refused = read_imagefolder(imagefolder)
    assert refused == []
    assert [example.text for example in examples] == [f"Red skirt {n}." for n in range(4)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "no file_name"),
        ('{"text": "Red."}', "no file_name"),
        ('{"file_name": "images/0.png"}', "no text"),
        ('{"file_name": "images/0.png", "text": "  "}', "no text"),
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


def test_a_broken_photo_is_left_out_and_the_rest_encoded(model_and_processor, imagefolder):
    model, processor = model_and_processor
    (imagefolder / "images" / "1.png").write_bytes(b"nothing")
    examples, _ = read_imagefolder(imagefolder)
    encoded, refused = encode_examples(model, processor, examples, batch_size=2)
    assert encoded.texts == ["Red skirt 0.", "Red skirt 2.", "Red skirt 3."]
    assert encoded.features.shape == (3, 16)
    assert len(refused) == 1
    assert "1.png" in refused[0]


def test_nothing_readable(model_and_processor, tmp_path):
    model, processor = model_and_processor
    examples = [CaptionedPhoto(tmp_path / "absent.png", "Red.")]
    encoded, refused = encode_examples(model, processor, examples)
    assert len(encoded) == 0
    assert len(refused) == 1
