"""Lets a client repeat a request without doing its work twice."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.exceptions import CatalogError
from catalog.models import IdempotentRequest

#: How long an answer is kept.
KEPT = timedelta(hours=24)
#: After this long a first request that has no answer died on the way: the next one takes its place.
ABANDONED = timedelta(seconds=60)


class KeyReused(CatalogError):
    """The key belongs to another request; nothing was done."""


class StillAtWork(CatalogError):
    """The first request with this key has not been answered yet; nothing was done."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    headers: dict[str, str]
    body: bytes


def request_begin(*, owner: str, key: str, fingerprint: str) -> KeptAnswer | None:
    """None: do the work, then call `request_finish` or `request_forget`; else the answer to give.

    Raises `KeyReused` and `StillAtWork`.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            IdempotentRequest.objects.create(
                owner=owner, key=key, fingerprint=fingerprint, created_at=now
            )
        return None
    except IntegrityError:
        known = IdempotentRequest.objects.filter(owner=owner, key=key)
        first = known.first()
    over = ABANDONED if first is not None and first.status is None else KEPT
    if first is None or first.created_at < now - over:
        # Of two that find it so at once, the condition lets one go on.
        taken = known.filter(created_at=first.created_at if first else now).update(
            created_at=now, fingerprint=fingerprint, status=None, headers={}, body=b""
        )
        if taken:
            return None
        raise StillAtWork("The same request is at work.")
    if first.fingerprint != fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request in the last 24 hours.")
    if first.status is None:
        raise StillAtWork("The same request is at work.")
    return KeptAnswer(first.status, first.headers, bytes(first.body))


def request_finish(*, owner: str, key: str, answer: KeptAnswer) -> None:
    """Keep the answer; in the transaction of the work, where that has one."""
    IdempotentRequest.objects.filter(owner=owner, key=key).update(
        status=answer.status, headers=answer.headers, body=answer.body
    )


def request_forget(*, owner: str, key: str) -> None:
    """Nothing was done, so the request may be repeated with the same key."""
    IdempotentRequest.objects.filter(owner=owner, key=key, status=None).delete()
