"""Builds a fresh MODA: a trained encoder, a trained language model, a new projector between them.

Everything is kept in single precision, whatever the parts were published in: training needs it,
and what was rounded to half once is not rounded again.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoImageProcessor,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from moda_engine.checkpoint import check_vacant, checkpoint_write
from moda_engine.configuration import ModaConfig
from moda_engine.exceptions import CheckpointError
from moda_engine.model import ModaForCaptioning, Projector
from moda_engine.parts.published import PartRequest, PublishedPart, find_part
from moda_engine.parts.weights import read_tensors
from moda_engine.processor import ModaProcessor, same_tokenizer

MAX_NEW_TOKENS = 64
#: Any one of these sets of files holds a whole vocabulary.
VOCABULARIES = (
    {"tokenizer.json"},
    {"vocab.json", "merges.txt"},
    {"tokenizer.model"},
    {"vocab.txt"},
)
#: What transformers raises for files that are missing, damaged or of another kind.
UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, TypeError)


def checkpoint_assemble(
    output: Path, *, encoder: PartRequest, language_model: PartRequest, seed: int = 0
) -> dict[str, Any]:
    """Write a fresh MODA to the folder `output`, whole or not at all.

    Args:
        seed: of the projector's weights.

    Returns what the checkpoint remembers of its parts: names, revisions, hashes, licences.

    Raises `CheckpointError` when `output` holds anything, or a part cannot be used.
    """
    check_vacant(output)
    parts = {"encoder": find_part(encoder), "language_model": find_part(language_model)}
    model, processor = assemble(**parts, seed=seed)
    checkpoint_write(output, model=model, processor=processor, record={})
    return dict(model.config.parts)


def assemble(
    encoder: PublishedPart, language_model: PublishedPart, seed: int = 0
) -> tuple[ModaForCaptioning, ModaProcessor]:
    """Model and processor out of two parts that are at hand; see `checkpoint_assemble`."""
    for part in (encoder, language_model):
        part.config.dtype = torch.float32
        part.config.name_or_path = part.name  # not the path where it lay
    config = ModaConfig(
        encoder.config,
        language_model.config,
        parts={
            "encoder": encoder.record(),
            "language_model": language_model.record(),
            "projector": {"seed": seed},
        },
    )
    encoder_class = _model_class(AutoModel, encoder)
    _check_dual_encoder(encoder_class, encoder)
    language_class = _model_class(AutoModelForCausalLM, language_model)
    processor = _processor(encoder, language_model)
    processor.check_fits(config)
    model = ModaForCaptioning.from_parts(
        config,
        encoder=_trained(encoder_class, encoder),
        projector=_new_projector(config, seed),
        language_model=_trained(language_class, language_model),
    )
    model.generation_config = _generation(processor)
    return model.eval(), processor


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
    tensors = read_tensors(part.weight_files)
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


def _processor(encoder: PublishedPart, language_model: PublishedPart) -> ModaProcessor:
    """The encoder's image processor with the language model's tokenizer; the encoder's tokenizer
    is kept beside it where it is another."""
    try:
        image_processor = AutoImageProcessor.from_pretrained(
            encoder.folder, backend="pil", trust_remote_code=False, local_files_only=True
        )
    except UNREADABLE as error:
        raise CheckpointError(
            f"{encoder.name} has no image processor (preprocessor_config.json): {error}"
        ) from error
    tokenizer, encoder_tokenizer = _tokenizer(language_model), _tokenizer(encoder)
    if tokenizer.eos_token_id is None:
        raise CheckpointError(
            f"The tokenizer of {language_model.name} has no end token: descriptions would not stop."
        )
    processor = ModaProcessor(image_processor, tokenizer)
    if not same_tokenizer(tokenizer, encoder_tokenizer):
        processor.encoder_tokenizer = encoder_tokenizer
    return processor


def _tokenizer(part: PublishedPart) -> PreTrainedTokenizerBase:
    present = {path.name for path in part.folder.iterdir()}
    if not any(files <= present for files in VOCABULARIES):
        # transformers would make one of no words at all, and say nothing.
        raise CheckpointError(
            f"{part.name} has no tokenizer: tokenizer.json is missing, and so is vocab.json with "
            f"merges.txt."
        )
    try:
        return AutoTokenizer.from_pretrained(
            part.folder, trust_remote_code=False, local_files_only=True
        )
    except UNREADABLE as error:
        raise CheckpointError(f"{part.name} has no tokenizer that can be read: {error}") from error


def _generation(processor: ModaProcessor) -> GenerationConfig:
    """How the new model generates; the sampling that a language model was published with is not
    for descriptions."""
    return GenerationConfig(
        bos_token_id=processor.tokenizer.bos_token_id,
        eos_token_id=processor.tokenizer.eos_token_id,
        pad_token_id=processor.pad_token_id,
        max_new_tokens=MAX_NEW_TOKENS,
    )
