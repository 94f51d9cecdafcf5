import hashlib

import pytest

from moda_engine.checkpoint import training_record, weights_sha256, written_whole
from moda_engine.exceptions import CheckpointError


def test_identity_is_the_hash_of_the_weights(checkpoint):
    weights = (checkpoint / "model.safetensors").read_bytes()
    assert weights_sha256(checkpoint) == hashlib.sha256(weights).hexdigest()


def test_a_folder_without_weights_has_no_identity(tmp_path):
    with pytest.raises(CheckpointError, match=r"model.safetensors missing"):
        weights_sha256(tmp_path)


def test_no_training_record_is_an_empty_one(checkpoint):
    assert training_record(checkpoint) == {}


def test_an_interrupted_write_leaves_what_was_there(tmp_path):
    target = tmp_path / "checkpoint"
    with written_whole(target) as folder:
        (folder / "config.json").write_text("first")
    with pytest.raises(KeyboardInterrupt), written_whole(target) as folder:
        (folder / "config.json").write_text("second")
        raise KeyboardInterrupt
    assert (target / "config.json").read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_write_replaces_the_first(tmp_path):
    target = tmp_path / "checkpoint"
    for text in ("first", "second"):
        with written_whole(target) as folder:
            (folder / f"{text}.json").write_text(text)
    assert [path.name for path in target.iterdir()] == ["second.json"]
    assert list(tmp_path.iterdir()) == [target]
