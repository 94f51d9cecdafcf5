"""What cannot become a checkpoint: each its own sentence, and nothing is written."""

import json
import shutil

import pytest
import torch
from transformers import BertConfig, ViTConfig

from moda_engine.checkpoint import files_sha256
from moda_engine.exceptions import CheckpointError
from moda_engine.parts.assembly import checkpoint_assemble
from moda_engine.parts.published import PartRequest
from tests.moda_engine.assembling import assemble


def refused(parts, output, match, **options):
    with pytest.raises(CheckpointError, match=match):
        assemble(parts, output, **options)
    assert not output.exists()


def test_a_folder_that_holds_something_is_left_alone(published_parts, tmp_path):
    output = tmp_path / "moda"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="exists and is not empty"):
        assemble(published_parts, output)
    assert [path.name for path in output.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(published_parts, tmp_path):
    (tmp_path / "moda").mkdir()
    assemble(published_parts, tmp_path / "moda")
    assert (tmp_path / "moda" / "model.safetensors").is_file()


def test_a_wrong_hash(spoilable_parts, tmp_path):
    # The weights are rubbish: they are refused by their hash, so they were not read.
    (spoilable_parts["opt"] / "pytorch_model.bin").write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match=r"SHA-256 \w{64}, not abc: they are not the ones"):
        checkpoint_assemble(
            tmp_path / "moda",
            encoder=PartRequest(str(spoilable_parts["clip"])),
            language_model=PartRequest(str(spoilable_parts["opt"]), sha256="abc"),
        )
    assert not (tmp_path / "moda").exists()


def test_the_right_hash_in_capitals(published_parts, tmp_path):
    sha256 = files_sha256([published_parts["clip"] / "pytorch_model.bin"]).upper()
    checkpoint_assemble(
        tmp_path / "moda",
        encoder=PartRequest(str(published_parts["clip"]), sha256=sha256),
        language_model=PartRequest(str(published_parts["opt"])),
    )
    assert (tmp_path / "moda" / "config.json").is_file()


def test_a_revision_of_a_local_folder(published_parts, tmp_path):
    with pytest.raises(CheckpointError, match="is a local folder, which has no revisions"):
        checkpoint_assemble(
            tmp_path / "moda",
            encoder=PartRequest(str(published_parts["clip"]), revision="main"),
            language_model=PartRequest(str(published_parts["opt"])),
        )


def test_a_folder_that_is_not_there(published_parts, tmp_path):
    parts = {**published_parts, "opt": tmp_path / "absent"}
    refused(parts, tmp_path / "moda", "There is no folder .*absent")


@pytest.mark.parametrize(
    ("part", "missing", "message"),
    [
        ("opt", ["config.json"], "is no model: config.json missing"),
        ("opt", ["pytorch_model.bin"], "holds no weights: model.safetensors or pytorch_model.bin"),
        ("clip", ["preprocessor_config.json"], "has no image processor"),
        ("opt", ["vocab.json", "merges.txt"], "opt has no tokenizer"),
        ("clip", ["merges.txt"], "clip has no tokenizer"),
    ],
)
def test_a_missing_file(spoilable_parts, tmp_path, part, missing, message):
    for name in missing:
        (spoilable_parts[part] / name).unlink()
    refused(spoilable_parts, tmp_path / "moda", message)


def test_a_tokenizer_of_another_model(spoilable_parts, tmp_path):
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(spoilable_parts["clip"] / name, spoilable_parts["opt"] / name)
    config = json.loads((spoilable_parts["opt"] / "config.json").read_text())
    highest, rows = 513, config["vocab_size"]
    assert rows <= highest
    message = (
        f"does not fit the language model: it has token ids up to \\d+, the model has embeddings "
        f"for {rows}"
    )
    refused(spoilable_parts, tmp_path / "moda", message)


def test_a_text_tower_with_another_tokenizer(spoilable_parts, tmp_path):
    config = json.loads((spoilable_parts["clip"] / "config.json").read_text())
    config["text_config"]["vocab_size"] = 500
    (spoilable_parts["clip"] / "config.json").write_text(json.dumps(config))
    refused(spoilable_parts, tmp_path / "moda", "does not fit the encoder's text tower: .* 500")


def test_a_tokenizer_without_an_end(spoilable_parts, tmp_path):
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        path = spoilable_parts["llama"] / name
        if path.is_file():
            values = json.loads(path.read_text())
            path.write_text(json.dumps({k: v for k, v in values.items() if k != "eos_token"}))
    refused(spoilable_parts, tmp_path / "moda", "no end token", language_model="llama")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (ViTConfig(hidden_size=24, num_hidden_layers=1), "ViTModel.* has no image and text feat"),
        (BertConfig(hidden_size=24, num_hidden_layers=1), "BertModel.* has no image and text feat"),
    ],
)
def test_an_encoder_without_both_towers(spoilable_parts, tmp_path, config, message):
    config.save_pretrained(spoilable_parts["clip"])
    refused(spoilable_parts, tmp_path / "moda", message)


def test_an_encoder_in_place_of_the_language_model(published_parts, tmp_path):
    message = "of type 'clip': that is no causal language model"
    refused(published_parts, tmp_path / "moda", message, language_model="clip")


def test_an_architecture_that_is_not_known(spoilable_parts, tmp_path):
    (spoilable_parts["opt"] / "config.json").write_text('{"model_type": "of-the-future"}')
    refused(spoilable_parts, tmp_path / "moda", "config.json that transformers cannot read")


def test_code_that_came_with_a_model_is_not_run(spoilable_parts, tmp_path):
    target = tmp_path / "executed"
    (spoilable_parts["opt"] / "code.py").write_text(
        f"open({str(target)!r}, 'w')\nclass Model: pass\n"
    )
    path = spoilable_parts["opt"] / "config.json"
    config = json.loads(path.read_text()) | {
        "model_type": "of-the-future",
        "auto_map": {"AutoConfig": "code.Model", "AutoModelForCausalLM": "code.Model"},
    }
    path.write_text(json.dumps(config))
    refused(spoilable_parts, tmp_path / "moda", "config.json that transformers cannot read")
    assert not target.exists()


def test_weights_of_another_size(spoilable_parts, tmp_path):
    config = json.loads((spoilable_parts["opt"] / "config.json").read_text())
    (spoilable_parts["opt"] / "config.json").write_text(json.dumps(config | {"ffn_dim": 48}))
    refused(spoilable_parts, tmp_path / "moda", "The weights of opt do not fit its config.json")


def test_weights_that_lack_a_tensor(spoilable_parts, tmp_path):
    path = spoilable_parts["opt"] / "pytorch_model.bin"
    weights = torch.load(path, weights_only=True)
    del weights["decoder.layers.1.fc1.weight"]
    torch.save(weights, path)
    refused(
        spoilable_parts,
        tmp_path / "moda",
        "lack 1 tensors, model.decoder.layers.1.fc1.weight for one",
    )
