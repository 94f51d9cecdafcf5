"""Tiny models in the layout in which the real ones are published on the hub."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    CLIPConfig,
    CLIPModel,
    GPT2Config,
    LlamaConfig,
    OPTConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from tests.moda_engine.tiny import SENTENCES

END_OF_TEXT = "<|endoftext|>"
#: FashionCLIP's own, but for the size.
CLIP_PREPROCESSOR = {
    "crop_size": 32,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": 32,
}
CLIP_TOKENIZER = {
    "bos_token": "<|startoftext|>",
    "eos_token": END_OF_TEXT,
    "pad_token": END_OF_TEXT,
    "unk_token": END_OF_TEXT,
    "model_max_length": 77,
    "tokenizer_class": "CLIPTokenizer",
}
OPT_TOKENIZER = {
    "bos_token": "</s>",
    "eos_token": "</s>",
    "unk_token": "</s>",
    "pad_token": "<pad>",
    "add_bos_token": True,
    "add_prefix_space": False,
    "errors": "replace",
    "tokenizer_class": "GPT2Tokenizer",
}
OPT_CARD = "---\nlanguage: en\nlicense: other\ncommercial: false\ntags:\n- opt\n---\n# OPT\n"
#: Embedding rows beyond the tokenizer's ids, as OPT has.
PADDING_ROWS = 7


def publish_clip(folder: Path) -> Path:
    """A CLIP model as FashionCLIP is published, but with a `.bin` and its old position ids."""
    folder.mkdir(parents=True)
    vocabulary = _clip_vocabulary()
    _write_slow_tokenizer(folder, vocabulary, [], CLIP_TOKENIZER)
    _write_json(folder / "preprocessor_config.json", CLIP_PREPROCESSOR)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# FashionCLIP\n")
    torch.manual_seed(1)
    model = CLIPModel(tiny_clip_config(len(vocabulary)))
    model.config.save_pretrained(folder)
    positions = {"text_model.embeddings.position_ids": torch.arange(20).unsqueeze(0)}
    torch.save(model.state_dict() | positions, folder / "pytorch_model.bin")
    return folder


def tiny_clip_config(vocabulary_size: int) -> CLIPConfig:
    """Two towers of width 16 with one layer each, 16 features."""
    tower = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    end = vocabulary_size - 1
    return CLIPConfig(
        text_config={
            **tower,
            "vocab_size": vocabulary_size,
            "max_position_embeddings": 20,
            "bos_token_id": end - 1,
            "eos_token_id": end,
            "pad_token_id": end,
        },
        vision_config={**tower, "image_size": 32, "patch_size": 16},
        projection_dim=16,
    )


def publish_opt(folder: Path) -> Path:
    """An OPT as published: half precision in a `.bin`, the bare decoder's names, slow tokenizer."""
    folder.mkdir(parents=True)
    vocabulary, merges = _byte_level_vocabulary(["<s>", "<pad>", "</s>", "<unk>"])
    _write_slow_tokenizer(folder, vocabulary, merges, OPT_TOKENIZER)
    (folder / "README.md").write_text(OPT_CARD)
    config = OPTConfig(
        vocab_size=len(vocabulary) + PADDING_ROWS,
        hidden_size=32,
        word_embed_proj_dim=32,
        num_hidden_layers=2,
        ffn_dim=64,
        num_attention_heads=4,
        max_position_embeddings=160,
        pad_token_id=1,
        bos_token_id=2,
        eos_token_id=2,
    )
    state = _language_state(folder, config)
    bare = {
        name.removeprefix("model."): value.half()
        for name, value in state.items()
        if name != "lm_head.weight"
    }
    torch.save(bare, folder / "pytorch_model.bin")
    published = json.loads((folder / "config.json").read_text())
    published.pop("dtype", None)
    _write_json(folder / "config.json", {**published, "torch_dtype": "float16"})  # the older name
    return folder


def publish_llama(folder: Path) -> Path:
    """A Llama as SmolLM2 is published: begin and end are one token, none to pad with."""
    tokens = {"bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT, "unk_token": END_OF_TEXT}
    config = {
        "hidden_size": 24,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "num_key_value_heads": 1,
        "tie_word_embeddings": True,
    }
    card = "---\nlicense: apache-2.0\n---\n"
    return _publish_modern(folder, LlamaConfig, config, tokens, [END_OF_TEXT], card)


def publish_gpt2(folder: Path) -> Path:
    """A GPT-2: one special token for everything but padding; its card names no licence."""
    tokens = {"bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT, "unk_token": END_OF_TEXT}
    config = {"n_embd": 24, "n_layer": 1, "n_head": 2, "n_positions": 160}
    return _publish_modern(folder, GPT2Config, config, tokens, [END_OF_TEXT], "# GPT-2\n")


def publish_qwen(folder: Path) -> Path:
    """A Qwen: no begin token; it generates by sampling unless told otherwise."""
    tokens = {"eos_token": "<|im_end|>", "pad_token": END_OF_TEXT}
    config = {
        "hidden_size": 24,
        "intermediate_size": 48,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    }
    special = [END_OF_TEXT, "<|im_end|>"]
    _publish_modern(folder, Qwen2Config, config, tokens, special, "---\nlicense: apache-2.0\n---\n")
    sampling = {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "eos_token_id": [0, 1]}
    _write_json(folder / "generation_config.json", sampling)
    return folder


def _publish_modern(
    folder: Path,
    config_class: type[PreTrainedConfig],
    sizes: dict,
    tokens: dict[str, str],
    special: list[str],
    card: str,
) -> Path:
    """With `tokenizer.json` and safetensors."""
    folder.mkdir(parents=True)
    tokenizer = _byte_level_tokenizer(special)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens)
    fast.save_pretrained(folder)
    (folder / "README.md").write_text(card)
    ids = {"bos_token_id": fast.bos_token_id, "eos_token_id": fast.eos_token_id}
    config = config_class(vocab_size=len(fast), pad_token_id=fast.pad_token_id, **ids, **sizes)
    state = _language_state(folder, config)
    if config.tie_word_embeddings:
        state.pop("lm_head.weight")
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _language_state(folder: Path, config: PreTrainedConfig) -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    model = AutoModelForCausalLM.from_config(config)
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    return dict(model.state_dict())


def _byte_level_tokenizer(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def _byte_level_vocabulary(special: list[str]) -> tuple[dict[str, int], list[str]]:
    model = json.loads(_byte_level_tokenizer(special).to_str())["model"]
    return model["vocab"], [" ".join(pair) for pair in model["merges"]]


def _clip_vocabulary() -> dict[str, int]:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    entries = [*letters, *(f"{letter}</w>" for letter in letters)]
    return {entry: index for index, entry in enumerate([*entries, "<|startoftext|>", END_OF_TEXT])}


def _write_slow_tokenizer(
    folder: Path, vocabulary: dict[str, int], merges: list[str], config: dict
) -> None:
    _write_json(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    _write_json(folder / "tokenizer_config.json", config)
    special = {name: value for name, value in config.items() if name.endswith("_token")}
    _write_json(
        folder / "special_tokens_map.json", {k: v for k, v in special.items() if k[:3] != "add"}
    )


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value))
