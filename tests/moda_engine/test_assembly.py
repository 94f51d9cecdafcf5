import json
import shutil

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import BertConfig, CLIPModel, ViTConfig

from moda_engine import Describer
from moda_engine.assembly import checkpoint_assemble
from moda_engine.checkpoint import training_record
from moda_engine.exceptions import CheckpointError
from moda_engine.parts.published import PartRequest
from moda_engine.parts.weights import files_sha256
from tests.moda_engine.published import (
    PADDING_ROWS,
    publish_clip,
    publish_gpt2,
    publish_llama,
    publish_opt,
    publish_qwen,
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Published models by name; tests only read them."""
    folder = tmp_path_factory.mktemp("published")
    publishers = (publish_clip, publish_opt, publish_llama, publish_gpt2, publish_qwen)
    return {
        publish.__name__.removeprefix("publish_"): publish(folder / publish.__name__)
        for publish in publishers
    }


@pytest.fixture
def copied(parts, tmp_path):
    """A copy of the parts, to be spoilt."""
    return {name: shutil.copytree(path, tmp_path / name) for name, path in parts.items()}


def assemble(parts, output, language_model="opt", encoder="clip", **options):
    return checkpoint_assemble(
        output,
        encoder=PartRequest(str(parts[encoder])),
        language_model=PartRequest(str(parts[language_model])),
        **options,
    )


def refused(parts, output, match, **options):
    with pytest.raises(CheckpointError, match=match):
        assemble(parts, output, **options)
    assert not output.exists()


def test_every_weight_is_the_published_one_in_single_precision(parts, tmp_path):
    output = tmp_path / "moda"
    assemble(parts, output)
    saved = load_file(output / "model.safetensors")
    assert {value.dtype for value in saved.values()} == {torch.float32}
    encoder = torch.load(parts["clip"] / "pytorch_model.bin", weights_only=True)
    language = torch.load(parts["opt"] / "pytorch_model.bin", weights_only=True)
    assert {value.dtype for value in language.values()} == {torch.float16}
    expected = {f"encoder.{name}": value for name, value in encoder.items()}
    del expected["encoder.text_model.embeddings.position_ids"]  # no weight, and no longer stored
    expected |= {f"language_model.model.{name}": value.float() for name, value in language.items()}
    projector = {name for name in saved if name.startswith("projector.")}
    assert set(saved) - projector == set(expected)
    assert all(torch.equal(saved[name], value) for name, value in expected.items())
    assert {name: tuple(saved[name].shape) for name in projector} == {
        "projector.expand.weight": (128, 16),
        "projector.expand.bias": (128,),
        "projector.contract.weight": (32, 128),
        "projector.contract.bias": (32,),
    }


def test_the_projector_follows_its_seed(parts, tmp_path):
    def projector(name, seed):
        assemble(parts, tmp_path / name, seed=seed)
        with safe_open(tmp_path / name / "model.safetensors", "pt") as weights:
            return weights.get_tensor("projector.expand.weight")

    torch.manual_seed(5)
    first = projector("a", 0)
    assert torch.equal(first, projector("b", 0))
    assert not torch.equal(first, projector("c", 1))


def test_the_checkpoint_remembers_its_parts(parts, tmp_path):
    output = tmp_path / "moda"
    returned = assemble(parts, output, seed=7)
    recorded = json.loads((output / "config.json").read_text())["parts"]
    assert recorded == json.loads(json.dumps(returned))
    assert recorded["encoder"] == {
        "name": "publish_clip",
        "revision": None,
        "weights": ["pytorch_model.bin"],
        "sha256": files_sha256([parts["clip"] / "pytorch_model.bin"]),
        "licence": {"identifier": "mit", "name": None, "link": None, "non_commercial": False},
    }
    assert recorded["language_model"]["licence"]["non_commercial"] is True
    assert recorded["projector"] == {"seed": 7}
    config = json.loads((output / "config.json").read_text())
    assert config["language_config"]["dtype"] == config["dtype"] == "float32"
    assert str(parts["opt"].parent) not in json.dumps(config)  # nobody's paths are given away
    assert training_record(output) == {}


def test_the_model_card_says_that_opt_is_not_for_commerce(parts, tmp_path):
    assemble(parts, tmp_path / "moda")
    card = (tmp_path / "moda" / "README.md").read_text()
    assert card.startswith("---\nlicense: other\nlicense_name: non-commercial\n")
    assert "**Not for commercial use.**" in card


@pytest.mark.parametrize("language_model", ["opt", "llama", "gpt2", "qwen"])
def test_any_causal_language_model_drops_in(parts, tmp_path, photos, language_model):
    output = tmp_path / "moda"
    assemble(parts, output, language_model=language_model)
    describer = Describer.from_pretrained(output)
    described = describer.describe(photos[:2], facts=["brand Wren", None])
    assert len(described) == 2
    assert all(0 <= description.confidence <= 1 for description in described)
    assert describer.describe(photos[:2], facts=["brand Wren", None]) == described
    inputs = describer.processor(images=photos[:2], text=["Red skirt.", "A blue skirt with dots."])
    loss = describer.model(**inputs).loss
    loss.backward()
    assert torch.isfinite(loss)
    assert describer.model.projector.expand.weight.grad.abs().sum() > 0


def test_a_published_habit_of_sampling_is_left_behind(parts, tmp_path):
    assemble(parts, tmp_path / "moda", language_model="qwen")
    generation = json.loads((tmp_path / "moda" / "generation_config.json").read_text())
    del generation["transformers_version"]
    assert generation == {"eos_token_id": 1, "pad_token_id": 0, "max_new_tokens": 64}


def test_the_image_processor_is_the_published_one(parts, tmp_path):
    assemble(parts, tmp_path / "moda")
    processor = Describer.from_pretrained(tmp_path / "moda").processor.image_processor
    assert type(processor).__name__ == "CLIPImageProcessorPil"
    assert processor.do_center_crop
    assert dict(processor.crop_size) == {"height": 32, "width": 32}
    assert list(processor.image_mean) == [0.48145466, 0.4578275, 0.40821073]


def test_the_text_tower_reads_with_its_own_tokenizer(parts, tmp_path):
    assemble(parts, tmp_path / "moda")
    describer = Describer.from_pretrained(tmp_path / "moda")
    model = CLIPModel.from_pretrained(parts["clip"], dtype=torch.float32)
    inputs = describer.processor.encoder_text(["a red skirt", "shoes"], length=20)
    start, end = 512, 513
    assert inputs["input_ids"][0, 0] == start
    assert inputs["input_ids"][0, -1] == end
    features = describer.model.encoder.get_text_features(**inputs).pooler_output
    expected = model.get_text_features(**inputs).pooler_output
    assert features.shape == (2, 16)
    torch.testing.assert_close(features, expected)


def test_more_embedding_rows_than_tokens_are_kept(parts, tmp_path):
    assemble(parts, tmp_path / "moda")
    describer = Describer.from_pretrained(tmp_path / "moda")
    rows = describer.model.get_input_embeddings().weight.shape[0]
    assert rows == len(describer.processor.tokenizer) + PADDING_ROWS


def test_a_folder_that_holds_something_is_left_alone(parts, tmp_path):
    output = tmp_path / "moda"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="exists and is not empty"):
        assemble(parts, output)
    assert [path.name for path in output.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(parts, tmp_path):
    (tmp_path / "moda").mkdir()
    assemble(parts, tmp_path / "moda")
    assert (tmp_path / "moda" / "model.safetensors").is_file()


def test_a_wrong_hash(copied, tmp_path):
    # The weights are rubbish: they are refused by their hash, so they were not read.
    (copied["opt"] / "pytorch_model.bin").write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match=r"SHA-256 \w{64}, not abc: they are not the ones"):
        checkpoint_assemble(
            tmp_path / "moda",
            encoder=PartRequest(str(copied["clip"])),
            language_model=PartRequest(str(copied["opt"]), sha256="abc"),
        )
    assert not (tmp_path / "moda").exists()


def test_the_right_hash_in_capitals(parts, tmp_path):
    sha256 = files_sha256([parts["clip"] / "pytorch_model.bin"]).upper()
    checkpoint_assemble(
        tmp_path / "moda",
        encoder=PartRequest(str(parts["clip"]), sha256=sha256),
        language_model=PartRequest(str(parts["opt"])),
    )
    assert (tmp_path / "moda" / "config.json").is_file()


def test_a_revision_of_a_local_folder(parts, tmp_path):
    with pytest.raises(CheckpointError, match="is a local folder, which has no revisions"):
        checkpoint_assemble(
            tmp_path / "moda",
            encoder=PartRequest(str(parts["clip"]), revision="main"),
            language_model=PartRequest(str(parts["opt"])),
        )


def test_a_folder_that_is_not_there(parts, tmp_path):
    parts = {**parts, "opt": tmp_path / "absent"}
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
def test_a_missing_file(copied, tmp_path, part, missing, message):
    for name in missing:
        (copied[part] / name).unlink()
    refused(copied, tmp_path / "moda", message)


def test_a_tokenizer_of_another_model(copied, tmp_path):
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(copied["clip"] / name, copied["opt"] / name)
    config = json.loads((copied["opt"] / "config.json").read_text())
    highest, rows = 513, config["vocab_size"]
    assert rows <= highest
    message = (
        f"does not fit the language model: it has token ids up to \\d+, the model has embeddings "
        f"for {rows}"
    )
    refused(copied, tmp_path / "moda", message)


def test_a_text_tower_with_another_tokenizer(copied, tmp_path):
    config = json.loads((copied["clip"] / "config.json").read_text())
    config["text_config"]["vocab_size"] = 500
    (copied["clip"] / "config.json").write_text(json.dumps(config))
    refused(copied, tmp_path / "moda", "does not fit the encoder's text tower: .* 500")


def test_a_tokenizer_without_an_end(copied, tmp_path):
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        path = copied["llama"] / name
        if path.is_file():
            values = json.loads(path.read_text())
            path.write_text(json.dumps({k: v for k, v in values.items() if k != "eos_token"}))
    refused(copied, tmp_path / "moda", "no end token", language_model="llama")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (ViTConfig(hidden_size=24, num_hidden_layers=1), "ViTModel.* has no image and text feat"),
        (BertConfig(hidden_size=24, num_hidden_layers=1), "BertModel.* has no image and text feat"),
    ],
)
def test_an_encoder_without_both_towers(copied, tmp_path, config, message):
    config.save_pretrained(copied["clip"])
    refused(copied, tmp_path / "moda", message)


def test_an_encoder_in_place_of_the_language_model(parts, tmp_path):
    message = "of type 'clip': that is no causal language model"
    refused(parts, tmp_path / "moda", message, language_model="clip")


def test_an_architecture_that_is_not_known(copied, tmp_path):
    (copied["opt"] / "config.json").write_text('{"model_type": "of-the-future"}')
    refused(copied, tmp_path / "moda", "config.json that transformers cannot read")


def test_code_that_came_with_a_model_is_not_run(copied, tmp_path):
    target = tmp_path / "executed"
    (copied["opt"] / "code.py").write_text(f"open({str(target)!r}, 'w')\nclass Model: pass\n")
    path = copied["opt"] / "config.json"
    config = json.loads(path.read_text()) | {
        "model_type": "of-the-future",
        "auto_map": {"AutoConfig": "code.Model", "AutoModelForCausalLM": "code.Model"},
    }
    path.write_text(json.dumps(config))
    refused(copied, tmp_path / "moda", "config.json that transformers cannot read")
    assert not target.exists()


def test_weights_of_another_size(copied, tmp_path):
    config = json.loads((copied["opt"] / "config.json").read_text())
    (copied["opt"] / "config.json").write_text(json.dumps(config | {"ffn_dim": 48}))
    refused(copied, tmp_path / "moda", "The weights of opt do not fit its config.json")


def test_weights_that_lack_a_tensor(copied, tmp_path):
    path = copied["opt"] / "pytorch_model.bin"
    weights = torch.load(path, weights_only=True)
    del weights["decoder.layers.1.fc1.weight"]
    torch.save(weights, path)
    refused(copied, tmp_path / "moda", "lack 1 tensors, model.decoder.layers.1.fc1.weight for one")
