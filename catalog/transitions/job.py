"""The named state changes of a job.

Each is one UPDATE with the allowed former states in its WHERE: of two people (or a person and a
worker) who act at once, one changes the row and the other is refused.
"""

import logging
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import OPEN_ITEM_STATES, OPEN_JOB_STATES, JobItemState, JobState
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob, DescriptionJobItem, WebhookEventType
from catalog.transitions.webhook import event_record

logger = logging.getLogger(__name__)

_ENDED = (JobState.COMPLETED, JobState.FAILED)
_ACTIVE = (JobState.QUEUED, JobState.RUNNING)


def job_start(*, job: DescriptionJob) -> None:
    """Queued to running: a worker took its first items."""
    _change(job, JobState.QUEUED, state=JobState.RUNNING, started_at=timezone.now())


def job_pause(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Queued or running to paused. What a worker holds is finished; nothing more is leased."""
    _change(job, *_ACTIVE, actor=actor, state=JobState.PAUSED)


def job_resume(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Paused back to where it was: running if it had started, queued otherwise."""
    former = Case(
        When(started_at__isnull=True, then=Value(JobState.QUEUED)), default=Value(JobState.RUNNING)
    )
    _change(job, JobState.PAUSED, actor=actor, state=former)


def job_cancel(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Any open state to cancelled. Its open items are ended by `items_cancel`, by the caller."""
    _change(job, *OPEN_JOB_STATES, actor=actor, state=JobState.CANCELLED, ended_at=timezone.now())


def job_close(*, job: DescriptionJob) -> None:
    """Queued or running to its end, once no item is open.

    Failed when items failed and none was described; completed otherwise. Refused while work is
    owed.
    """
    items = DescriptionJobItem.objects.filter(job=OuterRef("pk"))
    failed = Exists(items.filter(state=JobItemState.FAILED))
    done = Exists(items.filter(state=JobItemState.DONE))
    end = Case(When(failed & ~done, then=Value(JobState.FAILED)), default=Value(JobState.COMPLETED))
    rows = DescriptionJob.objects.filter(~Exists(items.filter(state__in=OPEN_ITEM_STATES)))
    with transaction.atomic():
        _change(job, *_ACTIVE, rows=rows, state=end, ended_at=timezone.now())
        event_record(
            kind=WebhookEventType.JOB_COMPLETED,
            subject=f"job {job.pk}",
            data={"id": job.pk, "state": job.state},
        )


def job_reopen(*, job: DescriptionJob, actor: AbstractBaseUser | None = None) -> None:
    """Ended back to running: a person asked that its failed items be tried again."""
    _change(job, *_ENDED, actor=actor, state=JobState.RUNNING, ended_at=None)


def _change(
    job: DescriptionJob,
    *former: JobState,
    actor: AbstractBaseUser | None = None,
    rows: QuerySet[DescriptionJob] | None = None,
    **values: Any,
) -> None:
    """Update the row if it is in one of the former states, then refresh `job`."""
    rows = DescriptionJob.objects.all() if rows is None else rows
    changed = rows.filter(pk=job.pk, state__in=former).update(**values)
    job.refresh_from_db()
    if not changed:
        raise TransitionRefused(
            _("%(job)s is %(state)s, so this step is not possible now.")
            % {"job": job, "state": job.get_state_display().lower()}
        )
    logger.info("%s is %s, by %s", job, job.state, actor if actor else "the program")
