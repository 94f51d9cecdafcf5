"""The bars of the figures page: one a day, in numbers that a template writes as SVG.

An SVG because the Content-Security-Policy allows no style attributes, by which bars are drawn
otherwise. It is stretched to its place, so the labels stand around it as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.selectors.figures import Figures

#: Height of the drawing, in its own units; a day is one unit wide.
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a bar: `kind` is unchanged, edited or rejected. Lengths in drawing units."""

    kind: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A day. `x` is its left edge."""

    x: str
    day: date
    figures: Figures
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    """All days from the first to the last, days without reviews too; `most` is the tallest."""

    bars: list[Bar]
    most: int
    width: int


def chart_of(by_day: Mapping[date, Figures], *, since: date, until: date) -> Chart:
    """The chart of a period; lengths are text, so that no locale puts a comma into the SVG."""
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    most = max((figures.reviewed for figures in by_day.values()), default=0)
    bars = [
        Bar(f"{place + 0.1:.1f}", day, by_day[day], _parts(by_day[day], most))
        for place, day in enumerate(days)
        if day in by_day
    ]
    return Chart(bars=bars, most=most, width=len(days))


def _parts(figures: Figures, most: int) -> list[Part]:
    """From the ground up."""
    parts = []
    below = 0
    for kind in ("unchanged", "edited", "rejected"):
        count = getattr(figures, kind)
        below += count
        if count:
            top = HEIGHT - HEIGHT * below / most
            parts.append(Part(kind, f"{top:.2f}", f"{HEIGHT * count / most:.2f}"))
    return parts
