"""Jobs that describe photos: made, previewed, paused, resumed, cancelled, tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.choices import (
    GateVerdict,
    JobItemState,
    KnownSource,
    ModelVersionState,
    PageText,
    SkipReason,
    TextLength,
)
from catalog.exceptions import JobRefused, TransitionRefused
from catalog.gate import gate_verdict
from catalog.models import DescriptionJob, JobOwner, ModelVersion, Product
from catalog.selectors.jobs import seconds_expected
from catalog.selectors.model_versions import model_version_active, versions_in_use
from catalog.services.job_items import (
    JobRequest,
    items_insert,
    items_planned,
    product_id_chunks,
    skips_count,
)
from catalog.transitions import job as job_transitions
from catalog.transitions import job_item as item_transitions
from catalog.transitions.job import tally_add

#: Characters of the facts that a person types.
LONGEST_FACTS = 500
#: How often a chunk is planned, where rivals take its requests.
PLANS_A_CHUNK = 3
#: Wake-ups sent for one job: enough to start every worker of a small host.
MOST_WAKEUPS = 4
#: Products of one job of the API; more make the request itself take too long.
MOST_PRODUCTS = 100_000


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


class JobOptions(TypedDict, total=False):
    """What may be asked of a job; `description_job_create` says what each means."""

    again: bool
    language: str
    options: Mapping[str, Any] | None
    only_without_text: bool
    model_version: ModelVersion | None


def description_job_create(
    *,
    products: QuerySet[Product],
    actor: User | None = None,
    priority: int = DescriptionJob.BULK_PRIORITY,
    **asked: Unpack[JobOptions],
) -> DescriptionJob:
    """Ask workers to describe the main photo of each product; they are woken on commit.

    Every product is an item of the job. Skipped, with a reason, are those without a photo, those
    whose same request is open in another job, and, unless `again`, those whose text in `language`
    is by this model version, or approved in a person's words; with `only_without_text` those that
    have any draft or approved text. A job without work is completed at once.

    `model_version` pins one; by default the version that is active when a photo's turn comes
    describes it. An empty `language` is English if the version writes it, else its first. Texts are
    conditioned on what the catalog knows of each product;
    `options["sources"]` names what of it (`KnownSource`), by default all. `options["facts"]`, up to
    500 characters, are told of every product and count most. `options["length"]` is a `TextLength`;
    `options["slots"]` names the `PageText`s that are written beside it, by default none.

    Raises `JobRefused` when both `again` and `only_without_text` are asked for, when the version
    was rejected or is a candidate that the gate has not passed, when no version writes the
    language, the length, a text or a source is unknown, or the facts are too long.
    """
    request = _request(products, **asked)
    with transaction.atomic():
        job = DescriptionJob.objects.create(
            created_by=actor,
            language=request.language,
            options=request.options,
            priority=priority,
            model_version=request.pinned,
        )
        request = replace(request, scope=f"job {job.pk}" if request.again else "")
        for product_ids in product_id_chunks(products):
            _insert_items(job, product_ids, request)
        if to_describe := _count_items(job):
            _wake_on_commit(to_describe, job.priority)
        else:
            job_transitions.job_close(job=job)
    return job


def description_job_preview(
    *, products: QuerySet[Product], **asked: Unpack[JobOptions]
) -> JobPreview:
    """Count what `description_job_create` would do with the same arguments. Writes nothing."""
    request = _request(products, **asked)
    rows = Product.objects.filter(pk__in=products.values("pk"))
    counts = skips_count(items_planned(products=rows, request=request))
    to_describe = counts.get("", 0)
    return JobPreview(
        total=sum(counts.values()),
        to_describe=to_describe,
        skipped={reason: counts[reason] for reason in SkipReason if counts.get(reason)},
        seconds=seconds_expected(photos=to_describe),
    )


def description_job_resume(*, job: DescriptionJob, actor: User | None) -> DescriptionJob:
    """Go on with a paused job. Raises `TransitionRefused` unless it is paused."""
    with transaction.atomic():
        job_transitions.job_resume(job=job, actor=actor)
        _wake_on_commit(job.total, job.priority)
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
            if not fresh.is_open:
                job_transitions.job_reopen(job=fresh, actor=actor)
            requeued = item_transitions.items_requeue_failed(job=fresh)
            if not requeued:
                raise TransitionRefused(
                    _("%(job)s has no failed item that could be tried again.") % {"job": job}
                )
            _wake_on_commit(requeued, fresh.priority)
    finally:
        job.refresh_from_db()
    return job


def _request(
    products: QuerySet[Product],
    *,
    again: bool = False,
    language: str = "",
    options: Mapping[str, Any] | None = None,
    only_without_text: bool = False,
    model_version: ModelVersion | None = None,
) -> JobRequest:
    """What is asked of each product, checked. Raises `JobRefused`."""
    _check(options or {}, model_version, again=again, only_without_text=only_without_text)
    language = language or (model_version or versions_in_use()).default_language
    _check_language(language, products, model_version)
    return JobRequest(
        language=language,
        options=_in_one_form(options or {}),
        again=again,
        only_without_text=only_without_text,
        pinned=model_version,
        version=model_version or model_version_active(),
        scope="a job to come" if again else "",
    )


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
    _check_version(version)
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
    unknown = [name for name in options.get("slots", ()) if name not in PageText.values]
    if unknown:
        raise JobRefused(
            _("There is no text %(text)r; choose among %(known)s.")
            % {"text": unknown[0], "known": ", ".join(PageText.values)}
        )
    unknown = [name for name in options.get("sources", ()) if name not in KnownSource.values]
    if unknown:
        raise JobRefused(
            _("There is no source %(source)r; choose among %(known)s.")
            % {"source": unknown[0], "known": ", ".join(KnownSource.values)}
        )


def _check_version(version: ModelVersion | None) -> None:
    """Refuses a rejected version, and a candidate that the gate has not passed."""
    if version is not None and version.state == ModelVersionState.REJECTED:
        raise JobRefused(
            _("%(version)s was rejected: choose another model version.") % {"version": version}
        )
    if (
        version is not None
        and version.state == ModelVersionState.CANDIDATE
        and gate_verdict(version.judgement) != GateVerdict.PASSED
    ):
        raise JobRefused(
            _("The gate has not passed %(version)s, so it writes no drafts: choose another.")
            % {"version": version}
        )


def _in_one_form(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with sources and texts in one order, and without what is the default.

    So the same request has the same idempotency key, however it is put.
    """
    asked = options.get("sources", KnownSource.values)
    sources = [name for name in KnownSource.values if name in asked]
    slots = [name for name in PageText.values if name in options.get("slots", ())]
    form = {name: value for name, value in options.items() if name not in ("sources", "slots")}
    if sources != KnownSource.values:
        form["sources"] = sources
    return {**form, "slots": slots} if slots else form


def _check_language(
    language: str, products: QuerySet[Product], version: ModelVersion | None
) -> None:
    """Refuses a language that the version, or none in use for some of the products, writes."""
    if version is not None:
        if version.writes(language):
            return
        raise JobRefused(
            _("%(version)s does not write “%(language)s”. It writes: %(known)s.")
            % {"version": version, "language": language, "known": ", ".join(version.languages)}
        )
    in_use = versions_in_use()
    brands = in_use.brands_writing(language)
    if brands is None or not in_use.active:  # without any version, items fail for that
        return
    others = Product.objects.filter(pk__in=products.values("pk")).exclude(brand__in=brands)
    if not brands or others.exists():
        raise JobRefused(
            _("No model version in use writes “%(language)s” here. Those in use write: %(known)s.")
            % {"language": language, "known": ", ".join(in_use.languages)}
        )


def _wake_on_commit(items: int, priority: int) -> None:
    """Wake as many workers as so many items are worth."""
    if priority >= DescriptionJob.SINGLE_PRIORITY:
        # The process kept free for people who wait, beside those that do bulk work.
        transaction.on_commit(wakeups.wake_interactive)
    batches = -(-items // settings.LEASE_BATCH)
    transaction.on_commit(partial(wakeups.wake_descriptions, count=min(batches, MOST_WAKEUPS)))


def _insert_items(job: DescriptionJob, product_ids: list[int], request: JobRequest) -> None:
    """Insert one chunk's items.

    Two jobs made at once can both find a request free. The database's unique constraint lets one
    of them in; the other waits for that commit at its INSERT, fails, and plans the chunk again from
    a savepoint, now seeing the rival's items, so it skips them. Rows go in by rising product id
    everywhere, so two jobs cannot wait for each other. No lock is taken on what others read, and
    ignoring conflicts would drop the item without a trace of why.
    """
    for plans_left in reversed(range(PLANS_A_CHUNK)):
        try:
            with transaction.atomic():
                items_insert(job=job, product_ids=product_ids, request=request)
        except IntegrityError:
            if not plans_left:
                raise
        else:
            return


def _count_items(job: DescriptionJob) -> int:
    """Note the job's total and what was skipped; returns how many items are to be described."""
    rows = job.items.values_list("skip_reason").annotate(count=Count("pk")).order_by()
    counts: dict[str, int] = dict(rows)
    job.total = sum(counts.values())
    job.save(update_fields=["total"])
    to_describe = counts.pop("", 0)
    for reason, count in counts.items():
        tally_add(job_id=job.pk, state=JobItemState.SKIPPED, reason=reason, count=count)
    return to_describe


def api_job_create(
    *, owner: str, products: QuerySet[Product], actor: User | None, **options: Any
) -> DescriptionJob:
    """As `description_job_create`, with a note of the client that asked."""
    with transaction.atomic():
        job = description_job_create(products=products, actor=actor, **options)
        JobOwner.objects.create(job=job, owner=owner)
    return job


def api_jobs(*, owner: str, sees_all: bool) -> QuerySet[DescriptionJob]:
    """The jobs that a client may see."""
    jobs = DescriptionJob.objects.all()
    return jobs if sees_all else jobs.filter(api_owner__owner=owner)


def skus_unknown(skus: Sequence[str]) -> list[str]:
    """Those of `skus` that no product bears."""
    known = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    return [sku for sku in skus if sku not in known]
