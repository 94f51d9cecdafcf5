"""`init` and what becomes of it, each command in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from moda_engine.__main__ import main
from tests.moda_engine.hub import COMMIT
from tests.moda_engine.published import publish_clip, publish_llama, publish_opt


@pytest.fixture
def parts(tmp_path):
    return {
        "patrickjohncyh/fashion-clip": publish_clip(tmp_path / "clip"),
        "facebook/opt-125m": publish_opt(tmp_path / "opt"),
        "HuggingFaceTB/SmolLM2-135M": publish_llama(tmp_path / "llama"),
    }


def run(*arguments, **environment):
    command = [sys.executable, "-m", "moda_engine", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}
    )


def from_hub(output, language_model="facebook/opt-125m"):
    encoder = ["--encoder", "patrickjohncyh/fashion-clip"]
    return ["init", *encoder, "--language-model", language_model, "--output", str(output)]


def test_init_from_the_hub_then_describe(running_hub, parts, tmp_path, imagefolder):
    running_hub.models = parts
    output = tmp_path / "moda"
    at_our_hub = {"HF_ENDPOINT": running_hub.address, "HF_HOME": str(tmp_path / "hub-home")}
    done = run(*from_hub(output), **at_our_hub)
    assert done.returncode == 0, done.stderr
    first, second, *_ = done.stdout.splitlines()
    assert first == f"encoder: patrickjohncyh/fashion-clip, commit {COMMIT}, licence mit"
    assert second.startswith(f"language model: facebook/opt-125m, commit {COMMIT}, licence Meta's")
    assert second.endswith("NOT FOR COMMERCIAL USE")
    recorded = json.loads((output / "config.json").read_text())["parts"]
    assert recorded["language_model"]["revision"] == COMMIT
    photo = str(imagefolder / "images" / "0.png")
    described = run("describe", "--model", output, photo)
    assert (described.returncode, described.stdout) == (1, "")  # it is not trained yet
    assert described.stderr == (
        "moda_engine: The model wrote nothing of the photo: it is not trained, or its weights are "
        "damaged.\n"
    )


def test_a_hub_without_the_model_ends_in_one_line(hub, parts, tmp_path, capsys):
    hub.models = parts
    assert main(from_hub(tmp_path / "moda", "facebook/absent")) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("moda_engine: The hub has no model facebook/absent")
    assert not (tmp_path / "moda").exists()


def test_a_revision_that_is_asked_for_is_fetched(hub, parts, tmp_path, capsys):
    hub.models = parts
    arguments = [*from_hub(tmp_path / "moda"), "--language-model-revision", "v9"]
    assert main(arguments) == 1
    assert "facebook/opt-125m has no revision v9" in capsys.readouterr().err


def test_init_from_folders(parts, tmp_path, capsys):
    encoder, _, language_model = map(str, parts.values())
    output = str(tmp_path / "moda")
    arguments = ["init", "--encoder", encoder, "--language-model", language_model]
    assert main([*arguments, "--output", output]) == 0
    printed = capsys.readouterr().out
    assert "language model: llama, SHA-256 " in printed
    assert "NOT FOR COMMERCIAL USE" not in printed
    assert main([*arguments, "--output", output]) == 1
    assert f"{output} exists and is not empty" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--encoder-sha256", "--language-model-sha256"])
def test_a_hash_that_is_asked_for_is_held_to(parts, tmp_path, capsys, option):
    encoder, language_model, _ = map(str, parts.values())
    arguments = ["init", "--encoder", encoder, "--language-model", language_model]
    assert main([*arguments, "--output", str(tmp_path / "moda"), option, "0" * 64]) == 1
    assert f"not {'0' * 64}: they are not the ones you asked for" in capsys.readouterr().err


#: Every file that the process writes may have 100,000 bytes at most: a disk that takes no more.
FULL_DISK = """
import resource, sys
from moda_engine.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(main(sys.argv[1:]))
"""


def test_a_full_disk_leaves_nothing_behind(parts, tmp_path):
    encoder, language_model, _ = map(str, parts.values())
    output = tmp_path / "out" / "moda"
    arguments = ["init", "--encoder", encoder, "--language-model", language_model]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments, "--output", str(output)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert f"moda_engine: {output} cannot be written: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(output.parent.iterdir()) == []


def test_help_names_every_command_and_two_examples(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert (
        "\n    init      assemble a new checkpoint from an encoder and a language model\n"
        in printed
    )
    assert printed.count("\n  python -m moda_engine ") == 2
