"""Remembers which SKUs a file has named, on disk, so that a million need no memory."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

_PIECE = 500  # variables of one query


class SeenSkus:
    """SKU to the line of its first row. A context manager over one file.

    Asking twice with the same lines gives the same answers, so a chunk may be checked again.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        # Lost at a crash of the machine at worst; then the dry run of this import begins anew.
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("PRAGMA journal_mode=MEMORY")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS seen (sku TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def first_lines(self, named: Iterable[tuple[str, int]]) -> dict[str, int]:
        """Note (SKU, line) pairs in the file's order; gives each SKU's first line."""
        pairs = list(named)
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", pairs)
        self._database.execute("COMMIT")
        found: dict[str, int] = {}
        for start in range(0, len(pairs), _PIECE):
            skus = [sku for sku, _ in pairs[start : start + _PIECE]]
            marks = ",".join("?" * len(skus))
            query = f"SELECT sku, line FROM seen WHERE sku IN ({marks})"  # noqa: S608 (marks alone)
            found.update(self._database.execute(query, skus))
        return found
