"""Counts of a job's items by end state, kept as rows that are only ever added.

Whoever changes items adds their tally in the same transaction, so sums and items always agree.
"""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from catalog.choices import JobItemState
from catalog.models import DescriptionJobTally

#: Rows of one job that are left as they are: folding fewer is not worth a write.
FEW_ROWS = 64


def tally_add(*, job_id: int, state: JobItemState, count: int, reason: str = "") -> None:
    """Note that `count` items came into `state`, or left it where that is negative."""
    if count:
        DescriptionJobTally.objects.create(
            job_id=job_id, state=state, reason=reason, count=count, at=timezone.now()
        )


def tallies_fold(*, before: datetime) -> int:
    """Replace a job's many rows from before a time by one a (state, reason); returns how many.

    Sums stay as they are. Two folds at once take different rows.
    """
    old = DescriptionJobTally.objects.filter(at__lt=before)
    many = old.values("job").annotate(rows=Count("pk")).filter(rows__gt=FEW_ROWS).order_by("job")
    return sum(_fold_job(job_id, before) for job_id in many.values_list("job", flat=True))


def _fold_job(job_id: int, before: datetime) -> int:
    with transaction.atomic():
        rows = DescriptionJobTally.objects.select_for_update(skip_locked=True).filter(
            job=job_id, at__lt=before
        )
        sums: Counter[tuple[str, str]] = Counter()
        found = list(rows)
        for row in found:
            sums[row.state, row.reason] += row.count
        DescriptionJobTally.objects.filter(pk__in=[row.pk for row in found]).delete()
        DescriptionJobTally.objects.bulk_create(
            DescriptionJobTally(job_id=job_id, state=state, reason=reason, count=count, at=before)
            for (state, reason), count in sums.items()
            if count
        )
    return len(found)
