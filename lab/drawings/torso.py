"""The upper body that T-shirts, shirts, sweaters, jackets and dresses share."""

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.curves import (
    Place,
    Points,
    band,
    mirrored,
    moved,
    offset,
    outline,
    part,
    resampled,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene


@dataclass(frozen=True)
class Torso:
    """Measures of an upper body; widths count from the middle line, in design units."""

    top: float = 0.12
    neck_half: float = 0.085
    neck_depth: float = 0.075
    neck_point: bool = False
    back_depth: float = 0.018
    shoulder_half: float = 0.2
    shoulder_y: float = 0.165
    armpit_half: float = 0.205
    armpit_y: float = 0.36
    waist_half: float = 0.2
    waist_y: float = 0.6
    hem_half: float = 0.208
    hem_y: float = 0.88
    hem_sag: float = 0.012


def x_left(half: float) -> float:
    """Return the x of a place this far to the left of the middle."""
    return 0.5 - half


def front_neck(torso: Torso) -> Points:
    """Return the front neckline, from the left neck point to the right."""
    low = torso.top + torso.neck_depth
    left: Place = (x_left(torso.neck_half), torso.top)
    if torso.neck_point:
        half = smooth(
            [
                left,
                (x_left(torso.neck_half * 0.62), torso.top + torso.neck_depth * 0.46),
                (0.5, low),
            ]
        )
        return np.vstack([half, mirrored(half)[1:]])
    half = smooth(
        [
            left,
            (x_left(torso.neck_half * 0.9), torso.top + torso.neck_depth * 0.45),
            (x_left(torso.neck_half * 0.55), torso.top + torso.neck_depth * 0.86),
            (0.5, low),
        ]
    )
    return np.vstack([half, mirrored(half)[1:]])


def back_neck(torso: Torso) -> Points:
    """Return the back neckline, seen above the front one, from left to right."""
    half, top = torso.neck_half, torso.top
    return smooth(
        [
            (0.5 - half, top),
            (0.5 - half * 0.6, top + torso.back_depth * 0.8),
            (0.5, top + torso.back_depth),
            (0.5 + half * 0.6, top + torso.back_depth * 0.8),
            (0.5 + half, top),
        ]
    )


def armhole(torso: Torso) -> Points:
    """Return the left armhole, from the shoulder point down to the armpit."""
    depth = torso.armpit_y - torso.shoulder_y
    return smooth(
        [
            (x_left(torso.shoulder_half), torso.shoulder_y),
            (x_left(torso.shoulder_half - 0.022), torso.shoulder_y + depth * 0.42),
            (x_left(torso.armpit_half - 0.012), torso.shoulder_y + depth * 0.8),
            (x_left(torso.armpit_half), torso.armpit_y),
        ]
    )


def side(torso: Torso) -> Points:
    """Return the left side seam, from the armpit down to the hem."""
    return smooth(
        [
            (x_left(torso.armpit_half), torso.armpit_y),
            (x_left(torso.waist_half), torso.waist_y),
            (x_left(torso.hem_half), torso.hem_y),
        ]
    )


def hem(torso: Torso, lift: float = 0.0) -> Points:
    """Return the hem from left to right, or a line parallel to it, `lift` above."""
    half, low = torso.hem_half, torso.hem_y - lift
    return smooth(
        [
            (0.5 - half, low),
            (0.5 - half * 0.5, low + torso.hem_sag * 0.8),
            (0.5, low + torso.hem_sag),
            (0.5 + half * 0.5, low + torso.hem_sag * 0.8),
            (0.5 + half, low),
        ]
    )


def body_shape(torso: Torso) -> Points:
    """Return the closed outline of the front."""
    shoulder = [
        (x_left(torso.neck_half), torso.top),
        (
            x_left((torso.neck_half + torso.shoulder_half) / 2),
            torso.top + (torso.shoulder_y - torso.top) * 0.4,
        ),
        (x_left(torso.shoulder_half), torso.shoulder_y),
    ]
    left = outline(shoulder, armhole(torso), side(torso))
    return np.vstack([left, hem(torso), mirrored(left), front_neck(torso)[::-1]])


def inside_shape(torso: Torso) -> Points:
    """Return the inside of the back that shows through the neckline."""
    return np.vstack([back_neck(torso), front_neck(torso)[::-1] + np.array([0.0, 0.012])])


def lay_inside(scene: Scene, torso: Torso, cloth: Cloth | None = None) -> None:
    """Lay the inside of the back, which lies in shadow, and a small woven label."""
    inner = (cloth or scene.cloth).plain(-0.06)
    scene.canvas.piece(
        inside_shape(torso), inner, Relief(roundness=-0.5, noise=0.1, edge=0.2), shade=-0.2
    )
    y = torso.top + torso.back_depth + 0.016
    if torso.neck_depth > 0.05:
        label = outline([(0.482, y), (0.518, y)], [(0.518, y + 0.016), (0.482, y + 0.016)])
        scene.canvas.piece(label, scene.trim.plain(), Relief(noise=0.0, edge=0.05), drop=0.2)


def torso_folds(scene: Scene, torso: Torso, strength: float = 1.0) -> tuple[Fold, ...]:
    """Return the folds of a worn front: from the armpits, round the waist, down the hem."""
    left, pit = x_left(torso.armpit_half), torso.armpit_y
    low = torso.hem_y
    mid = (pit + low) / 2
    folds = [
        *scene.both_sides(
            [(left + 0.03, pit - 0.03), (left + 0.09, pit + 0.03), (left + 0.16, pit + 0.06)],
            0.028,
            0.5 * strength,
        ),
        *scene.both_sides(
            [(left + 0.015, pit + 0.02), (left + 0.05, pit + 0.11), (left + 0.11, pit + 0.2)],
            0.032,
            0.55 * strength,
        ),
        *scene.both_sides(
            [(left + 0.03, mid + 0.02), (left + 0.1, mid + 0.07), (left + 0.19, mid + 0.09)],
            0.03,
            0.4 * strength,
        ),
        *scene.both_sides(
            [(left + 0.1, low - 0.34), (left + 0.075, low - 0.18), (left + 0.07, low)],
            0.032,
            0.4 * strength,
        ),
        scene.fold([(0.46, low - 0.26), (0.48, low - 0.14), (0.47, low)], 0.04, 0.4 * strength),
        scene.fold([(0.57, low - 0.3), (0.56, low - 0.16), (0.58, low)], 0.036, -0.4 * strength),
    ]
    return tuple(folds)


def lay_body(
    scene: Scene,
    torso: Torso,
    shape: Points | None = None,
    strength: float = 1.0,
    cloth: Cloth | None = None,
) -> None:
    """Lay the front over the sleeves, with its folds."""
    relief = Relief(
        roundness=0.28,
        reach=0.06,
        noise=0.26 * strength,
        lattice=(3, 4),
        folds=torso_folds(scene, torso, strength),
    )
    body = body_shape(torso) if shape is None else shape
    scene.canvas.piece(body, cloth or scene.cloth, relief, drop=0.22)


def neck_band(scene: Scene, torso: Torso, cloth: Cloth, width: float) -> None:
    """Lay the ribbed band round the neck: the back half first, then the front."""
    relief = Relief(roundness=0.6, reach=width * 0.7, noise=0.05, edge=0.1)
    back, front = back_neck(torso), front_neck(torso)
    smooth_cloth = replace(cloth, texture="plain")
    scene.canvas.piece(band(back, width * 0.8, -width * 0.3), smooth_cloth, relief, shade=-0.1)
    scene.canvas.piece(band(front, width, -width * 0.35), smooth_cloth, relief, drop=0.12)
    if cloth.texture == "rib":
        _draw_ribs(scene, front, width)
    scene.stitch([part(moved(front, 0.0, width * 0.95), 0.04, 0.96)], opacity=0.5)


def _draw_ribs(scene: Scene, neck: Points, width: float) -> None:
    """Draw the ribs of a neck band, which stand across it wherever it turns."""
    length = float(np.linalg.norm(np.diff(neck, axis=0), axis=1).sum())
    middle = resampled(neck, max(8, round(length / 0.0085)))
    inner, outer = offset(middle, width * 0.12), offset(middle, -width * 0.82)
    ribs = [np.stack([start, end]) for start, end in zip(inner, outer, strict=True)]
    scene.canvas.tone(ribs[1:-1], 0.0032, -0.13, soft=0.0012)


def finish_hem(scene: Scene, torso: Torso, lift: float = 0.022, rows: int = 2) -> None:
    """Draw the turned hem: a soft groove and one or two rows of stitches."""
    groove = part(hem(torso, lift), 0.02, 0.98)
    scene.canvas.tone([groove], 0.004, -0.14, soft=0.002)
    scene.stitch(
        [part(hem(torso, lift + 0.007 * row), 0.02, 0.98) for row in range(rows)], opacity=0.6
    )
