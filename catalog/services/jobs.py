"""What a person may ask for with jobs that describe photos."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.choices import (
    OPEN_JOB_STATES,
    ModelVersionState,
    SkipReason,
    TextLength,
)
from catalog.exceptions import JobRefused, TransitionRefused
from catalog.job_making.items import JobRequest, items_planned, skips_count
from catalog.job_making.making import job_make, wake_on_commit
from catalog.known_facts import LONGEST_FACTS
from catalog.models import DescriptionJob, ModelVersion, Product
from catalog.selectors.jobs import seconds_expected
from catalog.selectors.model_versions import model_version_active
from catalog.transitions import job as job_transitions
from catalog.transitions import job_item as item_transitions

#: Characters; the model reads no more of them.


@dataclass(frozen=True, slots=True)
class JobPreview:
    """What a job would do if it were made now. `skipped` holds the reasons that occur.

    `seconds` is the time expected until its last photo is described, what waits before it
    included; None where no finished job tells the workers' speed.
    """

    total: int
    to_describe: int
    skipped: dict[SkipReason, int]
    seconds: float | None = None


def description_job_create(
    *,
    products: QuerySet[Product],
    actor: User | None = None,
    again: bool = False,
    language: str = "en",
    options: Mapping[str, Any] | None = None,
    priority: int = DescriptionJob.BULK_PRIORITY,
    only_without_text: bool = False,
    model_version: ModelVersion | None = None,
) -> DescriptionJob:
    """Ask workers to describe the main photo of each product; they are woken on commit.

    Every product is an item of the job. Skipped, with a reason, are those without a photo, those
    that wait for the same in another job, and, unless `again`, those whose text in `language` is
    by this model version, or approved in a person's words; with `only_without_text` those that
    have any draft or approved text. A job without work is completed at once. `actor` is who asks.
    `model_version` pins one; by default each photo is described by the version that is active
    when its turn comes. `options["length"]` is a `TextLength`; `options["facts"]` is what the model
    is told beside each photo, in up to 500 characters; with `options["catalog_facts"]` it is told
    what the catalog knows of each product.

    Raises `JobRefused` when both `again` and `only_without_text` are asked for, when the version
    was rejected, the length is unknown, the facts are too long, or both kinds of facts are asked
    for.
    """
    _check(options or {}, model_version, again=again, only_without_text=only_without_text)
    return job_make(
        products=products,
        actor=actor,
        again=again,
        language=language,
        options=options,
        priority=priority,
        only_without_text=only_without_text,
        model_version=model_version,
    )


def description_job_preview(
    *,
    products: QuerySet[Product],
    again: bool = False,
    language: str = "en",
    options: Mapping[str, Any] | None = None,
    only_without_text: bool = False,
    model_version: ModelVersion | None = None,
) -> JobPreview:
    """Count what `description_job_create` would do with the same arguments. Writes nothing."""
    _check(options or {}, model_version, again=again, only_without_text=only_without_text)
    request = JobRequest(
        language=language,
        options=options or {},
        again=again,
        only_without_text=only_without_text,
        pinned=model_version,
        version=model_version or model_version_active(),
        scope="a job to come" if again else "",
    )
    rows = Product.objects.filter(pk__in=products.values("pk"))
    counts = skips_count(items_planned(products=rows, request=request))
    to_describe = counts.get("", 0)
    return JobPreview(
        total=sum(counts.values()),
        to_describe=to_describe,
        skipped={reason: counts[reason] for reason in SkipReason if counts.get(reason)},
        seconds=seconds_expected(photos=to_describe),
    )


def description_job_pause(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Lease no more of its items. Raises `TransitionRefused` unless it is queued or running."""
    job_transitions.job_pause(job=job, actor=actor)
    return job


def description_job_resume(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Go on with a paused job. Raises `TransitionRefused` unless it is paused."""
    with transaction.atomic():
        job_transitions.job_resume(job=job, actor=actor)
        wake_on_commit(job.total, job.priority)
    return job


def description_job_cancel(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """End a job; what is described already stays. Raises `TransitionRefused` if it has ended."""
    with transaction.atomic():
        job_transitions.job_cancel(job=job, actor=actor)
        item_transitions.items_cancel(job=job)
    return job


def description_job_retry_failed(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Try all failed items of a job once more, reopening it if it has ended.

    Raises `TransitionRefused` when it was cancelled, or when nothing is left to try.
    """
    try:
        with transaction.atomic():
            # Locked, so that the job cannot end between the look at its state and the requeue.
            fresh = DescriptionJob.objects.select_for_update().get(pk=job.pk)
            if fresh.state not in OPEN_JOB_STATES:
                job_transitions.job_reopen(job=fresh, actor=actor)
            requeued = item_transitions.items_requeue_failed(job=fresh)
            if not requeued:
                raise TransitionRefused(
                    _("%(job)s has no failed item that could be tried again.") % {"job": job}
                )
            wake_on_commit(requeued, fresh.priority)
    finally:
        job.refresh_from_db()
    return job


def _check(
    options: Mapping[str, Any],
    version: ModelVersion | None,
    *,
    again: bool,
    only_without_text: bool,
) -> None:
    if again and only_without_text:
        raise JobRefused(
            _(
                "“Again” describes products that have a text, “only without text” leaves them out: "
                "choose one of the two."
            )
        )
    if version is not None and version.state == ModelVersionState.REJECTED:
        raise JobRefused(
            _("%(version)s was rejected: choose another model version.") % {"version": version}
        )
    length = options.get("length", TextLength.STANDARD)
    if length not in TextLength.values:
        raise JobRefused(
            _("There is no length %(length)r; choose %(known)s.")
            % {"length": length, "known": ", ".join(TextLength.values)}
        )
    facts = options.get("facts", "")
    if len(facts) > LONGEST_FACTS or "\0" in facts:
        raise JobRefused(
            _("The facts have %(count)s characters; up to %(most)s, none of them NUL, are allowed.")
            % {"count": len(facts), "most": LONGEST_FACTS}
        )
    if facts and options.get("catalog_facts"):
        raise JobRefused(
            _("Tell the model either these facts or what the catalog knows of each product.")
        )
