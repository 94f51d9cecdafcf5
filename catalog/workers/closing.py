"""Ends the jobs in which nothing is left to do."""

from django.db.models import Exists, OuterRef

from catalog.choices import OPEN_ITEM_STATES, JobState
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob, DescriptionJobItem
from catalog.transitions.job import job_close


def jobs_close() -> int:
    """Close every queued or running job without open items; returns how many."""
    open_items = DescriptionJobItem.objects.filter(job=OuterRef("pk"), state__in=OPEN_ITEM_STATES)
    finished = DescriptionJob.objects.filter(
        ~Exists(open_items), state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    closed = 0
    for job in finished:
        try:
            job_close(job=job)
        except TransitionRefused:
            continue  # another process closed it in this moment
        closed += 1
    return closed
