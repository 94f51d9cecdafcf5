"""Fetches the files of one published model from the Hugging Face hub, through its own cache.

What was fetched once is found in the cache without a network. No code is ever fetched.
"""

from pathlib import Path

import httpx
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from moda_engine.exceptions import CheckpointError

#: Configuration, tokenizer, image processor, model card: all but the weights.
DESCRIPTION_FILES = ["*.json", "*.txt", "*.model", "README.md"]
SAFETENSORS_FILES = ["model.safetensors", "model-*.safetensors"]
PICKLE_FILES = ["pytorch_model.bin", "pytorch_model-*.bin"]


def hub_folder(name: str, revision: str | None) -> tuple[Path, str]:
    """The folder of the cache with the model's files, and the commit that they are of.

    Safetensors are preferred; a `.bin` is fetched where there is nothing else.

    Raises `CheckpointError` when the hub cannot be reached, has no such model or revision, or asks
    for terms to be accepted first.
    """
    where = f"{name} at {revision}" if revision else name
    try:
        return _fetched(name, revision)
    except GatedRepoError as error:
        raise CheckpointError(
            f"{name} is gated: accept its terms on {constants.ENDPOINT}/{name}, then log in with "
            f"`hf auth login`; or give a local folder that holds it."
        ) from error
    except RevisionNotFoundError as error:
        raise CheckpointError(
            f"{name} has no revision {revision}: give a branch, a tag or a commit of it."
        ) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"The hub has no model {name}, or it is private. Check the spelling; a private one "
            f"needs `hf auth login`."
        ) from error
    except HFValidationError as error:
        raise CheckpointError(
            f"{name} is neither a folder nor the name of a model on the hub (owner/name)."
        ) from error
    except (httpx.HTTPError, OSError) as error:
        raise CheckpointError(
            f"{where} cannot be fetched from {constants.ENDPOINT} ({_first_line(error)}). Without "
            f"the hub, give a local folder that holds the model's files."
        ) from error


def _fetched(name: str, revision: str | None) -> tuple[Path, str]:
    folder = _snapshot(name, revision, DESCRIPTION_FILES)
    commit = folder.name  # the cache names its folders so
    for patterns in (SAFETENSORS_FILES, PICKLE_FILES):
        _snapshot(name, commit, patterns)
        if any(path for pattern in patterns for path in folder.glob(pattern)):
            break
    return folder, commit


def _snapshot(name: str, revision: str | None, patterns: list[str]) -> Path:
    # Subfolders hold other exports of the same weights.
    return Path(
        snapshot_download(name, revision=revision, allow_patterns=patterns, ignore_patterns=["*/*"])
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
