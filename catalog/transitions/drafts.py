"""State changes of many descriptions at once: what machines write, imports bring, reviewers judge.

Each takes a number of statements that does not grow with the texts, and is called in one
transaction: `drafts_choose` locks, the others change what was locked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState, ReviewStep
from catalog.claims import claim_columns, contradictions_in, texts_of
from catalog.models import Description, DescriptionEvent, ReviewAction
from catalog.models.description import IN_MACHINE_WORDS, TEXT_FIELDS
from catalog.selectors.review_queue import drafts_free_for
from catalog.transitions.description import drafts_approve, drafts_reject
from catalog.transitions.review import review_lease_end
from catalog.transitions.text_changes import (
    changes_write,
    products_lock,
    text_moved,
    text_superseded,
)


def drafts_create(*, drafts: Sequence[Description]) -> None:
    """Insert new drafts in a machine's words, which are kept beside the ones people will edit.

    They replace nothing. Raises `IntegrityError` for an empty text or a second draft of one item;
    then none is inserted.
    """
    for draft in drafts:
        for field in TEXT_FIELDS:
            setattr(draft, f"generated_{field}", getattr(draft, field))
        for name, value in claim_columns(draft, {}).items():
            setattr(draft, name, value)
    with transaction.atomic():
        rows_insert(Description, drafts)
        rows_insert(
            DescriptionEvent,
            (
                DescriptionEvent(
                    description=draft,
                    action=DescriptionAction.GENERATED,
                    after={field: getattr(draft, field) for field in TEXT_FIELDS},
                )
                for draft in drafts
            ),
        )


def drafts_supersede_untouched(*, product_ids: Collection[int], language: str) -> int:
    """Drafts in a machine's words alone to superseded, for newer ones; returns how many.

    Called in the transaction that inserts the newer ones.
    """
    untouched = Description.objects.filter(
        IN_MACHINE_WORDS, product__in=product_ids, language=language, state=DescriptionState.DRAFT
    )
    found = set(untouched.values_list("product_id", flat=True))
    if not found:
        return 0
    products_lock(found)
    # Read again once locked: a person may have edited one in this moment.
    texts = list(untouched.select_for_update().order_by("pk"))
    changes_write([text_superseded(text) for text in texts])
    return len(texts)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What can be judged at once, and drafts that a person has to look at first.

    `contradicting` drafts say in one text what another denies; they can be rejected.
    """

    drafts: list[Description]
    contradicting: list[Description]


def drafts_choose(
    *, asked: QuerySet[Description], step: ReviewStep, actor: User, as_of: datetime
) -> Chosen:
    """Lock what can be judged of `asked`, `product` loaded, in the order of their ids.

    Left out is what is no draft any more, what changed after `as_of`, and what another reviewer
    has open. Of several drafts of one product and language the newest is approved.
    """
    products_lock(asked.order_by().values_list("product_id", flat=True))
    unchanged = asked.filter(state=DescriptionState.DRAFT, updated_at__lte=as_of)
    free = drafts_free_for(unchanged, reviewer=actor)
    drafts = list(free.select_for_update(of=("self",)).select_related("product").order_by("pk"))
    if step != ReviewStep.APPROVE:
        return Chosen(drafts, [])
    newest = {(draft.product_id, draft.language): draft for draft in drafts}.values()
    contradicting = [draft for draft in newest if contradictions_in(draft, texts_of(draft))]
    return Chosen([draft for draft in newest if draft not in contradicting], contradicting)


def drafts_judge(
    *, drafts: Sequence[Description], actor: User, review: ReviewAction, reason: str = ""
) -> None:
    """Approve or reject, as the review's step says, what `drafts_choose` gave; end the leases."""
    if review.step == ReviewStep.APPROVE:
        drafts_approve(drafts, actor=actor, review=review)
    else:
        drafts_reject(drafts, actor=actor, reason=reason, review=review)
    review_lease_end(description_ids=[draft.pk for draft in drafts], reviewer=actor)


@dataclass(frozen=True, slots=True)
class ImportedText:
    """The texts of one product. `former_id` is the approved text that they replace."""

    product_id: int
    texts: Mapping[str, str]
    former_id: int | None = None


def descriptions_import(
    *, texts: Sequence[ImportedText], state: DescriptionState, language: str, actor: User | None
) -> list[Description]:
    """Write human texts as drafts or as approved ones, which supersede those before them.

    In the order of `texts`. Called in a transaction that holds the products' rows.
    """
    approved = state == DescriptionState.APPROVED
    former_ids = [text.former_id for text in texts if text.former_id is not None]
    if approved and former_ids:
        former = Description.objects.filter(pk__in=former_ids).order_by("pk")
        # The import compares the products' `updated_at` with what it left.
        changes = [text_superseded(text, actor=actor) for text in former]
        changes_write(changes, touch_products=False)
    rows = rows_insert(
        Description,
        (
            Description(
                product_id=text.product_id,
                language=language,
                state=state,
                created_by=actor,
                reviewed_by=actor if approved else None,
                reviewed_at=timezone.now() if approved else None,
                **text.texts,
            )
            for text in texts
        ),
    )
    rows_insert(
        DescriptionEvent,
        (
            DescriptionEvent(
                description=row,
                action=DescriptionAction.WRITTEN,
                actor=actor,
                after={**text.texts, **({"state": state.value} if approved else {})},
            )
            for row, text in zip(rows, texts, strict=True)
        ),
    )
    return rows


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text that an import wrote: its key, that of the one it superseded, and its words then."""

    description_id: int
    former_id: int | None
    texts: Mapping[str, str]


def descriptions_import_undo(*, texts: Sequence[WrittenText]) -> set[int]:
    """Take imported texts away, and bring back the approved ones that they superseded.

    Returns the keys of those that stay, because somebody edited or reviewed them since. Called in a
    transaction that holds the products' rows.
    """
    ids = [text.description_id for text in texts]
    standing = Description.objects.filter(
        pk__in=ids, state__in=(DescriptionState.DRAFT, DescriptionState.APPROVED)
    )
    found = {row.pk: row for row in standing.select_for_update().order_by("pk")}
    usual = (DescriptionAction.WRITTEN, DescriptionAction.APPROVED)
    events = DescriptionEvent.objects.filter(description__in=ids).exclude(action__in=usual)
    reviewed = set(events.values_list("description", flat=True))
    formers = Description.objects.filter(
        pk__in=[text.former_id for text in texts if text.former_id is not None],
        state=DescriptionState.SUPERSEDED,
    ).in_bulk()
    taken, back, kept = [], [], set()
    for text in texts:
        row = found.get(text.description_id)
        if row is None or row.pk in reviewed or not _is_as_written(row, text):
            kept.add(text.description_id)
        elif row.state == DescriptionState.APPROVED:
            taken.append(text_moved(row, DescriptionState.WITHDRAWN, DescriptionAction.WITHDRAWN))
        else:
            taken.append(text_moved(row, DescriptionState.REJECTED, DescriptionAction.REJECTED))
        if text.description_id not in kept and (former := formers.get(text.former_id or 0)):
            back.append(text_moved(former, DescriptionState.APPROVED, DescriptionAction.APPROVED))
    changes_write([*taken, *back], touch_products=False)
    return kept


def _is_as_written(row: Description, text: WrittenText) -> bool:
    same = all(getattr(row, name) == words for name, words in text.texts.items())
    return same and (row.state == DescriptionState.APPROVED or row.reviewed_at is None)
