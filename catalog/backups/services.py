"""Takes, checks and restores back-ups: what `manage.py backup` and `restore` ask for."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from catalog.backups.database import (
    DatabaseState,
    database_dump,
    database_has_content,
    database_load,
    database_state,
    migrations_applied,
    migrations_unknown,
)
from catalog.backups.manifest import BackupRefused, Manifest, StoredContent
from catalog.backups.place import BackupPlace
from catalog.version import program_version

#: The storages whose files belong to an installation: photos, and weights of models.
STORAGES = ("default", "models")
#: How often the database is read again because photos of it vanished meanwhile.
_TRIES = 3
_Files = dict[str, dict[str, StoredContent]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `differences` says which tables do not hold what was backed up."""

    manifest: Manifest
    files_written: int
    differences: list[str]


def backup_create(place: BackupPlace) -> Manifest:
    """Take a back-up while the installation works; it exists once all of it was read back.

    Photos never change, they come and go. So files are stored before and after the database is
    read: what the database names at its moment is there.
    """
    files = _known(place)
    _store_new(place, files)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(_TRIES):
            dump = Path(folder) / "database"
            dump.unlink(missing_ok=True)
            migrations = migrations_applied()
            state = database_dump(dump)
            _store_new(place, files)
            missing = sorted(state.photos - files["default"].keys())
            if not missing:
                break
        with dump.open("rb") as content:
            database = place.store(content)
    manifest = Manifest(
        identifier=timezone.now().strftime("%Y%m%dT%H%M%S%fZ"),
        created_at=timezone.now().isoformat(timespec="seconds"),
        version=program_version(),
        vendor=connection.vendor,
        migrations=migrations,
        rows=state.rows,
        database=database,
        files=files,
        missing=missing,
        encrypted=place.encrypts,
    )
    place.publish(manifest)
    return manifest


def backup_check(place: BackupPlace, identifier: str) -> Manifest:
    """Read every content of a back-up and compare its SHA-256. Changes nothing."""
    manifest = place.manifest(identifier)
    for content in sorted(manifest.contents(), key=lambda one: one.sha256):
        place.check(content)
    return manifest


def backup_restore(place: BackupPlace, identifier: str, *, replace: bool) -> Restored:
    """Put a back-up in place of what is here, and bring its database up to this version.

    All of it is checked first. Files come before the database, which changes in one step: whatever
    fails, the database is the former one or the whole new one.

    Raises `BackupRefused`, with nothing changed, for a back-up of a newer version or of another
    kind of database, and where there is content and `replace` is not set.
    """
    manifest = place.manifest(identifier)
    _check_fits(manifest)
    if not replace and database_has_content():
        raise BackupRefused(
            "There are products, people or models here already; nothing was changed. "
            "Add --replace to put the back-up in their place."
        )
    backup_check(place, identifier)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "database"
        with place.opened(manifest.database) as content, dump.open("wb") as target:
            shutil.copyfileobj(content, target, 1 << 20)
        written = _files_restore(place, manifest)
        database_load(dump)
    differences = _differences(manifest, database_state())
    call_command("migrate", interactive=False, verbosity=0)
    return Restored(manifest, written, differences)


def _check_fits(manifest: Manifest) -> None:
    if unknown := migrations_unknown(manifest.migrations):
        raise BackupRefused(
            f"The back-up is of version {manifest.version}, which is newer than this one "
            f"({program_version()}): its database has the migration {unknown[0]}, which is unknown "
            f"here. Nothing was changed. Install version {manifest.version} or a newer one, then "
            "restore."
        )
    if manifest.vendor != connection.vendor:
        raise BackupRefused(
            f"The back-up holds a database of {manifest.vendor}, and DATABASE_URL names one of "
            f"{connection.vendor}. Nothing was changed. Name one of the same kind."
        )


def _known(place: BackupPlace) -> _Files:
    """The files of the last back-up that are still here: they were stored then.

    A name is never given to another content: photos have names of chance, weights those of hashes.
    """
    known: _Files = {name: {} for name in STORAGES}
    if identifiers := place.identifiers():
        last = place.manifest(identifiers[-1])
        if last.encrypted == place.encrypts:
            for name in STORAGES:
                present = set(_names(storages[name]))
                stored = last.files.get(name, {})
                known[name] = {file: stored[file] for file in present & stored.keys()}
    return known


def _store_new(place: BackupPlace, files: _Files) -> None:
    for name in STORAGES:
        storage = storages[name]
        for file in _names(storage):
            if file in files[name]:
                continue
            try:
                with storage.open(file, "rb") as content:
                    files[name][file] = place.store(content)
            except FileNotFoundError:
                continue  # deleted since it was listed


def _names(storage: Storage, folder: str = "") -> Iterator[str]:
    """All files of a storage, hidden ones apart."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        if name and not name.startswith("."):
            yield f"{folder}/{name}" if folder else name
    for name in folders:
        if name and not name.startswith("."):
            yield from _names(storage, f"{folder}/{name}" if folder else name)


def _files_restore(place: BackupPlace, manifest: Manifest) -> int:
    """Write the files that are not here, or are others; returns how many."""
    written = 0
    for name, files in manifest.files.items():
        storage = storages[name]
        for file, content in files.items():
            if storage.exists(file):
                if storage.size(file) == content.byte_size and _is_same(storage, file, content):
                    continue
                storage.delete(file)
            with place.opened(content) as source:
                if storage.save(file, File(source)) != file:
                    raise BackupRefused(f"{file} could not be restored under its name.")
            written += 1
    return written


def _is_same(storage: Storage, file: str, content: StoredContent) -> bool:
    digest = hashlib.sha256()
    with storage.open(file, "rb") as present:
        while block := present.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == content.sha256


def _differences(manifest: Manifest, state: DatabaseState) -> list[str]:
    tables = sorted(manifest.rows.keys() | state.rows.keys())
    found = [
        f"{table}: {manifest.rows.get(table, 0)} rows were backed up, {state.rows.get(table, 0)} "
        "are here"
        for table in tables
        if manifest.rows.get(table, 0) != state.rows.get(table, 0)
    ]
    storage = storages["default"]
    gone = [name for name in state.photos - set(manifest.missing) if not storage.exists(name)]
    return found + [f"{name} is missing" for name in sorted(gone)]
