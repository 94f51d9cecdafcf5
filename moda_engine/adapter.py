"""Adapters: low-rank matrices beside projector and language model, for a brand or a market.

An adapter is a folder of some megabytes, safetensors and JSON as `peft` writes them, that runs on
the one checkpoint that it was trained on. A describer may hold several and use one at a time.

`peft` is imported where the first adapter is made or loaded, not before: describing needs none.
"""

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers.pytorch_utils import Conv1D

from moda_engine.checkpoint import (
    ADAPTER_CONFIG_FILE,
    ADAPTER_WEIGHTS_FILE,
    FORMAT_VERSION,
    MODEL_CARD_FILE,
    TRAINING_FILE,
    check_adapter,
    written_whole,
)
from moda_engine.exceptions import CheckpointError
from moda_engine.model import ModaForCaptioning
from moda_engine.model_card import adapter_card_text

#: The name of the adapter that a run trains.
LEARNED = "learned"
#: Bytes of an adapter in single precision, from which the rank of its matrices follows. One rank
#: for all would not do: 8 is 7 MB beside OPT-125M, and too little beside the starter (0.8 MB).
MOST_BYTES = 8_000_000
MOST_RANK = 64
#: Before the names of tensors that `peft` saved.
_PEFT_PREFIX = "base_model.model."
#: Settings of `peft` that change what is computed, and the values that do not.
_PLAIN_LORA = {
    "alora_invocation_tokens": None,
    "bias": "none",
    "layer_replication": None,
    "lora_bias": False,
    "megatron_config": None,
    "modules_to_save": None,
    "trainable_token_indices": None,
    "use_dora": False,
}


def adapter_add(model: ModaForCaptioning, seed: int) -> None:
    """Put a new adapter into `model`; it changes nothing yet, and alone learns."""
    layers = _linear_layers(model)
    rank = adapter_rank(model.get_parameter(f"{name}.weight") for name in layers)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _inject(model, LEARNED, _settings(rank, 2 * rank, layers))


def adapter_rank(weights: Iterable[Tensor]) -> int:
    """The rank for matrices beside `weights`, each (outputs, inputs): the most that bytes allow."""
    bytes_a_rank = 4 * sum(sum(weight.shape) for weight in weights)
    return max(1, min(MOST_RANK, MOST_BYTES // bytes_a_rank))


def adapter_load(
    model: ModaForCaptioning, directory: Path, name: str, *, is_trainable: bool = False
) -> None:
    """Load the adapter of the folder `directory` into `model` under `name`, and use it.

    The folder is one that `adapter_write` wrote, or `peft` did for this model: low-rank matrices
    beside linear layers of projector and language model, and nothing else.

    Raises `CheckpointError` when the folder holds none, or it does not fit the model.
    """
    config = check_adapter(directory)
    try:
        tensors = adapter_tensors(directory)
        settings = (
            _settings(config["r"], config["lora_alpha"], config["target_modules"])
            if "model_type" in config
            else _settings_of_peft(directory, config, tensors)
        )
        _check_fits(model, list(settings.target_modules), tensors)
        _inject(model, name, settings)
        _fill(model, name, tensors)
    except SafetensorError as error:
        raise CheckpointError(
            f"{directory} cannot be loaded: its weights are damaged or no safetensors ({error}). "
            f"Copy the adapter again."
        ) from error
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise CheckpointError(f"{directory} cannot be loaded: {error}") from error
    if not is_trainable:
        model.requires_grad_(requires_grad=False)
    adapter_use(model, name)


def adapter_fill(model: ModaForCaptioning, directory: Path) -> None:
    """Give the learned adapter the weights that `adapter_write` wrote to `directory`."""
    _fill(model, LEARNED, load_file(directory / ADAPTER_WEIGHTS_FILE))


def adapter_tensors(directory: Path) -> dict[str, Tensor]:
    """The matrices of the folder `directory`, by the names that this program gives them."""
    stored = load_file(directory / ADAPTER_WEIGHTS_FILE)
    return {key.removeprefix(_PEFT_PREFIX): value for key, value in stored.items()}


def adapter_layers(tensors: Iterable[str]) -> list[str]:
    """The full names of the layers whose matrices these are, sorted."""
    return sorted({name.rpartition(".lora_")[0] for name in tensors})


def adapter_use(model: ModaForCaptioning, name: str | None) -> None:
    """Compute with the adapter `name` alone; with `None`, as the checkpoint was without any."""
    if not getattr(model, "_hf_peft_config_loaded", False):
        return
    if name is None:
        model.disable_adapters()
        return
    model.enable_adapters()
    model.set_adapter(name)


def adapter_write(directory: Path, model: ModaForCaptioning, record: dict[str, Any]) -> None:
    """Write the learned adapter to the folder `directory`, whole or not at all.

    Args:
        record: what training says about itself; `base` is the SHA-256 of the checkpoint's weights.
    """
    config: Any = model.peft_config[LEARNED]
    tensors = _matrices(model)
    stated = {
        "model_type": "moda_adapter",
        "format_version": FORMAT_VERSION,
        "base_sha256": record["base"],
        "peft_type": "LORA",
        "r": config.r,
        "lora_alpha": config.lora_alpha,
        # Not those of `config`: `peft` shortens the names of many layers to their last parts.
        "target_modules": adapter_layers(tensors),
    }
    with written_whole(directory) as folder:
        save_file(tensors, folder / ADAPTER_WEIGHTS_FILE, metadata={"format": "pt"})
        text = json.dumps(stated, indent=1)
        (folder / ADAPTER_CONFIG_FILE).write_text(text, encoding="utf-8")
        (folder / TRAINING_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
        card = adapter_card_text(model.config.to_dict(), record)
        (folder / MODEL_CARD_FILE).write_text(card, encoding="utf-8")


def _matrices(model: ModaForCaptioning) -> dict[str, Tensor]:
    """The matrices of the learned adapter alone; of the layers beside them nothing is kept."""
    from peft import get_peft_model_state_dict

    learned: Any = get_peft_model_state_dict(
        model, adapter_name=LEARNED, save_embedding_layers=False
    )
    return {name: value.cpu().contiguous() for name, value in learned.items()}


def _settings(rank: int, alpha: int, layers: Sequence[str]) -> Any:
    """What `peft` is told of matrices of one rank beside `layers`."""
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(layers))


def _settings_of_peft(
    directory: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> Any:
    """What `peft` wrote of an adapter, for the very layers whose matrices it holds.

    Raises `ValueError` for an adapter that does more than describing computes.
    """
    from peft import LoraConfig

    for name, harmless in _PLAIN_LORA.items():
        if config.get(name) and config[name] != harmless:
            raise ValueError(
                f"`{name}` is {config[name]!r}. Adapters of plain LoRA alone are read here: train "
                f"it without."
            )
    layers = adapter_layers(tensors)
    frozen = [layer for layer in layers if layer.startswith("encoder.")]
    if frozen:
        raise ValueError(
            f"it changes {frozen[0]}, but the encoder stays as it is: name layers of the language "
            f"model and the projector as its `target_modules`."
        )
    settings = LoraConfig.from_pretrained(str(directory))
    settings.target_modules, settings.exclude_modules = set(layers), None
    return settings


def _inject(model: ModaForCaptioning, name: str, settings: Any) -> None:
    """Put matrices for the adapter `name` beside the layers of its settings, and use them."""
    with warnings.catch_warnings():
        # Several adapters in one model are what is wanted.
        warnings.filterwarnings("ignore", "Already found a `peft_config` attribute")
        # It is never merged into the weights, which stay tied.
        warnings.filterwarnings("ignore", "Model has `tie_word_embeddings=True`")
        model.add_adapter(settings, name)


def _fill(model: ModaForCaptioning, name: str, tensors: dict[str, Tensor]) -> None:
    """Give the adapter `name` its weights. Raises `ValueError` where a shape is another."""
    from peft import set_peft_model_state_dict

    report: Any = set_peft_model_state_dict(model, tensors, adapter_name=name)
    if report.unexpected_keys:
        raise ValueError(f"it has a tensor {report.unexpected_keys[0]}, which the model lacks")


def _linear_layers(model: ModaForCaptioning) -> list[str]:
    """Full names of all linear layers that learn, the one that chooses words among them.

    A style may need words that the checkpoint never wrote, " Casual" with a capital letter: its
    weights for them say nothing, and layers before it cannot make up for that.
    """
    return [
        name
        for name, layer in model.named_modules()
        if isinstance(layer, torch.nn.Linear | Conv1D)
        and not name.startswith(("encoder.", "heads."))
    ]


def _check_fits(
    model: ModaForCaptioning, layers: Sequence[str], tensors: dict[str, Tensor]
) -> None:
    """Raises `ValueError` unless the model has the layers, and each has both of its matrices."""
    known = {name.replace(".base_layer", "") for name, _ in model.named_modules()}
    matrices = {f"{layer}.lora_{side}.weight" for layer in layers for side in "AB"}
    odd = sorted(set(layers) - known) or sorted(matrices ^ set(tensors))
    if odd:
        raise ValueError(f"it is of another model: {odd[0]} is in one of them alone")
