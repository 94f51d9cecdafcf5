"""Folders of weights in the storage `models`: stored, fetched and checked file by file.

A folder is named by a mapping of its files to their SHA-256. Only formats that hold data are taken:
a pickle runs code when it is read, so nothing that could be one is stored, fetched or loaded,
whatever it is called.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from django.core.files import File
from django.core.files.storage import Storage, storages

#: What a checkpoint, an adapter or the state of a run consists of.
DATA_SUFFIXES = frozenset({".safetensors", ".json", ".jsonl", ".txt", ".md", ".png", ".jinja"})
#: Bytes that the head of a safetensors file may have at most, as its own reader allows.
LONGEST_HEAD = 100_000_000


class PackageRefused(Exception):
    """A folder of weights is not what was recorded, or holds what may not be loaded."""


def package_files(folder: Path) -> dict[str, str]:
    """The files below `folder`, hidden ones apart, with their SHA-256; each checked to be data."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            _check_is_data(path)
            found[name.as_posix()] = _sha256(path)
    return found


def package_check(folder: Path, files: Mapping[str, str]) -> None:
    """Raises `PackageRefused` unless `folder` holds exactly these files, unchanged."""
    present = package_files(folder)
    if differing := sorted(set(present.items()) ^ set(files.items())):
        name = differing[0][0]
        raise PackageRefused(
            f"{name} is not the file that was recorded: it was altered, added or lost since. "
            "Nothing of it is loaded; restore it, or train again."
        )


def package_store(folder: Path, place: str, *, known: Mapping[str, str]) -> dict[str, str]:
    """Copy the files of `folder` to `place`, under their hashes; returns what there is.

    `known` files are there already. Files that a dead host left unfinished are written again.
    """
    storage = storages["models"]
    files = package_files(folder)
    present = set(known.values())
    for name, digest in files.items():
        if digest in present:
            continue
        target = f"{place}/{digest}"
        # Not known and yet there: half a file, or all of it, of a host that died.
        if storage.exists(target):
            storage.delete(target)
        _save(storage, folder / name, target)
        present.add(digest)
    return files


def package_publish(folder: Path, place: str) -> dict[str, str]:
    """Copy the files of `folder` to the new folder `place`, under their own names."""
    storage = storages["models"]
    files = package_files(folder)
    for name in files:
        _save(storage, folder / name, str(PurePosixPath(place) / name))
    return files


def package_fetch(place: str, files: Mapping[str, str], folder: Path) -> None:
    """Write the files into the new folder `folder`, each checked by its hash.

    Raises `PackageRefused` for one that was altered in storage, or is gone.
    """
    storage = storages["models"]
    for name, digest in files.items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise PackageRefused(f"{name} lies outside its folder.")
        target.parent.mkdir(parents=True, exist_ok=True)
        file_fetch(storage, f"{place}/{digest}", target, digest=digest)
        _check_is_data(target)


def file_fetch(storage: Storage, source: str, target: Path, *, digest: str) -> None:
    """Copy one file here. Raises `PackageRefused` when it is gone, or not what was recorded."""
    try:
        with storage.open(source, "rb") as remote, target.open("wb") as local:
            shutil.copyfileobj(remote, local, 1 << 20)
    except FileNotFoundError as error:
        raise PackageRefused(f"{source} is gone from storage.") from error
    if _sha256(target) != digest:
        target.unlink()
        raise PackageRefused(
            f"{source} was altered in storage: its hash is not the recorded one. Nothing of it is "
            "loaded."
        )


def file_save(path: Path, target: str) -> str:
    """Copy one file into the storage, over what a host that died left there; its SHA-256."""
    storage = storages["models"]
    if storage.exists(target):
        storage.delete(target)
    _save(storage, path, target)
    return _sha256(path)


def package_prune(place: str, *, keep: Mapping[str, str]) -> int:
    """Delete the files of `place` that are not in `keep`; returns how many."""
    storage = storages["models"]
    try:
        names = set(storage.listdir(place)[1]) - set(keep.values())
    except FileNotFoundError:
        return 0  # nothing was ever stored there
    for name in names:
        storage.delete(f"{place}/{name}")
    return len(names)


def _save(storage: Storage, path: Path, target: str) -> None:
    with path.open("rb") as content:
        saved = storage.save(target, File(content))
    if saved != target:
        storage.delete(saved)
        raise PackageRefused(f"{target} is there already: nothing is overwritten.")


def _check_is_data(path: Path) -> None:
    """Raises `PackageRefused` for a format that may hold code, under whatever name."""
    if path.suffix not in DATA_SUFFIXES:
        raise PackageRefused(
            f"{path.name} is no file of weights that may be loaded; those are "
            f"{', '.join(sorted(DATA_SUFFIXES))}."
        )
    if path.suffix == ".safetensors" and not _is_safetensors(path):
        raise PackageRefused(f"{path.name} is not in the safetensors format, whatever its name.")


def _is_safetensors(path: Path) -> bool:
    """Eight bytes of length, then as many of JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(LONGEST_HEAD, path.stat().st_size - 8):
            return False
        try:
            return isinstance(json.loads(file.read(length)), dict)
        except ValueError:
            return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
