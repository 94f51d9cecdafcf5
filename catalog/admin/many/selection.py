"""Which drafts were chosen and which of them have to be looked at, signed from page to page.

Signed, because a sample that the browser could choose would be none.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.exceptions import DescriptionRefused
from catalog.models import Description
from catalog.selectors.review_queue import ReviewQueue, drafts_free_for, drafts_in, drafts_ordered

#: Drafts judged by one press. More would hold the database, and a reviewer's attention, too long.
MOST = 2_000
#: Drafts that must have been looked at, or all where fewer were chosen.
SAMPLE = 10
_SALT = "catalog.admin.many"
_LASTS = 3_600  # seconds


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids chosen, those of the sample, and the time of the choice."""

    ids: list[int]
    sample: list[int]
    at: datetime

    def signed(self, user: AbstractBaseUser) -> str:
        """As a form carries it; of use to this user alone."""
        content = {
            "user": user.pk,
            "ids": self.ids,
            "sample": self.sample,
            "at": self.at.isoformat(),
        }
        return signing.dumps(content, salt=_SALT, compress=True)


def selection_made(data: QueryDict, queue: ReviewQueue, user: AbstractBaseUser) -> Selection:
    """What the grid was sent with: ticked drafts, or all that match the queue, up to `MOST`.

    Drafts that others have before them are left out. Raises `DescriptionRefused` where none is
    left.
    """
    if "all" in data:
        drafts = drafts_ordered(queue)
    else:
        drafts = drafts_in(queue).filter(pk__in=_numbers(data.getlist("ids"))).order_by("pk")
    return selection_of(drafts, user)


def selection_of(drafts: QuerySet[Description], user: AbstractBaseUser) -> Selection:
    """The same of drafts that were found otherwise, in their order."""
    free = drafts_free_for(drafts, reviewer=user)
    ids = list(free.values_list("pk", flat=True)[:MOST])
    if not ids:
        raise DescriptionRefused(_("Choose at least one draft that nobody else has before them."))
    sample = random.sample(ids, min(SAMPLE, len(ids)))
    return Selection(ids=ids, sample=sample, at=timezone.now())


def selection_read(token: str, user: AbstractBaseUser) -> Selection:
    """The selection of a form. Raises `DescriptionRefused` for a forged or an old one."""
    try:
        content: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature as error:  # an expired one is one too
        raise DescriptionRefused(
            _("This choice is more than an hour old: choose again.")
        ) from error
    if content["user"] != user.pk:
        raise DescriptionRefused(_("Somebody else made this choice: choose again."))
    return Selection(content["ids"], content["sample"], datetime.fromisoformat(content["at"]))


def numbers_of(texts: Sequence[str]) -> set[int]:
    """The whole numbers among texts of a form."""
    return set(_numbers(texts))


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
