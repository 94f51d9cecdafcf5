"""Where a model version's weights are on this machine; fetched once, if they are elsewhere."""

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

from catalog.models import ModelVersion


class ModelUnavailable(Exception):
    """The weights of a version cannot be loaded. No photo is to blame."""


@dataclass(frozen=True)
class ModelFolders:
    """A model on this machine: a checkpoint and, for some, an adapter that runs on it."""

    checkpoint: Path
    adapter: Path | None = None


def checkpoint_directory(version: ModelVersion) -> Path:
    """A folder with the version's checkpoint: the starter's, or one of the storage `models`.

    From an object store it is fetched into the data directory, under the weights' hash, once a
    machine. Raises `ModelUnavailable` when it is not to be had, or is not what was registered.
    """
    from moda_engine import STARTER_DIRECTORY

    if not version.directory:
        return STARTER_DIRECTORY
    storage = storages["models"]
    if isinstance(storage, FileSystemStorage):
        home = Path(settings.MODEL_DIRECTORY).resolve()
        directory = (home / version.directory).resolve()
        if not directory.is_relative_to(home):
            raise ModelUnavailable(f"{version}'s folder is outside {home}.")
        return directory
    return _fetched(storage, version)


def _fetched(storage: Storage, version: ModelVersion) -> Path:
    """The folder of the hash; the first process to want it fetches it, others wait for that."""
    directory = settings.DATA_DIRECTORY / "weights" / version.weights_sha256
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.is_dir():
            _fetch(storage, version, directory)
    return directory


def _fetch(storage: Storage, version: ModelVersion, directory: Path) -> None:
    """Copy the checkpoint, whole or not at all, and check its weights before anybody sees it."""
    from moda_engine.checkpoint import weights_sha256, written_whole

    try:
        with written_whole(directory) as folder:
            for name in storage.listdir(version.directory)[1]:
                source = str(PurePosixPath(version.directory) / name)
                with storage.open(source) as remote, (folder / name).open("wb") as local:
                    shutil.copyfileobj(remote, local)
            found = weights_sha256(folder)
            if found != version.weights_sha256:
                raise ModelUnavailable(
                    f"{version} was registered with weights {version.weights_sha256[:12]}, "
                    f"but the store holds {found[:12]}."
                )
    except ModelUnavailable:
        raise
    except Exception as error:  # each kind of storage raises errors of its own
        raise ModelUnavailable(f"{version} cannot be fetched: {error}") from error
