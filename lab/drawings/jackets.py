"""Jackets: zipped or buttoned, with a stand collar, a shirt collar or a hood."""

import numpy as np

from lab.drawings.collars import lay_hood, lay_shirt_collar, lay_stand_collar
from lab.drawings.colours import mixed
from lab.drawings.curves import (
    Points,
    ellipse,
    mirrored,
    moved,
    offset,
    outline,
    resampled,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene
from lab.drawings.sleeves import lay_sleeves, long_sleeve
from lab.drawings.tops import lay_buttons
from lab.drawings.torso import Torso, finish_hem, hem, lay_body, lay_inside

METAL = Cloth(ground=(0.72, 0.72, 0.74), texture="plain", gloss=0.9)


def draw_jacket(scene: Scene) -> None:
    """Draw a short outdoor jacket."""
    wide = scene.between(1.0, 1.08)
    collar = scene.detail("collar", "Stand Collar")
    torso = Torso(
        top=0.15,
        neck_half=0.078,
        neck_depth=0.06,
        shoulder_half=0.208 * wide,
        shoulder_y=0.202,
        armpit_half=0.216 * wide,
        armpit_y=0.41,
        waist_half=0.21 * wide,
        waist_y=0.64,
        hem_half=0.205 * wide,
        hem_y=scene.between(0.83, 0.87),
    )
    if collar == "Hooded":
        lay_hood(scene, torso, scene.cloth)
    else:
        lay_inside(scene, torso)
    lay_sleeves(
        scene,
        torso,
        long_sleeve(scene, torso, cuff=0.05, width=0.108),
        cuff=scene.cloth.plain(-0.02),
    )
    lay_body(scene, torso, strength=1.15)
    _lay_waistband(scene, torso)
    _seams_and_pockets(scene, torso)
    top, low = torso.top + torso.neck_depth, torso.hem_y + torso.hem_sag
    if scene.detail("closure", "Zip") == "Zip":
        start = top - (0.02 if collar == "Stand Collar" else 0.0)
        lay_zip(scene, smooth([(0.5, start), (0.5, low)]))
    else:
        scene.seam([smooth([(0.525, top), (0.525, low)])])
        scene.stitch([smooth([(0.517, top), (0.517, low)])])
        lay_buttons(scene, 0.5, top + 0.05, low - 0.03, 5, radius=0.0105)
    if collar == "Stand Collar":
        lay_stand_collar(scene, torso, scene.cloth, 0.05)
        lay_zip(scene, smooth([(0.5, top - 0.035), (0.5, top + 0.05)]))
    elif collar == "Shirt Collar":
        lay_shirt_collar(scene, torso, scene.cloth.plain(-0.03), spread=1.15)


def _lay_waistband(scene: Scene, torso: Torso) -> None:
    shape = np.vstack([hem(torso, 0.05), hem(torso)[::-1]])
    scene.canvas.piece(
        shape,
        scene.cloth.plain(-0.02),
        Relief(roundness=0.5, reach=0.025, noise=0.35, lattice=(8, 1), edge=0.1),
        drop=0.16,
    )
    finish_hem(scene, torso, lift=0.04, rows=1)


def _seams_and_pockets(scene: Scene, torso: Torso) -> None:
    yoke = smooth(
        [
            (0.5 - 0.006, torso.armpit_y - 0.085),
            (0.4, torso.armpit_y - 0.088),
            (0.5 - torso.shoulder_half + 0.025, torso.armpit_y - 0.1),
        ]
    )
    scene.seam([yoke, mirrored(yoke)])
    under = moved(yoke, 0.0, 0.008)
    scene.stitch([under, mirrored(under)], opacity=0.5)
    pocket = smooth([(0.372, torso.hem_y - 0.2), (0.345, torso.hem_y - 0.085)])
    for line in (pocket, mirrored(pocket)):
        welt = np.vstack([offset(line, 0.009), offset(line, -0.009)[::-1]])
        scene.canvas.piece(
            welt, scene.cloth.plain(-0.02), Relief(roundness=0.7, reach=0.012, noise=0.1), drop=0.3
        )
        scene.canvas.tone([offset(line, -0.009)], 0.003, -0.4)


def lay_zip(scene: Scene, line: Points) -> None:
    """Lay a zip along a curve: tape, teeth and puller."""
    tape = mixed(scene.cloth.ground, (0.1, 0.1, 0.11), 0.55)
    scene.canvas.tone([line], 0.022, -0.16, soft=0.004)
    scene.canvas.lines([line], 0.013, tape)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    teeth = resampled(line, max(4, 2 * round(length / 0.011)))
    scene.canvas.lines(
        [teeth[i : i + 2] for i in range(0, len(teeth) - 1, 2)], 0.0065, METAL.ground, 0.85
    )
    scene.stitch([offset(line, 0.012), offset(line, -0.012)], opacity=0.5)
    x, y = (float(value) for value in line[0])
    scene.canvas.piece(
        ellipse((x, y + 0.012), 0.008, 0.01),
        METAL,
        Relief(roundness=1.0, reach=0.01, noise=0.0),
        drop=0.4,
    )
    pull = outline(
        [(x - 0.004, y + 0.018), (x + 0.004, y + 0.018)],
        [(x + 0.006, y + 0.044), (x - 0.006, y + 0.044)],
    )
    scene.canvas.piece(pull, METAL, Relief(roundness=0.8, reach=0.008, noise=0.0), drop=0.4)
