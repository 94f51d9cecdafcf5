"""The named state changes of a job's items.

While an item is leased it belongs to the worker that holds the token. Every write of a worker has
token and state in its WHERE, so a worker whose lease passed to another changes nothing. Whatever
ends items, or reopens them, adds its tally in the same transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.choices import OPEN_ITEM_STATES, FailureReason, JobItemState
from catalog.models import DescriptionJob, DescriptionJobItem, ModelVersion
from catalog.transitions.job_tally import tally_add

#: An item in whose lease a worker ended this often is given up.
MAX_ATTEMPTS = 3
#: Item states from which a worker may take an item.
DUE_STATES = (JobItemState.QUEUED, JobItemState.RETRY)

_UNLEASED: dict[str, None] = {"lease_token": None, "lease_until": None}


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
    leased = DescriptionJobItem.objects.filter(
        pk__in=[item.pk for item in items], state__in=DUE_STATES
    ).update(
        state=JobItemState.LEASED,
        lease_token=token,
        lease_until=until,
        attempts=F("attempts") + 1,
        model_version=version,
    )
    if leased == len(items):
        for item in items:
            item.state, item.lease_token, item.lease_until = JobItemState.LEASED, token, until
            item.attempts += 1
            item.model_version = version
    return leased


def items_renew(*, token: UUID, until: datetime) -> int:
    """Move the deadline of all that the token still holds; returns how many."""
    return _held(token).update(lease_until=until)


def items_hold(*, token: UUID) -> set[int]:
    """The items that are still the token's, locked until the transaction ends.

    What is in the set stays the caller's until then: no sweep, rival or cancellation takes it.
    """
    locked = _held(token).select_for_update().order_by("pk")
    return set(locked.values_list("pk", flat=True))


def items_finish(*, items: Collection[DescriptionJobItem], token: UUID) -> int:
    """Leased to done; returns how many of the items were still the token's.

    Called in the transaction that writes their drafts.
    """
    return _end(items, token, JobItemState.DONE, detail="")


def items_fail(
    *,
    items: Collection[DescriptionJobItem],
    token: UUID,
    reason: FailureReason,
    detail: str = "",
) -> int:
    """Leased to failed, for a reason that trying again would not change; returns how many."""
    return _end(items, token, JobItemState.FAILED, failure_reason=reason, detail=detail)


def items_retry(
    *,
    item_ids: Collection[int],
    token: UUID,
    due_at: datetime,
    detail: str = "",
    alone: bool = False,
) -> int:
    """Leased to waiting until `due_at`; `alone` keeps them out of batches from now on."""
    held = _held(token).filter(pk__in=item_ids)
    more = {"alone": True} if alone else {}
    return held.update(state=JobItemState.RETRY, due_at=due_at, detail=detail, **more, **_UNLEASED)


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
    ended = _held(token) if token else DescriptionJobItem.objects.filter(lease_until__lt=now)
    with transaction.atomic():
        failed = _end_all(
            ended.filter(attempts__gte=MAX_ATTEMPTS),
            JobItemState.FAILED,
            failure_reason=FailureReason.WORKER_DIED,
            detail=f"The worker ended {MAX_ATTEMPTS} times while it had this photo.",
        )
        requeued = ended.update(state=JobItemState.QUEUED, alone=True, due_at=now, **_UNLEASED)
    return requeued, failed


def items_cancel(*, job: DescriptionJob) -> int:
    """End all open items of a job, a worker's too: that worker will find its lease lost."""
    with transaction.atomic():
        cancelled = DescriptionJobItem.objects.filter(job=job, state__in=OPEN_ITEM_STATES).update(
            state=JobItemState.CANCELLED, ended_at=timezone.now(), **_UNLEASED
        )
        tally_add(job_id=job.pk, state=JobItemState.CANCELLED, count=cancelled)
    return cancelled


def items_requeue_failed(*, job: DescriptionJob) -> int:
    """Failed back to queued, with all their attempts; returns how many.

    An item whose request is open in another job by now stays failed: it is being done there.
    """
    same_request = DescriptionJobItem.objects.filter(
        idempotency_key=OuterRef("idempotency_key"), state__in=OPEN_ITEM_STATES
    )
    failed = DescriptionJobItem.objects.filter(job=job, state=JobItemState.FAILED)
    free = failed.filter(Q(idempotency_key="") | ~Exists(same_request))
    requeued = 0
    with transaction.atomic():
        # By reason, so that what the UPDATE changed is what the tally says, whoever writes beside.
        for reason in FailureReason:
            count = free.filter(failure_reason=reason).update(
                state=JobItemState.QUEUED,
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


def _held(token: UUID) -> QuerySet[DescriptionJobItem]:
    return DescriptionJobItem.objects.filter(state=JobItemState.LEASED, lease_token=token)


def _end(
    items: Collection[DescriptionJobItem], token: UUID, state: JobItemState, **values: str
) -> int:
    """End the leases of those items that the token still holds; returns how many it did.

    A job at a time, so that what the UPDATE changed is what the tally says.
    """
    keys: dict[int, list[int]] = defaultdict(list)
    for item in items:
        keys[item.job_id].append(item.pk)
    ended = 0
    with transaction.atomic():
        for job_id, pks in keys.items():
            count = (
                _held(token)
                .filter(pk__in=pks)
                .update(state=state, ended_at=timezone.now(), **values, **_UNLEASED)
            )
            reason = values.get("failure_reason", "")
            tally_add(job_id=job_id, state=state, reason=reason, count=count)
            ended += count
    return ended


def _end_all(items: QuerySet[DescriptionJobItem], state: JobItemState, **values: str) -> int:
    """End these items, locked first, so that the tally counts what is changed and nothing else."""
    jobs = dict(items.select_for_update().order_by("pk").values_list("pk", "job_id"))
    if not jobs:
        return 0
    DescriptionJobItem.objects.filter(pk__in=jobs).update(
        state=state, ended_at=timezone.now(), **values, **_UNLEASED
    )
    for job_id, count in Counter(jobs.values()).items():
        tally_add(job_id=job_id, state=state, reason=values.get("failure_reason", ""), count=count)
    return len(jobs)
