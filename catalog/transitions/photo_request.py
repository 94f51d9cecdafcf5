"""The named state changes of a photo request. Each is one UPDATE guarded by the former state."""

from typing import Any
from uuid import UUID

from catalog.exceptions import LeaseLost
from catalog.models import PhotoRequest, PhotoRequestState


def photo_request_lease(*, key: UUID) -> bool:
    """Queued to leased; False when another worker was quicker, or nobody waits any more."""
    return _change(key, PhotoRequestState.QUEUED, state=PhotoRequestState.LEASED)


def photo_request_finish(*, key: UUID, answer: dict[str, Any]) -> None:
    """Leased to done. Raises `LeaseLost` when nobody waits any more: the row is gone."""
    if not _change(
        key, PhotoRequestState.LEASED, state=PhotoRequestState.DONE, answer=answer, photo=b""
    ):
        raise LeaseLost(f"Photo request {key} is gone.")


def photo_request_fail(*, key: UUID, reason: str) -> None:
    """Leased to failed, for a reason that may be told. Raises `LeaseLost` likewise."""
    answer = {"reason": reason}
    if not _change(
        key, PhotoRequestState.LEASED, state=PhotoRequestState.FAILED, answer=answer, photo=b""
    ):
        raise LeaseLost(f"Photo request {key} is gone.")


def _change(key: UUID, former: PhotoRequestState, **values: Any) -> bool:
    return PhotoRequest.objects.filter(pk=key, state=former).update(**values) == 1
