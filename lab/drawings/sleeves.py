"""Sleeves: short, long, or a finished armhole where there is none."""

import math
from dataclasses import dataclass

import numpy as np

from lab.drawings.curves import Points, blended, mirrored, moved, outline, part, smooth
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene
from lab.drawings.torso import Torso, armhole, x_left


@dataclass(frozen=True)
class Sleeve:
    """Measures of a sleeve: its end, counted from the middle line and the top, in design units.

    `outer` and `inner` are the (half width, y) of the two corners of the cuff; `cuff` is the
    length of a separate cuff, or 0.0 for a plain hem.
    """

    outer: tuple[float, float]
    inner: tuple[float, float]
    bend: float = 0.0
    cuff: float = 0.0


def short_sleeve(scene: Scene, torso: Torso) -> Sleeve:
    """Return a T-shirt sleeve of random length and spread."""
    length, spread = scene.between(0.9, 1.15), scene.between(-0.012, 0.03)
    outer = (torso.shoulder_half + 0.155 * length + spread, torso.shoulder_y + 0.19 * length)
    inner = (torso.armpit_half + 0.055 + spread * 1.2, torso.armpit_y + 0.055 * length)
    return Sleeve(outer=outer, inner=inner)


def long_sleeve(scene: Scene, torso: Torso, cuff: float = 0.05, width: float = 0.1) -> Sleeve:
    """Return a sleeve hanging to about the hem; `width` is its width at the wrist."""
    spread, end = scene.between(-0.02, 0.025), scene.between(-0.02, 0.02)
    low = min(torso.hem_y - 0.06, torso.shoulder_y + 0.62) + end
    outer = (torso.shoulder_half + 0.165 + spread, low - 0.012)
    inner = (outer[0] - width, low + 0.012)
    return Sleeve(outer=outer, inner=inner, bend=scene.between(0.0, 0.02), cuff=cuff)


def _edges(torso: Torso, sleeve: Sleeve) -> tuple[Points, Points]:
    """Return the outer and the inner edge of the left sleeve, from the body outwards."""
    (outer_half, outer_y), (inner_half, inner_y) = sleeve.outer, sleeve.inner
    reach, spread = outer_y - torso.shoulder_y, outer_half - torso.shoulder_half
    swell = min(0.016, 0.03 * reach)
    # The sleeve starts on the shoulder line, so that the shoulder runs on without a notch.
    shoulder = (x_left(torso.shoulder_half), torso.shoulder_y)
    slope = (torso.shoulder_y - torso.top) * 0.6
    inside = (
        x_left(torso.shoulder_half - 0.02),
        torso.shoulder_y - slope * 0.04 / (torso.shoulder_half - torso.neck_half),
    )
    round_ = (x_left(torso.shoulder_half + 0.3 * spread + swell), torso.shoulder_y + 0.16 * reach)
    elbow = (
        x_left(torso.shoulder_half + 0.68 * spread + sleeve.bend + swell),
        torso.shoulder_y + 0.53 * reach,
    )
    outer = smooth([inside, shoulder, round_, elbow, (x_left(outer_half), outer_y)])
    pit = (x_left(torso.armpit_half - 0.01), torso.armpit_y - 0.004)
    middle = (
        x_left(torso.armpit_half + 0.42 * (inner_half - torso.armpit_half) + sleeve.bend * 0.6),
        torso.armpit_y + 0.46 * (inner_y - torso.armpit_y),
    )
    inner = smooth([pit, middle, (x_left(inner_half), inner_y)])
    return outer, inner


def _across(outer: Points, inner: Points, share: float, bulge: float = 0.006) -> Points:
    """Return a line across the sleeve at a share of its length, bulging to the hand."""
    start, end = part(outer, share, 1.0)[0], part(inner, share, 1.0)[0]
    along = part(outer, max(0.0, share - 0.1), share)
    direction = along[-1] - along[0]
    direction = direction / max(float(np.linalg.norm(direction)), 1e-9)
    middle = (start + end) / 2 + direction * bulge
    return smooth([tuple(start), tuple(middle), tuple(end)])


def _sleeve_folds(scene: Scene, outer: Points, inner: Points, *, long: bool) -> list[Fold]:
    """Return the folds that run slantwise across a sleeve, most of them round the elbow."""
    folds = []
    shares = (0.2, 0.36, 0.45, 0.54, 0.64, 0.8) if long else (0.3, 0.6)
    for index, share in enumerate(shares):
        near, far = (outer, inner) if index % 2 else (inner, outer)
        start = part(near, max(0.0, share - scene.between(0.04, 0.1)), 1.0)[0]
        end = part(far, min(0.98, share + scene.between(0.02, 0.1)), 1.0)[0]
        stop = start + (end - start) * scene.between(0.55, 0.9)
        bend = (start + stop) / 2 + np.array([0.0, scene.between(0.004, 0.016)])
        folds.append(scene.fold([tuple(start), tuple(bend), tuple(stop)], 0.02, 0.6))
    middle = blended(outer, inner, 0.5)
    folds.append(Fold(part(middle, 0.0, 0.5), 0.04, 0.25))
    return folds


def lay_sleeves(
    scene: Scene,
    torso: Torso,
    sleeve: Sleeve,
    cloth: Cloth | None = None,
    cuff: Cloth | None = None,
) -> None:
    """Lay both sleeves; call it before the body, which covers their upper ends."""
    cloth = cloth or scene.cloth
    outer, inner = _edges(torso, sleeve)
    inside = [
        (x_left(torso.armpit_half - 0.05), torso.armpit_y - 0.05),
        (x_left(torso.shoulder_half - 0.05), torso.shoulder_y + 0.03),
    ]
    shape = outline(outer, _across(outer, inner, 1.0), inner[::-1], inside)
    axis = blended(outer, inner, 0.5)
    run = axis[-1] - axis[len(axis) // 3]
    slant = math.atan2(float(run[1]), float(run[0])) - math.pi / 2
    long = sleeve.outer[1] - torso.shoulder_y > 0.35
    for flip in (False, True):
        relief = Relief(
            roundness=0.42,
            reach=0.042,
            noise=0.35,
            lattice=(3, 6) if long else (3, 3),
            folds=tuple(
                fold.mirrored() if flip else fold
                for fold in _sleeve_folds(scene, outer, inner, long=long)
            ),
        )
        turned = cloth.turned(-slant if flip else slant)
        scene.canvas.piece(mirrored(shape) if flip else shape, turned, relief)
        _finish_end(scene, outer, inner, sleeve, cuff or turned, flip=flip)


def _finish_end(
    scene: Scene, outer: Points, inner: Points, sleeve: Sleeve, cloth: Cloth, *, flip: bool
) -> None:
    """Draw the end of a sleeve: a separate cuff, or a turned and stitched hem."""
    length = float(np.linalg.norm(np.diff(outer, axis=0), axis=1).sum())
    if sleeve.cuff:
        share = 1 - sleeve.cuff / length
        top = _across(outer, inner, share)
        shape = np.vstack(
            [
                top,
                part(inner, share, 1.0),
                _across(outer, inner, 1.0)[::-1],
                part(outer, share, 1.0)[::-1],
            ]
        )
        relief = Relief(roundness=0.6, reach=0.03, noise=0.15, edge=0.12)
        scene.canvas.piece(mirrored(shape) if flip else shape, cloth, relief, drop=0.18)
        lines = [top, _across(outer, inner, 1 - 0.008 / length)]
    else:
        lines = [_across(outer, inner, 1 - lift / length) for lift in (0.016, 0.023)]
    lines = [part(mirrored(line) if flip else line, 0.06, 0.94) for line in lines]
    scene.stitch(lines, opacity=0.6)


def finish_armholes(scene: Scene, torso: Torso, cloth: Cloth) -> None:
    """Draw the bound armholes of a sleeveless top, after the body."""
    hole = armhole(torso)
    inner = moved(hole, 0.014, 0.0)
    scene.canvas.tone([inner, mirrored(inner)], 0.003, -0.22)
    row = moved(hole, 0.019, 0.0)
    scene.stitch([part(row, 0.05, 0.95), mirrored(part(row, 0.05, 0.95))], opacity=0.5)
