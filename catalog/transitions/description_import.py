"""The state changes of descriptions that an import makes, for many products at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState
from catalog.models import Description, DescriptionEvent


@dataclass(frozen=True, slots=True)
class ImportedText:
    """The texts of one product. `former_id` is the approved text that they take the place of."""

    product_id: int
    texts: Mapping[str, str]
    former_id: int | None = None


def descriptions_import(
    *,
    texts: Sequence[ImportedText],
    state: DescriptionState,
    language: str,
    actor: AbstractBaseUser | None,
) -> list[Description]:
    """Write human texts as drafts or as approved ones, which supersede those before them.

    In the order of `texts`. Called in a transaction that holds the products' rows.
    """
    approved = state == DescriptionState.APPROVED
    now = timezone.now()
    former = [text.former_id for text in texts if text.former_id is not None] if approved else []
    Description.objects.filter(pk__in=former).update(
        state=DescriptionState.SUPERSEDED, updated_at=now
    )
    rows = rows_insert(
        Description,
        (
            Description(
                product_id=text.product_id,
                language=language,
                state=state,
                created_by_id=actor.pk if actor else None,
                reviewed_by_id=actor.pk if actor and approved else None,
                reviewed_at=now if approved else None,
                **text.texts,
            )
            for text in texts
        ),
    )
    events = [_event(pk, DescriptionAction.SUPERSEDED, actor, "approved") for pk in former]
    for row, text in zip(rows, texts, strict=True):
        written = _event(row.pk, DescriptionAction.WRITTEN, actor)
        written.after = {**text.texts, **({"state": state.value} if approved else {})}
        events.append(written)
    rows_insert(DescriptionEvent, events)
    return rows


def description_import_undo(
    *, description_id: int, former_id: int | None, texts: Mapping[str, str]
) -> bool:
    """Take an imported text away, and bring back the approved one that it superseded.

    False, and nothing changes, where somebody edited or reviewed it since. Called in a transaction
    that holds the product's row.
    """
    rows = Description.objects.filter(
        pk=description_id, state__in=(DescriptionState.DRAFT, DescriptionState.APPROVED), **texts
    )
    found = rows.select_for_update().first()
    reviewed = DescriptionEvent.objects.filter(description=description_id).exclude(
        action__in=(DescriptionAction.WRITTEN, DescriptionAction.APPROVED)
    )
    if found is None or reviewed.exists():
        return False
    draft = found.state == DescriptionState.DRAFT
    if draft and found.reviewed_at is not None:
        return False
    _move(found.pk, DescriptionState.REJECTED if draft else DescriptionState.WITHDRAWN, found.state)
    if former_id is not None:
        held = Description.objects.filter(
            ~Q(state=DescriptionState.APPROVED), pk=former_id, state=DescriptionState.SUPERSEDED
        )
        if held.exists():
            _move(former_id, DescriptionState.APPROVED, DescriptionState.SUPERSEDED)
    return True


_ACTIONS = {
    DescriptionState.REJECTED: DescriptionAction.REJECTED,
    DescriptionState.WITHDRAWN: DescriptionAction.WITHDRAWN,
    DescriptionState.APPROVED: DescriptionAction.APPROVED,
}


def _move(pk: int, state: DescriptionState, before: str) -> None:
    rows = Description.objects.filter(pk=pk)
    rows.update(state=state, updated_at=timezone.now())
    _event(pk, _ACTIONS[state], None, before, state).save()


def _event(
    description_id: int,
    action: DescriptionAction,
    actor: AbstractBaseUser | None,
    before: str = "",
    after: str = "",
) -> DescriptionEvent:
    after = after or action.value
    return DescriptionEvent(
        description_id=description_id,
        action=action,
        actor_id=actor.pk if actor else None,
        before={"state": before} if before else {},
        after={"state": after} if before else {},
    )
