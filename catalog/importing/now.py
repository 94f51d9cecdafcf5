"""Imports a source while the caller waits, for the command line and the demo."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from catalog.choices import ConflictUse, DescriptionUse, ImportPhotoState, ImportState
from catalog.exceptions import ImportRefused
from catalog.importing.photo_finish import photos_finish
from catalog.importing.photo_step import photos_run
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_create, product_import_map
from catalog.machine import usable_cores
from catalog.models import ImportRow, ProductImport
from catalog.selectors.imports import faulty_rows, flagged_rows, import_faults, row_reason

#: Photos from which further processes are worth their start-up time.
_MANY_PHOTOS = 24
#: Seconds between checks of an import that a worker is running.
_LOOK_EVERY = 0.2
_ENDED = (ImportState.COMPLETED, ImportState.FAILED, ImportState.CANCELLED)


@dataclass(frozen=True)
class ImportReport:
    """The outcome of an import, read from its rows."""

    product_import: ProductImport

    @property
    def created(self) -> int:
        return self.product_import.new_count

    @property
    def updated(self) -> int:
        return self.product_import.changed_count

    @property
    def unchanged(self) -> int:
        return self.product_import.unchanged_count

    @property
    def images(self) -> int:
        """How many photos were added."""
        return self.product_import.photos.filter(state=ImportPhotoState.STORED).count()

    @property
    def refused(self) -> list[tuple[str, str]]:
        """The refused files or lines in the source's order, each with its reason."""
        return list(import_faults(self.product_import))

    def as_json(self) -> dict[str, Any]:
        """The outcome for a program: counts, and the rows that were refused or flagged."""
        return {
            "import": self.product_import.pk,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "photos": self.images,
            "refused": [
                {"line": row.line, "reason": row_reason(row)}
                for row in faulty_rows(self.product_import)
            ],
            "flagged": [
                {"line": row.line, "reason": " ".join(row.flags)}
                for row in flagged_rows(self.product_import)
            ],
        }

    @property
    def products(self) -> list[str]:
        """The SKUs of the source in its order, without rows of a table that change nothing."""
        rows = ImportRow.objects.filter(product_import=self.product_import, product__isnull=False)
        return list(dict.fromkeys(rows.order_by("number").values_list("sku", flat=True)))


def products_import(
    *,
    source: Path,
    actor: User | None = None,
    publish: bool = False,
    descriptions: DescriptionUse = DescriptionUse.IGNORE,
    language: str = "",
    encoding: str = "",
    conflicts: ConflictUse = ConflictUse.OURS,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a table, a ZIP file or a folder of photos, and return when it is done.

    Facts in the source replace those of an existing product; other facts stay. What the source has
    not changed since its last import is left as it is; `conflicts` says what counts where it and
    somebody here changed a fact. A second import of the same source changes nothing. Refused rows
    are in the report and do not stop the others.
    `publish` shows the products to storefronts. `dry_run` writes only the import's own rows.
    `progress(done, total)` counts photos. If this process dies, a worker continues the import.
    Raises `ImportRefused` if the source cannot be read at all.
    """
    product_import = product_import_create(
        path=source.absolute(),
        name=source.name,
        actor=actor,
        publish=publish,
        descriptions=descriptions,
        language=language,
        encoding=encoding,
        conflicts=conflicts,
        apply_at_once=not dry_run,
        wake=False,
    )
    _follow(product_import, mapping, progress)
    return ImportReport(product_import)


def _follow(
    product_import: ProductImport,
    mapping: Mapping[str, str] | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Run the import, or wait for the worker that runs it, until it ends."""
    while product_import.state not in (*_ENDED, ImportState.CHECKED):
        if product_import.state == ImportState.MAPPING:
            _map(product_import, mapping)
        elif product_import.state == ImportState.PHOTOS:
            _take_photos(product_import, progress)
        elif not import_run_one(go_on=lambda: True, only=product_import.pk):
            time.sleep(_LOOK_EVERY)
        product_import.refresh_from_db()
    if product_import.state == ImportState.FAILED:
        raise ImportRefused(product_import.message)
    if product_import.state == ImportState.CANCELLED:
        raise ImportRefused(f"{product_import} was cancelled.")


def _map(product_import: ProductImport, mapping: Mapping[str, str] | None) -> None:
    if not mapping:
        columns = ", ".join(product_import.header[:20])
        raise ImportRefused(
            f"No known shop writes the columns of {product_import.name} ({columns}). Map them "
            "with --map COLUMN=FACT, or on the import's page in the admin."
        )
    product_import_map(product_import=product_import, mapping=mapping, actor=None)


def _take_photos(
    product_import: ProductImport, progress: Callable[[int, int], None] | None
) -> None:
    total = product_import.photos.count()
    numbers = itertools.count(1)

    def told(count: int) -> None:
        for done in itertools.islice(numbers, count):
            if progress is not None:
                progress(min(done, total), total)

    with _pool(total) as pool:
        taken = photos_run(go_on=lambda: True, only=product_import.pk, pool=pool, told=told)
    if not photos_finish(only=product_import.pk) and not taken:
        time.sleep(_LOOK_EVERY)


@contextmanager
def _pool(photos: int) -> Iterator[Executor | None]:
    """A process for each core for many photos, none for few. Spawned, to share no connection."""
    cores = usable_cores()
    if photos < _MANY_PHOTOS or cores < 2:
        yield None
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield pool
