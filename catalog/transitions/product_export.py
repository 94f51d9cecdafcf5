"""The named state changes of an export: `queued -> running -> done | failed`, `done -> expired`."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.choices import ExportState
from catalog.exceptions import LeaseLost
from catalog.models import ProductExport

#: An export in whose lease workers ended this often is given up.
MAX_ATTEMPTS = 3


def exports_due() -> QuerySet[ProductExport]:
    """Queued, or left by a worker that died."""
    left = Q(state=ExportState.RUNNING, lease_until__lt=timezone.now())
    return ProductExport.objects.filter(Q(state=ExportState.QUEUED) | left).order_by("pk")


def export_lease(*, seconds: float) -> ProductExport | None:
    """Take the oldest export that is due; it is written from its beginning."""
    with transaction.atomic():
        found = exports_due().select_for_update(skip_locked=True).first()
        if found is None:
            return None
        if found.attempts >= MAX_ATTEMPTS:
            found.state, found.ended_at = ExportState.FAILED, timezone.now()
            found.message = f"The worker ended {MAX_ATTEMPTS} times while writing it."
            found.lease_token = found.lease_until = None
        else:
            found.state = ExportState.RUNNING
            found.lease_token = uuid4()
            found.lease_until = timezone.now() + timedelta(seconds=seconds)
            found.attempts += 1
            found.written = 0
        found.save()
    return found if found.lease_token else None


def export_advance(*, export: ProductExport, written: int, seconds: float) -> None:
    """Note how much is written and begin the lease's time anew. Raises `LeaseLost`."""
    _held(export, written=written, lease_until=timezone.now() + timedelta(seconds=seconds))


def export_finish(*, export: ProductExport, byte_size: int, expires_at: datetime) -> None:
    """Running to done. Raises `LeaseLost`."""
    _end(export, state=ExportState.DONE, byte_size=byte_size, expires_at=expires_at)


def export_fail(*, export: ProductExport, message: str) -> None:
    """Running to failed. Raises `LeaseLost`."""
    _end(export, state=ExportState.FAILED, message=message)


def export_expire(*, export: ProductExport) -> None:
    """Done to expired: its file is deleted."""
    rows = ProductExport.objects.filter(pk=export.pk, state=ExportState.DONE)
    rows.update(state=ExportState.EXPIRED)


def _end(export: ProductExport, **values: object) -> None:
    _held(export, lease_token=None, lease_until=None, ended_at=timezone.now(), **values)


def _held(export: ProductExport, **values: object) -> None:
    rows = ProductExport.objects.filter(
        pk=export.pk, state=ExportState.RUNNING, lease_token=export.lease_token
    )
    if not rows.update(**values):
        raise LeaseLost(f"{export} is no longer this worker's.")
