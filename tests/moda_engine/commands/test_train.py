import json

import pytest

from moda_engine.__main__ import main
from moda_engine.training import run
from tests.moda_engine.tiny import add_heads, tiny_model


@pytest.fixture
def train(checkpoint, imagefolder, tmp_path, capsys):
    """Runs the command on the photos of `imagefolder`; status, standard output and error."""

    def call(*more, output=tmp_path / "trained"):
        given = {"data": imagefolder, "model": checkpoint, "output": output}
        options = [f"--{name}={value}" for name, value in given.items()]
        status = main(["train", *options, *map(str, more)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_it_writes_a_checkpoint_that_describes(train, imagefolder, tmp_path, capsys):
    status, out, err = train("--validation", imagefolder)
    output = tmp_path / "trained"
    record = json.loads((output / "training.json").read_text())
    assert status == 0
    assert record["recipe"]["name"] == "default"
    losses = [figures["validation_loss"] for figures in record["curve"]]
    assert len(losses) == record["recipe"]["epochs"]
    assert losses[-1] < losses[0]
    assert f"epoch 1/{len(losses)}: training " in out
    assert out.splitlines()[-1].startswith(f"{output}: epoch ")
    assert "4 photos are in both the training and the validation set" in err
    assert (output / "loss_curve.png").read_bytes().startswith(b"\x89PNG")
    photo = str(imagefolder / "images" / "0.png")
    assert main(["describe", "--model", str(output), photo]) == 0
    assert capsys.readouterr().out.startswith(photo)


def test_epochs_can_be_asked_for(train, tmp_path, capsys):
    status, _, _ = train("--epochs=2")
    record = json.loads((tmp_path / "trained" / "training.json").read_text())
    assert (status, record["recipe"]["epochs"], len(record["curve"])) == (0, 2, 2)
    with pytest.raises(SystemExit):
        train("--epochs=0", output=tmp_path / "other")
    assert "'0' is no number of epochs from 1 on." in capsys.readouterr().err


def test_rate_and_step_size_can_be_asked_for(train, tmp_path, capsys):
    status, _, _ = train("--epochs=1", "--learning-rate=0.002", "--batch-size=2")
    recipe = json.loads((tmp_path / "trained" / "training.json").read_text())["recipe"]
    asked = (recipe["learning_rate"], recipe["batch_size"], recipe["accumulation"])
    assert (status, asked) == (0, (0.002, 2, 1))
    for wrong, said in (
        ("--learning-rate=fast", "'fast' is no rate between 0 and 1."),
        ("--learning-rate=1", "'1' is no rate between 0 and 1."),
        ("--batch-size=0", "'0' is no number of captions from 1 on."),
    ):
        with pytest.raises(SystemExit):
            train(wrong, output=tmp_path / "other")
        assert said in capsys.readouterr().err


def test_a_model_with_heads_learns_under_briefs(imagefolder, tmp_path, capsys):
    model, processor = tiny_model()
    add_heads(model)
    base, output = tmp_path / "base", tmp_path / "trained"
    model.save_pretrained(base)
    processor.save_pretrained(base)
    status = main(
        ["train", f"--data={imagefolder}", f"--model={base}", f"--output={output}", "--epochs=1"]
    )
    assert status == 0, capsys.readouterr().err
    run = json.loads((output / "run.json").read_text())
    # Four captions, and copies with other labels.
    assert run["counts"] == [400]
    config = json.loads((output / "config.json").read_text())
    # "Red skirt 0." leaves the wearer unsaid, and so do the others: that is the shop's way.
    assert config["says_all"] is False


def test_what_is_left_out_is_named_and_counted(train, imagefolder):
    with (imagefolder / "metadata.jsonl").open("a") as file:
        file.write('{"file_name": "images/0.png"}\n{"file_name": "images/7.png", "text": "a"}\n')
    status, _, err = train()
    assert status == 0
    assert "line 5: no text." in err
    assert "line 6: images/7.png does not exist." in err
    assert "2 examples are left out." in err


def test_strict_refuses_what_would_be_left_out(train, imagefolder, tmp_path):
    with (imagefolder / "metadata.jsonl").open("a") as file:
        file.write("{\n")
    status, _, err = train("--strict")
    assert status == 1
    assert "line 5: no JSON" in err
    assert "1 examples cannot be used: mend them, or omit --strict." in err
    assert not (tmp_path / "trained").exists()


def test_an_empty_set_is_a_sentence(train, imagefolder, tmp_path):
    (imagefolder / "metadata.jsonl").write_text("\n")
    status, _, err = train()
    assert (status, err) == (
        1,
        "moda_engine: The training set is empty: there is nothing to learn.\n",
    )
    assert not (tmp_path / "trained").exists()


def test_a_second_run_into_the_same_folder_is_refused(train):
    assert train()[0] == 0
    status, _, err = train()
    assert status == 1
    assert "holds a run already: add --resume" in err


def test_stopped_by_hand_it_says_how_to_go_on(train, monkeypatch, tmp_path):
    def interrupt(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "train", interrupt)
    status, _, err = train()
    assert status == 130
    assert f"stopped; --resume goes on in {tmp_path / 'trained'}." in err
    monkeypatch.undo()
    assert train("--resume")[0] == 0


def test_going_on_where_there_is_no_run_is_refused(train, tmp_path):
    status, _, err = train("--resume", output=tmp_path / "mistyped")
    assert status == 1
    assert f"{tmp_path / 'mistyped'} holds no run to go on with: check --output" in err
    assert not (tmp_path / "mistyped").exists()
