"""The named state changes of a description, each with its entry in the history.

Each reads the row under a lock (SQLite holds its one write lock instead) and refuses, changing
nothing, when the row is not in a state from which the step is allowed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.authorship import authorship_after
from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState
from catalog.edit_distance import edit_distance
from catalog.exceptions import TransitionRefused
from catalog.models import (
    Description,
    DescriptionEvent,
    Product,
    ReviewAction,
    WebhookEventType,
)
from catalog.selectors.descriptions import IN_MACHINE_WORDS
from catalog.transitions.webhook import event_record

REVISABLE = tuple(state for state in DescriptionState if state != DescriptionState.DRAFT)
REOPENABLE = (DescriptionState.APPROVED, DescriptionState.REJECTED, DescriptionState.WITHDRAWN)
TEXT_FIELDS = ("standard", "alt_text", "detailed")
#: As many as the desk looks at for the alternatives that it offers.
TEXTS_BESIDE = 12


def drafts_create(*, drafts: Sequence[Description]) -> None:
    """Insert new drafts in a machine's words, which are kept beside the ones people will edit.

    They replace nothing. Raises `IntegrityError` for an empty text or a second draft of one item;
    then none is inserted.
    """
    for draft in drafts:
        for field in TEXT_FIELDS:
            setattr(draft, f"generated_{field}", getattr(draft, field))
    with transaction.atomic():
        rows_insert(Description, drafts)
        rows_insert(
            DescriptionEvent,
            (
                DescriptionEvent(
                    description_id=draft.pk,
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
        IN_MACHINE_WORDS,
        product__in=product_ids,
        language=language,
        state=DescriptionState.DRAFT,
    )
    found = set(untouched.values_list("product_id", flat=True))
    if not found:
        return 0
    products_lock(found)
    # Looked at again once locked: a person may have edited one in this moment.
    ids = list(untouched.select_for_update().order_by("pk").values_list("pk", flat=True))
    Description.objects.filter(pk__in=ids).update(
        state=DescriptionState.SUPERSEDED, updated_at=timezone.now()
    )
    rows_insert(
        DescriptionEvent,
        (
            DescriptionEvent(
                description_id=pk,
                action=DescriptionAction.SUPERSEDED,
                before={"state": DescriptionState.DRAFT.value},
                after={"state": DescriptionState.SUPERSEDED.value},
            )
            for pk in ids
        ),
    )
    return len(ids)


def description_write(
    *, product: Product, actor: User | None, language: str, texts: Mapping[str, str]
) -> Description:
    """A new draft in a person's words. `texts` are already checked."""
    with transaction.atomic():
        description = Description.objects.create(
            product=product, language=language, created_by=actor, **texts
        )
        _record(description, DescriptionAction.WRITTEN, actor, {}, texts)
    return description


def description_change_text(
    *,
    description: Description,
    actor: User | None,
    texts: Mapping[str, str],
    review: ReviewAction | None = None,
) -> None:
    """New words in a draft. `texts` are already checked; the same words record nothing."""
    with transaction.atomic():
        fresh = _locked(description, DescriptionState.DRAFT)
        before = {field: getattr(fresh, field) for field in texts}
        if before != texts:
            authorship = authorship_after(fresh, before, texts, others=_beside(fresh))
            _save(fresh, **texts, authorship=authorship)
            _record(fresh, DescriptionAction.EDITED, actor, before, texts, review=review)
    _take_over(description, fresh)


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
        before = {field: getattr(former, field) for field in texts}
        origin = {
            field: getattr(former, field)
            for field in (
                "product", "language", "image", "facts", "options", "model_version", "confidence",
                "generated_standard", "generated_alt_text", "generated_detailed", "numeric_mode",
                "fit",
            )
        }  # fmt: skip
        authorship = authorship_after(former, before, texts, others=_beside(former))
        draft = Description.objects.create(
            created_by=actor, authorship=authorship, **{**origin, **texts}
        )
        _record(draft, DescriptionAction.EDITED, actor, before, texts, review=review)
    return draft


def description_approve(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Draft to approved; the text approved before it, if any, is superseded with it or not at all.

    Two approvals for one product come one after the other.
    """
    with transaction.atomic():
        fresh = _locked(description, DescriptionState.DRAFT)
        approved = Description.objects.filter(
            product_id=fresh.product_id, language=fresh.language, state=DescriptionState.APPROVED
        )
        for former in approved:
            description_supersede(description=former, actor=actor, review=review)
        _change(
            fresh,
            DescriptionState.APPROVED,
            DescriptionAction.APPROVED,
            actor,
            review,
            edit_distance=edit_distance(fresh),
        )
        event_record(
            kind=WebhookEventType.DESCRIPTION_APPROVED,
            subject=fresh.product.sku,
            data={"sku": fresh.product.sku, "language": fresh.language},
        )
    _take_over(description, fresh)


def description_reject(
    *,
    description: Description,
    actor: User | None,
    reason: str = "",
    review: ReviewAction | None = None,
) -> None:
    """Draft to rejected. `reason` is what is wrong with the text, in up to 200 characters."""
    with transaction.atomic():
        fresh = _locked(description, DescriptionState.DRAFT)
        _change(
            fresh,
            DescriptionState.REJECTED,
            DescriptionAction.REJECTED,
            actor,
            review,
            rejection_reason=reason,
        )
    _take_over(description, fresh)


def description_supersede(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Draft or approved to superseded: another took its place. Its reviewer stays on record."""
    with transaction.atomic():
        fresh = _locked(description, DescriptionState.DRAFT, DescriptionState.APPROVED)
        before = {"state": fresh.state}
        _save(fresh, state=DescriptionState.SUPERSEDED)
        after = {"state": fresh.state}
        _record(fresh, DescriptionAction.SUPERSEDED, actor, before, after, review=review)
    _take_over(description, fresh)


def description_withdraw(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Approved to withdrawn: storefronts show no text until another is approved."""
    with transaction.atomic():
        fresh = _locked(description, DescriptionState.APPROVED)
        _change(fresh, DescriptionState.WITHDRAWN, DescriptionAction.WITHDRAWN, actor, review)
    _take_over(description, fresh)


def description_reopen(
    *, description: Description, actor: User | None, review: ReviewAction | None = None
) -> None:
    """Approved, rejected or withdrawn back to draft, as if nobody had reviewed it."""
    with transaction.atomic():
        fresh = _locked(description, *REOPENABLE)
        _change(
            fresh,
            DescriptionState.DRAFT,
            DescriptionAction.REOPENED,
            actor,
            review,
            reviewed_by=None,
            reviewed_at=None,
            rejection_reason="",
            edit_distance=None,
        )
    _take_over(description, fresh)


def _beside(description: Description) -> list[Description]:
    """The latest texts of the same product and language, of which a person may take words."""
    others = Description.objects.filter(
        product=description.product_id, language=description.language
    ).exclude(pk=description.pk)
    return list(others.order_by("-id")[:TEXTS_BESIDE])


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


def _take_over(description: Description, fresh: Description) -> None:
    """Give the caller's object what the row holds now, without asking for it again."""
    for field in Description._meta.concrete_fields:
        setattr(description, field.attname, getattr(fresh, field.attname))


def products_lock(product_ids: Iterable[int]) -> None:
    """In the order of their ids, as everybody does."""
    products = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids)
    list(products.order_by("pk").values_list("pk", flat=True))


def _change(
    fresh: Description,
    state: DescriptionState,
    action: DescriptionAction,
    actor: User | None,
    review: ReviewAction | None,
    **values: Any,
) -> None:
    """Set state, reviewer and time, and record both sides of the change."""
    before = {"state": fresh.state, **verdict_of(fresh)}
    after = {"state": state.value}
    shown = DescriptionState.APPROVED in (fresh.state, state)
    if values.get("rejection_reason"):
        after["rejection_reason"] = values["rejection_reason"]
    _save(fresh, state=state, **{"reviewed_by": actor, "reviewed_at": timezone.now(), **values})
    if shown:
        # What storefronts read has changed: they ask for products updated since their last visit.
        Product.objects.filter(pk=fresh.product_id).update(updated_at=timezone.now())
    _record(fresh, action, actor, before, after, review=review)


def verdict_of(description: Description) -> dict[str, Any]:
    """Who reviewed it, when, why it was rejected, how far it was edited, as far as that is so."""
    verdict = {
        "reviewed_by": description.reviewed_by_id,
        "reviewed_at": description.reviewed_at and description.reviewed_at.isoformat(),
        "rejection_reason": description.rejection_reason,
        "edit_distance": description.edit_distance,
    }
    return {name: value for name, value in verdict.items() if value not in (None, "")}


def _save(fresh: Description, **values: Any) -> None:
    for field, value in values.items():
        setattr(fresh, field, value)
    fresh.save(update_fields=[*values, "updated_at"])


def _record(
    description: Description,
    action: DescriptionAction,
    actor: User | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    review: ReviewAction | None = None,
) -> None:
    DescriptionEvent.objects.create(
        description=description,
        action=action,
        actor=actor,
        before=dict(before),
        after=dict(after),
        review=review,
    )
