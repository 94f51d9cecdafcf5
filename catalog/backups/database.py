"""The database as one consistent file, and back: SQLite's own copy, or PostgreSQL's pg_dump.

Both are taken at one moment while others write. What was in the tables at that very moment is
counted, so that a restored database can be compared.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from catalog.backups.manifest import BackupRefused

#: Runs one statement and returns its rows.
_Query = Callable[[str], list[tuple[Any, ...]]]
_PHOTOS = "SELECT file FROM catalog_productimage UNION SELECT thumbnail FROM catalog_productimage"
#: Rows that the program itself writes again after a migration.
_WRITTEN_AGAIN = {"auth_permission", "django_content_type"}


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What a database holds at one moment."""

    rows: dict[str, int]
    photos: set[str]


def database_dump(target: Path) -> DatabaseState:
    """Write the database to `target`; what that copy holds."""
    if connection.vendor == "sqlite":
        return _sqlite_dump(target)
    with _snapshot() as (snapshot, query):
        _run("pg_dump", "--format=plain", "--no-owner", "--no-privileges",
             f"--snapshot={snapshot}", f"--file={target}")  # fmt: skip
        return _state(query)


def database_load(source: Path) -> None:
    """Put what `source` holds in place of all that is there: wholly, or not at all."""
    if connection.vendor == "sqlite":
        connection.close()
        with (
            closing(sqlite3.connect(source)) as content,
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as target,
        ):
            content.backup(target)
        return
    connection.close()
    _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
         "--command=DROP SCHEMA IF EXISTS public CASCADE", "--command=CREATE SCHEMA public",
         f"--file={source}")  # fmt: skip


def database_state() -> DatabaseState:
    """What the database holds now."""
    return _state(_ours)


def database_has_content() -> bool:
    """Whether there are products, people or versions of a model."""
    tables = set(connection.introspection.table_names())
    own = {"catalog_product", "auth_user", "catalog_modelversion"} & tables
    return any(_ours(f"SELECT 1 FROM {table} LIMIT 1") for table in own)  # noqa: S608


def migrations_applied() -> list[str]:
    """As `application.name`, in order."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{application}.{name}" for application, name in applied)


def migrations_unknown(names: list[str]) -> list[str]:
    """Those that this version of the program does not have."""
    loader = MigrationLoader(None)
    known = {f"{application}.{name}" for application, name in loader.disk_migrations}
    # Applications that another version used, and this one does not, leave tables that do no harm.
    ours = {application.label for application in apps.get_app_configs()}
    return [name for name in names if name not in known and name.partition(".")[0] in ours]


def _sqlite_dump(target: Path) -> DatabaseState:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        return _state(lambda statement: copy.execute(statement).fetchall())


@contextmanager
def _snapshot() -> Iterator[tuple[str, _Query]]:
    """A moment of PostgreSQL that pg_dump can share, and how to read at it."""
    reader = connection.copy()
    try:
        reader.connect()
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

            def query(statement: str) -> list[tuple[Any, ...]]:
                cursor.execute(statement)
                return list(cursor.fetchall())

            yield str(query("SELECT pg_export_snapshot()")[0][0]), query
    finally:
        reader.close()


def _ours(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _state(query: _Query) -> DatabaseState:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    tables &= _tables(query)
    rows = {
        table: int(query(f'SELECT count(*) FROM "{table}"')[0][0])  # noqa: S608 (our own tables)
        for table in sorted(tables - _WRITTEN_AGAIN)
    }
    photos = {str(name) for (name,) in query(_PHOTOS) if name} if rows else set()
    return DatabaseState(rows, photos)


def _tables(query: _Query) -> set[str]:
    listing = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    }[connection.vendor]
    return {str(name) for (name,) in query(listing)}


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs. The password travels in the environment, never in `ps`."""
    if shutil.which(program) is None:
        raise BackupRefused(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's "
            "version or a newer one."
        )
    parameters = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}  # fmt: skip
    environment = {
        **os.environ,
        **{name: str(parameters[key]) for key, name in names.items() if parameters.get(key)},
    }
    done = subprocess.run(  # noqa: S603 (a fixed program, no shell)
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused(f"{program} failed and says: {done.stderr.strip()}")
