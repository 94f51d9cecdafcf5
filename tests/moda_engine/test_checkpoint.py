import errno
import hashlib

import pytest

from moda_engine.checkpoint import (
    check_vacant,
    checkpoint_write,
    training_record,
    weights_sha256,
    written_whole,
)
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


def test_a_checkpoint_always_has_a_model_card(model_and_processor, tmp_path):
    model, processor = model_and_processor
    record = {"recipe": {"name": "seed"}}
    checkpoint_write(tmp_path / "made", model=model, processor=processor, record=record)
    assert "By the recipe `seed`" in (tmp_path / "made" / "README.md").read_text()
    assert training_record(tmp_path / "made") == record
    card = tmp_path / "card.md"
    card.write_text("by hand")
    checkpoint_write(
        tmp_path / "made", model=model, processor=processor, record={}, model_card=card
    )
    assert (tmp_path / "made" / "README.md").read_text() == "by hand"
    assert not (tmp_path / "made" / "training.json").exists()


def test_other_users_may_read_all_of_it(tmp_path):
    with written_whole(tmp_path / "checkpoint") as folder:
        (folder / "below").mkdir(mode=0o700)
        (folder / "below" / "file").touch(mode=0o600)
    assert (tmp_path / "checkpoint").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "checkpoint" / "below").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "checkpoint" / "below" / "file").stat().st_mode & 0o777 == 0o644


def test_a_disk_that_takes_no_more_is_a_sentence_and_changes_nothing(tmp_path):
    target = tmp_path / "checkpoint"
    with written_whole(target) as folder:
        (folder / "config.json").write_text("first")
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(CheckpointError, match="No space left on device"), written_whole(target):
        raise full
    assert (target / "config.json").read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(CheckpointError, match="cannot be written"),
        written_whole(tmp_path / "file" / "checkpoint"),
    ):
        pass


def test_vacant_is_absent_or_empty(tmp_path):
    check_vacant(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    check_vacant(tmp_path / "empty")
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(CheckpointError, match="exists and is not empty"):
            check_vacant(taken)
