"""Whether this installation can do its work: each answer is a short reason, or empty if it can.

The reasons may be shown to anybody: no path or address of the server is in them.
"""

import logging
import tempfile
from functools import cache
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)
#: Bytes that are written to find out whether a disk takes any.
_BLOCK = 4096


class NotMigrated(Exception):
    """The database lacks migrations; the message says how many, and what to do."""


@cache
def migrations_check() -> None:
    """Raises `NotMigrated` unless all migrations are applied. That they are is not asked again."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotMigrated(f"{missing} migrations are missing: run `python manage.py migrate`.")


def database_refusal() -> str:
    """Why the database cannot be used."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            if connection.vendor == "postgresql":
                # Changes no row, and is refused all the same where nothing may be written.
                cursor.execute("UPDATE django_migrations SET name = name WHERE false")
    except DatabaseError as error:
        logger.warning("The database cannot be used: %s", error)
        return "read-only" if "read-only" in str(error) else "unreachable"
    if connection.vendor != "sqlite":
        return ""
    # A write would wait for other writers; whether its file and its disk take any is known at once.
    file = Path(str(connection.settings_dict["NAME"]))
    try:
        file.open("r+b").close()
    except OSError as error:
        logger.warning("The database cannot be written: %s", error)
        return "read-only"
    return _disk_refusal(file.parent)


def storage_refusal() -> str:
    """Why no photo can be stored."""
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        return _disk_refusal(Path(storage.location))
    try:
        storage.exists("readiness")
    except Exception as error:  # noqa: BLE001 (each kind of storage raises errors of its own)
        logger.warning("The storage of photos does not answer: %s", error)
        return "unreachable"
    return ""


def _disk_refusal(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_BLOCK))
    except OSError as error:
        logger.warning("%s cannot be written: %s", folder, error)
        return (error.strerror or "cannot be written").lower()
    return ""
