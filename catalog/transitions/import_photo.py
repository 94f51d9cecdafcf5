"""The named state changes of an import's photos.

waiting -> leased -> stored | known | faulty;  leased -> waiting (again later);
waiting, leased -> cancelled;  waiting -> faulty where no photo of its host can be fetched
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from catalog.choices import OPEN_PHOTO_STATES, ImportPhotoState, ImportState
from catalog.exceptions import LeaseLost
from catalog.leasing import UNLEASED, LeaseQuerySet, change_state, deadline
from catalog.models import ImportPhoto, ProductImage, ProductImport

#: Photos fetched from one host at a time, by all workers together.
FETCHES_A_HOST = 2


def photos_due() -> LeaseQuerySet[ImportPhoto]:
    """Photos that a worker may take."""
    return ImportPhoto.objects.due().filter(
        due_at__lte=timezone.now(), product_import__state=ImportState.PHOTOS
    )


def import_photos_lease(
    *, limit: int, seconds: float, only: int | None = None
) -> tuple[UUID, list[ImportPhoto]]:
    """Take up to `limit` photos that are due (of import `only`), at most two a host."""
    token = uuid4()
    with transaction.atomic():
        due = photos_due() if only is None else photos_due().filter(product_import=only)
        busy = (
            ImportPhoto.objects.filter(~Q(host=""), state=ImportPhotoState.LEASED)
            .values("host")
            .annotate(count=Count("pk"))
            .filter(count__gte=FETCHES_A_HOST)
            .values_list("host", flat=True)
        )
        rows = due.exclude(host__in=list(busy)).order_by("product_import", "row__number", "number")
        found = rows.select_for_update(skip_locked=True, of=("self",))[: limit * 4]
        chosen = ImportPhoto.objects.filter(pk__in=_polite(found, limit))
        chosen.take(token=token, until=deadline(seconds))
    held = ImportPhoto.objects.filter(lease_token=token).select_related("row", "product_import")
    return token, list(held.order_by("row__number", "number"))


def _polite(photos: QuerySet[ImportPhoto], limit: int) -> list[int]:
    """The keys of the first photos, with at most `FETCHES_A_HOST` of each host."""
    hosts: Counter[str] = Counter()
    chosen = []
    for photo in photos:
        hosts[photo.host] += 1
        if not photo.host or hosts[photo.host] <= FETCHES_A_HOST:
            chosen.append(photo.pk)
    return chosen[:limit]


def import_photo_know(
    *, photo: ImportPhoto, token: UUID, image: ProductImage, source_sha256: str
) -> None:
    """Leased to known: the product had the photo. Raises `LeaseLost`."""
    ends = {"image": image, "source_sha256": source_sha256, "reason": ""}
    _end(photo, token, ImportPhotoState.KNOWN, **ends)


def import_photos_store(
    *, token: UUID, stored: Sequence[ImportPhoto], known: Sequence[ImportPhoto]
) -> None:
    """Leased to stored or known, each with its image and digest set. Raises `LeaseLost`."""
    photos = [*stored, *known]
    held = ImportPhoto.objects.held(token).filter(pk__in=[photo.pk for photo in photos])
    if len(held.order_by("pk").select_for_update().values_list("pk")) < len(photos):
        raise LeaseLost(f"Some of {len(photos)} photos are no longer this worker's.")
    # A bulk update costs a case for each row and column, so what all have in common is not in it.
    ImportPhoto.objects.bulk_update(photos, ["image", "source_sha256"])
    for state, group in ((ImportPhotoState.STORED, stored), (ImportPhotoState.KNOWN, known)):
        ImportPhoto.objects.filter(pk__in=[photo.pk for photo in group]).end(state, reason="")
        for photo in group:
            photo.state, photo.reason = state, ""
            photo.lease_token = photo.lease_until = None


def import_photo_refuse(*, photo: ImportPhoto, token: UUID, reason: str) -> None:
    """Leased to faulty. Raises `LeaseLost`."""
    _end(photo, token, ImportPhotoState.FAULTY, reason=reason)


def import_host_refuse(*, photo: ImportPhoto, token: UUID, reason: str) -> None:
    """Leased to faulty, and with it waiting to faulty for its host's photos in this import.

    Raises `LeaseLost`.
    """
    with transaction.atomic():
        _end(photo, token, ImportPhotoState.FAULTY, reason=reason)
        others = ImportPhoto.objects.filter(product_import=photo.product_import, host=photo.host)
        change_state(others, ImportPhotoState.WAITING, to=ImportPhotoState.FAULTY, reason=reason)


def import_photo_retry(
    *, photo: ImportPhoto, token: UUID, due_at: datetime, reason: str, whole_host: bool
) -> None:
    """Leased to waiting; with `whole_host` all photos of its host wait as long."""
    _end(photo, token, ImportPhotoState.WAITING, due_at=due_at, reason=reason)
    if whole_host:
        waiting = ImportPhoto.objects.filter(
            host=photo.host, state=ImportPhotoState.WAITING, due_at__lt=due_at
        )
        waiting.update(due_at=due_at, reason=reason)


def import_photos_renew(*, tokens: Sequence[UUID], seconds: float) -> None:
    """Give the leases their whole time again, for what they still hold."""
    ImportPhoto.objects.held(*tokens).renew(until=deadline(seconds))


def import_photos_release(*, token: UUID) -> int:
    """Hand back what the token still holds, as if it had not been taken."""
    return ImportPhoto.objects.held(token).release()


def import_photos_expire(*, now: datetime) -> int:
    """End leases past their deadline; a photo that ended five workers is given up."""
    return sum(ImportPhoto.objects.lapsed(now).expire(give_up=_give_up, due_at=now))


def import_photos_cancel(*, product_import: ProductImport) -> int:
    """End all photos that were not read yet."""
    photos = ImportPhoto.objects.filter(product_import=product_import)
    return change_state(photos, *OPEN_PHOTO_STATES, to=ImportPhotoState.CANCELLED, **UNLEASED)


def _give_up(photos: LeaseQuerySet[ImportPhoto]) -> int:
    ended = photos.policy.attempts
    return photos.end(
        ImportPhotoState.FAULTY, reason=f"The worker ended {ended} times while it had this photo."
    )


def _end(photo: ImportPhoto, token: UUID, state: ImportPhotoState, **values: Any) -> None:
    if not ImportPhoto.objects.held(token).filter(pk=photo.pk).end(state, **values):
        raise LeaseLost(f"Photo {photo.pk} is no longer this worker's.")
