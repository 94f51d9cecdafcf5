"""Published weights: which files hold them, and reading them as tensors alone.

This is the one place of the program that opens a pickle, and it takes nothing but tensors from it.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from moda_engine.checkpoint import WEIGHTS_FILE, WEIGHTS_INDEX_FILE, indexed_files
from moda_engine.exceptions import CheckpointError

#: In order of preference; an index names the files of weights that were published in pieces.
SAFETENSORS = (WEIGHTS_FILE, WEIGHTS_INDEX_FILE)
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def weight_files(folder: Path) -> list[Path]:
    """The files of `folder` that hold its weights: safetensors, or else a `.bin`.

    Raises `CheckpointError` when there are none, or an index names a file that is missing.
    """
    for name in (*SAFETENSORS, *PICKLES):
        path = folder / name
        if path.is_file():
            return indexed_files(path) if path.suffix == ".json" else [path]
    raise CheckpointError(
        f"{folder} holds no weights: {SAFETENSORS[0]} or {PICKLES[0]} is needed there."
    )


def read_tensors(files: Sequence[Path]) -> dict[str, Tensor]:
    """Name → tensor of all files, on the CPU, in the precision in which they are stored.

    Raises `CheckpointError` for a damaged file, and for a pickle that holds anything but tensors;
    of such a pickle nothing is executed.
    """
    tensors: dict[str, Tensor] = {}
    for path in files:
        tensors |= _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    return tensors


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error


def _pickled(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors and was not read, because a pickle can run any "
            f"program. Use weights published as safetensors."
        ) from error
    except (OSError, EOFError, RuntimeError, ValueError, KeyError) as error:
        raise _damaged(path, error) from error
    if not isinstance(content, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items()
    ):
        raise CheckpointError(f"{path} is no table of tensors by name: it holds no plain weights.")
    return dict(content)


def _damaged(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{path} is damaged or cut short ({error}): fetch it again.")
