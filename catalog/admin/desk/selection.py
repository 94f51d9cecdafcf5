"""Which drafts were chosen, and the sample to look at, as a signed value from page to page.

It is signed so that the browser cannot choose the sample.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.admin.desk.queue_page import query_of
from catalog.exceptions import DescriptionRefused
from catalog.models import Description
from catalog.selectors.review_queue import ReviewQueue, drafts_free_for, drafts_in

#: Drafts judged while the reviewer waits; more would hold the database too long. A worker judges
#: a larger queue; of another choice only so many are taken.
MOST = 2_000
#: Drafts that the reviewer must look at; all, where fewer were chosen.
SAMPLE = 10
#: The query of the queue of all drafts; an empty query means that ids were chosen.
EVERYTHING = "order="
_SALT = "catalog.admin.many"
_LASTS = 3_600  # seconds


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids chosen, those of the sample, and the time of the choice.

    Of more than `MOST` drafts of a queue the `query` that makes the queue stands for the ids.
    """

    ids: list[int]
    sample: list[int]
    at: datetime
    count: int
    query: str = ""

    def signed(self, user: User) -> str:
        """The value for a form, valid for this user alone."""
        content = {**asdict(self), "at": self.at.isoformat(), "user": user.pk}
        return signing.dumps(content, salt=_SALT, compress=True)


def selection_made(data: QueryDict, queue: ReviewQueue, user: User) -> Selection:
    """The drafts that were ticked in the grid, or all that match the queue.

    Drafts that others are reviewing are left out. Raises `DescriptionRefused` where none is left.
    """
    if "all" in data:
        return selection_of(drafts_in(queue), user, query=query_of(queue), all_of_queue=True)
    return selection_of(drafts_in(queue).filter(pk__in=numbers_of(data.getlist("ids"))), user)


def selection_of(
    drafts: QuerySet[Description],
    user: User,
    *,
    query: str = "",
    all_of_queue: bool = False,
) -> Selection:
    """A selection of any drafts, up to `MOST` unless they are `all_of_queue`."""
    free = drafts_free_for(drafts, reviewer=user).order_by("pk").values_list("pk", flat=True)
    ids = list(free if all_of_queue else free[:MOST])
    if not ids:
        raise DescriptionRefused(_("Choose at least one draft that nobody else is reviewing."))
    sample = random.sample(ids, min(SAMPLE, len(ids)))
    at = timezone.now()
    if len(ids) > MOST:
        return Selection([], sample, at, count=len(ids), query=query or EVERYTHING)
    return Selection(ids, sample, at, count=len(ids))


def selection_read(token: str, user: User) -> Selection:
    """The selection of a form. Raises `DescriptionRefused` for a forged or an old one."""
    try:
        content: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature as error:  # expired ones too
        raise DescriptionRefused(
            _("This selection is more than an hour old. Choose again.")
        ) from error
    if content.pop("user") != user.pk:
        raise DescriptionRefused(_("Somebody else made this selection. Choose again."))
    return Selection(**{**content, "at": datetime.fromisoformat(content["at"])})


def numbers_of(texts: Sequence[str]) -> set[int]:
    """The whole numbers among texts of a form."""
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
