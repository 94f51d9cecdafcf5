"""A captioner that writes in OPT's tokens, with random weights."""

from pathlib import Path

import torch
from transformers import GenerationConfig, GPT2Tokenizer, OPTConfig, PreTrainedTokenizerFast

from moda_engine.configuration import ModaConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.model import ModaForCaptioning

#: Entries of OPT's embedding; the tokenizer has fewer.
VOCABULARY_SIZE = 50_272
BEGIN, PAD = "</s>", "<pad>"
#: The last token of the authors' ending. Their captions have no other end, so none may be added.
END = ">"


def opt_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """OPT's tokenizer from `vocab.json` and `merges.txt`; as OPT's own it begins with `</s>`."""
    return GPT2Tokenizer(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        bos_token=BEGIN,
        eos_token=END,
        unk_token=BEGIN,
        pad_token=PAD,
        add_bos_token=True,
    )


def new_captioner(
    encoder: DualEncoder, tokenizer: PreTrainedTokenizerFast, seed: int
) -> ModaForCaptioning:
    """Narrow, because nearly all of its weights are the embeddings of OPT's vocabulary."""
    special = {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    language = OPTConfig(
        vocab_size=VOCABULARY_SIZE,
        hidden_size=192,
        word_embed_proj_dim=192,
        num_hidden_layers=2,
        ffn_dim=768,
        num_attention_heads=8,
        max_position_embeddings=64,
        **special,
    )
    torch.manual_seed(seed)
    model = ModaForCaptioning(ModaConfig(encoder.config, language))
    model.encoder.load_state_dict(encoder.state_dict())
    model.generation_config = GenerationConfig(max_new_tokens=32, **special)
    return model
