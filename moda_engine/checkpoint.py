"""Checkpoint folders: what one holds, its identity, and writing it whole or not at all.

Imports neither torch nor transformers, so that asking for an identity costs nothing.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moda_engine.exceptions import CheckpointError

WEIGHTS_FILE = "model.safetensors"
REQUIRED_FILES = (
    "config.json",
    WEIGHTS_FILE,
    "tokenizer.json",
    "generation_config.json",
)
#: What was measured on the checkpoint and how it was made; written by training.
TRAINING_FILE = "training.json"


def check_checkpoint(directory: Path) -> Path:
    """`directory`, once it holds all that a checkpoint needs; `CheckpointError` otherwise."""
    if not directory.is_dir():
        raise CheckpointError(
            f"There is no checkpoint folder {directory}. Give a folder that holds config.json."
        )
    missing = [name for name in REQUIRED_FILES if not (directory / name).is_file()]
    if missing:
        raise CheckpointError(f"{directory} is no MODA checkpoint: {', '.join(missing)} missing.")
    config = _read_json(directory / "config.json")
    if config.get("model_type") != "moda":
        raise CheckpointError(
            f"{directory} holds a model of type {config.get('model_type')!r}, not 'moda'."
        )
    return directory


def weights_sha256(directory: Path | str) -> str:
    """SHA-256, in hexadecimal, of the weights of a checkpoint: its identity."""
    path = Path(directory) / WEIGHTS_FILE
    if not path.is_file():
        raise CheckpointError(f"{directory} is no MODA checkpoint: {WEIGHTS_FILE} missing.")
    with path.open("rb") as weights:
        return hashlib.file_digest(weights, "sha256").hexdigest()


def training_record(directory: Path | str) -> dict[str, Any]:
    """What training wrote about itself, or an empty dictionary."""
    path = Path(directory) / TRAINING_FILE
    return _read_json(path) if path.is_file() else {}


def checkpoint_write(
    directory: Path,
    *,
    model: Any,
    processor: Any,
    record: dict[str, Any],
    model_card: Path | None = None,
) -> None:
    """Write a checkpoint folder, whole or not at all, with what training says about itself."""
    with written_whole(directory) as folder:
        model.save_pretrained(folder)
        processor.save_pretrained(folder)
        (folder / TRAINING_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
        if model_card is not None:
            shutil.copyfile(model_card, folder / "README.md")


@contextmanager
def written_whole(directory: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `directory` when the block ends without error.

    An interrupted write leaves the former folder, never one that half loads.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    former = temporary.with_name(temporary.name + "-former")
    try:
        yield temporary
        # Temporary files are their maker's alone; workers may run as another user.
        temporary.chmod(0o755)
        for path in temporary.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
            _flush(path)
        if directory.exists():
            directory.replace(former)
        temporary.replace(directory)
        _flush(directory.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the file or folder on the disk before it is renamed: power may fail just after."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} holds no JSON object.")
    return value
