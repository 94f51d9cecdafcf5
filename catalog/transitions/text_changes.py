"""How texts change: rows, histories and what storefronts hear, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState
from catalog.claims import claim_columns
from catalog.models import Description, DescriptionEvent, Product, ReviewAction
from catalog.models.description import TEXT_FIELDS


@dataclass(frozen=True, slots=True)
class TextChange:
    """What a text becomes: new values of its columns, and the entry of its history."""

    text: Description
    values: Mapping[str, Any]
    event: DescriptionEvent


def changes_write(changes: Sequence[TextChange], *, touch_products: bool = True) -> None:
    """Write changes of locked texts to rows, objects and histories.

    New words are held against the brief.

    Products whose shown text changes get a new `updated_at`, unless `touch_products` is false.

    Texts that get the same values are one statement. Texts that storefronts begin to show come
    last: of a product and language they show one at a time. Called in a transaction.
    """
    now = timezone.now()
    changes = [_held_against_brief(change) for change in changes]
    shown = {
        change.text.product_id
        for change in changes
        if "state" in change.values
        and DescriptionState.APPROVED in (change.text.state, change.values["state"])
    }
    for approves in (False, True):
        groups: defaultdict[str, list[TextChange]] = defaultdict(list)
        for change in changes:
            if (change.values.get("state") == DescriptionState.APPROVED) == approves:
                groups[repr(sorted(change.values.items()))].append(change)
        for group in groups.values():
            rows = Description.objects.filter(pk__in=[change.text.pk for change in group])
            rows.update(**group[0].values, updated_at=now)
    for change in changes:
        for name, value in {**change.values, "updated_at": now}.items():
            setattr(change.text, name, value)
    rows_insert(DescriptionEvent, (change.event for change in changes))
    if shown and touch_products:  # storefronts ask for products updated since their last visit
        Product.objects.filter(pk__in=shown).update(updated_at=now)


def _held_against_brief(change: TextChange) -> TextChange:
    if change.values.keys().isdisjoint(TEXT_FIELDS):
        return change
    columns = claim_columns(change.text, change.values)
    return replace(change, values={**change.values, **columns})


def text_moved(
    text: Description,
    state: DescriptionState,
    action: DescriptionAction,
    *,
    actor: User | None = None,
    review: ReviewAction | None = None,
) -> TextChange:
    """The state alone changes: what was said in the last review stays on record."""
    event = DescriptionEvent(
        description=text,
        action=action,
        actor=actor,
        review=review,
        before={"state": text.state},
        after={"state": state.value},
    )
    return TextChange(text, {"state": state}, event)


#: Another text takes its place.
text_superseded = partial(
    text_moved, state=DescriptionState.SUPERSEDED, action=DescriptionAction.SUPERSEDED
)


def products_lock(product_ids: Iterable[int]) -> None:
    """Lock products in the order of their ids, as everybody does."""
    products = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids)
    list(products.order_by("pk").values_list("pk", flat=True))


def verdict_of(description: Description) -> dict[str, Any]:
    """Who reviewed it, when, why it was rejected, how far it was edited: what is not empty."""
    verdict = {
        "reviewed_by": description.reviewed_by_id,
        "reviewed_at": description.reviewed_at and description.reviewed_at.isoformat(),
        "rejection_reason": description.rejection_reason,
        "edit_distance": description.edit_distance,
    }
    return {name: value for name, value in verdict.items() if value not in (None, "")}
