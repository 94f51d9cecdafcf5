"""What reviewers did: what can be undone, how a text came about, why drafts are rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.choices import BulkReviewState, DescriptionAction, DescriptionState, ReviewStep
from catalog.models import BulkReview, Description, DescriptionEvent, ReviewAction
from catalog.models.description import IN_MACHINE_WORDS, TEXT_FIELDS
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
    """One event of a description, with its changes of the words; `may_restore` brings them back.

    `changes` are by field, without texts that stayed as they were.
    """

    event: DescriptionEvent
    changes: Mapping[str, Sequence[Change]]
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


def drafts_to_bring_back(*, product_id: int, language: str) -> QuerySet[Description]:
    """Drafts that newer ones replaced before anybody reviewed them, the newest first.

    None where another draft of the model waits in their place.
    """
    texts = Description.objects.filter(IN_MACHINE_WORDS, product=product_id, language=language)
    if texts.filter(state=DescriptionState.DRAFT).exists():
        return Description.objects.none()
    # By a worker, and not because a reviewer approved another text.
    replaced = DescriptionEvent.objects.filter(
        description=OuterRef("pk"), action=DescriptionAction.SUPERSEDED, review=None
    )
    superseded = texts.filter(Exists(replaced), state=DescriptionState.SUPERSEDED, reviewed_at=None)
    return superseded.select_related("model_version").order_by("-pk")


def draft_replaced_by(description: Description) -> Description | None:
    """The draft that made way for this one, if it can come back."""
    drafts = drafts_to_bring_back(product_id=description.product_id, language=description.language)
    return drafts.filter(pk__lt=description.pk).first()


def _entry(event: DescriptionEvent, description: Description) -> HistoryEntry:
    after = event.after.get("standard", "")
    changes = {
        field: words_compared(event.before.get(field, ""), event.after.get(field, ""))
        for field in TEXT_FIELDS
        if event.after.get(field, "") != event.before.get(field, "")
    }
    return HistoryEntry(
        event=event,
        changes=changes,
        state=str(DescriptionState(event.after["state"]).label) if "state" in event.after else "",
        reason=event.after.get("rejection_reason", ""),
        may_restore=bool(after) and after != description.standard,
    )
