"""Parts of a checkpoint folder that are fitted after its weights: its heads."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from moda_engine.checkpoint import TRAINING_FILE, WEIGHTS_FILE, written_whole

_HEADS = "heads."


def heads_write(
    checkpoint: Path, config: dict[str, Any], state: dict[str, Tensor], record: dict[str, Any]
) -> None:
    """Put heads into a checkpoint folder, in half precision, in the place of those it has.

    Args:
        config, state: of `moda_engine.heads.LabelHeads`.
        record: what `training.json` says about them.
    """
    _rewrite(checkpoint, lambda name: name.startswith(_HEADS), config, state, record)


def heads_extend(
    checkpoint: Path, config: dict[str, Any], state: dict[str, Tensor], record: dict[str, Any]
) -> None:
    """Put parts of heads beside those of a checkpoint folder, in the place of the same parts.

    Args:
        config: the parts' own of `moda_engine.heads.LabelHeads`, by name.
        state: their weights; each name begins with that of its part.
        record: what `training.json` says about them, by part.
    """
    parts = tuple(f"{_HEADS}{name}." for name in config)
    old = _read_json(checkpoint / "config.json")["heads"]
    former = _read_json(checkpoint / TRAINING_FILE).get("heads", {})
    _rewrite(checkpoint, lambda name: name.startswith(parts), old | config, state, former | record)


def add_to_json(path: Path, name: str, value: dict[str, Any] | None, indent: int) -> None:
    """Let `value` be that of `name` in the file's object; the file need not exist."""
    text = json.dumps(_read_json(path) | {name: value}, indent=indent)
    path.write_text(text + "\n", encoding="utf-8")


def _rewrite(
    checkpoint: Path,
    is_replaced: Callable[[str], bool],
    config: dict[str, Any],
    state: dict[str, Tensor],
    record: dict[str, Any],
) -> None:
    with written_whole(checkpoint) as folder:
        shutil.copytree(checkpoint, folder, dirs_exist_ok=True)
        stored = load_file(checkpoint / WEIGHTS_FILE)
        weights = {name: value for name, value in stored.items() if not is_replaced(name)}
        weights |= {f"{_HEADS}{name}": _stored(value) for name, value in state.items()}
        save_file(weights, folder / WEIGHTS_FILE, {"format": "pt"})
        add_to_json(folder / "config.json", "heads", config, indent=2)
        add_to_json(folder / TRAINING_FILE, "heads", record, indent=1)


def _stored(value: Tensor) -> Tensor:
    """In half precision, unless it is of whole numbers."""
    return (value.half() if value.is_floating_point() else value).contiguous()


def _read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
    return found
