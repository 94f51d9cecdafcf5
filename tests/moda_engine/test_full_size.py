"""The published model at its published size, with random weights."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import CLIPConfig, GenerationConfig, LlamaConfig, OPTConfig

from lab.speed.subject import Subject
from moda_engine import ModaConfig, ModaForCaptioning

pytestmark = pytest.mark.slow

#: facebook/opt-125m's config.json.
OPT_125M = OPTConfig(
    vocab_size=50_272,
    hidden_size=768,
    word_embed_proj_dim=768,
    ffn_dim=3_072,
    num_hidden_layers=12,
    num_attention_heads=12,
    max_position_embeddings=2_048,
    do_layer_norm_before=True,
    pad_token_id=1,
    bos_token_id=2,
    eos_token_id=2,
)
#: HuggingFaceTB/SmolLM2-135M's.
SMOLLM2_135M = LlamaConfig(
    vocab_size=49_152,
    hidden_size=576,
    intermediate_size=1_536,
    num_hidden_layers=30,
    num_attention_heads=9,
    num_key_value_heads=3,
    max_position_embeddings=8_192,
    rms_norm_eps=1e-5,
    tie_word_embeddings=True,
    bos_token_id=0,
    eos_token_id=0,
)


def fashion_clip() -> CLIPConfig:
    """patrickjohncyh/fashion-clip's config.json: CLIP ViT-B/32, which is transformers' default."""
    return CLIPConfig(
        text_config={"hidden_size": 512, "num_hidden_layers": 12, "vocab_size": 49_408},
        vision_config={"hidden_size": 768, "num_hidden_layers": 12, "patch_size": 32},
        projection_dim=512,
    )


def counts(model) -> dict[str, int]:
    slots = {"encoder": model.encoder, "projector": model.projector, "all": model}
    slots["language_model"] = model.language_model
    return {
        name: sum(parameter.numel() for parameter in slot.parameters())
        for name, slot in slots.items()
    }


def layer(prefix: str, width: int, inner: int, names: dict[str, str]) -> dict[str, tuple]:
    """Shapes of one transformer layer of either tower or of OPT, which differ in names alone."""
    shapes: dict[str, tuple] = {}
    for projection in ("q_proj", "k_proj", "v_proj", names["out"]):
        shapes[f"{prefix}.self_attn.{projection}.weight"] = (width, width)
        shapes[f"{prefix}.self_attn.{projection}.bias"] = (width,)
    for norm in (names["first_norm"], names["second_norm"]):
        shapes[f"{prefix}.{norm}.weight"] = shapes[f"{prefix}.{norm}.bias"] = (width,)
    shapes[f"{prefix}.{names['up']}.weight"] = (inner, width)
    shapes[f"{prefix}.{names['up']}.bias"] = (inner,)
    shapes[f"{prefix}.{names['down']}.weight"] = (width, inner)
    shapes[f"{prefix}.{names['down']}.bias"] = (width,)
    return shapes


CLIP_NAMES = {
    "out": "out_proj",
    "first_norm": "layer_norm1",
    "second_norm": "layer_norm2",
    "up": "mlp.fc1",
    "down": "mlp.fc2",
}
OPT_NAMES = {
    "out": "out_proj",
    "first_norm": "self_attn_layer_norm",
    "second_norm": "final_layer_norm",
    "up": "fc1",
    "down": "fc2",
}


def published_shapes() -> dict[str, tuple]:
    """Every tensor of a checkpoint of FashionCLIP and OPT-125M."""
    text, vision = "encoder.text_model", "encoder.vision_model"
    decoder = "language_model.model.decoder"
    shapes: dict[str, tuple] = {
        "encoder.logit_scale": (),
        "encoder.text_projection.weight": (512, 512),
        "encoder.visual_projection.weight": (512, 768),
        f"{text}.embeddings.token_embedding.weight": (49_408, 512),
        f"{text}.embeddings.position_embedding.weight": (77, 512),
        f"{text}.final_layer_norm.weight": (512,),
        f"{text}.final_layer_norm.bias": (512,),
        f"{vision}.embeddings.class_embedding": (768,),
        f"{vision}.embeddings.patch_embedding.weight": (768, 3, 32, 32),
        f"{vision}.embeddings.position_embedding.weight": (50, 768),
        f"{vision}.pre_layrnorm.weight": (768,),  # CLIP's own spelling
        f"{vision}.pre_layrnorm.bias": (768,),
        f"{vision}.post_layernorm.weight": (768,),
        f"{vision}.post_layernorm.bias": (768,),
        "projector.expand.weight": (3_072, 512),
        "projector.expand.bias": (3_072,),
        "projector.contract.weight": (768, 3_072),
        "projector.contract.bias": (768,),
        f"{decoder}.embed_tokens.weight": (50_272, 768),
        f"{decoder}.embed_positions.weight": (2_050, 768),
        f"{decoder}.final_layer_norm.weight": (768,),
        f"{decoder}.final_layer_norm.bias": (768,),
    }
    for index in range(12):
        shapes |= layer(f"{text}.encoder.layers.{index}", 512, 2_048, CLIP_NAMES)
        shapes |= layer(f"{vision}.encoder.layers.{index}", 768, 3_072, CLIP_NAMES)
        shapes |= layer(f"{decoder}.layers.{index}", 768, 3_072, OPT_NAMES)
    return shapes


def test_the_published_model_runs_and_is_the_same_when_loaded(tmp_path):
    torch.manual_seed(0)
    model = ModaForCaptioning(ModaConfig(fashion_clip(), OPT_125M)).eval()
    model.generation_config = GenerationConfig(eos_token_id=2, pad_token_id=1, max_new_tokens=4)
    assert counts(model) == {
        "encoder": 151_277_313,
        "projector": 3_936_000,
        "language_model": 125_239_296,
        "all": 280_452_609,
    }
    pixels = torch.rand(2, 3, 224, 224)
    opening = torch.full((2, 1), 2)
    text = torch.randint(4, 50_265, (2, 7))
    with torch.inference_mode():
        features = model.encode_images(pixels)
        visual = model.visual_token(image_features=features)
        output = model(input_ids=text, pixel_values=pixels, labels=text)
        written = model.generate(input_ids=opening, pixel_values=pixels)
    assert features.shape == (2, 512)
    assert visual.shape == (2, 1, 768)
    assert output.logits.shape == (2, 8, 50_272)
    assert 9 < output.loss.item() < 13  # ln 50,272 is 10.8
    model.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    saved = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    assert saved == published_shapes()
    loaded = ModaForCaptioning.from_pretrained(tmp_path, dtype=torch.float32).eval()
    with torch.inference_mode():
        again = loaded(input_ids=text, pixel_values=pixels)
        written_again = loaded.generate(input_ids=opening, pixel_values=pixels)
    assert torch.equal(again.logits, output.logits)
    assert written_again.tolist() == written.tolist()


def test_smollm2_drops_in(tmp_path):
    torch.manual_seed(0)
    config = ModaConfig(fashion_clip(), SMOLLM2_135M)
    config.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["language_config"]["model_type"] == (
        "llama"
    )
    model = ModaForCaptioning(ModaConfig.from_pretrained(tmp_path)).eval()
    assert counts(model) == {
        "encoder": 151_277_313,
        "projector": 2_509_632,
        "language_model": 134_515_008,
        "all": 288_301_953,
    }
    features = torch.rand(2, 512)
    text = torch.randint(1, 49_152, (2, 5))
    with torch.inference_mode():
        output = model(input_ids=text, image_features=features, labels=text)
    assert model.visual_token(image_features=features).shape == (2, 1, 576)
    assert output.logits.shape == (2, 6, 49_152)
    assert 9 < output.loss.item() < 13
    generation = GenerationConfig(eos_token_id=0, pad_token_id=0, max_new_tokens=3)
    with torch.inference_mode():
        written = model.generate(image_features=features, generation_config=generation)
    assert written.shape[0] == 2
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


@pytest.mark.parametrize("language", [OPT_125M, SMOLLM2_135M], ids=["opt", "smollm2"])
def test_the_engines_loop_writes_what_plain_generate_writes(language):
    torch.manual_seed(0)
    model = ModaForCaptioning(ModaConfig(fashion_clip(), language)).eval()
    model.generation_config = GenerationConfig(pad_token_id=1)
    subject = Subject(model, torch.float32)
    pixels = subject.pixels(5)
    written = subject.describe(pixels, 3, 12)
    assert [one.tokens for one in written] == subject.plain(pixels, 12).tolist()
