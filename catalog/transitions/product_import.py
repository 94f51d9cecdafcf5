"""The named state changes of an import.

    reading -> mapping -> checking -> checked -> applying -> photos -> completed
    completed -> undoing -> undone
    reading -> checking where the header is known; any open state -> cancelled | failed;
    cancelled -> undoing, because what was applied until then stays

While a worker steps through an import it holds its lease: every write has token and state in its
WHERE, in the transaction of what it writes about, so a worker that lost it writes nothing.

Its rows: staged -> applied | refused;  applied -> undone | kept;  any of these -> refused in a
source of photos, where a product is not made for a refused photo alone.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import (
    OPEN_IMPORT_STATES,
    WORKING_IMPORT_STATES,
    ImportPhotoState,
    ImportState,
    RowState,
)
from catalog.exceptions import LeaseLost, TransitionRefused
from catalog.models import ImportPhoto, ImportRow, Product, ProductImport

logger = logging.getLogger(__name__)

#: An import in whose lease workers ended this often without a step forward is given up.
MAX_ATTEMPTS = 5
#: States in which one worker at a time steps through the rows; photos are leased one by one.
LEASED_STATES = tuple(state for state in WORKING_IMPORT_STATES if state != ImportState.PHOTOS)
UNDOABLE_STATES = (ImportState.COMPLETED, ImportState.CANCELLED)
_UNLEASED: dict[str, Any] = {"lease_token": None, "lease_until": None}


def imports_due(*, now: datetime | None = None) -> QuerySet[ProductImport]:
    """Imports that wait for a worker to take their rows further, the oldest first."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now or timezone.now())
    return ProductImport.objects.filter(free, state__in=LEASED_STATES).order_by("pk")


def import_lease(*, seconds: float, only: int | None = None) -> ProductImport | None:
    """Take an import that is due (`only` this one) under a fresh token; None if there is none."""
    with transaction.atomic():
        due = imports_due() if only is None else imports_due().filter(pk=only)
        found = due.select_for_update(skip_locked=True).first()
        if found is None:
            return None
        if found.attempts >= MAX_ATTEMPTS:
            found.state, found.ended_at = ImportState.FAILED, timezone.now()
            found.message = f"The worker ended {MAX_ATTEMPTS} times at the same rows."
            found.lease_token = found.lease_until = None
        else:
            found.lease_token = uuid4()
            found.lease_until = timezone.now() + timedelta(seconds=seconds)
            found.attempts += 1
            found.step_started_at = found.step_started_at or timezone.now()
        found.save()
    return found if found.lease_token else None


def import_advance(*, product_import: ProductImport, seconds: float, **values: Any) -> None:
    """Write how far the step has come and begin the lease's time anew. Raises `LeaseLost`."""
    until = timezone.now() + timedelta(seconds=seconds)
    _held(product_import, lease_until=until, attempts=0, **values)


def import_release(*, product_import: ProductImport, failed: bool = False) -> None:
    """Hand the import back, as it is, to whoever comes next.

    After a fault of ours (`failed`) the attempt counts, so that it does not come back for ever.
    """
    rows = ProductImport.objects.filter(
        pk=product_import.pk, lease_token=product_import.lease_token
    )
    rows.update(**_UNLEASED, **({} if failed else {"attempts": 0}))


def import_step(*, product_import: ProductImport, state: ImportState, **values: Any) -> None:
    """From the present step to the next, by the worker that holds it. Raises `LeaseLost`."""
    values = {"position": 0, "step_started_at": None, **values}
    _held(product_import, state=state, **_UNLEASED, attempts=0, **values)
    logger.info("%s is %s", product_import, state)


def import_photos_done(*, product_import: ProductImport) -> bool:
    """Photos to completed; False if it was in another state by then."""
    rows = ProductImport.objects.filter(pk=product_import.pk, state=ImportState.PHOTOS)
    return bool(rows.update(state=ImportState.COMPLETED, ended_at=timezone.now()))


def import_fail(*, product_import: ProductImport, message: str) -> None:
    """The source cannot be read: its person is told why. Raises `LeaseLost`."""
    import_step(
        product_import=product_import,
        state=ImportState.FAILED,
        message=message,
        ended_at=timezone.now(),
    )


def import_map(
    *, product_import: ProductImport, mapping: dict[str, str], actor: AbstractBaseUser | None
) -> None:
    """Mapping to checking: somebody said what the columns hold."""
    _change(
        product_import,
        ImportState.MAPPING,
        actor=actor,
        state=ImportState.CHECKING,
        mapping=mapping,
        format="mapped",
        position=0,
    )


def import_apply(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Checked to applying: somebody saw the dry run and agrees."""
    _change(
        product_import,
        ImportState.CHECKED,
        actor=actor,
        state=ImportState.APPLYING,
        position=0,
        step_started_at=None,
    )


def import_cancel(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Any open state to cancelled. A worker in the middle of it finds its lease lost."""
    _change(
        product_import,
        *OPEN_IMPORT_STATES,
        actor=actor,
        state=ImportState.CANCELLED,
        ended_at=timezone.now(),
        **_UNLEASED,
    )


def import_undo(*, product_import: ProductImport, actor: AbstractBaseUser | None) -> None:
    """Completed or cancelled to undoing."""
    _change(
        product_import,
        *UNDOABLE_STATES,
        actor=actor,
        state=ImportState.UNDOING,
        position=0,
        step_started_at=None,
        ended_at=None,
    )


def import_rows_apply(*, row_ids: Collection[int]) -> None:
    """Staged to applied, each with its product and the `updated_at` that this import left it with.

    A row whose product does not exist after all is applied without one: see `import_rows_refuse`.
    """
    product = Product.objects.filter(sku=OuterRef("sku"))
    ImportRow.objects.filter(pk__in=row_ids, state=RowState.STAGED).update(
        state=RowState.APPLIED,
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
        ImportRow.objects.filter(pk=pk, state=RowState.STAGED).update(
            state=RowState.REFUSED, reason=reason
        )
    rows = ImportRow.objects.filter(pk__in=row_ids)
    rows.filter(state=RowState.APPLIED, product=None).update(
        state=RowState.REFUSED, reason=without_product
    )
    ImportPhoto.objects.filter(
        row__in=rows.filter(state=RowState.REFUSED), state=ImportPhotoState.WAITING
    ).update(state=ImportPhotoState.CANCELLED)


def import_rows_undo(*, undone: Collection[int], kept: Collection[int]) -> None:
    """Applied to undone, or to kept where somebody edited the product since."""
    for state, row_ids in ((RowState.UNDONE, undone), (RowState.KEPT, kept)):
        if row_ids:
            ImportRow.objects.filter(pk__in=row_ids, state=RowState.APPLIED).update(
                state=state, fingerprint=""
            )


def import_rows_withdraw(
    *, product_import: ProductImport, rows: Sequence[ImportRow], reason: str
) -> None:
    """Undone or kept to refused: no product came of these rows, so they count as faulty."""
    ImportRow.objects.filter(
        pk__in=[row.pk for row in rows], state__in=(RowState.UNDONE, RowState.KEPT)
    ).update(state=RowState.REFUSED, reason=reason)
    ProductImport.objects.filter(pk=product_import.pk).update(
        new_count=F("new_count") - len(rows), faulty_count=F("faulty_count") + len(rows)
    )


def counted(**counts: int) -> dict[str, Any]:
    """Counts to add, as `import_advance` takes them."""
    return {name: F(name) + count for name, count in counts.items() if count}


def _held(product_import: ProductImport, **values: Any) -> None:
    rows = ProductImport.objects.filter(
        pk=product_import.pk,
        state=product_import.state,
        lease_token=product_import.lease_token or UUID(int=0),
    )
    if not rows.update(**values):
        raise LeaseLost(f"{product_import} is no longer this worker's.")


def _change(
    product_import: ProductImport,
    *former: ImportState,
    actor: AbstractBaseUser | None,
    **values: Any,
) -> None:
    rows = ProductImport.objects.filter(pk=product_import.pk, state__in=former)
    changed = rows.update(**values)
    product_import.refresh_from_db()
    if not changed:
        raise TransitionRefused(
            _("%(name)s is in the state “%(state)s”, so this step is not possible now.")
            % {"name": product_import, "state": product_import.get_state_display()}
        )
    logger.info("%s is %s, by %s", product_import, product_import.state, actor or "the program")
