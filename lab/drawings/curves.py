"""Smooth outlines in design space: x to the right, y down, the picture is 0.0 to 1.0."""

from collections.abc import Sequence

import numpy as np

Points = np.ndarray
"""Float array of shape (number of points, 2), in design units."""

Place = tuple[float, float]

_STEPS_PER_SPAN = 10
_S = np.linspace(0.0, 1.0, _STEPS_PER_SPAN, endpoint=False)
_HERMITE = np.stack(
    [2 * _S**3 - 3 * _S**2 + 1, _S**3 - 2 * _S**2 + _S, 3 * _S**2 - 2 * _S**3, _S**3 - _S**2],
    axis=1,
)
"""Weights of a span's start, start tangent, end and end tangent at each step."""


def smooth(places: Sequence[Place]) -> Points:
    """Return a smooth open curve through the places (a straight line through two)."""
    knots = np.asarray(places, dtype=np.float64)
    if len(knots) < 3:
        return knots
    before = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    p0, p1, p2, p3 = before[:-3], before[1:-2], before[2:-1], before[3:]
    chords = np.sqrt(((before[1:] - before[:-1]) ** 2).sum(axis=1, keepdims=True)) + 1e-9
    first, span, last = chords[:-2], chords[1:-1], chords[2:]
    # Tangents are scaled by the span length so that uneven spacing does not overshoot.
    m1 = (p2 - p0) * span / (span + first)
    m2 = (p3 - p1) * span / (span + last)
    ends = np.stack([p1, m1, p2, m2], axis=1)  # (spans, 4, 2)
    return np.vstack([(_HERMITE @ ends).reshape(-1, 2), knots[-1:]])


def loop(places: Sequence[Place]) -> Points:
    """Return a smooth closed curve through the places, without a corner anywhere."""
    around = [*places[-2:], *places, *places[:3]]
    curve = smooth(around)
    return curve[2 * _STEPS_PER_SPAN : (len(places) + 2) * _STEPS_PER_SPAN + 1]


def outline(*runs: Sequence[Place] | Points) -> Points:
    """Join smooth runs end to end; a corner stands wherever two runs meet."""
    return np.vstack([run if isinstance(run, np.ndarray) else smooth(run) for run in runs])


def moved(points: Points, right: float, down: float) -> Points:
    """Return the curve shifted to the right and down."""
    shifted: Points = points + np.array([right, down])
    return shifted


def mirrored(points: Points, axis: float = 0.5) -> Points:
    """Return the curve reflected left to right, in reverse order, so halves can be joined."""
    reflected = points[::-1].copy()
    reflected[:, 0] = 2 * axis - reflected[:, 0]
    return reflected


def symmetric(left_half: Points) -> Points:
    """Close a left half (top to bottom) with its mirror image."""
    return np.vstack([left_half, mirrored(left_half)])


def normals(points: Points) -> Points:
    """Return the unit normals of a curve, to the left of the direction of travel on screen."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    return np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)


def offset(points: Points, amount: float | np.ndarray) -> Points:
    """Return the curve moved sideways; positive is to the left of travel on screen."""
    shifted: Points = points + normals(points) * np.reshape(amount, (-1, 1))
    return shifted


def band(points: Points, width: float | np.ndarray, shift: float = 0.0) -> Points:
    """Return a closed ribbon of this width around a curve, moved sideways by `shift`."""
    half = np.asarray(width) / 2
    return np.vstack([offset(points, shift + half), offset(points, shift - half)[::-1]])


def resampled(points: Points, count: int) -> Points:
    """Return `count` points at equal distances along the curve."""
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    stops = np.linspace(0.0, walked[-1], count)
    return np.stack([np.interp(stops, walked, points[:, axis]) for axis in (0, 1)], axis=1)


def part(points: Points, start: float, end: float) -> Points:
    """Return the stretch of a curve between two shares (0.0 to 1.0) of its length."""
    fine = resampled(points, 121)
    return fine[round(start * 120) : round(end * 120) + 1]


def dashes(points: Points, dash: float = 0.0085, gap: float = 0.006) -> list[Points]:
    """Cut a curve into stitches of `dash` length with `gap` between them."""
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    count = max(1, round(length / (dash + gap)))
    marks = resampled(points, count * 4 + 1)
    stop = 2 if dash / (dash + gap) < 0.55 else 3
    return [marks[4 * index : 4 * index + stop] for index in range(count)]


def blended(first: Points, second: Points, share: float) -> Points:
    """Return the curve lying `share` of the way (0.0 to 1.0) from the first to the second."""
    a, b = resampled(first, 60), resampled(second, 60)
    blend: Points = a + (b - a) * share
    return blend


def ellipse(centre: Place, radius_x: float, radius_y: float) -> Points:
    """Return a closed ellipse."""
    turn = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    x, y = centre
    return np.stack([x + radius_x * np.cos(turn), y + radius_y * np.sin(turn)], axis=1)
