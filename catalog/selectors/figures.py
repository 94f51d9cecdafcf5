"""What reviewing came to: by day, person and model version, and why drafts were rejected.

Figures follow what stands: a text whose review was undone is a draft again, and counts for nothing.
Only texts that a model wrote are counted. The database groups; what comes here is one row a group
and whole value, from which medians are read.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import accumulate
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, IntegerField, Q, QuerySet
from django.db.models.functions import Cast, Floor, TruncDate
from django.utils import timezone

from catalog.choices import DescriptionAction, DescriptionState
from catalog.models import Description, DescriptionEvent, ModelVersion


@dataclass(frozen=True, slots=True)
class FiguresChoice:
    """From `since` to `until`, both included; of one person or version where an id is given."""

    since: date
    until: date
    reviewer: int | None = None
    model_version: int | None = None


@dataclass(slots=True)
class Figures:
    """What some reviews came to. `distances` are of approved texts, in characters."""

    distances: Counter[int] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)
    rejected: int = 0

    @property
    def approved(self) -> int:
        return self.distances.total()

    @property
    def unchanged(self) -> int:
        return self.distances[0]

    @property
    def edited(self) -> int:
        return self.approved - self.unchanged

    @property
    def reviewed(self) -> int:
        return self.approved + self.rejected

    @property
    def unchanged_share(self) -> float | None:
        """Of all reviewed, 0 to 1: how often the machine was simply right."""
        return self.unchanged / self.reviewed if self.reviewed else None

    @property
    def median_distance(self) -> float | None:
        return _median(self.distances)

    @property
    def median_seconds(self) -> float | None:
        return _median(self.seconds)

    def add(self, other: "Figures") -> None:
        self.distances += other.distances
        self.seconds += other.seconds
        self.rejected += other.rejected


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """The figures of one day, person and model version."""

    day: date
    person: str
    version: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Reason:
    """How many texts of a version were rejected for a reason; empty where none was given."""

    version: str
    reason: str
    drafts: int


def figures_rows(choice: FiguresChoice) -> list[FiguresRow]:
    """The finest grouping, by day, person and version. Four queries."""
    found: defaultdict[tuple[date, int, int], Figures] = defaultdict(Figures)
    for row in _verdicts(choice):
        figures = found[row["day"], row["reviewed_by"], row["model_version"]]
        if row["state"] == DescriptionState.REJECTED:
            figures.rejected += row["texts"]
        else:
            figures.distances[row["edit_distance"]] += row["texts"]
    for row in _durations(choice):
        key = (row["day"], row["review__reviewer"], row["description__model_version"])
        found[key].seconds[row["whole_seconds"]] += row["texts"]
    users = get_user_model().objects.in_bulk({person for _, person, _ in found})
    versions = ModelVersion.objects.in_bulk({version for _, _, version in found})
    rows = [
        FiguresRow(day, str(users[person]), str(versions[version]), figures)
        for (day, person, version), figures in found.items()
    ]
    return sorted(rows, key=lambda row: (row.day, row.person, row.version))


def figures_by(rows: Iterable[FiguresRow], key: Callable[[FiguresRow], Any]) -> dict[Any, Figures]:
    """The rows added up by what `key` says of each, in the order of the keys."""
    found: defaultdict[Any, Figures] = defaultdict(Figures)
    for row in rows:
        found[key(row)].add(row.figures)
    return dict(sorted(found.items()))


def rejection_reasons(choice: FiguresChoice) -> list[Reason]:
    """Why texts of each version were rejected, the most frequent first. One query."""
    rows = (
        _reviewed(choice)
        .filter(state=DescriptionState.REJECTED)
        .values("model_version__name", "rejection_reason")
        .annotate(texts=Count("*"))
        .order_by("model_version__name", "-texts", "rejection_reason")
    )
    return [
        Reason(row["model_version__name"], row["rejection_reason"], row["texts"]) for row in rows
    ]


def _verdicts(choice: FiguresChoice) -> QuerySet[Description, dict[str, Any]]:
    # Another text has taken the place of a superseded one since.
    states = (DescriptionState.APPROVED, DescriptionState.SUPERSEDED)
    approved = Q(state__in=states, edit_distance__isnull=False)
    return (
        _reviewed(choice)
        .filter(approved | Q(state=DescriptionState.REJECTED))
        .annotate(day=TruncDate("reviewed_at"))
        .values("day", "reviewed_by", "model_version", "state", "edit_distance")
        .annotate(texts=Count("*"))
        .order_by()
    )


def _durations(choice: FiguresChoice) -> QuerySet[DescriptionEvent, dict[str, Any]]:
    """Of steps over one text alone, which are not undone: only those have a time."""
    wanted = {
        "review__reviewer": choice.reviewer,
        "description__model_version": choice.model_version,
    }
    return (
        DescriptionEvent.objects.filter(
            action__in=(DescriptionAction.APPROVED, DescriptionAction.REJECTED),
            review__at__range=_span(choice),
            review__seconds__isnull=False,
            review__reviewer__isnull=False,
            review__undone_by=None,
            description__model_version__isnull=False,
            **{name: value for name, value in wanted.items() if value is not None},
        )
        .annotate(
            day=TruncDate("review__at"),
            whole_seconds=Cast(Floor("review__seconds"), IntegerField()),
        )
        .values("day", "review__reviewer", "description__model_version", "whole_seconds")
        .annotate(texts=Count("*"))
        .order_by()
    )


def _reviewed(choice: FiguresChoice) -> QuerySet[Description]:
    wanted = {"reviewed_by": choice.reviewer, "model_version": choice.model_version}
    return Description.objects.filter(
        reviewed_at__range=_span(choice),
        reviewed_by__isnull=False,
        model_version__isnull=False,
        **{name: value for name, value in wanted.items() if value is not None},
    ).order_by()


def _span(choice: FiguresChoice) -> tuple[datetime, datetime]:
    first = datetime.combine(choice.since, time.min)
    last = datetime.combine(choice.until, time.max)
    return timezone.make_aware(first), timezone.make_aware(last)


def _median(values: Counter[int]) -> float | None:
    """Of a whole number by how often it occurs; half-way between the two in the middle."""
    total = values.total()
    if not total:
        return None
    ordered = sorted(values)
    ends = list(accumulate(values[value] for value in ordered))
    middle = (bisect_right(ends, (total - 1) // 2), bisect_right(ends, total // 2))
    return sum(ordered[place] for place in middle) / 2
