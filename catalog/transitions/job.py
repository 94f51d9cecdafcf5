"""The named state changes of a job, and the tallies of its items.

Tallies count a job's items by end state; their rows are only added. Whatever changes items adds
their tally in the same transaction, so the sums always agree with the items.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import OPEN_ITEM_STATES, OPEN_JOB_STATES, JobItemState, JobState
from catalog.leasing import row_change_state
from catalog.models import DescriptionJob, DescriptionJobItem, DescriptionJobTally, WebhookEventType
from catalog.transitions.webhook import events_record

#: Fewer tallies of one job than this are left as they are: folding them is not worth a write.
FEW_ROWS = 64
_ENDED = (JobState.COMPLETED, JobState.FAILED)
_ACTIVE = (JobState.QUEUED, JobState.RUNNING)


def job_start(*, job: DescriptionJob) -> None:
    """Queued to running: a worker took its first items."""
    _change(job, JobState.QUEUED, to=JobState.RUNNING, started_at=timezone.now())


def job_pause(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Queued or running to paused. Workers finish what they hold and lease nothing more."""
    _change(job, *_ACTIVE, to=JobState.PAUSED, actor=actor)


def job_resume(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Paused back to where it was: running if it had started, queued otherwise."""
    former = Case(
        When(started_at__isnull=True, then=Value(JobState.QUEUED)), default=Value(JobState.RUNNING)
    )
    _change(job, JobState.PAUSED, to=former, actor=actor)


def job_cancel(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Any open state to cancelled. The caller ends its open items by `items_cancel`."""
    now = timezone.now()
    _change(job, *OPEN_JOB_STATES, to=JobState.CANCELLED, actor=actor, ended_at=now)


def job_close(*, job: DescriptionJob) -> None:
    """Queued or running to its end: refused while an item is open.

    The end is *failed* where items failed and none was done, else *completed*.
    """
    items = DescriptionJobItem.objects.filter(job=OuterRef("pk"))
    failed = Exists(items.filter(state=JobItemState.FAILED))
    done = Exists(items.filter(state=JobItemState.DONE))
    with transaction.atomic():
        _change(
            job,
            *_ACTIVE,
            to=Case(
                When(failed & ~done, then=Value(JobState.FAILED)), default=Value(JobState.COMPLETED)
            ),
            only=~Exists(items.filter(state__in=OPEN_ITEM_STATES)),
            ended_at=timezone.now(),
        )
        events_record(
            kind=WebhookEventType.JOB_COMPLETED,
            subjects={f"job {job.pk}": {"id": job.pk, "state": job.state}},
        )


def job_reopen(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Ended back to running: a person asked to try its failed items again."""
    _change(job, *_ENDED, to=JobState.RUNNING, actor=actor, ended_at=None)


def tally_add(*, job_id: int, state: JobItemState, count: int, reason: str = "") -> None:
    """Note that `count` items came into `state`, or left it where the count is negative."""
    if count:
        DescriptionJobTally.objects.create(
            job_id=job_id, state=state, reason=reason, count=count, at=timezone.now()
        )


def tallies_fold(*, before: datetime) -> int:
    """Replace many old rows of a job by one a (state, reason); returns how many it replaced.

    Sums stay as they are. Two folds at once take different rows.
    """
    old = DescriptionJobTally.objects.filter(at__lt=before)
    many = old.values("job").annotate(rows=Count("pk")).filter(rows__gt=FEW_ROWS).order_by("job")
    return sum(_fold_job(job_id, before) for job_id in many.values_list("job", flat=True))


def _fold_job(job_id: int, before: datetime) -> int:
    with transaction.atomic():
        rows = DescriptionJobTally.objects.select_for_update(skip_locked=True).filter(
            job=job_id, at__lt=before
        )
        sums: Counter[tuple[str, str]] = Counter()
        found = list(rows)
        for row in found:
            sums[row.state, row.reason] += row.count
        DescriptionJobTally.objects.filter(pk__in=[row.pk for row in found]).delete()
        DescriptionJobTally.objects.bulk_create(
            DescriptionJobTally(job_id=job_id, state=state, reason=reason, count=count, at=before)
            for (state, reason), count in sums.items()
            if count
        )
    return len(found)


def _change(job: DescriptionJob, *former: JobState, to: Any, **values: Any) -> None:
    def refusal(state: str) -> str:
        return _("%(job)s is %(state)s, so this step is not possible now.") % {
            "job": job,
            "state": state.lower(),
        }

    row_change_state(job, *former, to=to, refusal=refusal, **values)
