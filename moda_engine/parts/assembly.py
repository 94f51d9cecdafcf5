"""Builds a fresh MODA: a trained encoder, a trained language model, a new projector between them.

Everything is kept in single precision, whatever the parts were published in: training needs it,
and what was rounded to half once is not rounded again.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    CLIPTextConfig,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from moda_engine.checkpoint import check_vacant, checkpoint_write
from moda_engine.configuration import DualEncoderConfig, ModaConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.exceptions import CheckpointError
from moda_engine.model import ModaForCaptioning, Projector
from moda_engine.parts.published import UNREADABLE, PartRequest, PublishedPart, find_part
from moda_engine.parts.wheels import PREFIX, find_wheel_part
from moda_engine.processor import ModaProcessor, same_tokenizer

MAX_NEW_TOKENS = 64
#: Of the common space, and of a text tower that has to learn yet.
_PROJECTION = 512
_TEXT_TOWER: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 768,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
}


def checkpoint_assemble(
    output: Path, *, encoder: PartRequest, language_model: PartRequest, seed: int = 0
) -> dict[str, Any]:
    """Write a fresh MODA to the folder `output`, whole or not at all.

    Args:
        encoder: a CLIP model, or a convolutional backbone, which gets a projection and a text tower
            with random weights.
        seed: of everything that is new.

    Returns what the checkpoint remembers of its parts: names, revisions, hashes, licences.

    Raises `CheckpointError` when `output` holds anything, or a part cannot be used.
    """
    check_vacant(output)
    model, processor = assemble(_found(encoder), _found(language_model), seed)
    checkpoint_write(output, model=model, processor=processor, record={})
    return dict(model.config.parts)


def _found(request: PartRequest) -> PublishedPart:
    if request.name.startswith(PREFIX):
        return find_wheel_part(request)
    return find_part(request)


def assemble(
    encoder: PublishedPart, language_model: PublishedPart, seed: int = 0
) -> tuple[ModaForCaptioning, ModaProcessor]:
    """Model and processor out of two parts that are at hand; see `checkpoint_assemble`."""
    for part in (encoder, language_model):
        part.config.dtype = torch.float32
        part.config.name_or_path = part.name  # not the path where it lay
    encoder_class = _model_class(AutoModel, encoder)
    is_backbone = _is_backbone(encoder.config)
    if not is_backbone:
        _check_dual_encoder(encoder_class, encoder)
    language_class = _model_class(AutoModelForCausalLM, language_model)
    processor = _processor(encoder, language_model, is_backbone=is_backbone)
    dual = _with_text_tower(encoder.config, processor.tokenizer) if is_backbone else None
    config = ModaConfig(
        dual or encoder.config,
        language_model.config,
        parts={
            "encoder": encoder.record(),
            "language_model": language_model.record(),
            "projector": {"seed": seed},
        },
    )
    processor.check_fits(config)
    trained = _trained(encoder_class, encoder)
    model = ModaForCaptioning.from_parts(
        config,
        encoder=_new_dual_encoder(dual, trained, seed) if dual else trained,
        projector=_new_projector(config, seed),
        language_model=_trained(language_class, language_model),
    )
    model.generation_config = _generation(processor)
    return model.eval(), processor


def language_model_of(part: PublishedPart) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A published language model in single precision, and its tokenizer.

    Raises `CheckpointError` where it is none, or its weights are not whole.
    """
    part.config.dtype = torch.float32
    part.config.name_or_path = part.name
    return _trained(_model_class(AutoModelForCausalLM, part), part), part.tokenizer()


def _is_backbone(config: PreTrainedConfig) -> bool:
    """Whether it is of a convolutional backbone, which says how many channels its stages have."""
    return hasattr(config, "hidden_sizes")


def _with_text_tower(
    backbone: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase
) -> DualEncoderConfig:
    """A dual encoder of the backbone, whose text tower reads the language model's tokens."""
    end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end if pad is None else pad,
        projection_dim=_PROJECTION,
        **_TEXT_TOWER,
    )
    return DualEncoderConfig(backbone, text, projection_dim=_PROJECTION)


def _new_dual_encoder(
    config: DualEncoderConfig, backbone: PreTrainedModel, seed: int
) -> DualEncoder:
    """The backbone with a new text tower, and a projection that keeps what it says of a photo."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = DualEncoder(config)
        # Random directions at right angles lose the least: distances stay in proportion.
        nn.init.orthogonal_(encoder.visual_projection.weight)
    encoder.vision_model = backbone
    return encoder


def _model_class(auto_class: Any, part: PublishedPart) -> type[PreTrainedModel]:
    """The class that `auto_class` has for the part; no weights are made."""
    try:
        with torch.device("meta"):
            return type(auto_class.from_config(part.config, trust_remote_code=False))
    except UNREADABLE as error:
        wanted = "encoder" if auto_class is AutoModel else "causal language model"
        raise CheckpointError(
            f"{part.name} is a model of type {part.config.model_type!r}: that is no {wanted} which "
            f"this program can run."
        ) from error


def _check_dual_encoder(model_class: type[PreTrainedModel], part: PublishedPart) -> None:
    methods = ("get_image_features", "get_text_features")
    if not all(hasattr(model_class, name) for name in methods) or not hasattr(
        part.config, "projection_dim"
    ):
        raise CheckpointError(
            f"{part.name} ({model_class.__name__}) has no image and text features in one space: "
            f"the encoder must be a CLIP model, as FashionCLIP is."
        )


def _trained(model_class: type[PreTrainedModel], part: PublishedPart) -> PreTrainedModel:
    """The part with its weights, in single precision; every weight must be there."""
    tensors = part.tensors()
    load: Any = model_class.from_pretrained  # its annotation knows no second value
    try:
        model, report = load(
            None,
            config=part.config,
            state_dict=tensors,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except UNREADABLE as error:
        raise CheckpointError(
            f"The weights of {part.name} do not fit its config.json: {error}"
        ) from error
    if missing := sorted(report["missing_keys"]):
        raise CheckpointError(
            f"The weights of {part.name} lack {len(missing)} tensors, {missing[0]} for one: they "
            f"are not of a whole {model_class.__name__}."
        )
    trained: PreTrainedModel = model
    return trained


def _new_projector(config: ModaConfig, seed: int) -> Projector:
    """A projector with torch's own initial weights, always the same for a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Projector(config.feature_size, config.language_size, config.projector_expansion)


def _processor(
    encoder: PublishedPart, language_model: PublishedPart, *, is_backbone: bool
) -> ModaProcessor:
    """The encoder's image processor with the language model's tokenizer; the encoder's tokenizer
    is kept beside it where it is another."""
    image_processor = encoder.image_processor()
    tokenizer = language_model.tokenizer()
    encoder_tokenizer = tokenizer if is_backbone else encoder.tokenizer()
    if tokenizer.eos_token_id is None:
        raise CheckpointError(
            f"The tokenizer of {language_model.name} has no end token: descriptions would not stop."
        )
    processor = ModaProcessor(image_processor, tokenizer)
    if not same_tokenizer(tokenizer, encoder_tokenizer):
        processor.encoder_tokenizer = encoder_tokenizer
    return processor


def _generation(processor: ModaProcessor) -> GenerationConfig:
    """How the new model generates; the sampling that a language model was published with is not
    for descriptions."""
    return GenerationConfig(
        bos_token_id=processor.tokenizer.bos_token_id,
        eos_token_id=processor.tokenizer.eos_token_id,
        pad_token_id=processor.pad_token_id,
        max_new_tokens=MAX_NEW_TOKENS,
    )
