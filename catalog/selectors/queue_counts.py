"""How many drafts a queue holds, and what each choice of a filter would show.

Read from an index of the drafts alone. Of a long queue that is still work, and a number that is a
minute old serves as well: each web process keeps those that it was asked for last.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from django.db.models import Count

from catalog.selectors.review_queue import ReviewQueue, drafts_in

#: Drafts up to which every look counts anew.
COUNTED_ANEW = 20_000
KEPT_SECONDS = 60.0
KEPT_QUEUES = 50


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Drafts of a queue: in all, and by the id of category, job and model version.

    Each of the three counts what its filter would show, the others being as they are.
    """

    total: int
    categories: dict[int | None, int]
    jobs: dict[int | None, int]
    model_versions: dict[int | None, int]


_kept: OrderedDict[ReviewQueue, tuple[float, QueueCounts]] = OrderedDict()


def queue_counts(queue: ReviewQueue) -> QueueCounts:
    """The counts beside the filters, in four queries whatever the size; of a long queue as they
    were up to a minute ago.
    """
    total = drafts_in(queue)[: COUNTED_ANEW + 1].count()
    if total <= COUNTED_ANEW:
        return _counted(queue, total)
    known = _kept.get(queue)
    if known is not None and time.monotonic() - known[0] < KEPT_SECONDS:
        return known[1]
    counts = _counted(queue, drafts_in(queue).count())
    _kept[queue] = time.monotonic(), counts
    _kept.move_to_end(queue)
    if len(_kept) > KEPT_QUEUES:
        _kept.popitem(last=False)
    return counts


def _counted(queue: ReviewQueue, total: int) -> QueueCounts:
    def by(column: str, wider: ReviewQueue) -> dict[int | None, int]:
        rows = drafts_in(wider).values_list(column)
        return dict(rows.annotate(drafts=Count("*")).order_by("-drafts"))

    return QueueCounts(
        total=total,
        categories=by("product__category", replace(queue, category=None)),
        jobs=by("job_item__job", replace(queue, job=None)),
        model_versions=by("model_version", replace(queue, model_version=None)),
    )
