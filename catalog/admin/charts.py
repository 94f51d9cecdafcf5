"""Charts as SVG made on the server: the reviews of each day, the losses of a training run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.models import TrainingEpoch
from catalog.selectors.figures import Figures

#: Height of the drawing, in its own units; a day is one unit wide.
BAR_HEIGHT = 100


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
            top = BAR_HEIGHT - BAR_HEIGHT * below / most
            parts.append(Part(kind, f"{top:.2f}", f"{BAR_HEIGHT * count / most:.2f}"))
    return parts


CURVE_WIDTH, CURVE_HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34
#: Horizontal lines beside which a loss stands.
LINES = 4


def loss_curve(epochs: Sequence[TrainingEpoch], *, total: int) -> SafeString:
    """Losses over epochs 1 to `total`; the same figures are a table beneath, for who sees none."""
    if not epochs:
        return SafeString("")
    losses = [one.training_loss for one in epochs]
    losses += [one.validation_loss for one in epochs if one.validation_loss is not None]
    low, high = min(losses), max(losses)
    span = (high - low) or 1.0
    last = max(total, len(epochs), 2)

    def across(number: int) -> float:
        return LEFT + (number - 1) / (last - 1) * (CURVE_WIDTH - LEFT - RIGHT)

    def up(loss: float) -> float:
        return TOP + (high - loss) / span * (CURVE_HEIGHT - TOP - BOTTOM)

    return format_html(
        '<svg class="moda-curve" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        CURVE_WIDTH,
        CURVE_HEIGHT,
        _("Loss by epoch"),
        _grid(low, high, up),
        _epoch_marks(last, across),
        _line(epochs, "training", across, up),
        _line(epochs, "validation", across, up),
    )


def _grid(low: float, high: float, up: Callable[[float], float]) -> SafeString:
    levels = [low + (high - low) * index / LINES for index in range(LINES + 1)]
    return format_html_join(
        "",
        '<line class="moda-curve-grid" x1="{}" x2="{}" y1="{}" y2="{}"></line>'
        '<text class="moda-curve-mark" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                *(LEFT, CURVE_WIDTH - RIGHT, _px(up(one)), _px(up(one))),
                *(LEFT - 8, _px(up(one) + 4), f"{one:.2f}"),
            )
            for one in levels
        ),
    )


def _epoch_marks(last: int, across: Callable[[int], float]) -> SafeString:
    every = max(1, -(-last // 10))
    return format_html_join(
        "",
        '<text class="moda-curve-mark" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((_px(across(one)), CURVE_HEIGHT - 12, one) for one in range(1, last + 1, every)),
    )


def _line(
    epochs: Sequence[TrainingEpoch],
    name: str,
    across: Callable[[int], float],
    up: Callable[[float], float],
) -> SafeString:
    found = [(one.number, getattr(one, f"{name}_loss")) for one in epochs]
    points = [(_px(across(number)), _px(up(loss))) for number, loss in found if loss is not None]
    dots = format_html_join(
        "", '<circle class="moda-curve-{}" cx="{}" cy="{}" r="3"></circle>',
        ((name, x, y) for x, y in points),
    )  # fmt: skip
    path = " ".join(f"{x},{y}" for x, y in points)
    return format_html(
        '<polyline class="moda-curve-{}" points="{}"></polyline>{}', name, path, dots
    )


def _px(number: float) -> str:
    return f"{number:.1f}"
