"""The named state changes of a description, each with its entry in the history.

Each locks the row (SQLite holds its one write lock instead) and refuses, changing nothing, when the
row is not in a state from which the step is allowed.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import DescriptionAction, DescriptionState
from catalog.claims import claim_columns
from catalog.exceptions import TransitionRefused
from catalog.models import Description, DescriptionEvent, Product, ReviewAction, WebhookEventType
from catalog.models.description import GENERATED_FIELDS, IN_MACHINE_WORDS
from catalog.text_diff import authorship_after, edit_distance
from catalog.transitions.text_changes import (
    TextChange,
    changes_write,
    products_lock,
    text_moved,
    text_superseded,
    verdict_of,
)
from catalog.transitions.webhook import events_record

REVISABLE = tuple(state for state in DescriptionState if state != DescriptionState.DRAFT)
REOPENABLE = (DescriptionState.APPROVED, DescriptionState.REJECTED, DescriptionState.WITHDRAWN)
#: What a verdict is called in the history, by the state that it leads to.
VERDICTS = {
    DescriptionState.APPROVED: DescriptionAction.APPROVED,
    DescriptionState.REJECTED: DescriptionAction.REJECTED,
    DescriptionState.WITHDRAWN: DescriptionAction.WITHDRAWN,
    DescriptionState.DRAFT: DescriptionAction.REOPENED,
}
#: As many as the desk considers for the alternatives that it offers.
TEXTS_BESIDE = 12


def description_write(
    *, product: Product, actor: User | None, language: str, texts: Mapping[str, str]
) -> Description:
    """A new draft in a person's words. `texts` are already checked."""
    with transaction.atomic():
        description = Description.objects.create(
            product=product, language=language, created_by=actor, **texts
        )
        DescriptionEvent.objects.create(
            description=description,
            action=DescriptionAction.WRITTEN,
            actor=actor,
            after=dict(texts),
        )
    return description


def description_change_text(
    *,
    description: Description,
    actor: User | None,
    texts: Mapping[str, str],
    review: ReviewAction | None = None,
) -> None:
    """New words in a draft. `texts` are already checked; the same words record nothing."""
    with _changed(description, DescriptionState.DRAFT) as fresh:
        event = _edited(fresh, fresh, actor, texts, review)
        if event.before != texts:
            authorship = authorship_after(fresh, event.before, texts, others=_beside(fresh))
            changes_write([TextChange(fresh, {**texts, "authorship": authorship}, event)])


def description_revise(
    *,
    description: Description,
    actor: User | None,
    texts: Mapping[str, str],
    review: ReviewAction | None = None,
) -> Description:
    """A draft that starts from a text which stays what it is: approved, or out of use."""
    with transaction.atomic():
        former = _locked(description, *REVISABLE)
        origin = {
            field: getattr(former, field)
            for field in (
                "product", "language", "image", "facts", "known", "options", "model_version",
                "confidence", "numeric_mode", "brief", *GENERATED_FIELDS,
            )
        }  # fmt: skip
        before = {field: getattr(former, field) for field in texts}
        authorship = authorship_after(former, before, texts, others=_beside(former))
        columns = claim_columns(former, texts)
        draft = Description.objects.create(
            created_by=actor, authorship=authorship, **{**origin, **texts, **columns}
        )
        _edited(draft, former, actor, texts, review).save()
    return draft


def description_approve(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Draft to approved, as `drafts_approve` does it.

    Two approvals for one product come one after the other.
    """
    with _changed(description, DescriptionState.DRAFT) as fresh:
        drafts_approve([fresh], actor=actor, review=review)


def drafts_approve(
    drafts: Sequence[Description], *, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Locked drafts to approved, one a (product, language), `product` loaded.

    The text approved before is superseded with it or not at all, and so are other drafts in a
    machine's words alone.
    """
    changes = [text_superseded(text, actor=actor, review=review) for text in _making_way(drafts)]
    changes += _reviewed(drafts, DescriptionState.APPROVED, actor, review)
    changes_write(changes)
    events_record(
        kind=WebhookEventType.DESCRIPTION_APPROVED,
        subjects={
            draft.product.sku: {"sku": draft.product.sku, "language": draft.language}
            for draft in drafts
        },
    )


def description_reject(
    *,
    description: Description,
    actor: User | None,
    reason: str = "",
    review: ReviewAction | None = None,
) -> None:
    """Draft to rejected. `reason` is what is wrong with the text, in up to 200 characters."""
    with _changed(description, DescriptionState.DRAFT) as fresh:
        drafts_reject([fresh], actor=actor, reason=reason, review=review)


def drafts_reject(
    drafts: Sequence[Description],
    *,
    actor: User | None,
    reason: str,
    review: ReviewAction | None = None,
) -> None:
    """Locked drafts to rejected, all for one reason, which is already checked."""
    state = DescriptionState.REJECTED
    changes_write(_reviewed(drafts, state, actor, review, rejection_reason=reason))


def description_withdraw(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Approved to withdrawn: storefronts show no text until another is approved."""
    with _changed(description, DescriptionState.APPROVED) as fresh:
        changes_write(_reviewed([fresh], DescriptionState.WITHDRAWN, actor, review))


def description_reopen(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Approved, rejected or withdrawn back to draft, as if nobody had reviewed it."""
    forgotten = {
        "reviewed_by_id": None,
        "reviewed_at": None,
        "rejection_reason": "",
        "edit_distance": None,
    }
    with _changed(description, *REOPENABLE) as fresh:
        changes_write(_reviewed([fresh], DescriptionState.DRAFT, actor, review, **forgotten))


def description_bring_back(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Superseded back to draft: a draft that nobody reviewed and that another one replaced.

    Raises `TransitionRefused` also where another draft of the model waits in its place.
    """
    with _changed(description, DescriptionState.SUPERSEDED) as fresh:
        beside = Description.objects.filter(
            IN_MACHINE_WORDS,
            product=fresh.product_id,
            language=fresh.language,
            state=DescriptionState.DRAFT,
        )
        if fresh.reviewed_at is not None or beside.exists():
            raise TransitionRefused(
                _("Another draft waits in its place, or it was reviewed before.")
            )
        state, action = DescriptionState.DRAFT, DescriptionAction.REOPENED
        changes_write([text_moved(fresh, state, action, actor=actor, review=review)])


def _locked(description: Description, *allowed: DescriptionState) -> Description:
    """The row as it is now, locked. Raises `TransitionRefused` unless it is in an allowed state.

    The product's row is locked first, by every step alike: two steps on texts of one product come
    one after the other, and never wait for each other in a circle.
    """
    products_lock([description.product_id])
    rows = Description.objects.select_for_update(of=("self",)).select_related("product")
    fresh = rows.filter(pk=description.pk).first()
    if fresh is None:
        raise TransitionRefused(_("This description was deleted meanwhile."))
    if fresh.state not in allowed:
        raise TransitionRefused(
            _(
                "This description is %(state)s by now, so this step is not possible; it has to be "
                "%(allowed)s."
            )
            % {
                "state": fresh.get_state_display().lower(),
                "allowed": _(" or ").join(str(state.label).lower() for state in allowed),
            }
        )
    return fresh


@contextmanager
def _changed(description: Description, *allowed: DescriptionState) -> Iterator[Description]:
    """The row as `_locked` gives it, for one transaction; the caller's object is as it is then."""
    with transaction.atomic():
        fresh = _locked(description, *allowed)
        yield fresh
    for field in Description._meta.concrete_fields:
        setattr(description, field.attname, getattr(fresh, field.attname))


def _making_way(drafts: Sequence[Description]) -> list[Description]:
    """What is superseded once these drafts are approved, locked."""
    places = {(draft.product_id, draft.language) for draft in drafts}
    texts = Description.objects.filter(product__in={product for product, _language in places})
    approved = texts.filter(state=DescriptionState.APPROVED)
    untouched = texts.filter(IN_MACHINE_WORDS, state=DescriptionState.DRAFT)
    chosen = {draft.pk for draft in drafts}
    return [
        text
        for text in (approved | untouched).select_for_update().order_by("pk")
        if (text.product_id, text.language) in places and text.pk not in chosen
    ]


def _beside(description: Description) -> list[Description]:
    """The latest texts of the same product and language, from which a person may take words."""
    others = Description.objects.filter(
        product=description.product_id, language=description.language
    ).exclude(pk=description.pk)
    return list(others.order_by("-id")[:TEXTS_BESIDE])


def _reviewed(
    texts: Sequence[Description],
    state: DescriptionState,
    actor: User | None,
    review: ReviewAction | None,
    **values: Any,
) -> list[TextChange]:
    """A person's verdict on each; the verdict before it goes into the history."""
    verdict = {"reviewed_by_id": actor and actor.pk, "reviewed_at": timezone.now(), **values}
    reason = {name: values[name] for name in ("rejection_reason",) if values.get(name)}
    changes = []
    for text in texts:
        event = DescriptionEvent(
            description=text,
            action=VERDICTS[state],
            actor=actor,
            review=review,
            before={"state": text.state, **verdict_of(text)},
            after={"state": state.value, **reason},
        )
        own = {"edit_distance": edit_distance(text)} if state == DescriptionState.APPROVED else {}
        changes.append(TextChange(text, {"state": state, **verdict, **own}, event))
    return changes


def _edited(
    text: Description,
    former: Description,
    actor: User | None,
    texts: Mapping[str, str],
    review: ReviewAction | None,
) -> DescriptionEvent:
    return DescriptionEvent(
        description=text,
        action=DescriptionAction.EDITED,
        actor=actor,
        review=review,
        before={field: getattr(former, field) for field in texts},
        after=dict(texts),
    )
