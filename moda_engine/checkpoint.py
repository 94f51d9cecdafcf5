"""Checkpoint folders: what one holds, its identity, and writing it whole or not at all.

Imports neither torch nor transformers, so that asking for an identity costs nothing.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from moda_engine.exceptions import CheckpointError
from moda_engine.model_card import model_card_text

#: Raised when the layout of a checkpoint changes; a later one is refused with a clear error.
FORMAT_VERSION = 1
#: The checkpoint that is used where none is named.
STARTER_DIRECTORY = Path(__file__).parent / "starter"
WEIGHTS_FILE = "model.safetensors"
#: Stands for the weights where they are in pieces, as large ones are saved; it names the pieces.
WEIGHTS_INDEX_FILE = "model.safetensors.index.json"
REQUIRED_FILES = (
    "config.json",
    WEIGHTS_FILE,
    "tokenizer.json",
    "generation_config.json",
)
#: An adapter's folder has these two instead; `moda_engine.adapter` writes it.
ADAPTER_CONFIG_FILE = "adapter_config.json"
ADAPTER_WEIGHTS_FILE = "adapter_model.safetensors"
#: What was measured on the checkpoint and how it was made; written by training.
TRAINING_FILE = "training.json"
MODEL_CARD_FILE = "README.md"
#: The SHA-256 of each file of weights beside it, in the form that `sha256sum --check` reads.
SUMS_FILE = "SHA256SUMS.txt"
MAKE_ONE = (
    "`python -m moda_engine init` makes a checkpoint of an encoder and a language model that were "
    "published"
)


def check_checkpoint(directory: Path) -> Path:
    """`directory`, once it holds all that a checkpoint needs; `CheckpointError` otherwise.

    Reads the configuration alone: a checkpoint of a later format is refused before its weights
    are looked at.
    """
    if not directory.is_dir():
        raise CheckpointError(
            f"There is no checkpoint folder {directory}. Give a folder that holds config.json."
        )
    if (directory / "config.json").is_file():
        config = _read_json(directory / "config.json")
        if config.get("model_type") != "moda":
            raise CheckpointError(
                f"{directory} holds a model of type {config.get('model_type')!r}, not 'moda'. "
                f"{MAKE_ONE}."
            )
        check_format(config.get("format_version", FORMAT_VERSION))
    missing = [name for name in REQUIRED_FILES if not (directory / name).is_file()]
    if (directory / WEIGHTS_INDEX_FILE).is_file():
        indexed_files(directory / WEIGHTS_INDEX_FILE)
        missing = [name for name in missing if name != WEIGHTS_FILE]
    if missing:
        pickles = sorted(path.name for path in directory.glob("*.bin"))
        advice = f" {pickles[0]} is not read here: {MAKE_ONE}." if pickles else ""
        raise CheckpointError(
            f"{directory} is no MODA checkpoint: {', '.join(missing)} missing.{advice}"
        )
    return directory


def is_adapter(directory: Path) -> bool:
    """Whether the folder holds an adapter, which runs on a checkpoint only."""
    return (directory / ADAPTER_CONFIG_FILE).is_file()


def check_adapter(directory: Path) -> dict[str, Any]:
    """The configuration of the adapter in `directory`; `CheckpointError` where there is none.

    A folder that `peft` wrote has no `model_type`, and does not say which weights it is for.
    """
    missing = [
        name
        for name in (ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE)
        if not (directory / name).is_file()
    ]
    if missing:
        raise CheckpointError(f"{directory} is no adapter: {', '.join(missing)} missing.")
    config = _read_json(directory / ADAPTER_CONFIG_FILE)
    if "model_type" not in config and config.get("peft_type") == "LORA":
        return config
    if config.get("model_type") != "moda_adapter":
        raise CheckpointError(f"{directory} holds an adapter of another program, not of MODA.")
    check_format(config.get("format_version"))
    return config


def check_format(version: object) -> None:
    """Raises `CheckpointError` for a format that this program does not know."""
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise CheckpointError(
            f"The checkpoint has format {version}; this program reads up to {FORMAT_VERSION}. "
            f"Install a newer version of moda_engine."
        )


def check_vacant(directory: Path) -> None:
    """Raises `CheckpointError` unless `directory` is absent or an empty folder."""
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise CheckpointError(
            f"{directory} exists and is not empty. Nothing is overwritten: name another folder, or "
            f"move this one away."
        )


def weights_sha256(directory: Path | str) -> str:
    """SHA-256, in hexadecimal, of the weights of a checkpoint or an adapter: its identity."""
    folder = Path(directory)
    if is_adapter(folder):
        check_adapter(folder)
        return files_sha256([folder / ADAPTER_WEIGHTS_FILE])
    return files_sha256(weights_files(folder))


def weights_files(directory: Path) -> list[Path]:
    """The files that hold a checkpoint's weights. Raises `CheckpointError` when there are none."""
    if (directory / WEIGHTS_FILE).is_file():
        return [directory / WEIGHTS_FILE]
    if (directory / WEIGHTS_INDEX_FILE).is_file():
        return indexed_files(directory / WEIGHTS_INDEX_FILE)
    raise CheckpointError(f"{directory} is no MODA checkpoint: {WEIGHTS_FILE} missing.")


def indexed_files(index: Path) -> list[Path]:
    """The files that an index names, in the order of their names; all lie beside it.

    Raises `CheckpointError` when it is no index, or names a file that is missing.
    """
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{index} is no index of weights: {error}.") from error
    files = [index.parent / Path(name).name for name in names]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise CheckpointError(f"{index} names files that are missing: {', '.join(missing)}.")
    return files


def files_sha256(files: Sequence[Path]) -> str:
    """SHA-256, in hexadecimal, of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def check_sums(directory: Path) -> None:
    """Raises `CheckpointError` where weights are not those whose SHA-256 was recorded with them."""
    sums = directory / SUMS_FILE
    if not sums.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        recorded, _, name = line.partition("  ")
        path = directory / Path(name).name
        if not path.is_file() or files_sha256([path]) != recorded:
            raise CheckpointError(
                f"{path} is not the file that was written: its SHA-256 is not the one in "
                f"{SUMS_FILE}. Copy the folder again."
            )


def parameter_count(directory: Path) -> int:
    """How many parameters a checkpoint's weights hold; reads no more than the files' heads.

    Raises `CheckpointError` when a file is damaged.
    """
    count = 0
    try:
        for path in weights_files(directory):
            with safe_open(path, framework="pt") as weights:
                count += sum(prod(weights.get_slice(name).get_shape()) for name in weights.keys())  # noqa: SIM118
    except SafetensorError as error:
        raise damaged_weights(directory, error) from error
    return count


def damaged_weights(directory: Path, error: SafetensorError) -> CheckpointError:
    """What to raise where `error` says that the weights of `directory` cannot be read."""
    return CheckpointError(
        f"{directory} cannot be loaded: its weights are damaged or cut short ({error}). "
        f"Copy the checkpoint again."
    )


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
    """Write a checkpoint folder, whole or not at all, with what training says about itself.

    Args:
        record: empty where nothing was trained.
        model_card: a hand-written one; without it one is made of the configuration and `record`.

    Raises `CheckpointError` when the disk takes no more.
    """
    with written_whole(directory) as folder:
        model.save_pretrained(folder)
        processor.save_pretrained(folder)
        if record:
            (folder / TRAINING_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
        card = folder / MODEL_CARD_FILE
        if model_card is not None:
            shutil.copyfile(model_card, card)
        else:
            card.write_text(model_card_text(model.config.to_dict(), record), encoding="utf-8")


@contextmanager
def written_whole(directory: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `directory` when the block ends without error.

    An interrupted write leaves the former folder, never one that half loads.

    Raises `CheckpointError` when the disk takes no more.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise CheckpointError(f"{directory} cannot be written: {error}.") from error
    former = temporary.with_name(temporary.name + "-former")
    try:
        yield temporary
        _record_sums(temporary)
        _make_lasting(temporary)
        if directory.exists():
            directory.replace(former)
        temporary.replace(directory)
        _flush(directory.parent)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{directory} cannot be written: {error}. What was there is unchanged."
        ) from error
    finally:
        if former.exists() and not directory.exists():
            former.replace(directory)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def _record_sums(folder: Path) -> None:
    """Write down what the weights are, so that a damaged copy shows."""
    files = sorted({*folder.glob("model*.safetensors"), *folder.glob(ADAPTER_WEIGHTS_FILE)})
    if files:
        lines = [f"{files_sha256([path])}  {path.name}\n" for path in files]
        (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")


def _make_lasting(folder: Path) -> None:
    """Open to other users, as workers may be, and on the disk before it is renamed."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        _flush(path)
    _flush(folder)


def _flush(path: Path) -> None:
    """Have the file or folder written through: power may fail just after.

    Windows opens no folders, and no file to flush that is opened to be read.
    """
    if os.name == "nt":
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        return
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
