"""Makes a job and its items, for whoever asks: a person, or an import that has brought photos."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet

from catalog import wakeups
from catalog.choices import JobItemState
from catalog.job_making.items import JobRequest, items_insert, product_id_chunks
from catalog.models import DescriptionJob, ModelVersion, Product
from catalog.selectors.model_versions import model_version_active
from catalog.transitions import job as job_transitions
from catalog.transitions.job_tally import tally_add

#: How often a chunk is planned anew after a rival took one of its requests.
PLANS_A_CHUNK = 3
#: Wake-ups sent for one job: enough to start every worker of a small host.
MOST_WAKEUPS = 4


def job_make(
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
    """What `description_job_create` does, once its arguments are known to go together."""
    with transaction.atomic():
        job = DescriptionJob.objects.create(
            created_by=actor,
            language=language,
            options=dict(options or {}),
            priority=priority,
            model_version=model_version,
        )
        request = JobRequest(
            language=language,
            options=job.options,
            again=again,
            only_without_text=only_without_text,
            pinned=model_version,
            version=model_version or model_version_active(),
            scope=f"job {job.pk}" if again else "",
        )
        for product_ids in product_id_chunks(products):
            _insert_items(job, product_ids, request)
        to_describe = _count_items(job)
        if to_describe:
            wake_on_commit(to_describe, priority)
        else:
            job_transitions.job_close(job=job)
    return job


def wake_on_commit(items: int, priority: int) -> None:
    """Wake as many workers as so many items are worth."""
    if priority >= DescriptionJob.SINGLE_PRIORITY:
        # The process that is kept free for those who wait, beside whoever is at bulk work.
        transaction.on_commit(wakeups.wake_interactive)
    batches = -(-items // settings.LEASE_BATCH)
    transaction.on_commit(partial(wakeups.wake_descriptions, count=min(batches, MOST_WAKEUPS)))


def _insert_items(job: DescriptionJob, product_ids: list[int], request: JobRequest) -> None:
    """Insert one chunk's items.

    Two jobs made at once can both find a request free. The database's unique constraint lets one
    of them in; the other waits for that commit at its INSERT, fails, and plans the chunk anew from
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
    counts = dict(rows)
    job.total = sum(counts.values())
    job.save(update_fields=["total"])
    to_describe = counts.pop("", 0)
    for reason, count in counts.items():
        tally_add(job_id=job.pk, state=JobItemState.SKIPPED, reason=reason, count=count)
    return to_describe
