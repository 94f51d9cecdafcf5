"""The named state changes of a job's items.

While an item is leased it belongs to the worker that holds the token. Every write of a worker has
token and state in its WHERE, so a worker whose lease passed to another changes nothing.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.choices import OPEN_ITEM_STATES, FailureReason, JobItemState
from catalog.exceptions import LeaseLost
from catalog.models import DescriptionJob, DescriptionJobItem, ModelVersion

#: An item in whose lease a worker ended this often is given up.
MAX_ATTEMPTS = 3
#: Item states from which a worker may take an item.
DUE_STATES = (JobItemState.QUEUED, JobItemState.RETRY)

_UNLEASED: dict[str, None] = {"lease_token": None, "lease_until": None}


def items_lease(
    *,
    item_ids: Collection[int],
    token: UUID,
    until: datetime,
    version: ModelVersion | None,
) -> int:
    """Give the due ones of these items to the holder of `token`; returns how many it got."""
    return DescriptionJobItem.objects.filter(pk__in=item_ids, state__in=DUE_STATES).update(
        state=JobItemState.LEASED,
        lease_token=token,
        lease_until=until,
        attempts=F("attempts") + 1,
        model_version=version,
    )


def items_renew(*, token: UUID, until: datetime) -> int:
    """Move the deadline of all that the token still holds; returns how many."""
    return _held(token).update(lease_until=until)


def item_finish(*, item: DescriptionJobItem, token: UUID) -> None:
    """Leased to done. Raises `LeaseLost`, and changes nothing, when the lease is not the token's.

    Called in the transaction that writes the draft.
    """
    _end(item, token, state=JobItemState.DONE, ended_at=timezone.now(), detail="")


def item_fail(
    *, item: DescriptionJobItem, token: UUID, reason: FailureReason, detail: str = ""
) -> None:
    """Leased to failed, for a reason that trying again would not change."""
    _end(
        item,
        token,
        state=JobItemState.FAILED,
        failure_reason=reason,
        detail=detail,
        ended_at=timezone.now(),
    )


def item_retry(
    *,
    item: DescriptionJobItem,
    token: UUID,
    due_at: datetime,
    detail: str = "",
    alone: bool = False,
) -> None:
    """Leased to waiting until `due_at`; `alone` keeps it out of batches from now on."""
    _end(
        item,
        token,
        state=JobItemState.RETRY,
        due_at=due_at,
        detail=detail,
        alone=item.alone or alone,
    )


def items_release(*, token: UUID) -> int:
    """Hand back all that the token still holds, as if it had never been taken; returns how many."""
    return _held(token).update(
        state=JobItemState.QUEUED, attempts=F("attempts") - 1, model_version=None, **_UNLEASED
    )


def items_expire(*, now: datetime, token: UUID | None = None) -> tuple[int, int]:
    """End the leases that are past their deadline, or with `token` those of that token.

    Whatever ended their worker may have been one of them, so they go back to the queue to be tried
    alone, and after `MAX_ATTEMPTS` leases are given up. Returns (requeued, failed).
    """
    leased = DescriptionJobItem.objects.filter(state=JobItemState.LEASED)
    ended = leased.filter(lease_token=token) if token else leased.filter(lease_until__lt=now)
    failed = ended.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=JobItemState.FAILED,
        failure_reason=FailureReason.WORKER_DIED,
        detail=f"The worker ended {MAX_ATTEMPTS} times while it had this photo.",
        ended_at=now,
        **_UNLEASED,
    )
    requeued = ended.update(state=JobItemState.QUEUED, alone=True, due_at=now, **_UNLEASED)
    return requeued, failed


def items_cancel(*, job: DescriptionJob) -> int:
    """End all open items of a job, a worker's too: that worker will find its lease lost."""
    return DescriptionJobItem.objects.filter(job=job, state__in=OPEN_ITEM_STATES).update(
        state=JobItemState.CANCELLED, ended_at=timezone.now(), **_UNLEASED
    )


def items_requeue_failed(*, job: DescriptionJob) -> int:
    """Failed back to queued, with all their attempts; returns how many.

    An item whose request is open in another job by now stays failed: it is being done there.
    """
    same_request = DescriptionJobItem.objects.filter(
        idempotency_key=OuterRef("idempotency_key"), state__in=OPEN_ITEM_STATES
    )
    failed = DescriptionJobItem.objects.filter(job=job, state=JobItemState.FAILED)
    return failed.filter(Q(idempotency_key="") | ~Exists(same_request)).update(
        state=JobItemState.QUEUED,
        attempts=0,
        alone=False,
        failure_reason="",
        detail="",
        due_at=timezone.now(),
        ended_at=None,
        model_version=None,
    )


def _held(token: UUID) -> QuerySet[DescriptionJobItem]:
    return DescriptionJobItem.objects.filter(state=JobItemState.LEASED, lease_token=token)


def _end(item: DescriptionJobItem, token: UUID, **values: object) -> None:
    """End the lease of one item; exactly one row must change."""
    if not _held(token).filter(pk=item.pk).update(**values, **_UNLEASED):
        raise LeaseLost(f"Item {item.pk} is no longer this worker's.")
