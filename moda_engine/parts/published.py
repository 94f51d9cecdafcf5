"""A published model, on the hub or in a folder, as a part to build with: found and identified."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transformers import AutoConfig, PreTrainedConfig

from moda_engine.exceptions import CheckpointError
from moda_engine.parts.hub import hub_folder
from moda_engine.parts.licence import Licence, stated_licence
from moda_engine.parts.weights import files_sha256, weight_files


@dataclass(frozen=True)
class PartRequest:
    """What a person names: a folder or a name on the hub, and what it must be.

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
