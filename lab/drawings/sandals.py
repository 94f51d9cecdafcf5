"""Sandals seen half from above, toe to the right."""

from dataclasses import replace

import numpy as np

from lab.drawings.colours import mixed, shifted
from lab.drawings.curves import (
    Place,
    Points,
    band,
    ellipse,
    loop,
    moved,
    offset,
    outline,
    part,
    resampled,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.jackets import METAL
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene

_STRAP = Relief(roundness=0.8, reach=0.03, noise=0.15, lattice=(3, 2), edge=0.14)


def draw_sandal(scene: Scene) -> None:
    """Draw a sandal: a thick footbed and its straps."""
    straps = scene.detail("straps", "Slide")
    thick = scene.between(0.035, 0.06)
    leather = replace(scene.cloth, gloss=0.35, texture="plain")
    scene = replace(scene, cloth=leather)
    bed = _footbed(scene)
    _ground(scene, bed, thick)
    _lay_sole(scene, bed, thick)
    if straps == "Thong":
        _lay_thong(scene)
    elif straps == "Slide":
        _lay_slide(scene)
    else:
        _lay_ankle_straps(scene)


def _footbed(scene: Scene) -> Points:
    """Return the outline of the footbed: heel at the left, big toe at the far right."""
    waist = scene.between(-0.008, 0.012)
    return loop(
        [
            (0.09, 0.585),
            (0.135, 0.53),
            (0.25, 0.512),
            (0.42, 0.535 + waist),
            (0.58, 0.52),
            (0.74, 0.51),
            (0.86, 0.535),
            (0.918, 0.6),
            (0.89, 0.675),
            (0.8, 0.715),
            (0.65, 0.725),
            (0.48, 0.69 - waist),
            (0.32, 0.67),
            (0.17, 0.66),
            (0.105, 0.628),
        ]
    )


def _ground(scene: Scene, bed: Points, thick: float) -> None:
    scene.canvas.ground_shadow(moved(bed, 0.004, thick + 0.012), 0.36, 0.014)
    scene.canvas.ground_shadow(moved(bed, 0.008, thick + 0.02), 0.18, 0.035)


def _lay_sole(scene: Scene, bed: Points, thick: float) -> None:
    """Lay the side of the sole and the footbed with its stitched rim."""
    rubber = Cloth(ground=mixed(scene.cloth.ground, (0.12, 0.1, 0.09), 0.55), texture="plain")
    # The swept side is the lower outline joined to the upper one at its two ends.
    first, last = int(np.argmin(bed[:, 0])), int(np.argmax(bed[:, 0]))
    near = np.roll(bed[:-1], -last, axis=0)[: (first - last) % (len(bed) - 1) + 1]
    side = np.vstack([near[:1], moved(near, 0.0, thick), near[-1:], moved(near[::-1], 0.0, -0.01)])
    scene.canvas.piece(side, rubber, Relief(roundness=0.5, reach=0.02, noise=0.1))
    cork = scene.cloth.plain(0.05 if scene.dice.random() < 0.7 else -0.05)
    scene.canvas.piece(bed, cork, Relief(roundness=0.35, reach=0.05, noise=0.35, edge=0.14))
    scene.canvas.tone_area(ellipse((0.22, 0.59), 0.085, 0.045), -0.12, soft=0.02)
    scene.canvas.tone_area(ellipse((0.74, 0.615), 0.12, 0.06), -0.1, soft=0.025)
    centre = np.array([0.5, 0.61])
    rim = centre + (bed - centre) * [0.965, 0.88]
    scene.stitch([np.vstack([rim, rim[:1]])], shifted(cork.ground, -0.2), 0.6)


def _rim(near: Place, far: Place, height: float) -> Points:
    """Return an arch that springs from the near edge of the bed and lands on the far one."""
    turn = np.linspace(0.0, np.pi, 33)[:, None]
    start, end = np.asarray(near), np.asarray(far)
    # A flattened arch: a foot is broad and low.
    lift = np.sin(turn) ** 0.8
    arc: Points = (start + end) / 2 + (start - end) / 2 * np.cos(turn) + lift * [0.0, -height]
    return arc


def _lay_band(scene: Scene, back: Points, front: Points, cloth: Cloth) -> None:
    """Lay a strap between two rims, with the dark hollow under it seen from the heel."""
    scene.canvas.piece(
        back, scene.cloth.plain(-0.12), Relief(roundness=-0.4, noise=0.1), shade=-0.3
    )
    crest = int(np.argmin(back[:, 1])), int(np.argmin(front[:, 1]))
    near_back, near_front = back[: crest[0] + 1], front[: crest[1] + 1]
    outer = np.vstack([near_back, near_front[::-1]])
    scene.canvas.piece(outer, cloth, _STRAP, drop=0.45)
    a, b = resampled(near_back, 40), resampled(near_front, 40)
    length = float(np.linalg.norm(b[20] - a[20]))
    inset = 0.012 / max(length, 0.05)
    scene.stitch(
        [part(a + (b - a) * share, 0.03, 0.97) for share in (inset, 1 - inset)], opacity=0.65
    )


def _lay_slide(scene: Scene) -> None:
    """Lay one wide band over the toes."""
    start, end = scene.between(0.42, 0.47), scene.between(0.74, 0.78)
    high = scene.between(0.17, 0.2)
    back = _rim((start, 0.7), (start - 0.07, 0.53), high)
    front = _rim((end, 0.735), (end - 0.05, 0.52), high * 0.62)
    _lay_band(scene, back, front, scene.cloth)
    if scene.dice.random() < 0.45:
        half = int(np.argmin(back[:, 1])) + 1, int(np.argmin(front[:, 1])) + 1
        a, b = resampled(back[: half[0]], 40), resampled(front[: half[1]], 40)
        for share in (0.36, 0.64):
            bar = band(a + (b - a) * share, 0.022)
            scene.canvas.piece(bar, scene.trim, _STRAP, drop=0.2, within=np.vstack([a, b[::-1]]))


def _lay_thong(scene: Scene) -> None:
    """Lay the two arms of a toe-post sandal, which meet between the toes."""
    post = (0.775, 0.6)
    for side, rise in (((0.42, 0.545), -0.035), ((0.4, 0.7), 0.07)):
        x, y = side
        line = smooth(
            [
                side,
                (x + 0.08, y - 0.05 - max(0.0, rise)),
                (x + 0.22, (y + post[1]) / 2 - 0.065),
                post,
            ]
        )
        width = np.linspace(0.06, 0.032, len(line))
        scene.canvas.piece(band(line, width), scene.cloth, _STRAP, drop=0.5)
        scene.stitch(
            [part(offset(line, sign * width * 0.36), 0.04, 0.94) for sign in (1, -1)], opacity=0.65
        )
    scene.canvas.piece(
        ellipse((0.775, 0.598), 0.02, 0.018),
        scene.cloth,
        Relief(roundness=1.0, reach=0.02, noise=0.0),
        drop=0.5,
    )


def _lay_ankle_straps(scene: Scene) -> None:
    """Lay two toe straps, a heel strap and a buckled strap round the ankle."""
    x, y = 0.235, 0.375 + scene.between(-0.015, 0.015)
    dark = scene.cloth.plain(-0.06)
    round_ = np.vstack([ellipse((x, y), 0.108, 0.042)] * 2)
    far_half, near_half = round_[19:42], round_[39:62]
    scene.canvas.piece(band(far_half, 0.034), dark, _STRAP, shade=-0.12)
    far_side = smooth([(x - 0.01, y - 0.02), (0.2, 0.45), (0.2, 0.535)])
    scene.canvas.piece(band(far_side, 0.034), dark, _STRAP, shade=-0.12)
    heel = smooth([(x - 0.1, y + 0.01), (0.12, 0.47), (0.108, 0.54), (0.115, 0.615)])
    scene.canvas.piece(
        band(heel, np.linspace(0.034, 0.055, len(heel))), scene.cloth, _STRAP, drop=0.3
    )
    near_side = smooth([(x + 0.015, y + 0.04), (0.27, 0.52), (0.315, 0.61), (0.33, 0.69)])
    scene.canvas.piece(band(near_side, 0.036), scene.cloth, _STRAP, drop=0.45)
    scene.canvas.piece(band(near_half, 0.036), scene.cloth, _STRAP, drop=0.4)
    scene.stitch(
        [
            part(offset(line, sign * 0.012), 0.05, 0.95)
            for line in (near_half, near_side)
            for sign in (1, -1)
        ],
        opacity=0.6,
    )
    for near, far, wide, high in ((0.56, 0.5, 0.075, 0.135), (0.7, 0.655, 0.06, 0.095)):
        back = _rim((near, 0.725), (far, 0.525), high)
        front = _rim((near + wide, 0.735), (far + wide, 0.52), high * 0.86)
        _lay_band(scene, back, front, scene.cloth)
    _lay_buckle(scene, x + 0.02, y + 0.041)


def _lay_buckle(scene: Scene, x: float, y: float) -> None:
    frame = outline(
        [(x - 0.022, y - 0.026), (x + 0.022, y - 0.028)],
        [(x + 0.024, y + 0.024), (x - 0.02, y + 0.026)],
    )
    hole = outline(
        [(x - 0.013, y - 0.016), (x + 0.013, y - 0.017)],
        [(x + 0.014, y + 0.013), (x - 0.012, y + 0.015)],
    )
    scene.canvas.piece(
        frame, METAL, Relief(roundness=0.9, reach=0.008, noise=0.0), without=hole, drop=0.4
    )
