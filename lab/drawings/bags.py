"""Handbags and backpacks, seen from the front."""

from dataclasses import replace

import numpy as np

from lab.drawings.curves import (
    Points,
    band,
    ellipse,
    mirrored,
    moved,
    offset,
    outline,
    part,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.jackets import lay_zip
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene

_SOFT = Relief(roundness=0.6, reach=0.08, noise=0.3, lattice=(4, 3), edge=0.16, tilt=0.14)
_STRAP = Relief(roundness=0.9, reach=0.02, noise=0.1, lattice=(2, 4), edge=0.16)
_BRASS = Cloth(ground=(0.8, 0.68, 0.4), texture="plain", gloss=0.9)
_SHINY = Relief(roundness=1.0, reach=0.01, noise=0.0, edge=0.14)


def draw_handbag(scene: Scene) -> None:
    """Draw a tote, a satchel or a hobo bag."""
    scene = replace(scene, cloth=replace(scene.cloth, gloss=0.4, texture="plain"))
    shape = scene.detail("shape", "Tote")
    {"Tote": _draw_tote, "Satchel": _draw_satchel, "Hobo": _draw_hobo}[shape](scene)


def _left_side(top: float, low: float, top_half: float, low_half: float, round_: float) -> Points:
    """Return the left edge of a bag, down to its rounded lower corner."""
    return outline(
        [
            (0.5 - top_half, top),
            (0.5 - (top_half + low_half) / 2 - 0.006, (top + low) / 2),
            (0.5 - low_half, low - round_),
        ],
        [
            (0.5 - low_half, low - round_),
            (0.5 - low_half + round_ * 0.22, low - round_ * 0.25),
            (0.5 - low_half + round_, low),
        ],
    )


def _body(top: float, low: float, top_half: float, low_half: float, round_: float) -> Points:
    """Return a bag's front: straight top, slanting sides, rounded lower corners."""
    left = _left_side(top, low, top_half, low_half, round_)
    return np.vstack([left, mirrored(left)])


def _draw_tote(scene: Scene) -> None:
    top, low = 0.4, scene.between(0.83, 0.87)
    top_half, low_half = scene.between(0.29, 0.33), scene.between(0.25, 0.3)
    rise = scene.between(0.12, 0.17)
    scene.stand_on_ground(0.5 - low_half - 0.01, 0.5 + low_half + 0.01, low)
    _lay_handle(scene, top + 0.02, rise + 0.1, 0.13, shade=-0.14)
    mouth = smooth([(0.5 - top_half, top), (0.5, top - 0.022), (0.5 + top_half, top)])
    lip = smooth([(0.5 - top_half, top), (0.5, top + 0.012), (0.5 + top_half, top)])
    scene.canvas.piece(
        np.vstack([mouth, moved(lip[::-1], 0, 0.01)]),
        scene.cloth.plain(-0.1),
        Relief(roundness=-0.3),
        shade=-0.28,
    )
    left = _left_side(top, low, top_half, low_half, 0.05)
    folds = (
        *scene.both_sides(
            [(0.5 - top_half + 0.03, top + 0.06), (0.34, top + 0.2), (0.36, top + 0.34)], 0.05, 0.5
        ),
        scene.fold([(0.42, top + 0.1), (0.45, top + 0.25), (0.42, low - 0.05)], 0.06, -0.35),
    )
    front = np.vstack([lip, mirrored(left)[::-1], left[::-1]])
    scene.canvas.piece(front, scene.cloth, replace(_SOFT, folds=folds), drop=0.2)
    edge = smooth(
        [
            (0.5 - top_half + 0.008, top + 0.026),
            (0.5, top + 0.038),
            (0.5 + top_half - 0.008, top + 0.026),
        ]
    )
    scene.stitch([edge, offset(edge, -0.007)], opacity=0.6)
    base = smooth(
        [
            (0.5 - low_half - 0.006, low - 0.085),
            (0.5, low - 0.078),
            (0.5 + low_half + 0.006, low - 0.085),
        ]
    )
    scene.seam([base])
    _lay_handle(scene, top + 0.09, rise + 0.16, 0.13, anchors=True)


def _lay_handle(
    scene: Scene,
    low: float,
    rise: float,
    half: float,
    *,
    shade: float = 0.0,
    anchors: bool = False,
    cloth: Cloth | None = None,
) -> None:
    """Lay an arched handle whose ends stand at height `low`."""
    cloth = cloth or scene.cloth.plain(-0.04)
    line = smooth(
        [
            (0.5 - half, low),
            (0.5 - half * 0.97, low - rise * 0.55),
            (0.5 - half * 0.6, low - rise * 0.92),
            (0.5, low - rise),
            (0.5 + half * 0.6, low - rise * 0.92),
            (0.5 + half * 0.97, low - rise * 0.55),
            (0.5 + half, low),
        ]
    )
    scene.canvas.piece(band(line, 0.03), cloth, _STRAP, shade=shade, drop=0.3)
    scene.stitch([part(offset(line, sign * 0.0095), 0.02, 0.98) for sign in (1, -1)], opacity=0.6)
    if anchors:
        for x in (0.5 - half, 0.5 + half):
            tab = outline(
                [(x - 0.022, low - 0.03), (x + 0.022, low - 0.03)],
                [(x + 0.022, low + 0.02), (x, low + 0.045), (x - 0.022, low + 0.02)],
            )
            scene.canvas.piece(tab, cloth, _STRAP, drop=0.3)
            scene.canvas.piece(ellipse((x, low + 0.014), 0.008, 0.008), _BRASS, _SHINY, drop=0.3)


def _draw_satchel(scene: Scene) -> None:
    top, low = 0.4, scene.between(0.79, 0.83)
    half = scene.between(0.31, 0.35)
    scene.stand_on_ground(0.5 - half - 0.01, 0.5 + half + 0.01, low)
    _lay_handle(scene, top + 0.03, 0.17, 0.13, cloth=scene.cloth.plain(-0.05))
    for x in (0.37, 0.63):
        ring = band(np.vstack([ellipse((x, top - 0.004), 0.019, 0.022)] * 2)[:41], 0.008)
        scene.canvas.piece(ring, _BRASS, _SHINY)
    scene.canvas.piece(_body(top, low, half - 0.02, half, 0.055), scene.cloth, _SOFT, drop=0.2)
    for x in (0.5 - half + 0.055,):
        gusset = smooth([(x, top + 0.02), (x - 0.012, low - 0.06), (x + 0.02, low - 0.012)])
        scene.seam([gusset, mirrored(gusset)], 0.9)
    fall = top + scene.between(0.2, 0.24)
    _lay_flap(scene, top, fall, half)
    _lay_clasp(scene, fall)


def _lay_flap(scene: Scene, top: float, fall: float, half: float) -> None:
    flap = outline(
        [(0.5 - half + 0.012, top - 0.004), (0.5 + half - 0.012, top - 0.004)],
        [
            (0.5 + half - 0.012, top - 0.004),
            (0.5 + half - 0.006, fall - 0.06),
            (0.5 + half - 0.05, fall - 0.012),
            (0.5 + 0.1, fall + 0.004),
            (0.5, fall + 0.008),
            (0.5 - 0.1, fall + 0.004),
            (0.5 - half + 0.05, fall - 0.012),
            (0.5 - half + 0.006, fall - 0.06),
            (0.5 - half + 0.012, top - 0.004),
        ],
    )
    scene.canvas.piece(flap, scene.cloth, replace(_SOFT, reach=0.05, tilt=0.2), drop=0.5)
    centre = np.array([0.5, (top + fall) / 2])
    rim = centre + (flap - centre) * [0.955, 0.88]
    scene.stitch([rim], opacity=0.7)


def _lay_clasp(scene: Scene, fall: float) -> None:
    tongue = outline(
        [(0.472, fall - 0.05), (0.528, fall - 0.05)],
        [(0.528, fall + 0.03), (0.5, fall + 0.052), (0.472, fall + 0.03)],
    )
    scene.canvas.piece(tongue, scene.cloth.plain(-0.05), _STRAP, drop=0.4)
    plate = outline(
        [(0.482, fall - 0.006), (0.518, fall - 0.006)],
        [(0.518, fall + 0.028), (0.482, fall + 0.028)],
    )
    scene.canvas.piece(plate, _BRASS, _SHINY, drop=0.5)
    scene.canvas.piece(ellipse((0.5, fall + 0.011), 0.0085, 0.0085), _BRASS, _SHINY, drop=0.4)


def _draw_hobo(scene: Scene) -> None:
    low = scene.between(0.82, 0.86)
    scene.stand_on_ground(0.27, 0.73, low)
    strap = smooth(
        [
            (0.2, 0.5),
            (0.235, 0.33),
            (0.35, 0.19),
            (0.5, 0.14),
            (0.65, 0.19),
            (0.765, 0.33),
            (0.8, 0.5),
        ]
    )
    scene.canvas.piece(band(strap, 0.042), scene.cloth.plain(-0.03), _STRAP)
    scene.stitch([offset(strap, sign * 0.014) for sign in (1, -1)], opacity=0.6)
    mouth = smooth(
        [
            (0.165, 0.47),
            (0.26, 0.515),
            (0.38, 0.55),
            (0.5, 0.56),
            (0.62, 0.55),
            (0.74, 0.515),
            (0.835, 0.47),
        ]
    )
    left = smooth(
        [
            (0.165, 0.47),
            (0.135, 0.56),
            (0.145, 0.68),
            (0.21, 0.785),
            (0.33, low - 0.012),
            (0.5, low),
        ]
    )
    body = np.vstack([left, mirrored(left), mouth[::-1]])
    folds = (
        *scene.both_sides([(0.2, 0.53), (0.27, 0.62), (0.32, 0.74)], 0.05, 0.7),
        *scene.both_sides([(0.19, 0.56), (0.22, 0.66), (0.24, 0.75)], 0.045, -0.6),
        *scene.both_sides([(0.28, 0.56), (0.37, 0.63), (0.45, 0.7)], 0.05, 0.5),
        scene.fold([(0.46, 0.6), (0.48, 0.7), (0.46, 0.8)], 0.06, -0.4),
    )
    scene.canvas.piece(body, scene.cloth, replace(_SOFT, folds=folds), drop=0.3)
    lay_zip(scene, part(moved(mouth, 0.0, 0.02), 0.06, 0.94))
    for x in (0.2, 0.8):
        scene.canvas.piece(band(ellipse((x, 0.485), 0.026, 0.03), 0.009), _BRASS, _SHINY, drop=0.4)


def draw_backpack(scene: Scene) -> None:
    """Draw a backpack with a front pocket and two zips."""
    scene = replace(scene, cloth=replace(scene.cloth, texture="twill"))
    low, half = scene.between(0.87, 0.9), scene.between(0.23, 0.26)
    scene.stand_on_ground(0.5 - half, 0.5 + half, low)
    _lay_straps(scene, half)
    left = smooth(
        [
            (0.5, 0.125),
            (0.5 - half * 0.55, 0.14),
            (0.5 - half * 0.93, 0.24),
            (0.5 - half * 1.02, 0.45),
            (0.5 - half * 1.04, 0.7),
            (0.5 - half * 0.98, low - 0.035),
            (0.5 - half * 0.7, low),
            (0.5, low),
        ]
    )
    scene.canvas.piece(np.vstack([left, mirrored(left)]), scene.cloth, _SOFT, drop=0.25)
    arch = smooth(
        [
            (0.5 - half * 0.86, 0.47),
            (0.5 - half * 0.8, 0.29),
            (0.5 - half * 0.45, 0.195),
            (0.5, 0.18),
            (0.5 + half * 0.45, 0.195),
            (0.5 + half * 0.8, 0.29),
            (0.5 + half * 0.86, 0.47),
        ]
    )
    lay_zip(scene, arch)
    top = 0.56
    pocket = _body(top, low - 0.035, half * 0.82, half * 0.86, 0.06)
    scene.canvas.piece(pocket, scene.cloth, replace(_SOFT, reach=0.045), drop=0.4)
    lay_zip(
        scene,
        smooth(
            [(0.5 - half * 0.72, top + 0.045), (0.5, top + 0.04), (0.5 + half * 0.72, top + 0.045)]
        ),
    )
    patch = outline([(0.465, 0.4), (0.535, 0.4)], [(0.535, 0.45), (0.465, 0.45)])
    scene.canvas.piece(patch, scene.trim, _STRAP, drop=0.3)


def _lay_straps(scene: Scene, half: float) -> None:
    """Lay both shoulder straps and the grip behind a backpack that is `half` as wide."""
    for sign in (-1.0, 1.0):
        strap = smooth(
            [
                (0.5 + sign * (half - 0.06), 0.2),
                (0.5 + sign * (half + 0.07), 0.4),
                (0.5 + sign * (half + 0.05), 0.66),
                (0.5 + sign * (half - 0.02), 0.82),
            ]
        )
        scene.canvas.piece(band(strap, 0.05), scene.cloth.plain(-0.05), _STRAP, shade=-0.08)
    grip = smooth([(0.44, 0.16), (0.45, 0.095), (0.5, 0.078), (0.55, 0.095), (0.56, 0.16)])
    scene.canvas.piece(band(grip, 0.022), scene.cloth.plain(-0.05), _STRAP)
