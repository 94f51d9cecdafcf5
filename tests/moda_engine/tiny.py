"""A checkpoint of a few thousand random weights, real in every other way."""

from pathlib import Path

import torch
from transformers import CLIPTextConfig, GenerationConfig, OPTConfig, ResNetConfig

from lab.starter.tokenizer import train_tokenizer
from moda_engine import DualEncoderConfig, ModaConfig, ModaForCaptioning, ModaProcessor
from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.heads import LabelHeads
from moda_engine.image_processor import ModaImageProcessor

SENTENCES = [
    "Navy blue casual T-shirt for boys with short sleeves and a round neck.",
    "Black formal shoes for men with laces.",
    "Red checked skirt.",
]


def tiny_config(vocabulary_size: int) -> ModaConfig:
    """Encoder of 16 features, language model of width 32 and two layers."""
    encoder = DualEncoderConfig(
        ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic"),
        _tiny_text_config(vocabulary_size),
        projection_dim=16,
    )
    language = OPTConfig(
        vocab_size=vocabulary_size,
        hidden_size=32,
        word_embed_proj_dim=32,
        num_hidden_layers=2,
        ffn_dim=64,
        num_attention_heads=4,
        max_position_embeddings=160,
        dropout=0.0,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=3,
    )
    return ModaConfig(encoder, language)


def tiny_lite_config(vocabulary_size: int) -> DualEncoderConfig:
    """An encoder of 16 features whose backbone is an EfficientNet-Lite of two stages."""
    backbone = EfficientNetLiteConfig(
        image_size=32,
        kernel_sizes=[3, 5],
        in_channels=[8, 8],
        out_channels=[8, 16],
        strides=[1, 2],
        num_block_repeats=[1, 2],
        expand_ratios=[1, 6],
        hidden_dim=24,
    )
    return DualEncoderConfig(backbone, _tiny_text_config(vocabulary_size), projection_dim=16)


def _tiny_text_config(vocabulary_size: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=vocabulary_size,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=32,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=3,
    )


def tiny_model(seed: int = 0) -> tuple[ModaForCaptioning, ModaProcessor]:
    """Model and processor with weights drawn from `seed`."""
    tokenizer = train_tokenizer(SENTENCES, size=400)
    torch.manual_seed(seed)
    model = ModaForCaptioning(tiny_config(len(tokenizer)))
    # Larger than the usual start, so that photos and facts change what is written.
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and not name.startswith("encoder."):
            torch.nn.init.normal_(parameter, std=0.4)
    model.generation_config = GenerationConfig(
        bos_token_id=1, eos_token_id=3, pad_token_id=0, max_new_tokens=12
    )
    processor = ModaProcessor(ModaImageProcessor(size={"height": 32, "width": 32}), tokenizer)
    return model.eval(), processor


def add_heads(model: ModaForCaptioning) -> None:
    """Heads that see a red skirt in every photo, and tell girls' from women's by its features."""
    kinds = {"product_type": "Skirts", "colour": "Red"}
    labels = {kind: {"classes": [label], "threshold": 0.5} for kind, label in kinds.items()}
    labels["gender"] = {"classes": ["Girls", "Women"], "threshold": 0.0}
    model.config.heads = {
        "labels": {
            kind: one | {"temperature": 1.0, "temperature_told": 1.0}
            for kind, one in labels.items()
        },
        "known": {"gender": ["Girls"]},
        "recognition": None,
    }
    model.heads = LabelHeads(model.config.heads, model.config.feature_size).eval()


def without_heads(model: ModaForCaptioning) -> ModaForCaptioning:
    """The model, which then writes of the photo alone."""
    model.heads, model.config.heads, model.config.confidence = None, None, None
    return model


def save_tiny_checkpoint(directory: Path, seed: int = 0) -> Path:
    """Write the tiny checkpoint to `directory`."""
    model, processor = tiny_model(seed)
    model.save_pretrained(directory)
    processor.save_pretrained(directory)
    return directory
