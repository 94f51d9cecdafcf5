"""Runs the current step of an import."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from catalog.choices import ImportState
from catalog.exceptions import ImportRefused, LeaseLost
from catalog.importing.applying import apply_run
from catalog.importing.checking import check_run
from catalog.importing.services import mapping_remembered
from catalog.importing.staging import import_files_remove, source_stage, staged_rows
from catalog.importing.undoing import undo_run
from catalog.models import ProductImport
from catalog.models.import_export import MAPPED
from catalog.tables.formats import recognise
from catalog.transitions import import_export as transitions

logger = logging.getLogger(__name__)

#: Seconds that reading a source may take until its first row, on a busy machine.
FIRST_ROW_SECONDS = 300


def import_run_one(*, go_on: Callable[[], bool], only: int | None = None) -> bool:
    """Lease one import that is due and continue its step; False if none is due."""
    product_import = transitions.import_lease(seconds=settings.LEASE_SECONDS, only=only)
    if product_import is None:
        return False
    try:
        _run(product_import, go_on)
    except LeaseLost as lost:
        logger.warning("Nothing more was written: %s", lost)
    except ImportRefused as error:
        _fail(product_import, str(error))
    except OSError as error:
        logger.exception("%s failed", product_import)
        # Without the path, which is the server's own business.
        reason = error.strerror or type(error).__name__
        _fail(product_import, f"The source cannot be read: {reason}")
    except Exception:
        transitions.import_release(product_import=product_import, failed=True)
        raise
    transitions.import_release(product_import=product_import)
    return True


def _run(product_import: ProductImport, go_on: Callable[[], bool]) -> None:
    match product_import.state:
        case ImportState.READING:
            _read(product_import)
        case ImportState.CHECKING:
            check_run(product_import, go_on=go_on)
        case ImportState.APPLYING:
            apply_run(product_import, go_on=go_on)
        case ImportState.UNDOING:
            undo_run(product_import, go_on=go_on)


def _read(product_import: ProductImport) -> None:
    """Stage the source and recognise its format. Raises `ImportRefused`, `LeaseLost`."""
    row = product_import

    def renew(count: int) -> None:
        # Reading all texts of a workbook comes before its first row and cannot be interrupted.
        seconds = (
            settings.LEASE_SECONDS if count else max(settings.LEASE_SECONDS, FIRST_ROW_SECONDS)
        )
        transitions.import_advance(product_import=row, seconds=seconds)

    renew(0)
    staged = source_stage(Path(row.path), staged_rows(row), encoding=row.encoding, told=renew)
    format_ = recognise(staged.header)
    mapping = mapping_remembered(staged.header) if format_ is None else {}
    known = format_ is not None or bool(mapping)
    transitions.import_step(
        product_import=row,
        state=ImportState.CHECKING if known else ImportState.MAPPING,
        kind=staged.kind,
        header=staged.header,
        size=staged.size,
        format=format_.key if format_ is not None else MAPPED if mapping else "",
        mapping=mapping,
    )


def _fail(product_import: ProductImport, message: str) -> None:
    try:
        transitions.import_fail(product_import=product_import, message=message)
        import_files_remove(product_import)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)
