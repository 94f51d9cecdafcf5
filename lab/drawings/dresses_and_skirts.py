"""Dresses and skirts: a flaring cloth hung from a waist, with pleats or gathers."""

from dataclasses import replace

import numpy as np

from lab.drawings.curves import (
    Points,
    band,
    blended,
    mirrored,
    moved,
    outline,
    part,
    smooth,
)
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene
from lab.drawings.sleeves import finish_armholes, lay_sleeves, long_sleeve, short_sleeve
from lab.drawings.torso import Torso, body_shape, lay_inside, neck_band, torso_folds

_DRESS_HEMS = {"Mini": 0.74, "Knee Length": 0.85, "Maxi": 0.945}
_SKIRT_HEMS = {"Mini": 0.62, "Knee Length": 0.78, "Maxi": 0.92}


def draw_dress(scene: Scene) -> None:
    """Draw a dress with a fitted bodice and a flared skirt."""
    length = scene.detail("sleeve_length", "Sleeveless")
    sleeveless = length == "Sleeveless"
    v_neck = scene.detail("neck") == "V-Neck"
    waist_y = scene.between(0.385, 0.42)
    torso = Torso(
        top=0.07,
        neck_half=0.075,
        neck_depth=0.12 if v_neck else scene.between(0.05, 0.085),
        neck_point=v_neck,
        back_depth=0.014,
        shoulder_half=0.118 if sleeveless else 0.14,
        shoulder_y=0.088 if sleeveless else 0.1,
        armpit_half=0.14,
        armpit_y=0.235,
        waist_half=0.128,
        waist_y=0.33,
        hem_half=0.115,
        hem_y=waist_y,
        hem_sag=0.004,
    )
    lay_inside(scene, torso)
    _lay_dress_sleeves(scene, torso, length)
    hem_y = _DRESS_HEMS[scene.detail("length", "Knee Length")] + scene.between(-0.02, 0.015)
    flare = scene.between(0.1, 0.17) * (0.75 if length == "Long Sleeves" else 1.0)
    _lay_flare(
        scene,
        waist_y - 0.008,
        hem_y,
        torso.hem_half + 0.002,
        torso.hem_half + flare,
        pleats=scene.dice.randint(6, 9),
        depth=0.85,
    )
    folds = tuple(fold for fold in torso_folds(scene, torso, 0.5) if fold.line[0, 1] < waist_y)
    scene.canvas.piece(
        body_shape(torso),
        scene.cloth,
        Relief(roundness=0.5, reach=0.05, noise=0.4, folds=folds[:4]),
        drop=0.1,
    )
    _bust_darts(scene, torso)
    if sleeveless:
        finish_armholes(scene, torso, scene.cloth)
    neck_band(scene, torso, scene.cloth.plain(-0.02), 0.012)
    _finish_waist(scene, torso)


def _lay_dress_sleeves(scene: Scene, torso: Torso, length: str) -> None:
    if length == "Long Sleeves":
        lay_sleeves(
            scene, torso, long_sleeve(scene, replace(torso, hem_y=0.6), cuff=0.03, width=0.062)
        )
    elif length == "Short Sleeves":
        sleeve = short_sleeve(scene, torso)
        outer = (torso.shoulder_half + 0.085, torso.shoulder_y + 0.115)
        inner = (torso.armpit_half + 0.022, torso.armpit_y + 0.02)
        lay_sleeves(scene, torso, replace(sleeve, outer=outer, inner=inner))


def _bust_darts(scene: Scene, torso: Torso) -> None:
    dart = smooth(
        [
            (0.5 - torso.hem_half * 0.52, torso.hem_y - 0.005),
            (0.5 - torso.armpit_half * 0.5, torso.armpit_y + 0.04),
        ]
    )
    scene.seam([dart, mirrored(dart)], 0.5)


def _finish_waist(scene: Scene, torso: Torso) -> None:
    half, y = torso.hem_half + 0.003, torso.hem_y
    line = smooth([(0.5 - half, y), (0.5, y + torso.hem_sag), (0.5 + half, y)])
    if scene.detail("waist") != "Belted":
        scene.seam([line], 1.2)
        return
    belt = scene.trim.plain()
    scene.canvas.piece(
        band(line, 0.03), belt, Relief(roundness=0.6, reach=0.02, noise=0.1, edge=0.12), drop=0.3
    )
    x = 0.5
    buckle = outline(
        [(x - 0.022, y - 0.02), (x + 0.022, y - 0.02)],
        [(x + 0.022, y + 0.026), (x - 0.022, y + 0.026)],
    )
    hole = outline(
        [(x - 0.014, y - 0.012), (x + 0.014, y - 0.012)],
        [(x + 0.014, y + 0.018), (x - 0.014, y + 0.018)],
    )
    metal = replace(belt, ground=(0.78, 0.7, 0.5), gloss=0.9)
    scene.canvas.piece(
        buckle, metal, Relief(roundness=0.9, reach=0.008, noise=0.0), without=hole, drop=0.3
    )


def draw_skirt(scene: Scene) -> None:
    """Draw a skirt: A-line, pencil or pleated."""
    shape = scene.detail("shape", "A-Line")
    top = {"Mini": 0.24, "Knee Length": 0.16, "Maxi": 0.07}[scene.detail("length", "Knee Length")]
    hem_y = _SKIRT_HEMS[scene.detail("length", "Knee Length")] + scene.between(-0.02, 0.02)
    waist = scene.between(0.142, 0.158)
    tall = hem_y - top
    flare = {"A-Line": 0.3, "Pencil": 0.02, "Pleated": 0.24}[shape] * (0.55 + 0.45 * tall)
    pleats = {"A-Line": scene.dice.randint(5, 7), "Pencil": 0, "Pleated": 13}[shape]
    _lay_flare(
        scene,
        top + 0.03,
        hem_y,
        waist,
        waist + flare,
        pleats=pleats,
        depth=1.0 if shape == "Pleated" else 0.8,
        hips=0.06 if shape == "Pencil" else 0.025,
    )
    inside = smooth([(0.5 - waist, top), (0.5, top - 0.006), (0.5 + waist, top)])
    front = smooth([(0.5 - waist, top), (0.5, top + 0.012), (0.5 + waist, top)])
    scene.canvas.piece(
        np.vstack([inside, moved(front[::-1], 0.0, 0.004)]), scene.cloth.plain(-0.08), shade=-0.2
    )
    low = moved(front, 0.0, 0.04)
    scene.canvas.piece(
        np.vstack([front, low[::-1]]),
        scene.cloth.plain(-0.015),
        Relief(roundness=0.5, reach=0.025, noise=0.2, lattice=(6, 1), edge=0.12),
        drop=0.2,
    )
    scene.stitch([moved(front, 0.0, 0.007), moved(front, 0.0, 0.034)], opacity=0.5)
    if shape == "Pencil":
        slit = smooth([(0.5, hem_y - 0.12), (0.5, hem_y + 0.01)])
        scene.seam([slit], 1.6)
        darts = smooth([(0.43, top + 0.045), (0.425, top + 0.14)])
        scene.seam([darts, mirrored(darts)], 0.7)


def _flare_edge(waist_y: float, hem_y: float, waist: float, low: float, hips: float) -> Points:
    """Return the left edge of a flaring skirt, from the waist to the hem."""
    tall = hem_y - waist_y
    return smooth(
        [
            (0.5 - waist, waist_y),
            (0.5 - waist - (low - waist) * 0.24 - hips, waist_y + tall * 0.26),
            (0.5 - waist - (low - waist) * 0.6 - hips, waist_y + tall * 0.6),
            (0.5 - low - hips * 0.6, hem_y),
        ]
    )


def _waved_hem(scene: Scene, left: Points, right: Points, pleats: int, depth: float) -> Points:
    """Return the hem from left to right, dipping where each fold comes forward."""
    share = np.linspace(0.0, 1.0, 121)
    start, end = left[-1], right[-1]
    x = start[0] + (end[0] - start[0]) * share
    sag = 0.03 * np.sin(np.pi * share)
    wave = 0.009 * depth * np.cos(2 * np.pi * pleats * share + np.pi) if pleats else 0.0 * share
    return np.stack([x, start[1] + sag + wave * np.sin(np.pi * share) ** 0.3], axis=1)


def _lay_flare(
    scene: Scene,
    waist_y: float,
    hem_y: float,
    waist: float,
    low: float,
    *,
    pleats: int,
    depth: float,
    hips: float = 0.02,
) -> None:
    """Lay the skirt with its folds, which fan out from the waist to the hem."""
    left = _flare_edge(waist_y, hem_y, waist, low, hips)
    right = mirrored(left)[::-1]
    hem_line = _waved_hem(scene, left, right, pleats, depth)
    top = np.linspace(left[0], right[0], 12)
    shape = np.vstack([left, hem_line, right[::-1], top[::-1]])
    relief = Relief(
        roundness=0.45,
        reach=0.06,
        noise=0.5,
        lattice=(5, 3),
        tilt=0.1,
        folds=tuple(_fan(scene, left, right, pleats, depth, low)),
    )
    scene.canvas.piece(shape, scene.cloth, relief, drop=0.12)
    turn = moved(hem_line, 0.0, -0.018)
    scene.canvas.tone([part(turn, 0.02, 0.98)], 0.004, -0.12, soft=0.002)
    scene.stitch([part(turn, 0.02, 0.98)], opacity=0.5)


def _fan(
    scene: Scene, left: Points, right: Points, pleats: int, depth: float, low: float
) -> list[Fold]:
    """Return ridges and creases in turn, from the waist to the hem."""
    if not pleats:
        tall = float(left[-1, 1] - left[0, 1])
        y = float(left[0, 1])
        return [
            *scene.both_sides(
                [(0.37, y + tall * 0.2), (0.43, y + tall * 0.26), (0.49, y + tall * 0.27)],
                0.02,
                0.5,
            ),
            *scene.both_sides(
                [(0.36, y + tall * 0.3), (0.42, y + tall * 0.42), (0.45, y + tall * 0.62)],
                0.03,
                0.45,
            ),
        ]
    folds = []
    for index in range(2 * pleats - 1):
        share = (index + 1) / (2 * pleats)
        jitter = scene.between(-0.012, 0.012) if depth < 1 else 0.0
        line = blended(left, right, min(0.98, max(0.02, share + jitter)))
        start = 0.0 if depth >= 1 else scene.between(0.0, 0.35)
        width = 0.62 * low / pleats
        ridge = depth * (0.75 if index % 2 == 0 else -0.95) * scene.between(0.75, 1.05)
        folds.append(Fold(part(line, start, 1.0), width, ridge))
    return folds
