import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import CLIPModel

from moda_engine import Describer, Description
from moda_engine.checkpoint import files_sha256, training_record
from moda_engine.exceptions import PhotoError
from tests.moda_engine.assembling import assemble
from tests.moda_engine.published import (
    PADDING_ROWS,
)


def test_every_weight_is_the_published_one_in_single_precision(published_parts, tmp_path):
    output = tmp_path / "moda"
    assemble(published_parts, output)
    saved = load_file(output / "model.safetensors")
    assert {value.dtype for value in saved.values()} == {torch.float32}
    encoder = torch.load(published_parts["clip"] / "pytorch_model.bin", weights_only=True)
    language = torch.load(published_parts["opt"] / "pytorch_model.bin", weights_only=True)
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


def test_the_projector_follows_its_seed(published_parts, tmp_path):
    def projector(name, seed):
        assemble(published_parts, tmp_path / name, seed=seed)
        with safe_open(tmp_path / name / "model.safetensors", "pt") as weights:
            return weights.get_tensor("projector.expand.weight")

    torch.manual_seed(5)
    first = projector("a", 0)
    assert torch.equal(first, projector("b", 0))
    assert not torch.equal(first, projector("c", 1))


def test_the_checkpoint_remembers_its_parts(published_parts, tmp_path):
    output = tmp_path / "moda"
    returned = assemble(published_parts, output, seed=7)
    recorded = json.loads((output / "config.json").read_text())["parts"]
    assert recorded == json.loads(json.dumps(returned))
    assert recorded["encoder"] == {
        "name": "publish_clip",
        "revision": None,
        "weights": ["pytorch_model.bin"],
        "sha256": files_sha256([published_parts["clip"] / "pytorch_model.bin"]),
        "licence": {"identifier": "mit", "name": None, "link": None, "non_commercial": False},
    }
    assert recorded["language_model"]["licence"]["non_commercial"] is True
    assert recorded["projector"] == {"seed": 7}
    config = json.loads((output / "config.json").read_text())
    assert config["language_config"]["dtype"] == config["dtype"] == "float32"
    assert str(published_parts["opt"].parent) not in json.dumps(
        config
    )  # nobody's paths are given away
    assert training_record(output) == {}


def test_the_model_card_says_that_opt_is_not_for_commerce(published_parts, tmp_path):
    assemble(published_parts, tmp_path / "moda")
    card = (tmp_path / "moda" / "README.md").read_text()
    assert card.startswith("---\nlicense: other\nlicense_name: non-commercial\n")
    assert "**Not for commercial use.**" in card


def _told(found: Description | PhotoError) -> tuple[str, float]:
    """Text and confidence; a model that is not trained may write nothing, and says so."""
    if isinstance(found, PhotoError):
        assert "The model wrote nothing of the photo" in str(found)
        return "", 0.0
    assert found.text
    assert 0 <= found.confidence <= 1
    return found.text, found.confidence


@pytest.mark.parametrize("language_model", ["opt", "llama", "gpt2", "qwen"])
def test_any_causal_language_model_drops_in(published_parts, tmp_path, photos, language_model):
    output = tmp_path / "moda"
    assemble(published_parts, output, language_model=language_model)
    describer = Describer.from_pretrained(output)
    pairs = list(zip(photos[:2], ["brand Wren", None], strict=True))
    described, again = (list(map(_told, describer.describe_each(pairs))) for _ in range(2))
    assert len(described) == 2
    assert again == described
    inputs = describer.processor(images=photos[:2], text=["Red skirt.", "A blue skirt with dots."])
    loss = describer.model(**inputs).loss
    loss.backward()
    assert torch.isfinite(loss)
    assert describer.model.projector.expand.weight.grad.abs().sum() > 0


def test_a_published_habit_of_sampling_is_left_behind(published_parts, tmp_path):
    assemble(published_parts, tmp_path / "moda", language_model="qwen")
    generation = json.loads((tmp_path / "moda" / "generation_config.json").read_text())
    del generation["transformers_version"]
    assert generation == {"eos_token_id": 1, "pad_token_id": 0, "max_new_tokens": 64}


def test_the_image_processor_is_the_published_one(published_parts, tmp_path):
    assemble(published_parts, tmp_path / "moda")
    processor = Describer.from_pretrained(tmp_path / "moda").processor.image_processor
    assert type(processor).__name__ == "CLIPImageProcessorPil"
    assert processor.do_center_crop
    assert dict(processor.crop_size) == {"height": 32, "width": 32}
    assert list(processor.image_mean) == [0.48145466, 0.4578275, 0.40821073]


def test_the_text_tower_reads_with_its_own_tokenizer(published_parts, tmp_path):
    assemble(published_parts, tmp_path / "moda")
    describer = Describer.from_pretrained(tmp_path / "moda")
    model = CLIPModel.from_pretrained(published_parts["clip"], dtype=torch.float32)
    inputs = describer.processor.encoder_text(["a red skirt", "shoes"], length=20)
    start, end = 512, 513
    assert inputs["input_ids"][0, 0] == start
    assert inputs["input_ids"][0, -1] == end
    features = describer.model.encoder.get_text_features(**inputs).pooler_output
    expected = model.get_text_features(**inputs).pooler_output
    assert features.shape == (2, 16)
    torch.testing.assert_close(features, expected)


def test_more_embedding_rows_than_tokens_are_kept(published_parts, tmp_path):
    assemble(published_parts, tmp_path / "moda")
    describer = Describer.from_pretrained(tmp_path / "moda")
    rows = describer.model.get_input_embeddings().weight.shape[0]
    assert rows == len(describer.processor.tokenizer) + PADDING_ROWS
