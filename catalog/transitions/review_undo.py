"""Undoes one step of a reviewer, over one description or thousands, by the events it left."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from catalog.choices import DescriptionAction, DescriptionState, ReviewStep
from catalog.models import BulkReview, Description, DescriptionEvent, ReviewAction
from catalog.models.description import TEXT_FIELDS
from catalog.transitions.text_changes import TextChange, changes_write, products_lock, verdict_of


@dataclass(frozen=True)
class Undone:
    """What an undo did. `changed_since` holds the last event of each text that was left alone.

    Where a worker does it, both lists are empty and `bulk` shows the progress.
    """

    descriptions: list[Description]
    changed_since: list[DescriptionEvent]
    bulk: BulkReview | None = None


def review_action_undo(
    *,
    action: ReviewAction,
    undo: ReviewAction,
    actor: User,
    products: Collection[int] | None = None,
) -> Undone:
    """Put back what the action changed; a text that somebody changed since stays as it is.

    So does the text that it superseded. `undo` is the row of this undo; `products` limits it to
    some products, for chunks. Called in a transaction.
    """
    changes = action.events.order_by("id")
    if products is not None:
        changes = changes.filter(description__product__in=products)
    events = list(changes)
    ids = {event.description_id for event in events}
    rows = Description.objects.filter(pk__in=ids)
    products_lock(rows.values_list("product_id", flat=True))
    locked = rows.select_for_update(of=("self",)).select_related("product", "image")
    descriptions = {row.pk: row for row in locked.order_by("pk")}
    since = _changed_since(events)
    # Texts of one product and language go together, or two of them would be approved.
    held = {_place(descriptions[event.description_id]) for event in since}
    targets: dict[int, dict[str, Any]] = defaultdict(dict)
    for event in reversed(events):
        targets[event.description_id].update(event.before)
    changed = []
    for pk, target in targets.items():
        description = descriptions[pk]
        if _place(description) not in held:
            made = description.created_at >= action.at  # by the step itself
            superseded = {"state": DescriptionState.SUPERSEDED.value}
            changed.append(
                _put_back(description, superseded if made else target, undo=undo, actor=actor)
            )
    changes_write(changed)
    return Undone([one.text for one in changed], changed_since=since)


def _place(description: Description) -> tuple[int, str]:
    return description.product_id, description.language


def _changed_since(events: Collection[DescriptionEvent]) -> list[DescriptionEvent]:
    """The last event of each description that has one after those of the step.

    Steps that were undone do not count, nor do their undos: together they changed nothing.
    """
    last = {event.description_id: event.pk for event in events}
    counts = Q(review=None) | (Q(review__undone_by=None) & ~Q(review__step=ReviewStep.UNDO))
    later = DescriptionEvent.objects.filter(
        counts, description__in=last, pk__gt=min(last.values(), default=0)
    )
    found = {
        event.description_id: event
        for event in later.select_related("actor", "description__product").order_by("pk")
        if event.pk > last[event.description_id]
    }
    return list(found.values())


def _put_back(
    description: Description, target: dict[str, Any], *, undo: ReviewAction, actor: User
) -> TextChange:
    values: dict[str, Any] = {field: target[field] for field in TEXT_FIELDS if field in target}
    if values:
        values["authorship"] = {}
    if "state" in target:
        values |= _verdict(target)
    event = DescriptionEvent(
        description=description,
        action=DescriptionAction.UNDONE,
        actor=actor,
        review=undo,
        before=_as_recorded(description, target),
        after=target,
    )
    return TextChange(description, values, event)


def _verdict(target: dict[str, Any]) -> dict[str, Any]:
    """State and verdict as they were; a superseded text has kept its verdict."""
    state = target["state"]
    if state == DescriptionState.SUPERSEDED:
        return {"state": state}
    values: dict[str, Any] = {
        "state": state,
        "rejection_reason": target.get("rejection_reason", ""),
        "edit_distance": target.get("edit_distance"),
    }
    if state == DescriptionState.DRAFT:
        return {**values, "reviewed_by_id": None, "reviewed_at": None}
    if "reviewed_by" in target:
        values["reviewed_by_id"] = target["reviewed_by"]
    if "reviewed_at" in target:
        values["reviewed_at"] = datetime.fromisoformat(target["reviewed_at"])
    return values


def _as_recorded(description: Description, target: dict[str, Any]) -> dict[str, Any]:
    """What the columns hold before the undo, as events record it."""
    before: dict[str, Any] = {
        field: getattr(description, field) for field in TEXT_FIELDS if field in target
    }
    if "state" in target:
        before |= {"state": description.state, **verdict_of(description)}
    return before
