import json
import multiprocessing
import resource
from dataclasses import asdict, replace

import pytest
import torch
from PIL import Image

from moda_engine import Describer
from moda_engine.checkpoint import check_checkpoint, training_record
from moda_engine.exceptions import CheckpointError, TrainingError
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.checkpoints import RunFolder
from moda_engine.training.recipe import DEFAULT, RETRAINING
from moda_engine.training.trainer import train
from tests.moda_engine.tiny import SENTENCES, tiny_model

RECIPE = replace(DEFAULT, epochs=5, batch_size=2, accumulation=1, learning_rate=5e-3)
RUN = {"recipe": "a", "captions": "b", "precision": "float32"}
CAPTIONS = EncodedCaptions(torch.eye(3, 16) * 4, SENTENCES)


def opened(path, *, resume=False, run=RUN):
    return RunFolder.open(path, tiny_model()[1], run, resume=resume)


def trained(path, captions=CAPTIONS, **more):
    folder = opened(path, resume=True)
    return folder, train(*tiny_model(), captions, RECIPE, CAPTIONS, checkpoints=folder, **more)


def test_the_last_two_states_and_the_best_checkpoint_are_kept(tmp_path):
    folder, curve = trained(tmp_path / "run", save_every=1)
    best = min(curve, key=lambda figures: figures.validation_loss)
    names = sorted(path.name for path in folder.checkpoints.iterdir())
    assert names == [f"best-epoch-{best.epoch:03d}", "step-00000009", "step-00000010"]


def test_the_result_is_a_checkpoint_with_its_record(tmp_path):
    folder, curve = trained(tmp_path / "run")
    with pytest.raises(CheckpointError, match=r"config.json, .* missing"):
        check_checkpoint(folder.directory)
    best = folder.finish(curve)
    record = training_record(folder.directory)
    assert (record["captions"], record["precision"]) == ("b", "float32")
    assert [line["epoch"] for line in record["curve"]] == [1, 2, 3, 4, 5]
    assert record["best"]["validation_loss"] == best.validation_loss
    photo = Image.new("RGB", (20, 30), "red")
    result, kept = (
        Describer.from_pretrained(path).describe([photo])
        for path in (folder.directory, folder.checkpoints / f"best-epoch-{best.epoch:03d}")
    )
    assert result == kept


def test_a_result_that_was_half_moved_is_moved_anew(tmp_path):
    folder, curve = trained(tmp_path / "run")
    (best,) = folder.checkpoints.glob("best-epoch-*")
    for place in (best, folder.directory):  # a tokenizer of the text tower's own
        (place / "encoder_tokenizer").mkdir()
        (place / "encoder_tokenizer" / "tokenizer.json").write_text(f"{place.name}")
    folder.finish(curve)
    moved = folder.directory / "encoder_tokenizer" / "tokenizer.json"
    assert moved.read_text() == best.name


def test_an_existing_run_is_not_written_over(tmp_path):
    opened(tmp_path / "run")
    with pytest.raises(TrainingError, match="holds a run already: add --resume"):
        opened(tmp_path / "run")


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir")
    for resume in (False, True):
        with pytest.raises(CheckpointError, match=r"is not empty\. Nothing is overwritten"):
            opened(tmp_path, resume=resume)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_run_goes_on_with_what_it_was_begun_with(tmp_path):
    opened(tmp_path / "run")
    with pytest.raises(TrainingError, match="cannot go on: captions, recipe differ"):
        opened(tmp_path / "run", resume=True, run=RUN | {"recipe": "c", "captions": "d"})


def test_a_run_of_an_earlier_version_goes_on(tmp_path):
    """Its `run.json` names two fields of the recipe otherwise."""
    names = {"rehearsal_share": "base_share", "soft_label_share": "belief_share"}
    recipe = asdict(RETRAINING["full"])
    run = {**RUN, "recipe": recipe}
    opened(tmp_path / "run", run=run)
    file = tmp_path / "run" / "run.json"
    former = {names.get(name, name): value for name, value in recipe.items()}
    file.write_text(json.dumps({**RUN, "recipe": former}))
    assert opened(tmp_path / "run", run=run, resume=True).run == run
    file.write_text(json.dumps({**RUN, "recipe": {**former, "belief_share": 0.5}}))
    with pytest.raises(TrainingError, match="cannot go on: recipe differ"):
        opened(tmp_path / "run", run=run, resume=True)


def test_precision_stays_what_it_was(tmp_path):
    opened(tmp_path / "run")
    elsewhere = RUN | {"precision": "bfloat16", "processes": 4}
    folder = opened(tmp_path / "run", resume=True, run=elsewhere)
    assert folder.run["precision"] == "float32"


def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, caplog):
    folder, curve = trained(tmp_path / "run", save_every=1)
    (folder.checkpoints / "step-00000010" / "state.safetensors").write_bytes(b"cut")
    assert folder.past()[0] == folder.load()[0].step == 9
    _, again = trained(tmp_path / "run")
    assert again == curve
    assert "step-00000010 cannot be read" in caplog.text


def test_the_past_is_read_without_the_tensors(tmp_path, monkeypatch):
    folder, curve = trained(tmp_path / "run")
    assert opened(tmp_path / "empty").past() == (0, [])
    monkeypatch.setattr("moda_engine.training.checkpoints.load_file", None)
    assert folder.past() == (10, curve)


def test_no_readable_state_is_an_error(tmp_path):
    folder, _ = trained(tmp_path / "run")
    for state in folder.checkpoints.glob("step-*"):
        (state / "state.json").write_text("{")
    with pytest.raises(TrainingError, match=r"No state in .* can be read"):
        folder.load()


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(tmp_path):
    folder, _ = trained(tmp_path / "run")
    for state in sorted(folder.checkpoints.glob("step-*"))[1:]:
        (state / "state.json").write_text("{")  # so that there is an epoch left to do
    broken = EncodedCaptions(CAPTIONS.features * float("nan"), SENTENCES)
    with pytest.raises(TrainingError, match=r"no longer finite in step 9 .*last good checkpoint"):
        trained(tmp_path / "run", captions=broken)
    (kept,) = folder.checkpoints.glob("best-epoch-*")
    assert check_checkpoint(kept) == kept


def _train_in_little_room(path, report):
    """From epoch 2 no file may grow over 20 kB: as on a full disk, the write itself fails."""
    folder = opened(path, resume=True)
    model, processor = tiny_model()

    def fill_the_disk(figures):
        if figures.epoch == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    try:
        train(
            model, processor, CAPTIONS, RECIPE, CAPTIONS, checkpoints=folder, on_epoch=fill_the_disk
        )
    except TrainingError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        report.put(str(error))


@pytest.mark.faults
def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path):
    _, curve = trained(tmp_path / "undisturbed")
    context = multiprocessing.get_context("spawn")
    report = context.Queue()
    process = context.Process(target=_train_in_little_room, args=(tmp_path / "run", report))
    process.start()
    message = report.get(timeout=120)
    process.join()
    assert "The checkpoint cannot be written" in message
    assert "go on with --resume. The last good checkpoint is kept in " in message
    folder = opened(tmp_path / "run", resume=True)
    (kept,) = folder.checkpoints.glob("best-epoch-*")
    assert check_checkpoint(kept) == kept
    assert [figures.epoch for figures in folder.past()[1]] == [1, 2]
    _, again = trained(tmp_path / "run")
    assert again == curve
    assert json.loads((folder.directory / "run.json").read_text()) == RUN
