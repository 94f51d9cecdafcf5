"""Caps with a peak, seen a little from the side."""

from dataclasses import replace

import numpy as np

from lab.drawings.curves import (
    Points,
    blended,
    ellipse,
    loop,
    moved,
    offset,
    outline,
    part,
    smooth,
)
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene

_DOME = Relief(roundness=0.85, reach=0.13, noise=0.3, lattice=(3, 3), edge=0.2, tilt=0.16)
_PEAK = Relief(roundness=0.6, reach=0.04, noise=0.12, lattice=(3, 2), edge=0.14)


def draw_cap(scene: Scene) -> None:
    """Draw a six-panel cap whose peak points to the right."""
    scene = replace(scene, cloth=replace(scene.cloth, texture="twill"))
    flat = scene.detail("peak") == "Flat Peak"
    contrast = scene.detail("panels") == "Contrast Peak"
    tall = scene.between(-0.02, 0.025) - (0.03 if flat else 0.0)
    peak_cloth = scene.trim if contrast else scene.cloth
    low = _rim()
    left = smooth(
        [
            (0.13, 0.595),
            (0.118, 0.48),
            (0.16, 0.345 + tall),
            (0.25, 0.265 + tall),
            (0.37, 0.235 + tall),
        ]
    )
    right = smooth(
        [
            (0.37, 0.235 + tall),
            (0.5, 0.262 + tall),
            (0.6, 0.35 + tall),
            (0.645, 0.47),
            (0.655, 0.585),
        ]
    )
    dome = np.vstack([left, right, low[::-1]])
    shadow = outline(
        [(0.14, 0.62), (0.5, 0.68), (0.93, 0.66)], [(0.93, 0.66), (0.6, 0.71), (0.14, 0.62)]
    )
    scene.canvas.ground_shadow(shadow, 0.25, 0.022)
    peak = _peak_shape(flat=flat)
    under = peak + np.array([0.004, 0.014])
    scene.canvas.piece(under, peak_cloth.plain(-0.12), _PEAK, shade=-0.2)
    scene.canvas.piece(dome, scene.cloth, _DOME)
    _panel_seams(scene, left, right, low, tall)
    scene.canvas.piece(peak, peak_cloth, _PEAK, drop=0.28)
    _peak_rows(scene, peak, peak_cloth.thread())
    scene.stitch([moved(part(low, 0.02, 0.7), 0.0, -0.018)], opacity=0.6)
    scene.canvas.piece(
        ellipse((0.37, 0.232 + tall), 0.026, 0.013),
        peak_cloth.plain(-0.02),
        Relief(roundness=1.0, reach=0.016, noise=0.0),
        drop=0.25,
    )


def _rim() -> Points:
    """Return the lower edge of the crown, from the back to the front."""
    return smooth([(0.13, 0.595), (0.22, 0.622), (0.38, 0.632), (0.52, 0.62), (0.655, 0.585)])


def _peak_shape(*, flat: bool) -> Points:
    """Return the outline of the peak: it starts on the crown and juts out to the right."""
    droop = 0.0 if flat else 1.0
    return loop(
        [
            (0.355, 0.622),
            (0.45, 0.588),
            (0.56, 0.553),
            (0.655, 0.535),
            (0.76, 0.54 + 0.004 * droop),
            (0.865, 0.562 + 0.018 * droop),
            (0.93, 0.594 + 0.045 * droop),
            (0.942, 0.62 + 0.055 * droop),
            (0.9, 0.64 + 0.03 * droop),
            (0.8, 0.658),
            (0.67, 0.672 - 0.004 * droop),
            (0.54, 0.68),
            (0.43, 0.662),
        ]
    )


def _peak_rows(scene: Scene, peak: Points, thread: tuple[float, float, float]) -> None:
    """Draw the rows of stitches that run round the peak."""
    inner_edge = peak[: len(peak) // 3]
    centre = inner_edge.mean(axis=0) + np.array([0.03, 0.03])
    rows = []
    for share in (0.92, 0.8, 0.68, 0.56):
        ring = centre + (peak - centre) * share
        rows.append(part(ring, 0.36, 0.94))
    scene.stitch(rows, thread, 0.5)


def _panel_seams(scene: Scene, left: Points, right: Points, low: Points, tall: float) -> None:
    """Draw the seams that meet at the button, a row of stitches beside each, and the eyelets."""
    button = (0.37, 0.235 + tall)
    front = smooth([button, (0.5, 0.33 + tall), (0.555, 0.45), (0.56, 0.6)])
    middle = smooth([button, (0.36, 0.36 + tall), (0.335, 0.5), (0.32, 0.628)])
    back = smooth([button, (0.25, 0.32 + tall), (0.185, 0.45), (0.165, 0.602)])
    scene.seam([front, middle, back], 1.2)
    rows = [offset(line, side) for line in (front, middle, back) for side in (0.009, -0.009)]
    scene.stitch([part(row, 0.06, 1.0) for row in rows], opacity=0.55)
    for first, second in ((front, middle), (middle, back)):
        x, y = (float(value) for value in blended(first, second, 0.5)[25])
        ring = ellipse((x, y), 0.011, 0.012)
        scene.canvas.tone_area(ellipse((x, y), 0.007, 0.008), -0.6)
        scene.canvas.lines([np.vstack([ring, ring[:1]])], 0.005, scene.cloth.thread(), 0.9)
