"""The named state changes of a job's items, and of photos that somebody waits for.

Whatever ends items, or opens them again, adds its tally in the same transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.choices import OPEN_ITEM_STATES, FailureReason, ItemOutcome, JobItemState
from catalog.exceptions import LeaseLost
from catalog.leasing import UNLEASED, LeaseQuerySet, change_state
from catalog.models import (
    DescriptionJob,
    DescriptionJobItem,
    ModelVersion,
    PhotoRequest,
    PhotoRequestState,
)
from catalog.transitions.job import tally_add


def items_lease(
    *,
    items: Collection[DescriptionJobItem],
    token: UUID,
    until: datetime,
    version: ModelVersion | None,
) -> int:
    """Give the due ones of these items to the holder of `token`; returns how many it got.

    Where it got all, as a caller does that locked them, `items` are as their rows then.
    """
    rows = DescriptionJobItem.objects.filter(pk__in=[item.pk for item in items])
    leased = rows.take(token=token, until=until, model_version=version)
    if leased == len(items):
        for item in items:
            item.state, item.lease_token, item.lease_until = JobItemState.LEASED, token, until
            item.attempts += 1
            item.model_version = version
    return leased


def items_renew(*, token: UUID, until: datetime) -> int:
    """Move the deadline of all that the token still holds; returns how many."""
    return DescriptionJobItem.objects.held(token).renew(until=until)


def items_hold(*, token: UUID) -> set[int]:
    """The items that the token still holds, locked until the transaction ends.

    Until then no sweep, rival or cancellation takes them.
    """
    locked = DescriptionJobItem.objects.held(token).select_for_update().order_by("pk")
    return set(locked.values_list("pk", flat=True))


def items_finish(
    *,
    items: Collection[DescriptionJobItem],
    token: UUID,
    outcome: ItemOutcome | None = None,
    detail: str = "",
) -> int:
    """Leased to done, with drafts or, by an `outcome`, without; returns how many were the token's.

    Called in the transaction that writes their drafts.
    """
    return _end(items, token, JobItemState.DONE, outcome=outcome or "", detail=detail)


def items_fail(
    *, items: Collection[DescriptionJobItem], token: UUID, reason: FailureReason, detail: str = ""
) -> int:
    """Leased to failed, for a reason that another try would not change; returns how many."""
    return _end(items, token, JobItemState.FAILED, reason=reason, detail=detail)


def items_retry(
    *,
    item_ids: Collection[int],
    token: UUID,
    due_at: datetime,
    detail: str = "",
    alone: bool = False,
) -> int:
    """Leased to waiting until `due_at`; `alone` keeps them out of batches from now on."""
    held = DescriptionJobItem.objects.held(token).filter(pk__in=item_ids)
    more = {"alone": True} if alone else {}
    return held.end(JobItemState.RETRY, due_at=due_at, detail=detail, **more)


def items_release(*, token: UUID) -> int:
    """Hand back all that the token still holds, as if it had never been taken; returns how many."""
    return DescriptionJobItem.objects.held(token).release(model_version=None)


def items_expire(*, now: datetime, token: UUID | None = None) -> tuple[int, int]:
    """End the leases that are past their deadline, or with `token` those of that token.

    One of these photos may have ended the worker, so they are queued to run alone, and given up
    after three leases. Returns (requeued, failed).
    """
    items = DescriptionJobItem.objects
    ended = items.held(token) if token else items.lapsed(now)
    return ended.expire(give_up=_give_up, alone=True, due_at=now)


def items_cancel(*, job: DescriptionJob) -> int:
    """End all open items of a job; a worker that holds some finds its lease lost."""
    with transaction.atomic():
        cancelled = change_state(
            DescriptionJobItem.objects.filter(job=job),
            *OPEN_ITEM_STATES,
            to=JobItemState.CANCELLED,
            ended_at=timezone.now(),
            **UNLEASED,
        )
        tally_add(job_id=job.pk, state=JobItemState.CANCELLED, count=cancelled)
    return cancelled


def items_requeue_failed(*, job: DescriptionJob) -> int:
    """Failed back to queued, with all their attempts; returns how many.

    An item whose request is open in another job stays failed: that job describes the photo.
    """
    same_request = DescriptionJobItem.objects.filter(
        idempotency_key=OuterRef("idempotency_key"), state__in=OPEN_ITEM_STATES
    )
    free = DescriptionJobItem.objects.filter(Q(idempotency_key="") | ~Exists(same_request), job=job)
    requeued = 0
    with transaction.atomic():
        # By reason, so that the tally says what the UPDATE changed, whoever else writes.
        for reason in FailureReason:
            count = change_state(
                free.filter(failure_reason=reason),
                JobItemState.FAILED,
                to=JobItemState.QUEUED,
                attempts=0,
                alone=False,
                failure_reason="",
                detail="",
                due_at=timezone.now(),
                ended_at=None,
                model_version=None,
            )
            tally_add(job_id=job.pk, state=JobItemState.FAILED, reason=reason, count=-count)
            requeued += count
    return requeued


def photo_request_lease(*, key: UUID) -> bool:
    """Queued to leased; False where another worker was quicker, or nobody waits any more.

    No token and no deadline: who waits deletes the row after seconds, so nobody takes it twice.
    """
    request = PhotoRequest.objects.filter(pk=key)
    return change_state(request, PhotoRequestState.QUEUED, to=PhotoRequestState.LEASED) == 1


def photo_request_finish(*, key: UUID, answer: dict[str, Any]) -> None:
    """Leased to done. Raises `LeaseLost` where nobody waits any more: the row is gone."""
    _end_request(key, PhotoRequestState.DONE, answer)


def photo_request_fail(*, key: UUID, reason: str) -> None:
    """Leased to failed; the person is shown the reason. Raises `LeaseLost` likewise."""
    _end_request(key, PhotoRequestState.FAILED, {"reason": reason})


def _end_request(key: UUID, state: PhotoRequestState, answer: dict[str, Any]) -> None:
    change_state(
        PhotoRequest.objects.filter(pk=key),
        PhotoRequestState.LEASED,
        to=state,
        otherwise=LeaseLost(f"Photo request {key} is gone."),
        answer=answer,
        photo=b"",
    )


def _end(
    items: Collection[DescriptionJobItem],
    token: UUID,
    state: JobItemState,
    *,
    reason: str = "",
    outcome: str = "",
    detail: str,
) -> int:
    """End the leases of those items that the token still holds; returns how many it did.

    A job at a time, so that the tally says what the UPDATE changed.
    """
    keys: dict[int, list[int]] = defaultdict(list)
    for item in items:
        keys[item.job_id].append(item.pk)
    ended = 0
    with transaction.atomic():
        for job_id, pks in keys.items():
            count = (
                DescriptionJobItem.objects.held(token)
                .filter(pk__in=pks)
                .end(
                    state,
                    ended_at=timezone.now(),
                    detail=detail,
                    failure_reason=reason,
                    outcome=outcome,
                )
            )
            tally_add(job_id=job_id, state=state, reason=reason or outcome, count=count)
            ended += count
    return ended


def _give_up(items: LeaseQuerySet[DescriptionJobItem]) -> int:
    """Fail items whose worker died too often, locked first: the tally counts these alone."""
    jobs = dict(items.select_for_update().order_by("pk").values_list("pk", "job_id"))
    if not jobs:
        return 0
    reason = FailureReason.WORKER_DIED
    DescriptionJobItem.objects.filter(pk__in=jobs).end(
        JobItemState.FAILED,
        ended_at=timezone.now(),
        failure_reason=reason,
        detail=f"The worker ended {items.policy.attempts} times while it had this photo.",
    )
    for job_id, count in Counter(jobs.values()).items():
        tally_add(job_id=job_id, state=JobItemState.FAILED, reason=reason, count=count)
    return len(jobs)
