"""Writes what came of the items of a lease: all of a batch in one transaction, or none of it."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, IntegrityError, transaction
from django.db.models import Exists, OuterRef

from catalog.choices import OPEN_ITEM_STATES, FailureReason, ItemOutcome, JobState
from catalog.engine.describe import GeneratedText
from catalog.exceptions import TransitionRefused
from catalog.known_product import Known
from catalog.models import Description, DescriptionJob, DescriptionJobItem
from catalog.models.description import TEXT_FIELDS
from catalog.transitions.drafts import drafts_create, drafts_supersede_untouched
from catalog.transitions.job import job_close
from catalog.transitions.job_item import items_fail, items_finish, items_hold, items_retry
from catalog.workers.lease import Lease
from catalog.workers.patience import patiently

logger = logging.getLogger(__name__)

#: Options that condition the text; a draft keeps what came of them in columns of their own.
CONDITIONS = ("facts", "sources")


@dataclass(frozen=True)
class Described:
    """The model wrote a text, conditioned on what was known."""

    item: DescriptionJobItem
    text: GeneratedText
    known: Known
    #: The photo that it is about: not the product's first where that shows no item.
    image_id: int | None
    #: For a person, where there is more to say.
    detail: str = ""


@dataclass(frozen=True)
class NotRecognised:
    """No photo of the product shows an item that the model knows; `detail` is for a person."""

    item: DescriptionJobItem
    detail: str


@dataclass(frozen=True)
class Failed:
    """Trying again would not help; `detail` is for a person."""

    item: DescriptionJobItem
    reason: FailureReason
    detail: str


@dataclass(frozen=True)
class Postponed:
    """To be tried again at a time; `alone` if its neighbours may be to blame, or it for them."""

    item: DescriptionJobItem
    due_at: datetime
    detail: str
    alone: bool


Ending = Described | NotRecognised | Failed | Postponed


def endings_write(*, lease: Lease, endings: Sequence[Ending]) -> int:
    """End the items; returns how many were not this worker's any more, and so were left alone.

    A text that the database refuses fails its own item and no other.
    """
    try:
        lost = patiently(lambda: _write(lease, endings))
    except (DataError, IntegrityError) as error:
        if len(endings) > 1:
            return sum(endings_write(lease=lease, endings=[ending]) for ending in endings)
        item = endings[0].item
        detail = f"The text cannot be stored: {type(error).__name__}"
        logger.error("Item %d of %s: %s: %s", item.pk, item.job, detail, error)
        return endings_write(lease=lease, endings=[Failed(item, FailureReason.MODEL_ERROR, detail)])
    if lost:
        logger.warning("Nothing was written for %d items: they are another's by now.", lost)
    return lost


def _write(lease: Lease, endings: Sequence[Ending]) -> int:
    with transaction.atomic():
        # First: it locks the items, so that of two workers only the one with the token gets on.
        held = items_hold(token=lease.token)
        ours = [ending for ending in endings if ending.item.pk in held]
        described = [ending for ending in ours if isinstance(ending, Described)]
        if described:
            for detail, items in _by_detail(described):
                items_finish(items=items, token=lease.token, detail=detail)
            _write_drafts(described)
        for detail, items in _by_detail([one for one in ours if isinstance(one, NotRecognised)]):
            outcome = ItemOutcome.NOT_RECOGNISED
            items_finish(items=items, token=lease.token, outcome=outcome, detail=detail)
        _write_failures(lease, [ending for ending in ours if isinstance(ending, Failed)])
        for ending in ours:
            if isinstance(ending, Postponed):
                items_retry(
                    item_ids=[ending.item.pk],
                    token=lease.token,
                    due_at=ending.due_at,
                    detail=ending.detail,
                    alone=ending.alone,
                )
    return len(endings) - len(ours)


def _by_detail(
    endings: Sequence[Described | NotRecognised],
) -> Iterator[tuple[str, list[DescriptionJobItem]]]:
    """The items of the endings that say the same: they end by one statement."""
    alike: dict[str, list[DescriptionJobItem]] = defaultdict(list)
    for ending in endings:
        alike[ending.detail].append(ending.item)
    yield from alike.items()


def _write_drafts(described: Sequence[Described]) -> None:
    """A new draft a product; older ones in its language that no person touched make way for it."""
    products: dict[str, list[int]] = defaultdict(list)
    for one in described:
        products[one.item.job.language].append(one.item.product_id)
    for language, product_ids in products.items():
        drafts_supersede_untouched(product_ids=product_ids, language=language)
    drafts_create(drafts=[_draft(one) for one in described])


def _draft(described: Described) -> Description:
    item, text = described.item, described.text
    return Description(
        product_id=item.product_id,
        language=item.job.language,
        **{field: getattr(text, field) for field in TEXT_FIELDS},
        image_id=described.image_id,
        facts=item.job.options.get("facts", ""),
        known=described.known,
        # What the model was told has columns of its own.
        options={name: value for name, value in item.job.options.items() if name not in CONDITIONS},
        model_version_id=item.model_version_id,
        confidence=text.confidence,
        brief=text.brief,
        job_item_id=item.pk,
        numeric_mode=text.mode,
    )


def _write_failures(lease: Lease, failures: Sequence[Failed]) -> None:
    alike: dict[tuple[FailureReason, str], list[DescriptionJobItem]] = defaultdict(list)
    for failure in failures:
        alike[failure.reason, failure.detail].append(failure.item)
    for (reason, detail), items in alike.items():
        items_fail(items=items, token=lease.token, reason=reason, detail=detail)


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
