"""The named state changes of imports, their rows, and exports.

An import:

    reading -> mapping -> checking -> checked -> applying -> photos -> completed
    completed -> undoing -> undone
    checked -> checking where the columns are mapped once more
    reading -> checking where the header is known; any open state -> cancelled | failed;
    cancelled -> undoing, because what was applied until then stays

Its rows: staged -> applied | refused;  applied -> undone | kept;  any of these -> refused in a
source of photos, where a product is not made for a refused photo alone.

An export: queued -> running -> done | failed;  done -> expired
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from catalog.choices import (
    MAPPABLE_IMPORT_STATES,
    OPEN_IMPORT_STATES,
    UNDOABLE_IMPORT_STATES,
    ExportState,
    ImportPhotoState,
    ImportState,
    RowState,
)
from catalog.leasing import UNLEASED, LeaseQuerySet, change_state, deadline, row_change_state
from catalog.models import ImportPhoto, ImportRow, Product, ProductExport, ProductImport
from catalog.models.import_export import MAPPED

logger = logging.getLogger(__name__)

#: What a step has that has done nothing yet.
_FROM_THE_START: dict[str, Any] = {"position": 0, "step_started_at": None}


def imports_due() -> LeaseQuerySet[ProductImport]:
    """Imports that wait for a worker to take their rows further, the oldest first."""
    return ProductImport.objects.due().order_by("pk")


def import_lease(*, seconds: float, only: int | None = None) -> ProductImport | None:
    """Take an import that is due (`only` this one) under a new token; None if there is none."""
    with transaction.atomic():
        due = imports_due() if only is None else imports_due().filter(pk=only)
        found = due.lock_first()
        if found is None:
            return None
        if found.is_worn_out:
            found.give_up(f"The worker ended {found.lease.attempts} times at the same rows.")
            return None
        found.take(seconds=seconds, step_started_at=found.step_started_at or timezone.now())
    return found


def import_advance(*, product_import: ProductImport, seconds: float, **values: Any) -> None:
    """Write how far the step has come, and renew the lease. Raises `LeaseLost`."""
    product_import.update_held(lease_until=deadline(seconds), attempts=0, **values)


def import_release(*, product_import: ProductImport, failed: bool = False) -> None:
    """Hand the import back as it is.

    After a fault of ours (`failed`) the attempt counts, so that it is given up in the end.
    """
    held = ProductImport.objects.held(product_import.lease_token).filter(pk=product_import.pk)
    held.release(attempts=F("attempts") if failed else 0)


def import_step(*, product_import: ProductImport, state: ImportState, **values: Any) -> None:
    """From the present step to the next, by the worker that holds it. Raises `LeaseLost`."""
    product_import.end_lease(state, attempts=0, **{**_FROM_THE_START, **values})
    logger.info("%s is %s", product_import, state)


def import_photos_done(*, product_import: ProductImport) -> bool:
    """Photos to completed; False if it was in another state by then."""
    rows = ProductImport.objects.filter(pk=product_import.pk)
    now = timezone.now()
    return change_state(rows, ImportState.PHOTOS, to=ImportState.COMPLETED, ended_at=now) == 1


def import_fail(*, product_import: ProductImport, message: str) -> None:
    """The source cannot be read: its person is shown why. Raises `LeaseLost`."""
    values = {"message": message, "ended_at": timezone.now()}
    import_step(product_import=product_import, state=ImportState.FAILED, **values)


def import_map(
    *, product_import: ProductImport, mapping: dict[str, str], actor: AbstractBaseUser | None
) -> None:
    """Mapping to checking: somebody said what the columns hold.

    Checked to checking where somebody had said it before. What that dry run found is deleted.
    """
    by_hand = product_import.format == MAPPED
    counts = ("row_count", "new_count", "changed_count", "unchanged_count", "faulty_count")
    values: dict[str, Any] = {"mapping": mapping, "format": MAPPED, **dict.fromkeys(counts, 0)}
    with transaction.atomic():
        row_change_state(
            product_import,
            *(MAPPABLE_IMPORT_STATES if by_hand else (ImportState.MAPPING,)),
            to=ImportState.CHECKING,
            actor=actor,
            **_FROM_THE_START,
            **values,
        )
        product_import.rows.all().delete()


def import_apply(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Checked to applying: somebody saw the dry run and agrees."""
    row_change_state(
        product_import, ImportState.CHECKED, to=ImportState.APPLYING, actor=actor, **_FROM_THE_START
    )


def import_cancel(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Any open state to cancelled. A worker in the middle of it finds its lease lost."""
    row_change_state(
        product_import,
        *OPEN_IMPORT_STATES,
        to=ImportState.CANCELLED,
        actor=actor,
        ended_at=timezone.now(),
        **UNLEASED,
    )


def import_undo(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Completed or cancelled to undoing."""
    values = {**_FROM_THE_START, "ended_at": None}
    row_change_state(
        product_import, *UNDOABLE_IMPORT_STATES, to=ImportState.UNDOING, actor=actor, **values
    )


def import_rows_apply(*, row_ids: Collection[int]) -> None:
    """Staged to applied, each with its product and the `updated_at` that this import left it with.

    A row whose product does not exist after all is applied without one: see `import_rows_refuse`.
    """
    product = Product.objects.filter(sku=OuterRef("sku"))
    change_state(
        ImportRow.objects.filter(pk__in=row_ids),
        RowState.STAGED,
        to=RowState.APPLIED,
        product_id=Subquery(product.values("pk")[:1]),
        product_stamp=Subquery(product.values("updated_at")[:1]),
    )


def import_rows_refuse(
    *, row_ids: Collection[int], reasons: Mapping[int, str], without_product: str
) -> None:
    """Staged to refused for those that have a reason; applied to refused where no product is.

    `without_product` is the reason of the latter. Photos of refused rows are not read.
    """
    for pk, reason in reasons.items():
        row = ImportRow.objects.filter(pk=pk)
        change_state(row, RowState.STAGED, to=RowState.REFUSED, reason=reason)
    rows = ImportRow.objects.filter(pk__in=row_ids)
    lost = rows.filter(product=None)
    change_state(lost, RowState.APPLIED, to=RowState.REFUSED, reason=without_product)
    photos = ImportPhoto.objects.filter(row__in=rows.filter(state=RowState.REFUSED))
    change_state(photos, ImportPhotoState.WAITING, to=ImportPhotoState.CANCELLED)


def import_rows_undo(*, undone: Collection[int], kept: Collection[int]) -> None:
    """Applied to undone, or to kept where somebody edited the product since."""
    for state, row_ids in ((RowState.UNDONE, undone), (RowState.KEPT, kept)):
        if row_ids:
            rows = ImportRow.objects.filter(pk__in=row_ids)
            change_state(rows, RowState.APPLIED, to=state, fingerprint="")


def import_rows_withdraw(
    *, product_import: ProductImport, rows: Sequence[ImportRow], reason: str
) -> None:
    """Undone or kept to refused: no product came of these rows, so they count as faulty."""
    taken_back = ImportRow.objects.filter(pk__in=[row.pk for row in rows])
    former = (RowState.UNDONE, RowState.KEPT)
    change_state(taken_back, *former, to=RowState.REFUSED, reason=reason)
    ProductImport.objects.filter(pk=product_import.pk).update(
        new_count=F("new_count") - len(rows), faulty_count=F("faulty_count") + len(rows)
    )


def counted(**counts: int) -> dict[str, Any]:
    """Counts to add, as `import_advance` takes them."""
    return {name: F(name) + count for name, count in counts.items() if count}


def exports_due() -> LeaseQuerySet[ProductExport]:
    """Exports that are queued, or left by a worker that died."""
    return ProductExport.objects.due().order_by("pk")


def export_lease(*, seconds: float) -> ProductExport | None:
    """Take the oldest export that is due; it is written from its beginning."""
    with transaction.atomic():
        found = exports_due().lock_first()
        if found is None:
            return None
        if found.is_worn_out:
            found.give_up(f"The worker ended {found.lease.attempts} times while writing it.")
            return None
        found.take(seconds=seconds, written=0)
    return found


def export_advance(*, export: ProductExport, written: int, seconds: float) -> None:
    """Note how much is written, and renew the lease. Raises `LeaseLost`."""
    export.update_held(written=written, lease_until=deadline(seconds))


def export_finish(*, export: ProductExport, byte_size: int, expires_at: datetime) -> None:
    """Running to done. Raises `LeaseLost`."""
    export.end_lease(
        ExportState.DONE, ended_at=timezone.now(), byte_size=byte_size, expires_at=expires_at
    )


def export_fail(*, export: ProductExport, message: str) -> None:
    """Running to failed. Raises `LeaseLost`."""
    export.end_lease(ExportState.FAILED, ended_at=timezone.now(), message=message)


def export_expire(*, export: ProductExport) -> None:
    """Done to expired: its file is deleted."""
    rows = ProductExport.objects.filter(pk=export.pk)
    change_state(rows, ExportState.DONE, to=ExportState.EXPIRED)
