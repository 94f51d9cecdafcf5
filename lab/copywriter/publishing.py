"""The learned adapter as the repository keeps it: matrices alone, in half the bytes."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from moda_engine.adapter import adapter_layers, adapter_tensors
from moda_engine.checkpoint import (
    ADAPTER_CONFIG_FILE,
    ADAPTER_WEIGHTS_FILE,
    MODEL_CARD_FILE,
    TRAINING_FILE,
    check_adapter,
    training_record,
    written_whole,
)
from moda_engine.model import ModaForCaptioning
from moda_engine.model_card import adapter_card_text
from moda_engine.parts.copywriter import frozen_sha256


def adapter_publish(learned: Path, base: Path, output: Path) -> None:
    """Write the adapter of the folder `learned` to `output`, as it runs beside any heads.

    Args:
        base: the checkpoint that it was learned on.
    """
    load: Any = ModaForCaptioning.from_pretrained
    model = load(base, dtype=torch.bfloat16, local_files_only=True)
    config = check_adapter(learned)
    tensors = {
        name: value.bfloat16().contiguous() for name, value in adapter_tensors(learned).items()
    }
    config |= {"base_sha256": frozen_sha256(model), "target_modules": adapter_layers(tensors)}
    record = training_record(learned) | {"base": config["base_sha256"]}
    with written_whole(output) as folder:
        save_file(tensors, folder / ADAPTER_WEIGHTS_FILE, metadata={"format": "pt"})
        for name, content in ((ADAPTER_CONFIG_FILE, config), (TRAINING_FILE, record)):
            (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        card = adapter_card_text(model.config.to_dict(), record)
        (folder / MODEL_CARD_FILE).write_text(card, encoding="utf-8")
