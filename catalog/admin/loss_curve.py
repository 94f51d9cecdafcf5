"""The two losses of a run as a picture made on the server: no script, and no style attribute."""

from collections.abc import Callable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.models import TrainingEpoch

WIDTH, HEIGHT = 720, 240
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
        return LEFT + (number - 1) / (last - 1) * (WIDTH - LEFT - RIGHT)

    def up(loss: float) -> float:
        return TOP + (high - loss) / span * (HEIGHT - TOP - BOTTOM)

    return format_html(
        '<svg class="moda-curve" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        _("Loss by epoch"),
        _grid(low, high, up),
        _epoch_marks(last, across),
        _line(epochs, "training", lambda one: one.training_loss, across, up),
        _line(epochs, "validation", lambda one: one.validation_loss, across, up),
    )


def _grid(low: float, high: float, up: Callable[[float], float]) -> SafeString:
    levels = [low + (high - low) * index / LINES for index in range(LINES + 1)]
    return format_html_join(
        "",
        '<line class="moda-curve-grid" x1="{}" x2="{}" y1="{}" y2="{}"></line>'
        '<text class="moda-curve-mark" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                *(LEFT, WIDTH - RIGHT, _px(up(one)), _px(up(one))),
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
        ((_px(across(one)), HEIGHT - 12, one) for one in range(1, last + 1, every)),
    )


def _line(
    epochs: Sequence[TrainingEpoch],
    name: str,
    value: Callable[[TrainingEpoch], float | None],
    across: Callable[[int], float],
    up: Callable[[float], float],
) -> SafeString:
    found = [(one.number, value(one)) for one in epochs]
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
