"""What the start page shows: what waits, what runs, the model in use and the last training run.

Nothing here reads a whole table: counts stop at a cap, rates look at the latest reviews alone, and
the progress of jobs is summed from their tallies. It costs the same with a million products.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from catalog.choices import OPEN_JOB_STATES, DescriptionState, ImportState
from catalog.models import (
    Description,
    DescriptionJob,
    ModelVersion,
    ProductImport,
    TrainingRun,
)
from catalog.selectors.jobs import job_counts
from catalog.selectors.model_versions import model_version_active

#: Where counting stops.
MOST_COUNTED = 10_000
#: A draft whose confidence is below this is called in doubt.
IN_DOUBT_BELOW = 0.5
#: Open jobs that are shown.
JOBS_SHOWN = 5
#: The latest reviews of a model version that its rates are taken from.
REVIEWS_JUDGED = 1_000


@dataclass(frozen=True, slots=True)
class CappedCount:
    """A count, or `MOST_COUNTED` where there are `more`."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Drafts that await review, and those of them that the model itself doubts."""

    drafts: CappedCount
    in_doubt: CappedCount


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that is not ended, with how many of its items are."""

    job: DescriptionJob
    ended: int


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """The active version and what reviewers made of its latest texts; rates are 0 to 1.

    The rates are None before anybody has reviewed one.
    """

    version: ModelVersion
    reviewed: int
    approved: float | None
    unchanged: float | None


def waiting_for_review() -> Waiting:
    """Two queries."""
    drafts = Description.objects.filter(state=DescriptionState.DRAFT)
    return Waiting(
        drafts=_capped(drafts), in_doubt=_capped(drafts.filter(doubt_order__lt=IN_DOUBT_BELOW))
    )


def open_jobs() -> list[OpenJob]:
    """The latest `JOBS_SHOWN`, in two queries."""
    jobs = list(
        DescriptionJob.objects.filter(state__in=OPEN_JOB_STATES)
        .select_related("created_by")
        .order_by("-id")[:JOBS_SHOWN]
    )
    counts = job_counts(jobs)
    return [OpenJob(job, counts[job.pk].total()) for job in jobs]


def imports_waiting() -> list[ProductImport]:
    """The latest that need a person: columns to be named, or a dry run to be applied."""
    states = (ImportState.MAPPING, ImportState.CHECKED)
    return list(ProductImport.objects.filter(state__in=states).order_by("-id")[:JOBS_SHOWN])


def model_in_use() -> ModelInUse | None:
    """None before a version is active. Two queries."""
    version = model_version_active()
    return version and _judged(version)


def last_training_run() -> TrainingRun | None:
    """The one that was asked for last, with its base and what came of it. One query."""
    return TrainingRun.objects.select_related("base", "version").order_by("-id").first()


def _judged(version: ModelVersion) -> ModelInUse:
    latest: Counter[tuple[str, bool]] = Counter(
        (state, distance == 0)
        for state, distance in Description.objects.filter(
            model_version=version, reviewed_at__isnull=False
        )
        .exclude(state=DescriptionState.DRAFT)
        .order_by("-reviewed_at")
        .values_list("state", "edit_distance")[:REVIEWS_JUDGED]
    )
    reviewed = latest.total()
    rejected = sum(n for (state, _), n in latest.items() if state == DescriptionState.REJECTED)
    unchanged = sum(
        n for (state, same), n in latest.items() if same and state != DescriptionState.REJECTED
    )
    return ModelInUse(
        version=version,
        reviewed=reviewed,
        approved=(reviewed - rejected) / reviewed if reviewed else None,
        unchanged=unchanged / reviewed if reviewed else None,
    )


def _capped(rows: QuerySet[Any]) -> CappedCount:
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return CappedCount(min(number, MOST_COUNTED), more=number > MOST_COUNTED)
