"""What a wake-up of the queue `imports` does, and what the sweep does for it."""

import logging
import time

from django.conf import settings

from catalog.exporting.exports import export_run_one, exports_expire
from catalog.importing.photo_finish import photos_finish
from catalog.importing.photo_step import photos_run
from catalog.importing.running import import_run_one
from catalog.importing.sources import source_run_one, sources_settle
from catalog.transitions.import_export import exports_due, imports_due
from catalog.transitions.import_photo import photos_due
from catalog.transitions.import_source import import_sources_due
from catalog.wakeups import wake_imports
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)


def imports_wake_run() -> None:
    """Continue imports and photos for WAKE_SECONDS at most, then wake a successor.

    A run ends between two chunks; each chunk is stored. Photos are leased by the batch, so several
    workers share those of one import: the sweep wakes another while photos wait.
    """
    deadline = time.monotonic() + settings.WAKE_SECONDS

    def go_on() -> bool:
        return time.monotonic() < deadline and not is_stopping()

    worked = True
    while worked and go_on():
        worked = import_run_one(go_on=go_on)
        worked = bool(photos_run(go_on=go_on)) or worked
        worked = export_run_one() or worked
        worked = source_run_one() or worked
        photos_finish()
        sources_settle()
    if not is_stopping() and _is_due():
        wake_imports()


def imports_sweep() -> bool:
    """Complete finished imports, and wake a worker if anything is due; whether it did."""
    photos_finish()
    sources_settle()
    exports_expire()
    return _is_due() and wake_imports()


def _is_due() -> bool:
    due = (imports_due(), photos_due(), exports_due(), import_sources_due())
    return any(rows.exists() for rows in due)
