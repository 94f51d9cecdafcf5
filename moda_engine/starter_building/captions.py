"""Teaches the starter's projector and language model, and writes the checkpoint."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, OPTConfig, PreTrainedTokenizerFast

from moda_engine.checkpoint import checkpoint_write
from moda_engine.configuration import ModaConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.starter_building.augmentation import (
    as_floats,
    plain_views,
    random_views,
)
from moda_engine.starter_building.corpus import Corpus
from moda_engine.starter_building.encoder import SIDE
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import Recipe
from moda_engine.training.trainer import train

RECIPE = Recipe(
    name="starter",
    epochs=3,
    batch_size=128,
    accumulation=1,
    learning_rate=1.2e-3,
    weight_decay=0.1,
    schedule="cosine",
    warm_up_share=0.05,
    clip_norm=1.0,
)
MODEL_CARD = Path(__file__).with_name("model_card.md")
#: Views a picture: the plain one and random ones, so that the captioner sees features as varied
#: as those of photos it never saw.
VIEWS = 3


def build_captioner(
    *,
    encoder: DualEncoder,
    tokenizer: PreTrainedTokenizerFast,
    corpus: Corpus,
    validation: Corpus,
    encoder_record: list[dict[str, Any]],
    output: Path,
) -> None:
    """Train the captioner on `corpus` and write the checkpoint folder `output`."""
    model = new_captioner(encoder, tokenizer)
    processor = ModaProcessor(ModaImageProcessor(), tokenizer)
    rows = [row for row, item in enumerate(validation.labels) if item.product_type in PRODUCT_TYPES]
    held_out = EncodedCaptions(
        _features(model, torch.from_numpy(validation.pictures[rows]), None),
        [sentence(validation.labels[row]) for row in rows],
    )
    figures = train(
        model,
        processor,
        _training_views(model, corpus),
        RECIPE,
        held_out,
        on_epoch=lambda figures: print(figures, flush=True),
    )
    record = {
        "recipe": RECIPE.__dict__,
        "curve": [figure.__dict__ for figure in figures],
        "encoder": encoder_record,
    }
    checkpoint_write(
        output, model=model.half(), processor=processor, record=record, model_card=MODEL_CARD
    )


def new_captioner(encoder: DualEncoder, tokenizer: PreTrainedTokenizerFast) -> ModaForCaptioning:
    """The starter's captioner around a trained encoder, the rest with random weights."""
    special = {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    language = OPTConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        word_embed_proj_dim=256,
        num_hidden_layers=4,
        ffn_dim=1024,
        num_attention_heads=8,
        max_position_embeddings=256,
        **special,
    )
    torch.manual_seed(RECIPE.seed)
    model = ModaForCaptioning(ModaConfig(encoder.config, language))
    model.encoder.load_state_dict(encoder.state_dict())
    model.generation_config = GenerationConfig(max_new_tokens=64, **special)
    return model


def _training_views(model: ModaForCaptioning, corpus: Corpus) -> EncodedCaptions:
    pictures = torch.from_numpy(corpus.pictures)
    generator = torch.Generator().manual_seed(RECIPE.seed)
    views = [_features(model, pictures, generator if view else None) for view in range(VIEWS)]
    texts = [sentence(labels) for labels in corpus.labels]
    return EncodedCaptions(torch.cat(views), texts * VIEWS)


@torch.inference_mode()
def _features(
    model: ModaForCaptioning, pictures: Tensor, generator: torch.Generator | None
) -> Tensor:
    """Features of the pictures, or of random views of them; (count, feature_size)."""
    parts = []
    for part in pictures.split(128):
        floats = as_floats(part)
        views = (
            plain_views(floats, SIDE)
            if generator is None
            else random_views(floats, SIDE, generator)
        )
        parts.append(model.encode_images(views))
    return torch.cat(parts)
