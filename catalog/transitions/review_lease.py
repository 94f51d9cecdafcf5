"""Gives a draft to one reviewer for a short time, so that each has another one before them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Description, ReviewLease
from catalog.selectors.review_queue import drafts_free_for

#: A page that is open and in use asks for more in time; what somebody walked away from is free
#: after this.
LEASE = timedelta(minutes=5)
#: How often a rival may be quicker before we take no draft at all.
TRIES = 5


def review_lease_take(
    *, candidates: Iterable[QuerySet[Description]], reviewer: AbstractBaseUser
) -> Description | None:
    """The first draft that nobody else has, now the reviewer's; None where all are taken.

    `candidates` are ordered querysets, asked in turn. A reviewer's own draft is given again.
    """
    for drafts in candidates:
        for _ in range(TRIES):
            with transaction.atomic():
                # PostgreSQL passes over what a rival is taking in this moment; with SQLite the
                # rival has to wait until we are done.
                free = drafts_free_for(drafts, reviewer=reviewer).select_for_update(
                    of=("self",), skip_locked=True, no_key=True
                )
                draft = free.first()
                if draft is None:
                    break
                if _take(draft, reviewer):
                    return draft
    return None


def review_lease_open(*, description: Description, reviewer: AbstractBaseUser) -> ReviewLease:
    """Take a draft that was opened by its address; the lease, another's where they have it."""
    with transaction.atomic():
        Description.objects.select_for_update(no_key=True).filter(pk=description.pk).first()
        _take(description, reviewer)
        return ReviewLease.objects.select_related("reviewer").get(description=description)


def review_lease_renew(*, description_id: int, reviewer: AbstractBaseUser) -> bool:
    """Hold it longer; False where it is not the reviewer's any more."""
    held = ReviewLease.objects.filter(description=description_id, reviewer=reviewer)
    return held.update(until=timezone.now() + LEASE) == 1


def review_lease_end(
    *, description_ids: Iterable[int], reviewer: AbstractBaseUser
) -> datetime | None:
    """Give drafts back; since when the reviewer had the first of them, None if they had none."""
    held = ReviewLease.objects.filter(description__in=description_ids, reviewer=reviewer)
    taken_at = held.order_by("taken_at").values_list("taken_at", flat=True).first()
    if taken_at is not None:
        held.delete()
    return taken_at


def _take(draft: Description, reviewer: AbstractBaseUser) -> bool:
    """Called with the draft's row locked: whoever had the lock before has written their lease."""
    now = timezone.now()
    lease = ReviewLease.objects.filter(description=draft).first()
    if lease is not None and lease.reviewer_id != reviewer.pk and lease.until > now:
        return False
    mine = lease is not None and lease.reviewer_id == reviewer.pk and lease.until > now
    ReviewLease(
        description=draft,
        reviewer_id=reviewer.pk,
        taken_at=lease.taken_at if lease is not None and mine else now,
        until=now + LEASE,
    ).save(force_insert=lease is None, force_update=lease is not None)
    return True
