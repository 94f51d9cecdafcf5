"""Leases: a row belongs to one worker for a time, and only the holder of its token may write it.

A worker takes rows under a new token with a deadline, renews while it works, and ends or releases
them. Each of its writes has the token and a working state in its WHERE, so a worker whose lease
passed to another changes nothing. What is special to a table is its `LeasePolicy`, beside its
fields. Only `catalog.transitions` calls what is here.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.exceptions import LeaseLost, TransitionRefused

logger = logging.getLogger(__name__)

#: The columns of a lease, as a row has them that nobody holds.
UNLEASED: dict[str, None] = {"lease_token": None, "lease_until": None}


def change_state(
    rows: models.QuerySet[Any],
    *former: str,
    to: Any,
    otherwise: Exception | None = None,
    **values: Any,
) -> int:
    """Move those of `rows` that are in a former state to another; returns how many.

    One UPDATE with the former states in its WHERE: of two that act at once, one changes the row.
    The other gets 0, or `otherwise` is raised. `values` are written with the state.
    """
    changed = rows.filter(state__in=former).update(state=to, **values)
    if not changed and otherwise is not None:
        raise otherwise
    return changed


def row_change_state(
    row: models.Model,
    *former: str,
    to: Any,
    actor: AbstractBaseUser | None = None,
    only: Q | None = None,
    refusal: Callable[[str], str] | None = None,
    **values: Any,
) -> None:
    """`change_state` of one row, which is refreshed, for a person or the program.

    Raises `TransitionRefused` where the row is in another state or does not fulfil `only`;
    `refusal` makes the sentence of the name of its state.
    """
    rows = type(row)._default_manager.filter(only or Q(), pk=row.pk)
    changed = change_state(rows, *former, to=to, **values)
    row.refresh_from_db()
    state = row.get_state_display()  # type: ignore[attr-defined]  # each of these tables has one
    if not changed:
        raise TransitionRefused(
            refusal(state)
            if refusal
            else _("%(name)s is in the state “%(state)s”, so this step is not possible now.")
            % {"name": row, "state": state}
        )
    logger.info("%s is %s, by %s", row, row.state, actor or "the program")  # type: ignore[attr-defined]


def deadline(seconds: float) -> datetime:
    """The end of a lease that begins now."""
    return timezone.now() + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasePolicy:
    """What a table decides about its leases. States are values of its column `state`."""

    #: A row may be taken from these; from a working state once its lease is over.
    due: tuple[str, ...]
    #: The holder of the token writes in these.
    working: tuple[str, ...]
    #: What a taken row becomes, and what one becomes that is handed back; None: it stays as it is.
    taken: str | None = None
    released: str | None = None
    #: What a row becomes after so many leases that ended without a step forward.
    given_up: str
    attempts: int
    #: Who holds the rows, for messages.
    holder: str = "worker"


Row = TypeVar("Row", bound="LeasedRow")


class LeaseQuerySet(models.QuerySet[Row]):
    """Rows of a table with leases."""

    @property
    def policy(self) -> LeasePolicy:
        """The policy of the table."""
        return self.model.lease

    def due(self) -> Self:
        """Rows that a worker may take: in a due state, and not held."""
        rows = self.filter(state__in=self.policy.due)
        if set(self.policy.due).isdisjoint(self.policy.working):
            return rows
        return rows.filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def held(self, *tokens: UUID | None) -> Self:
        """Rows that the tokens hold; None holds nothing."""
        return self.filter(state__in=self.policy.working, lease_token__in=tokens)

    def lapsed(self, now: datetime) -> Self:
        """Rows whose lease ended before `now`: their worker died, or was too slow."""
        return self.filter(state__in=self.policy.working, lease_until__lt=now)

    def take(self, *, token: UUID, until: datetime, **values: Any) -> int:
        """Give the due rows to the holder of `token`; returns how many it got."""
        return self.due().update(
            **_state(self.policy.taken),
            lease_token=token,
            lease_until=until,
            attempts=F("attempts") + 1,
            **values,
        )

    def lock_first(self) -> Row | None:
        """The first due row, locked for this transaction; rows that a rival locked are skipped."""
        return self.due().select_for_update(skip_locked=True, of=("self",)).first()

    def renew(self, *, until: datetime, **values: Any) -> int:
        """Move the deadline of these held rows; returns how many."""
        return self.update(lease_until=until, **values)

    def release(self, **values: Any) -> int:
        """Hand these held rows back as if they had not been taken; returns how many."""
        return self._hand_back(**{"attempts": F("attempts") - 1, **values})

    def end(self, to: str, **values: Any) -> int:
        """Move these held rows to another state without a lease; returns how many."""
        return change_state(self, *self.policy.working, to=to, **UNLEASED, **values)

    def expire(self, *, give_up: Callable[[Self], int], **values: Any) -> tuple[int, int]:
        """End the leases of these rows, whose worker died; returns (released, given up).

        Rows that have had all their attempts go to `give_up`, which returns how many it ended; the
        others are handed back with `values`, and their attempt counts.
        """
        with transaction.atomic():
            given_up = give_up(self.filter(attempts__gte=self.policy.attempts))
            released = self._hand_back(**values)
        return released, given_up

    def _hand_back(self, **values: Any) -> int:
        return self.update(**_state(self.policy.released), **UNLEASED, **values)


class LeasedRow(models.Model):
    """A row that one worker at a time has. Its table names its own states, and a policy."""

    lease: ClassVar[LeasePolicy]

    state = models.CharField(max_length=12)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_worn_out(self) -> bool:
        """Whether it had all its attempts, and must be given up instead of taken."""
        return self.attempts >= self.lease.attempts

    def take(self, *, seconds: float, **values: Any) -> None:
        """Take this row, which the caller has locked, under a new token."""
        self._assign(
            **_state(self.lease.taken),
            lease_token=uuid4(),
            lease_until=deadline(seconds),
            attempts=self.attempts + 1,
            **values,
        )

    def give_up(self, message: str) -> None:
        """End this row, which the caller has locked, because it is worn out."""
        self._assign(
            state=self.lease.given_up, message=message, ended_at=timezone.now(), **UNLEASED
        )

    def update_held(self, **values: Any) -> None:
        """Write as the worker that holds this row, in the state in which it took it.

        Raises `LeaseLost`, and nothing is written, where the row is another's or has moved on.
        """
        rows = type(self).objects.held(self.lease_token).filter(pk=self.pk, state=self.state)
        if not rows.update(**{"state": self.state, **values}):  # no columns at all update no row
            raise LeaseLost(f"{self} is no longer this {self.lease.holder}'s.")

    def end_lease(self, to: str, **values: Any) -> None:
        """Move this held row to another state without a lease. Raises `LeaseLost`."""
        self.update_held(state=to, **UNLEASED, **values)

    def _assign(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))


def _state(state: str | None) -> dict[str, str]:
    return {} if state is None else {"state": state}
