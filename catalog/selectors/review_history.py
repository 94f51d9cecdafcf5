"""What reviewers did: what can be undone, how a text came about, why drafts are rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from catalog.choices import BulkReviewState, DescriptionState, ReviewStep
from catalog.models import BulkReview, Description, DescriptionEvent, ReviewAction
from catalog.text_diff import Change, words_compared

#: How many of a reviewer's last steps can be undone.
UNDOABLE = 50
#: How long the result of a finished step over many drafts is shown.
SHOWN_AFTER = timedelta(minutes=10)


def undoable_action(reviewer: User) -> ReviewAction | None:
    """The last of the reviewer's steps that is not undone, looking back at most `UNDOABLE`."""
    last = ReviewAction.objects.filter(reviewer=reviewer).exclude(step=ReviewStep.UNDO)
    recent = last.order_by("-id")[:UNDOABLE].values("pk")
    return ReviewAction.objects.filter(pk__in=recent, undone_by=None).order_by("-id").first()


def bulk_reviews_shown(reviewer: User) -> list[BulkReview]:
    """The reviewer's steps that a worker carries out, or finished a moment ago, newest first."""
    recent = Q(state=BulkReviewState.RUNNING) | Q(ended_at__gt=timezone.now() - SHOWN_AFTER)
    reviews = BulkReview.objects.filter(recent, action__reviewer=reviewer)
    return list(reviews.select_related("action").order_by("-pk")[:5])


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of a description, with its changes of the words; `may_restore` brings them back."""

    event: DescriptionEvent
    changes: Sequence[Change]
    state: str
    reason: str
    may_restore: bool


def description_history(description: Description) -> list[HistoryEntry]:
    """What happened to a text, the newest first."""
    events = description.events.select_related("actor").order_by("-id")
    return [_entry(event, description) for event in events]


def alternatives_of(description: Description, *, limit: int) -> list[Description]:
    """Other texts of the product and language, equal ones once, the approved one first."""
    others = (
        Description.objects.filter(product=description.product_id, language=description.language)
        .exclude(pk=description.pk)
        .select_related("model_version", "created_by")
        .order_by("-id")[: limit * 4]
    )
    found: dict[str, Description] = {}
    for other in sorted(others, key=lambda one: one.state != DescriptionState.APPROVED):
        if other.standard != description.standard:
            found.setdefault(other.standard, other)
    return list(found.values())[:limit]


def _entry(event: DescriptionEvent, description: Description) -> HistoryEntry:
    before, after = (side.get("standard", "") for side in (event.before, event.after))
    return HistoryEntry(
        event=event,
        changes=words_compared(before, after) if after else (),
        state=str(DescriptionState(event.after["state"]).label) if "state" in event.after else "",
        reason=event.after.get("rejection_reason", ""),
        may_restore=bool(after) and after != description.standard,
    )
