"""Boots seen from the side, toe to the right."""

from dataclasses import replace

import numpy as np

from lab.drawings.colours import lightness, mixed, shifted
from lab.drawings.curves import (
    Points,
    band,
    loop,
    moved,
    offset,
    outline,
    resampled,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.jackets import lay_zip
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene

_PLUMP = Relief(roundness=0.75, reach=0.06, noise=0.25, lattice=(3, 3), edge=0.16, tilt=0.12)
_PANEL = Relief(roundness=0.55, reach=0.022, noise=0.15, lattice=(3, 2), edge=0.08)


def draw_boot(scene: Scene) -> None:
    """Draw a boot of ankle, mid-calf or knee height, with a heel."""
    height = scene.detail("height", "Ankle")
    top = {"Ankle": 0.33, "Mid Calf": 0.2, "Knee High": 0.07}[height] + scene.between(-0.01, 0.01)
    dy = {"Ankle": 0.0, "Mid Calf": 0.06, "Knee High": 0.1}[height]
    heel_height = scene.between(0.035, 0.07)
    leather = replace(scene.cloth, gloss=0.55, texture="plain")
    scene = replace(scene, cloth=leather)
    scene.stand_on_ground(0.22, 0.84, 0.8 + dy)
    flare = {"Ankle": 0.0, "Mid Calf": 0.012, "Knee High": 0.025}[height]
    mouth_left, mouth_right = 0.235 - flare, 0.5 + flare
    inside = np.vstack(
        [
            smooth(
                [
                    (mouth_left, top + 0.005),
                    ((mouth_left + mouth_right) / 2, top - 0.022),
                    (mouth_right, top - 0.008),
                ]
            ),
            smooth(
                [
                    (mouth_right, top - 0.008),
                    ((mouth_left + mouth_right) / 2, top + 0.024),
                    (mouth_left, top + 0.005),
                ]
            ),
        ]
    )
    scene.canvas.piece(inside, leather.plain(-0.1), Relief(roundness=-0.4), shade=-0.3)
    body = _boot_body(scene, top, dy, mouth_left, mouth_right)
    scene.canvas.piece(
        body,
        leather,
        replace(_PLUMP, reach=0.075, noise=0.4, lattice=(4, 5), folds=_boot_folds(scene, top, dy)),
        drop=0.2,
    )
    _boot_details(scene, body, top, dy, mouth_left, mouth_right)
    _boot_sole(scene, dy, heel_height)


def _boot_body(scene: Scene, top: float, dy: float, left: float, right: float) -> Points:
    tall = 0.56 + dy - top
    mouth = smooth([(right, top - 0.008), ((left + right) / 2, top + 0.02), (left, top + 0.005)])
    heel = smooth(
        [
            (left, top + 0.005),
            (0.245, top + tall * 0.5),
            (0.255, 0.55 + dy),
            (0.225, 0.66 + dy),
            (0.232, 0.745 + dy),
        ]
    )
    front = smooth(
        [
            (0.835, 0.755 + dy),
            (0.83, 0.7 + dy),
            (0.775, 0.655 + dy),
            (0.68, 0.62 + dy),
            (0.585, 0.57 + dy),
            (0.51, 0.5 + dy),
            (0.485, 0.42 + dy * 0.8),
            (right - 0.004, top + tall * 0.3),
            (right, top - 0.008),
        ]
    )
    return np.vstack([mouth, heel, front])


def _boot_folds(scene: Scene, top: float, dy: float) -> tuple[Fold, ...]:
    low = 0.5 + dy
    folds = [
        scene.fold([(0.5, low + 0.02), (0.43, low + 0.05), (0.33, low + 0.03)], 0.028, -0.7),
        scene.fold([(0.5, low - 0.03), (0.42, low), (0.35, low - 0.02)], 0.026, 0.6),
        scene.fold([(0.27, low + 0.0), (0.32, low + 0.02), (0.38, low + 0.01)], 0.024, -0.6),
        scene.fold([(0.62, low + 0.1), (0.6, low + 0.15), (0.56, low + 0.2)], 0.026, -0.6),
        scene.fold([(0.67, low + 0.12), (0.65, low + 0.18), (0.62, low + 0.22)], 0.024, 0.5),
        scene.fold([(0.71, low + 0.17), (0.76, low + 0.19), (0.8, low + 0.22)], 0.04, 0.5),
    ]
    if low - top > 0.3:
        folds += [
            scene.fold([(0.29, top + 0.08), (0.3, (top + low) / 2), (0.31, low - 0.04)], 0.06, 0.6),
            scene.fold([(0.47, low - 0.12), (0.4, low - 0.09), (0.31, low - 0.12)], 0.026, -0.5),
        ]
    return tuple(folds)


def _boot_details(
    scene: Scene, body: Points, top: float, dy: float, left: float, right: float
) -> None:
    closure = scene.detail("closure", "Lace-Up")
    quarter = smooth([(0.56, 0.76 + dy), (0.535, 0.68 + dy), (0.5, 0.62 + dy), (0.49, 0.53 + dy)])
    counter = smooth([(0.235, 0.6 + dy), (0.33, 0.63 + dy), (0.36, 0.69 + dy), (0.37, 0.76 + dy)])
    cuff = np.asarray(
        smooth(
            [
                (left + 0.004, top + 0.025),
                ((left + right) / 2, top + 0.042),
                (right - 0.004, top + 0.014),
            ]
        )
    )
    scene.seam([quarter, counter], 1.1)
    scene.stitch([offset(quarter, 0.007), offset(counter, 0.007), cuff], opacity=0.6)
    if closure == "Zip":
        lay_zip(
            scene, smooth([(0.36, top + 0.05), (0.37, (top + 0.66 + dy) / 2), (0.385, 0.66 + dy)])
        )
    elif closure == "Slip-On":
        _lay_gusset(scene, body, top, dy)
    else:
        _lay_boot_laces(scene, top, dy, right)
    tab = band(
        smooth(
            [
                (left + 0.014, top + 0.03),
                (left + 0.008, top - 0.03),
                (left + 0.03, top - 0.03),
                (left + 0.034, top + 0.03),
            ]
        ),
        0.01,
    )
    scene.canvas.piece(tab, scene.cloth.plain(-0.03), Relief(reach=0.01, noise=0.0), drop=0.3)


def _lay_gusset(scene: Scene, body: Points, top: float, dy: float) -> None:
    """Lay the elastic side panel of a slip-on boot."""
    middle, low = 0.375, min(0.6 + dy, top + 0.25)
    shape = outline(
        [(middle - 0.05, top), (middle + 0.055, top)],
        [
            (middle + 0.055, top),
            (middle + 0.045, (top + low) / 2),
            (middle + 0.01, low),
            (middle - 0.035, (top + low) / 2),
            (middle - 0.05, top),
        ],
    )
    dark = Cloth(ground=mixed(scene.cloth.ground, (0.08, 0.08, 0.09), 0.6), texture="rib")
    scene.canvas.piece(shape, dark, _PANEL, within=body)
    scene.stitch([offset(shape[2:], 0.008)], opacity=0.6)


def _lay_boot_laces(scene: Scene, top: float, dy: float, right: float) -> None:
    start, end = top + 0.05, 0.555 + dy
    edge = smooth(
        [
            (right - 0.012, start),
            (0.5 - 0.012, (start + end) / 2),
            (0.487, 0.5 + dy),
            (0.56, 0.58 + dy),
        ]
    )
    inner = moved(edge, -0.062, 0.024)
    count = max(5, round((end - start) / 0.05) + 2)
    far, near = resampled(edge, count), resampled(inner, count)
    scene.canvas.tone([offset(inner, 0.012)], 0.003, -0.3)
    scene.stitch([offset(inner, 0.018)], opacity=0.6)
    lace = Cloth(
        ground=shifted(scene.cloth.ground, 0.16 if lightness(scene.cloth.ground) < 0.6 else -0.2),
        texture="twill",
    )
    relief = Relief(roundness=0.9, reach=0.012, noise=0.0)
    for index in range(count):
        for end_ in (index, index + 1):
            if end_ < count:
                line = smooth(
                    [
                        tuple(near[index]),
                        tuple(moved((near[index] + far[end_]) / 2, 0.0, -0.006)),
                        tuple(far[end_]),
                    ]
                )
                scene.canvas.piece(band(line, 0.011), lace, relief, drop=0.35)
        eye = near[index]
        metal = (0.7, 0.66, 0.56)
        ring = np.array(
            [
                moved(eye, np.cos(t) * 0.007, np.sin(t) * 0.007)
                for t in np.linspace(0, 2 * np.pi, 14)
            ]
        )
        scene.canvas.lines([ring], 0.004, metal, 0.9)


def _boot_sole(scene: Scene, dy: float, heel: float) -> None:
    dark = Cloth(
        ground=mixed(scene.cloth.ground, (0.1, 0.09, 0.08), 0.72), texture="plain", gloss=0.2
    )
    down = np.array([0.0, dy])
    floor = 0.765 + heel
    block = (
        outline(
            [(0.225, 0.752), (0.4, 0.757)],
            [(0.4, 0.757), (0.392, floor)],
            [(0.392, floor), (0.232, floor)],
            [(0.232, floor), (0.225, 0.752)],
        )
        + down
    )
    sole = (
        loop(
            [
                (0.222, 0.738),
                (0.4, 0.744),
                (0.55, 0.74),
                (0.7, 0.736),
                (0.83, 0.733),
                (0.853, 0.742),
                (0.842, 0.758 + heel * 0.5),
                (0.78, floor - 0.006),
                (0.68, floor),
                (0.58, floor - 0.006),
                (0.5, 0.77 + heel * 0.55),
                (0.41, 0.777),
                (0.3, 0.775),
                (0.222, 0.768),
                (0.214, 0.753),
            ]
        )
        + down
    )
    scene.canvas.piece(block, dark, Relief(roundness=0.4, reach=0.025, noise=0.1))
    scene.canvas.piece(
        sole, dark.plain(0.05), Relief(roundness=0.6, reach=0.014, noise=0.1), drop=0.3
    )
