"""A small OPT around a trained encoder, with random weights."""

from dataclasses import dataclass

import torch
from transformers import GenerationConfig, OPTConfig, PreTrainedTokenizerFast

from moda_engine.configuration import ModaConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.model import ModaForCaptioning


@dataclass(frozen=True)
class CaptionerShape:
    """How large the language model is."""

    vocabulary_size: int
    width: int
    layers: int
    positions: int


def new_captioner(
    encoder: DualEncoder,
    tokenizer: PreTrainedTokenizerFast,
    shape: CaptionerShape,
    seed: int,
    **generation: int,
) -> ModaForCaptioning:
    """Projector and language model have random weights; `generation` is how texts are written."""
    special = {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    language = OPTConfig(
        vocab_size=shape.vocabulary_size,
        hidden_size=shape.width,
        word_embed_proj_dim=shape.width,
        num_hidden_layers=shape.layers,
        ffn_dim=4 * shape.width,
        num_attention_heads=8,
        # Each view has a text of its own, so there is noise enough.
        dropout=0.0,
        max_position_embeddings=shape.positions,
        **special,
    )
    torch.manual_seed(seed)
    model = ModaForCaptioning(ModaConfig(encoder.config, language))
    model.encoder.load_state_dict(encoder.state_dict())
    model.generation_config = GenerationConfig(**generation, **special)
    return model
