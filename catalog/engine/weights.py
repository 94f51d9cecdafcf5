"""A model version as folders on this machine, each file checked against what was recorded.

Weights that are stored elsewhere are fetched once a machine. Reads files; loads no
model, but to put the copywriter together.
"""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

from catalog.choices import TrainingWay
from catalog.model_packages import PackageRefused, package_check, package_publish
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
    machine. Raises `ModelUnavailable` when it cannot be fetched, or is not what was registered.
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
    """The folder of the hash; the first process fetches it, others wait."""
    directory = settings.DATA_DIRECTORY / "weights" / version.weights_sha256
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.is_dir():
            _fetch(storage, version, directory)
    return directory


def _fetch(storage: Storage, version: ModelVersion, directory: Path) -> None:
    """Copy the checkpoint, whole or not at all, and check its weights before others see it."""
    from moda_engine.checkpoint import written_whole

    try:
        with written_whole(directory) as folder:
            for name in version.files or storage.listdir(version.directory)[1]:
                source = str(PurePosixPath(version.directory) / name)
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                with storage.open(source) as remote, (folder / name).open("wb") as local:
                    shutil.copyfileobj(remote, local)
            weights_check(version, folder, where="the store")
    except ModelUnavailable:
        raise
    except Exception as error:  # each kind of storage raises errors of its own
        raise ModelUnavailable(f"{version} cannot be fetched: {error}") from error


def weights_check(version: ModelVersion, directory: Path, *, where: object) -> None:
    """Raises `ModelUnavailable` unless `directory` holds the weights that were registered."""
    from moda_engine.checkpoint import weights_sha256

    found = weights_sha256(directory)
    if found != version.weights_sha256:
        raise ModelUnavailable(
            f"{version} was registered with weights {version.weights_sha256[:12]}, "
            f"but {where} holds {found[:12]}."
        )


def model_folders(version: ModelVersion) -> ModelFolders:
    """The checkpoint of a version, or its base's with the adapter beside it.

    Raises `ModelUnavailable` when a file was altered, added or lost since it was registered, or
    may hold code.
    """
    directory = _checked(version)
    if version.way != TrainingWay.ADAPTER:
        return ModelFolders(checkpoint=directory)
    if version.base is None:
        raise ModelUnavailable(f"{version} is an adapter, and the version that it adapts is gone.")
    return ModelFolders(checkpoint=_checked(version.base), adapter=directory)


def _checked(version: ModelVersion) -> Path:
    directory = checkpoint_directory(version)
    if version.files:
        try:
            package_check(directory, version.files)
        except (PackageRefused, OSError) as error:
            raise ModelUnavailable(f"{version}: {error}") from error
    return directory


#: The first lines of a model card, between dashes, hold its licence.
_LICENCE = re.compile(r"^(licen[sc]e(?:_name)?):\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


def card_licence(directory: Path) -> str:
    """The licence in the head of `directory/README.md`: its name where it has one; else empty."""
    card = directory / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    front = text.split("---")[1] if text.startswith("---") and text.count("---") > 1 else ""
    stated = {key.lower(): value for key, value in _LICENCE.findall(front)}
    return str(stated.get("license_name") or stated.get("license") or stated.get("licence") or "")


def starter_identity() -> tuple[str, str, str]:
    """(name, SHA-256 of its weights, licence). Raises `CheckpointError` where there is none."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import weights_sha256

    sha256 = weights_sha256(STARTER_DIRECTORY)
    return f"starter-{sha256[:8]}", sha256, card_licence(STARTER_DIRECTORY)


def starter_languages() -> list[str]:
    """The languages that its checkpoint says it writes; English if it says none."""
    from moda_engine import STARTER_DIRECTORY

    config = json.loads((STARTER_DIRECTORY / "config.json").read_text(encoding="utf-8"))
    return [str(code) for code in config.get("languages", ["en"])]


def starter_metrics() -> dict[str, object]:
    """What was measured on the starter when it was built; empty if nothing was recorded."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import training_record

    metrics = training_record(STARTER_DIRECTORY).get("metrics", {})
    return metrics if isinstance(metrics, dict) else {}


@dataclass(frozen=True)
class PublishedCopywriter:
    """The copywriter in the storage `models`; its folder there has its name."""

    name: str
    weights_sha256: str
    licence: str
    files: Mapping[str, str]


def copywriter_publish() -> PublishedCopywriter:
    """Put the built-in copywriter together and into the storage `models`, unless it is there.

    Raises `ModelUnavailable` when its language model is not installed, or is of another version.
    """
    from moda_engine.checkpoint import weights_sha256
    from moda_engine.exceptions import CheckpointError
    from moda_engine.parts.copywriter import copywriter_identity, copywriter_write

    try:
        name = f"copywriter-{copywriter_identity()}"
        known = ModelVersion.objects.filter(name=name).first()
        if known is not None:
            return PublishedCopywriter(name, known.weights_sha256, known.licence, known.files)
        with TemporaryDirectory(dir=settings.DATA_DIRECTORY) as folder:
            checkpoint = copywriter_write(Path(folder) / name)
            files = package_publish(checkpoint, name)
            sha256, licence = weights_sha256(checkpoint), card_licence(checkpoint)
            return PublishedCopywriter(name, sha256, licence, files)
    except CheckpointError as error:
        raise ModelUnavailable(str(error)) from error


@contextmanager
def engine_errors_as(refused: type[Exception]) -> Iterator[None]:
    """Raises the engine's refusals in the block as `refused`, and `MemoryError`."""
    from moda_engine.exceptions import EngineError

    try:
        yield
    except EngineError as error:
        raise refused(str(error)) from error
    except RuntimeError as error:
        raise_for_memory(error)
        raise


def raise_for_memory(error: RuntimeError) -> None:
    """Raises `MemoryError` when that is what `error` says, whatever the device."""
    from moda_engine.devices import is_out_of_memory

    if is_out_of_memory(error):
        raise MemoryError(str(error)) from error
