"""What a reviewer can do at the desk. Each step is a `ReviewAction`, and can be undone.

`idempotency_key` belongs to one button of one page: clicked twice, it does its work once. `seen` is
the text's `updated_at` when the page was made: a text that changed since is not saved or judged.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import DescriptionState, ReviewStep
from catalog.claims import contradictions_in, texts_edited, texts_of
from catalog.exceptions import ChangedMeanwhile, TextsContradict, TransitionRefused
from catalog.models import Description, DescriptionEvent, ReviewAction
from catalog.models.description import TEXT_FIELDS
from catalog.selectors.review_history import undoable_action
from catalog.services.description_texts import reason_clean, texts_clean
from catalog.transitions import description as transitions
from catalog.transitions.review import bulk_review_begin, bulk_review_stop, review_lease_end
from catalog.transitions.review_undo import Undone, review_action_undo
from catalog.transitions.text_changes import products_lock


def review_save(
    *,
    description: Description,
    actor: User,
    idempotency_key: UUID,
    seen: str,
    texts: Mapping[str, str],
) -> Description:
    """Save words in a draft, or as a new draft where the text is no draft.

    Returns the draft. Raises `ChangedMeanwhile`, `DescriptionRefused`, `TransitionRefused`.
    """
    clean = texts_clean(**texts)
    if all(getattr(description, field) == text for field, text in clean.items()):
        return description

    def work(review: ReviewAction) -> None:
        _write(_as_seen(description, seen), clean, actor, review)

    return _written_in(_step(ReviewStep.SAVE, actor, idempotency_key, [description], work))


def review_approve(
    *,
    description: Description,
    actor: User,
    idempotency_key: UUID,
    seen: str,
    texts: Mapping[str, str],
    declined: Collection[str] = (),
    insists: bool = False,
    similar: Sequence[Description] = (),
    same_words: bool = False,
) -> ReviewAction:
    """Approve a draft in the given words, and with it drafts of similar photos.

    What was edited in one text is edited in the others too, but for the fields in `declined`.
    Similar drafts keep their own words, or get these with `same_words`. Other drafts of the
    product that no person touched leave the queue. Raises `ChangedMeanwhile`,
    `DescriptionRefused`, `TransitionRefused`, and `TextsContradict` unless the reviewer `insists`;
    nothing is approved then.
    """
    clean = texts_clean(**texts)

    def work(review: ReviewAction) -> None:
        draft = _as_seen(description, seen)
        whole = texts_edited(draft, clean, declined).texts
        if not insists:
            own = [] if same_words else [(other, texts_of(other)) for other in similar]
            _refuse_contradictions([(draft, whole), *own])
        _approve(draft, whole, actor, review)
        for other in similar:
            _approve(other, whole if same_words else None, actor, review)

    return _step(ReviewStep.APPROVE, actor, idempotency_key, [description, *similar], work)


def review_reject(
    *,
    description: Description,
    actor: User,
    idempotency_key: UUID,
    seen: str,
    reason: str,
    similar: Sequence[Description] = (),
) -> ReviewAction:
    """Reject a draft, and drafts of similar photos with it. Raises as `review_approve` does."""
    clean = reason_clean(reason)

    def work(review: ReviewAction) -> None:
        for one in (_as_seen(description, seen), *similar):
            transitions.description_reject(
                description=one, actor=actor, reason=clean, review=review
            )

    return _step(ReviewStep.REJECT, actor, idempotency_key, [description, *similar], work)


def review_bring_back(
    *, description: Description, actor: User, idempotency_key: UUID
) -> ReviewAction:
    """Make a draft that a newer one replaced a draft again. Raises `TransitionRefused`."""
    bring_back = partial(transitions.description_bring_back, description=description, actor=actor)
    return _step(ReviewStep.BRING_BACK, actor, idempotency_key, [description], bring_back)


def review_reopen(*, description: Description, actor: User, idempotency_key: UUID) -> ReviewAction:
    """Make an approved, rejected or withdrawn text a draft again. Raises `TransitionRefused`."""
    reopen = partial(transitions.description_reopen, description=description, actor=actor)
    return _step(ReviewStep.REOPEN, actor, idempotency_key, [description], reopen)


def review_withdraw(
    *, description: Description, actor: User, idempotency_key: UUID
) -> ReviewAction:
    """Take an approved text off the storefronts. Raises `TransitionRefused`."""
    withdraw = partial(transitions.description_withdraw, description=description, actor=actor)
    return _step(ReviewStep.WITHDRAW, actor, idempotency_key, [description], withdraw)


def review_restore(*, event: DescriptionEvent, actor: User, idempotency_key: UUID) -> Description:
    """Bring back the words of an entry of the history; returns the draft that holds them.

    A draft gets them in place, any other text as a new draft. Raises `TransitionRefused`
    where the entry holds no words.
    """
    # An entry may be older than a field; then its words stay.
    words = {field: event.after[field] for field in TEXT_FIELDS if field in event.after}
    if not words.get("standard"):
        raise TransitionRefused(_("This entry of the history holds no words to bring back."))

    def work(review: ReviewAction) -> None:
        _write(_fresh(event.description), words, actor, review)

    return _written_in(_step(ReviewStep.RESTORE, actor, idempotency_key, [event.description], work))


def review_undo(*, actor: User, idempotency_key: UUID) -> Undone:
    """Undo the reviewer's last step that is not undone yet, of their last fifty.

    Texts that somebody changed since stay as they are. A worker undoes what a worker did. Raises
    `TransitionRefused`, and nothing changes, when there is nothing to undo or when all of it was
    changed since.
    """
    with transaction.atomic():
        known = (
            ReviewAction.objects.select_related("bulk")
            .filter(idempotency_key=idempotency_key)
            .first()
        )
        if known is not None and hasattr(known, "bulk"):
            return Undone([], [], bulk=known.bulk)
        if known is not None:
            events = known.events.select_related("description__product")
            return Undone([event.description for event in events], [])
        action = undoable_action(actor)
        if action is None:
            raise TransitionRefused(_("There is nothing left to undo."))
        undo = ReviewAction.objects.create(
            reviewer=actor,
            step=ReviewStep.UNDO,
            idempotency_key=idempotency_key,
            undoes=action,
            count=action.count,
        )
        if hasattr(action, "bulk"):
            # Stop the worker if it is still judging, and have a worker undo what was done.
            bulk_review_stop(review=action.bulk)
            action.refresh_from_db(fields=["count"])
            ReviewAction.objects.filter(pk=undo.pk).update(count=0)
            total, as_of = action.count, timezone.now()
            return Undone([], [], bulk=bulk_review_begin(action=undo, total=total, as_of=as_of))
        undone = review_action_undo(action=action, undo=undo, actor=actor)
        if not undone.descriptions:
            raise TransitionRefused(_why_not(undone))
    return undone


def _step(
    step: ReviewStep,
    actor: User,
    idempotency_key: UUID,
    descriptions: Collection[Description],
    work: Callable[..., None],
) -> ReviewAction:
    """Do the work in one transaction with its row; a second click returns the first one's row.

    Of two clicks at once, one waits for the lock of the other. All products are locked here, in
    order, so that two steps over the same products cannot block each other.
    """
    with transaction.atomic():
        products_lock([one.product_id for one in descriptions])
        taken_at = None
        if step in (ReviewStep.APPROVE, ReviewStep.REJECT):
            ids = [one.pk for one in descriptions]
            taken_at = review_lease_end(description_ids=ids, reviewer=actor)
        seconds = (timezone.now() - taken_at).total_seconds() if taken_at else None
        action, new = ReviewAction.objects.get_or_create(
            idempotency_key=idempotency_key,
            defaults={
                "reviewer": actor,
                "step": step,
                "count": len(descriptions),
                "seconds": seconds if len(descriptions) == 1 else None,
            },
        )
        if new:
            work(review=action)
    return action


def _as_seen(description: Description, seen: str) -> Description:
    """The text as it is now. Raises `ChangedMeanwhile` unless it is what the reviewer saw."""
    current = _fresh(description)
    if current.updated_at.isoformat() != seen:
        raise ChangedMeanwhile(_("Somebody changed this text after you opened it."))
    return current


def _fresh(description: Description) -> Description:
    current = Description.objects.select_related("product").filter(pk=description.pk).first()
    if current is None:
        raise TransitionRefused(_("This description was deleted meanwhile."))
    return current


def _write(
    current: Description, texts: Mapping[str, str], actor: User, action: ReviewAction
) -> None:
    draft = current.state == DescriptionState.DRAFT
    write = transitions.description_change_text if draft else transitions.description_revise
    write(description=current, actor=actor, texts=texts, review=action)


def _written_in(action: ReviewAction) -> Description:
    """The draft that holds the words of a step; an earlier click may have written them."""
    events = action.events.select_related("description__product", "description__image")
    return events.order_by("-id")[0].description


def _approve(
    draft: Description, texts: Mapping[str, str] | None, actor: User, action: ReviewAction
) -> None:
    if texts is not None and any(getattr(draft, name) != text for name, text in texts.items()):
        transitions.description_change_text(
            description=draft, actor=actor, texts=texts, review=action
        )
    transitions.description_approve(description=draft, actor=actor, review=action)


def _refuse_contradictions(approved: Sequence[tuple[Description, Mapping[str, str]]]) -> None:
    skus = [draft.product.sku for draft, texts in approved if contradictions_in(draft, texts)]
    if skus:
        raise TextsContradict(
            _("The texts of %(skus)s contradict one another.") % {"skus": ", ".join(skus)}
        )


def _why_not(undone: Undone) -> str:
    event = undone.changed_since[0]
    return _(
        "It cannot be undone: %(sku)s was changed since (%(action)s by %(who)s at %(time)s)."
    ) % {
        "sku": event.description.product.sku,
        "action": event.get_action_display().lower(),
        "who": event.actor or _("a worker"),
        "time": f"{event.at:%H:%M}",
    }
