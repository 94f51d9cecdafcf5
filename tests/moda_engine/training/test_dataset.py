"""From imagefolders to encoded captions."""

import shutil

import pytest
import torch

from moda_engine.exceptions import DatasetError
from moda_engine.training.dataset import (
    encode_examples,
    fingerprint,
    load_captions,
    longest_caption,
    read_imagefolder,
    set_warnings,
)
from moda_engine.training.features import EmbeddingCache, encoder_key


@pytest.fixture
def load(model_and_processor, tmp_path):
    """Loads folders with a cache on disk, and tells how many photos the encoder saw."""
    model, processor = model_and_processor
    seen = []
    model.encoder.vision_model.register_forward_hook(
        lambda module, inputs, output: seen.append(len(inputs[0]))
    )

    def run(*folders):
        seen.clear()
        cache = EmbeddingCache(encoder_key(model, processor), tmp_path / "cache")
        return load_captions(folders, model, processor, cache), sum(seen)

    return run


def test_photos_are_encoded_once_and_found_again(load, imagefolder):
    first, encoded = load(imagefolder)
    assert (len(first), encoded) == (4, 4)
    again, encoded = load(imagefolder)
    assert encoded == 0
    assert torch.equal(again.captions.features, first.captions.features)
    assert again.captions.texts == first.captions.texts


def test_a_changed_photo_is_encoded_again(load, imagefolder, photos):
    before, _ = load(imagefolder)
    photos[4].save(imagefolder / "images" / "1.png")
    after, encoded = load(imagefolder)
    assert encoded == 1
    same = [
        torch.equal(old, new)
        for old, new in zip(before.captions.features, after.captions.features, strict=True)
    ]
    assert same == [True, False, True, True]


def test_the_same_photo_under_two_names_is_encoded_once(load, imagefolder):
    shutil.copyfile(imagefolder / "images" / "0.png", imagefolder / "images" / "3.png")
    captions, encoded = load(imagefolder)
    assert (len(captions), encoded) == (4, 3)
    assert torch.equal(captions.captions.features[0], captions.captions.features[3])


def test_features_are_those_of_the_encoder(load, imagefolder, model_and_processor, photos):
    model, processor = model_and_processor
    captions, _ = load(imagefolder)
    pixels = processor(images=photos[:4])["pixel_values"]
    torch.testing.assert_close(captions.captions.features, model.encode_images(pixels))


def test_a_broken_photo_is_left_out_by_its_line(load, imagefolder):
    (imagefolder / "images" / "1.png").write_bytes(b"nothing")
    captions, _ = load(imagefolder)
    assert captions.captions.texts == ["Red skirt 0.", "Red skirt 2.", "Red skirt 3."]
    (line,) = captions.refused
    assert line.startswith(f"{imagefolder / 'metadata.jsonl'}, line 2: ")
    assert "1.png: not a readable JPEG, PNG, WebP or AVIF photo" in line


def test_ten_thousand_words_are_left_out_by_their_line(load, imagefolder):
    metadata = imagefolder / "metadata.jsonl"
    words = "red " * 10_000
    metadata.write_text(f'{{"file_name": "images/0.png", "text": "{words}"}}\n')
    captions, encoded = load(imagefolder)
    assert (len(captions), encoded) == (0, 0)
    (line,) = captions.refused
    assert line.startswith(f"{metadata}, line 1: the text has 10000 words, ")
    assert line.endswith("at most 159 can be learned. Shorten it.")


def test_what_a_model_reads_at_most(model_and_processor):
    model, _ = model_and_processor
    assert longest_caption(model) == 159  # 160 positions, one for the photo
    model.config.language_config.max_position_embeddings = 2_048
    assert longest_caption(model) == 512


def test_a_photo_that_disappears_is_left_out(model_and_processor, imagefolder):
    model, processor = model_and_processor
    examples, _ = read_imagefolder(imagefolder)
    (imagefolder / "images" / "0.png").unlink()
    found = encode_examples(model, processor, examples)
    assert len(found) == 3
    assert "line 1: " in found.refused[0]
    assert "cannot be read (No such file or directory)" in found.refused[0]


def test_shared_photos_and_lonely_captions_are_warned_of(load, imagefolder):
    both, _ = load(imagefolder)
    assert set_warnings(both, both) == [
        "4 photos are in both the training and the validation set: the validation loss will look "
        "better than it is."
    ]
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_text(metadata.read_text().splitlines()[0])
    one, _ = load(imagefolder)
    assert set_warnings(one) == [
        "the training set has a single caption: the model will overfit to it.",
        "without --validation no epoch can be judged: the last one is kept.",
    ]


def test_the_fingerprint_follows_texts_facts_and_photos(load, imagefolder, photos):
    metadata = imagefolder / "metadata.jsonl"
    prints = [fingerprint([load(imagefolder)[0]])]
    assert prints == [fingerprint([load(imagefolder)[0]])]
    metadata.write_text(metadata.read_text().replace("skirt 3.", "skirt three."))
    prints.append(fingerprint([load(imagefolder)[0]]))
    metadata.write_text(metadata.read_text().replace('"colour"', '"facts": "new", "colour"'))
    prints.append(fingerprint([load(imagefolder)[0]]))
    photos[4].save(imagefolder / "images" / "1.png")
    prints.append(fingerprint([load(imagefolder)[0]]))
    assert len(set(prints)) == 4


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
