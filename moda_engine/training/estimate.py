"""How long a run will take on this machine, and how much memory: measured on a piece of it.

The model is loaded, a few steps are learned from random features, and the rest is proportion.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from moda_engine.adapter import adapter_add
from moda_engine.describer import Describer
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.optimization import learned_parameters
from moda_engine.training.recipe import Recipe
from moda_engine.training.trainer import train

#: Bytes of a weight and, where it learns, of its gradient and AdamW's two moments, in float32.
_HELD, _LEARNED = 4, 12
#: Captions of the piece that is measured.
_PIECE = 32
#: Captions of one pass, and tokens of a caption, whose activations and logits are held at once.
_PASS_CAPTIONS, _TOKENS = 64, 24
#: A sentence of the usual length.
_SENTENCE = "Navy blue casual T-shirt for men with short sleeves and a round neck."


@dataclass(frozen=True)
class Estimate:
    """What to expect; encoding photos that no cache knows is counted."""

    seconds: float
    memory_bytes: int


def estimate_run(
    model: Path, recipe: Recipe, *, captions: int, base_captions: int = 0, photos_to_encode: int = 0
) -> Estimate:
    """What a run of `recipe` over so many captions takes here.

    Raises `CheckpointError` when the model cannot be loaded.
    """
    describer = Describer.from_pretrained(model, dtype=torch.float32)
    encoding = _seconds_a_photo(describer) * photos_to_encode
    if recipe.way == "adapter":
        adapter_add(describer.model, recipe.seed)
    memory = _memory(describer)
    learning = _seconds_a_caption(describer, recipe) * recipe.epochs * (captions + base_captions)
    return Estimate(encoding + learning, memory)


def _seconds_a_caption(describer: Describer, recipe: Recipe) -> float:
    features = torch.zeros(_PIECE, describer.model.config.feature_size)
    piece = EncodedCaptions(features, [_SENTENCE] * _PIECE)
    once = replace(recipe, epochs=1)
    train(describer.model, describer.processor, piece, once)  # the first steps are slower
    began = time.monotonic()
    train(describer.model, describer.processor, piece, once)
    return (time.monotonic() - began) / _PIECE


@torch.inference_mode()
def _seconds_a_photo(describer: Describer) -> float:
    from PIL import Image

    batch = describer.processor(images=[Image.new("RGB", (300, 400))] * 8)["pixel_values"]
    pixels = batch.to(describer.model.device)
    describer.model.encode_images(pixels)
    began = time.monotonic()
    describer.model.encode_images(pixels)
    return (time.monotonic() - began) / len(batch)


def _memory(describer: Describer) -> int:
    weights = sum(parameter.numel() for parameter in describer.model.parameters())
    learned = sum(parameter.numel() for parameter in learned_parameters(describer.model).values())
    language = describer.model.config.language_config
    width = language.vocab_size * 3 + language.hidden_size * language.num_hidden_layers * 34
    activations = _PASS_CAPTIONS * _TOKENS * width * 4
    return weights * _HELD + learned * _LEARNED + activations
