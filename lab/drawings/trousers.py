"""Trousers, jeans and shorts: a waistband over two legs."""

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.colours import Colour
from lab.drawings.curves import (
    Points,
    blended,
    ellipse,
    mirrored,
    moved,
    offset,
    outline,
    part,
    smooth,
)
from lab.drawings.jackets import METAL
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene

_LEG_WIDTHS = {"Slim": 0.09, "Straight": 0.122, "Wide": 0.165, "Regular": 0.185, "Loose": 0.215}


@dataclass(frozen=True)
class _Legs:
    """Measures of a pair of trousers; widths count from the middle, in design units."""

    top: float
    waist: float
    hips: float
    crotch_y: float
    hem_y: float
    hem_width: float
    stance: float

    def outer(self) -> Points:
        """Return the left outer edge from the waist to the hem."""
        hip_y = self.top + (self.crotch_y - self.top) * 0.72
        end = self.stance + self.hem_width
        knee_y = (self.crotch_y + self.hem_y) / 2
        knee = self.hips * 0.35 + end * 0.65
        places = [
            (0.5 - self.waist, self.top),
            (0.5 - self.hips, hip_y),
            (0.5 - knee, knee_y),
            (0.5 - end, self.hem_y),
        ]
        return smooth(
            places if self.hem_y - self.crotch_y > 0.25 else [places[0], places[1], places[3]]
        )

    def inner(self) -> Points:
        """Return the left inner edge from the crotch to the hem."""
        knee_y = (self.crotch_y + self.hem_y) / 2
        return smooth(
            [
                (0.499, self.crotch_y),
                (0.5 - self.stance * 0.62 - 0.004, knee_y),
                (0.5 - self.stance, self.hem_y),
            ]
        )


def draw_trousers(scene: Scene) -> None:
    """Draw cloth trousers, with pressed creases if the details say so."""
    scene = replace(scene, cloth=replace(scene.cloth, texture="twill"))
    legs = _full_length(scene)
    _lay_legs(scene, legs, creased=scene.detail("front") == "Creased")
    _lay_front(scene, legs)
    _slanted_pockets(scene, legs)
    _lay_waistband(scene, legs, loops=True)
    _lay_button(scene, legs)


def draw_jeans(scene: Scene) -> None:
    """Draw jeans: contrasting stitches, curved pockets, rivets, faded thighs."""
    scene = replace(scene, cloth=replace(scene.cloth, texture="twill"))
    thread = (0.83, 0.6, 0.3)
    legs = _full_length(scene)
    _lay_legs(scene, legs, creased=False)
    for x in (0.41, 0.59):
        scene.canvas.tone_area(ellipse((x, legs.crotch_y + 0.07), 0.03, 0.15), 0.16, soft=0.035)
    _lay_front(scene, legs, thread)
    scoop = smooth(
        [
            (0.425, legs.top + 0.042),
            (0.405, legs.top + 0.085),
            (0.5 - legs.hips + 0.03, legs.top + 0.105),
        ]
    )
    scene.seam([scoop, mirrored(scoop)], 1.2)
    rows = [offset(scoop, 0.006), offset(scoop, 0.012)]
    scene.stitch([*rows, *(mirrored(row) for row in rows)], thread, 0.9)
    side = offset(legs.outer(), -0.012)
    scene.stitch([part(side, 0.08, 0.98), mirrored(part(side, 0.08, 0.98))], thread, 0.6)
    _lay_waistband(scene, legs, loops=True, thread=thread)
    _lay_button(scene, legs)


def draw_shorts(scene: Scene) -> None:
    """Draw shorts with a drawstring or a button."""
    wide = scene.between(0.97, 1.06)
    legs = _Legs(
        top=0.22,
        waist=0.19 * wide,
        hips=0.235 * wide,
        crotch_y=scene.between(0.5, 0.53),
        hem_y=scene.between(0.69, 0.78),
        stance=scene.between(0.035, 0.055),
        hem_width=_LEG_WIDTHS[scene.detail("fit", "Regular")] * wide + 0.03,
    )
    _lay_legs(scene, legs, creased=False)
    _slanted_pockets(scene, legs)
    if scene.detail("closure") == "Drawstring":
        scene.seam([smooth([(0.5, legs.top + 0.05), (0.5, legs.crotch_y)])])
        _lay_waistband(scene, legs, loops=False)
        _gathers(scene, legs)
        _lay_drawstring(scene, legs)
    else:
        _lay_front(scene, legs)
        _lay_waistband(scene, legs, loops=True)
        _lay_button(scene, legs)


def _full_length(scene: Scene) -> _Legs:
    wide = scene.between(0.95, 1.05)
    return _Legs(
        top=0.07,
        waist=0.14 * wide,
        hips=0.182 * wide,
        crotch_y=scene.between(0.345, 0.375),
        hem_y=scene.between(0.91, 0.94),
        stance=scene.between(0.028, 0.06),
        hem_width=_LEG_WIDTHS[scene.detail("fit", "Straight")] * scene.between(0.94, 1.06),
    )


def _leg_shape(legs: _Legs) -> Points:
    """Return the left leg with half the seat, a little past the middle line."""
    outer, inner = legs.outer(), legs.inner()
    hem_line = smooth(
        [
            tuple(outer[-1]),
            (0.5 - legs.stance - legs.hem_width / 2, legs.hem_y + 0.008),
            tuple(inner[-1]),
        ]
    )
    fly = [(0.502, legs.crotch_y - 0.02), (0.5, legs.top)]
    return outline(outer, hem_line, inner[::-1], fly)


def _leg_folds(scene: Scene, legs: _Legs, *, flip: bool) -> tuple[Fold, ...]:
    """Return the folds of the left leg: from the crotch, behind the knee, above the hem."""
    outer, inner = legs.outer(), legs.inner()
    middle_x = float(blended(outer, inner, 0.5)[40, 0])
    crotch = legs.crotch_y
    tall = legs.hem_y - crotch
    folds = [
        scene.fold(
            [(0.495, crotch - 0.01), (0.45, crotch - 0.04), (0.4, crotch - 0.035)], 0.024, 0.6
        ),
        scene.fold(
            [(0.494, crotch + 0.015), (0.45, crotch + 0.03), (0.41, crotch + 0.07)], 0.024, 0.6
        ),
        scene.fold(
            [(0.485, crotch + 0.04), (0.465, crotch + 0.1), (0.45, crotch + min(0.2, tall * 0.8))],
            0.026,
            0.55,
        ),
        scene.fold(
            [
                (middle_x - 0.02, crotch),
                (middle_x - 0.02, crotch + tall * 0.4),
                (middle_x, legs.hem_y - 0.02),
            ],
            0.05,
            0.3,
        ),
    ]
    if tall > 0.3:
        for share in (0.4, 0.47, 0.56, 0.9, 0.96):
            y = crotch + tall * share
            near, far = part(outer, 0.3 + 0.7 * share, 1.0)[0], part(inner, share, 1.0)[0]
            start, end = (near, far) if scene.dice.random() < 0.5 else (far, near)
            stop = start + (end - start) * scene.between(0.5, 0.85)
            folds.append(
                scene.fold(
                    [
                        (float(start[0]), y),
                        (float((start[0] + stop[0]) / 2), y + 0.014),
                        (float(stop[0]), y + scene.between(-0.01, 0.03)),
                    ],
                    0.02,
                    0.5,
                )
            )
    return tuple(fold.mirrored() if flip else fold for fold in folds)


def _lay_legs(scene: Scene, legs: _Legs, *, creased: bool) -> None:
    shape = _leg_shape(legs)
    length = float(np.linalg.norm(np.diff(legs.inner(), axis=0), axis=1).sum())
    for flip in (True, False):
        relief = Relief(
            roundness=0.6,
            reach=0.055,
            noise=0.45,
            lattice=(3, 7),
            folds=_leg_folds(scene, legs, flip=flip),
        )
        scene.canvas.piece(mirrored(shape) if flip else shape, scene.cloth, relief, drop=0.15)
        outer, inner = legs.outer(), legs.inner()
        ends = [part(outer, 0.975, 1.0)[0], part(inner, 1 - 0.02 / length, 1.0)[0]]
        turn = smooth(
            [tuple(ends[0]), tuple(moved((ends[0] + ends[1]) / 2, 0.0, 0.007)), tuple(ends[1])]
        )
        turn = mirrored(turn) if flip else turn
        scene.canvas.tone([part(turn, 0.04, 0.96)], 0.004, -0.14, soft=0.002)
        scene.stitch([part(turn, 0.04, 0.96)], opacity=0.6)
        if creased:
            crease = part(blended(outer, inner, 0.5), 0.1, 1.0)
            crease = mirrored(crease) if flip else crease
            scene.canvas.tone([crease], 0.006, 0.14, soft=0.003)
            scene.canvas.tone([moved(crease, 0.006, 0.0)], 0.006, -0.12, soft=0.003)


def _lay_front(scene: Scene, legs: _Legs, thread: Colour | None = None) -> None:
    """Draw the middle seam and the fly."""
    low = legs.top + (legs.crotch_y - legs.top) * 0.72
    scene.seam([smooth([(0.5, legs.top + 0.03), (0.5, legs.crotch_y)])], 1.2)
    fly = smooth([(0.532, legs.top + 0.035), (0.531, low - 0.05), (0.52, low - 0.012), (0.5, low)])
    rows = [fly, offset(fly, 0.006)] if thread else [fly]
    scene.canvas.tone([fly], 0.004, -0.1, soft=0.002)
    scene.stitch(rows, thread, 0.9 if thread else 0.65)


def _slanted_pockets(scene: Scene, legs: _Legs) -> None:
    line = smooth(
        [
            (0.5 - legs.waist * 0.72, legs.top + 0.035),
            (0.5 - legs.hips + 0.012, legs.top + (legs.crotch_y - legs.top) * 0.6),
        ]
    )
    scene.seam([line, mirrored(line)], 1.2)
    row = offset(line, 0.007)
    scene.stitch([row, mirrored(row)], opacity=0.55)


def _lay_waistband(scene: Scene, legs: _Legs, *, loops: bool, thread: Colour | None = None) -> None:
    half, top = legs.waist + 0.003, legs.top
    back = smooth([(0.5 - half, top), (0.5, top - 0.004), (0.5 + half, top)])
    front = smooth([(0.5 - half, top), (0.5, top + 0.014), (0.5 + half, top)])
    scene.canvas.piece(
        np.vstack([back, moved(front[::-1], 0.0, 0.004)]),
        scene.cloth.plain(-0.08),
        Relief(noise=0.0),
        shade=-0.2,
    )
    low = moved(front, 0.0, 0.038)
    scene.canvas.piece(
        np.vstack([front, low[::-1]]),
        scene.cloth.plain(-0.01),
        Relief(roundness=0.5, reach=0.02, noise=0.25, lattice=(7, 1), edge=0.1),
        drop=0.2,
    )
    rows = [part(moved(front, 0.0, dy), 0.02, 0.98) for dy in (0.006, 0.032)]
    scene.stitch(rows, thread, 0.85 if thread else 0.55)
    if loops:
        for share in (0.14, 0.36, 0.66, 0.86):
            x, y = (float(value) for value in part(front, share, 1.0)[0])
            loop = outline(
                [(x - 0.007, y - 0.004), (x + 0.007, y - 0.004)],
                [(x + 0.007, y + 0.044), (x - 0.007, y + 0.044)],
            )
            scene.canvas.piece(loop, scene.cloth.plain(), Relief(noise=0.0, reach=0.01), drop=0.35)


def _lay_button(scene: Scene, legs: _Legs) -> None:
    scene.canvas.tone([smooth([(0.516, legs.top + 0.014), (0.516, legs.top + 0.05)])], 0.003, -0.35)
    scene.canvas.piece(
        ellipse((0.502, legs.top + 0.032), 0.011, 0.011),
        METAL,
        Relief(roundness=1.0, reach=0.01, noise=0.0),
        drop=0.4,
    )


def _gathers(scene: Scene, legs: _Legs) -> None:
    """Draw the small upright folds of an elastic waist."""
    lines = []
    for share in np.linspace(0.05, 0.95, 30):
        x = 0.5 - legs.waist + 2 * legs.waist * float(share)
        y = legs.top + 0.012 * float(np.sin(np.pi * share))
        lines.append(smooth([(x, y + 0.006), (x + scene.between(-0.004, 0.004), y + 0.036)]))
    scene.canvas.tone(lines, 0.005, -0.13, soft=0.002)


def _lay_drawstring(scene: Scene, legs: _Legs) -> None:
    y = legs.top + 0.034
    for sign in (-1.0, 1.0):
        end = y + scene.between(0.1, 0.15)
        cord = smooth(
            [
                (0.5 + sign * 0.018, y),
                (0.5 + sign * 0.03, y + 0.03),
                (0.5 + sign * 0.022, (y + end) / 2),
                (0.5 + sign * 0.036, end),
            ]
        )
        ribbon = np.vstack([offset(cord, 0.005), offset(cord, -0.005)[::-1]])
        scene.canvas.piece(
            ribbon, scene.trim, Relief(roundness=0.8, reach=0.008, noise=0.0), drop=0.35
        )
        scene.canvas.tone([cord[:2]], 0.012, -0.4)
