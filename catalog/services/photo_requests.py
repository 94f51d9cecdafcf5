"""A photo that belongs to no product: described while somebody waits, then forgotten."""

import time
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import BinaryIO
from uuid import UUID

from django.utils import timezone

from catalog import wakeups
from catalog.exceptions import CatalogError
from catalog.models import PhotoRequest, PhotoRequestState
from catalog.photos import photo_shrunk

#: Seconds that somebody waits.
WAIT = 5.0
#: Seconds between two looks at the row.
_LOOK_EVERY = 0.05
#: How long a row may live whose asker was lost; the usual life is that of the request.
LIFE = timedelta(minutes=30)
#: Of a web process's threads, so many may wait at a time: the others serve what is quick.
_waiting = BoundedSemaphore(2)


class NobodyFree(CatalogError):
    """No worker answered in time, or too many wait already; nothing is left of the photo."""


@dataclass(frozen=True, slots=True)
class PhotoText:
    """What the model says about the photo; `confidence` is a probability, 0 to 1.

    Where no item is recognised, the texts are empty and `reason` is a sentence.
    """

    standard: str
    alt_text: str
    detailed: str
    page_title: str
    #: Points, in order.
    bullets: list[str]
    meta_title: str
    meta_description: str
    confidence: float | None
    model_version: str
    recognised: bool
    reason: str


def photo_describe(*, upload: BinaryIO, name: str, facts: str = "") -> PhotoText:
    """Have a photo described now, within `WAIT` seconds. It is stored for as long as this takes.

    The text is conditioned on `facts`. Raises `PhotoRefused` for what is no photo
    and `NobodyFree` when there is no answer in time.
    """
    if not _waiting.acquire(blocking=False):
        raise NobodyFree("Others are waiting already.")
    try:
        photo = photo_shrunk(upload, name=name)
        row = PhotoRequest.objects.create(
            photo=photo, facts=facts, expires_at=timezone.now() + LIFE
        )
        try:
            wakeups.wake_photo_requests()
            return _wait(row.pk)
        finally:
            PhotoRequest.objects.filter(pk=row.pk).delete()
    finally:
        _waiting.release()


def _wait(key: UUID) -> PhotoText:
    deadline = time.monotonic() + WAIT
    while True:
        state, answer = PhotoRequest.objects.values_list("state", "answer").get(pk=key)
        if state == PhotoRequestState.DONE:
            return PhotoText(**answer)
        if state == PhotoRequestState.FAILED:
            raise NobodyFree(answer["reason"])
        if time.monotonic() > deadline:
            raise NobodyFree(
                f"No worker had an answer within {WAIT:g} seconds. "
                "One that has just started is still loading the model."
            )
        time.sleep(_LOOK_EVERY)
