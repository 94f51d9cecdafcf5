"""What the start page shows: what waits, what runs, the model in use and the last training run.

Nothing here reads a whole table, so it costs the same with a million products: counts stop at a
cap, rates look at the latest reviews alone, and the progress of jobs is summed from their tallies.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from catalog.choices import OPEN_JOB_STATES, DescriptionState, ImportState
from catalog.models import (
    Description,
    DescriptionJob,
    ModelVersion,
    Product,
    ProductImport,
    TrainingRun,
)
from catalog.selectors.grid import saved_views_of
from catalog.selectors.jobs import job_counts
from catalog.selectors.model_versions import model_version_active

#: Where counting stops.
MOST_COUNTED = 10_000
#: A draft with a lower confidence counts as doubtful.
IN_DOUBT_BELOW = 0.5
#: How many open jobs, and imports, are shown.
JOBS_SHOWN = 5
VIEWS_SHOWN = 12
#: How many of the latest reviews of a model version its rates are taken from.
REVIEWS_JUDGED = 1_000


@dataclass(frozen=True, slots=True)
class CappedCount:
    """A count that stops at `MOST_COUNTED`; `more` says whether there are more."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that has not ended, with the number of its items that have."""

    job: DescriptionJob
    ended: int


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """The active version, and how its latest texts were reviewed.

    Rates are 0 to 1, and None before the first review.
    """

    version: ModelVersion
    reviewed: int
    approved: float | None
    unchanged: float | None


def home_cards(user: User) -> dict[str, Any]:
    """The cards of the start page by name; a card that the account may not see is absent."""
    cards: dict[str, Any] = {}
    if user.has_perm("catalog.view_description"):
        drafts = Description.objects.filter(state=DescriptionState.DRAFT)
        in_doubt = drafts.filter(doubt_order__lt=IN_DOUBT_BELOW)
        cards["waiting"] = {"drafts": _capped(drafts), "in_doubt": _capped(in_doubt)}
    if user.has_perm("catalog.view_product"):
        cards["saved_views"] = list(saved_views_of(user)[:VIEWS_SHOWN])
    if user.has_perm("catalog.view_descriptionjob"):
        cards["open_jobs"] = open_jobs()
    if user.has_perm("catalog.view_modelversion"):
        version = model_version_active()
        cards["model"] = None if version is None else _judged(version)
    if user.has_perm("catalog.view_trainingrun"):
        runs = TrainingRun.objects.select_related("base", "version")
        cards["training_run"] = runs.order_by("-id").first()
    if user.has_perm("catalog.change_productimport"):
        # Those that wait for a person, to map columns or to apply a dry run.
        imports = ProductImport.objects.filter(state__in=(ImportState.MAPPING, ImportState.CHECKED))
        cards["imports"] = list(imports.order_by("-id")[:JOBS_SHOWN])
    if user.has_perm("catalog.add_product"):
        cards["is_empty"] = not Product.objects.exists()
    return cards


def open_jobs() -> list[OpenJob]:
    """The latest `JOBS_SHOWN`, in two queries."""
    jobs = list(
        DescriptionJob.objects.filter(state__in=OPEN_JOB_STATES)
        .select_related("created_by")
        .order_by("-id")[:JOBS_SHOWN]
    )
    counts = job_counts(jobs)
    return [OpenJob(job, counts[job.pk].total()) for job in jobs]


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
