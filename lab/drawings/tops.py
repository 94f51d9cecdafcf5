"""T-shirts, shirts and sweaters."""

from dataclasses import replace

import numpy as np

from lab.drawings.collars import lay_shirt_collar, lay_stand_collar, lay_turtle_neck
from lab.drawings.curves import (
    Points,
    band,
    ellipse,
    mirrored,
    moved,
    outline,
    part,
    smooth,
)
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene
from lab.drawings.sleeves import finish_armholes, lay_sleeves, long_sleeve, short_sleeve
from lab.drawings.torso import (
    Torso,
    body_shape,
    finish_hem,
    hem,
    lay_body,
    lay_inside,
    neck_band,
)


def draw_tshirt(scene: Scene) -> None:
    """Draw a T-shirt or, with a "Polo Neck", a polo shirt."""
    neck, length = scene.detail("neck", "Round Neck"), scene.detail("sleeve_length")
    sleeveless = length == "Sleeveless"
    wide = scene.between(0.96, 1.06)
    torso = Torso(
        neck_half=0.088 if neck != "Polo Neck" else 0.074,
        neck_depth={
            "Round Neck": scene.between(0.065, 0.085),
            "V-Neck": scene.between(0.13, 0.16),
            "Polo Neck": 0.06,
        }.get(neck, 0.07),
        neck_point=neck == "V-Neck",
        shoulder_half=0.165 if sleeveless else 0.212 * wide,
        shoulder_y=0.148 if sleeveless else 0.167,
        armpit_half=0.218 * wide,
        waist_half=scene.between(0.204, 0.22) * wide,
        hem_half=0.222 * wide,
        hem_y=scene.between(0.83, 0.89),
    )
    lay_inside(scene, torso)
    rib = replace(scene.cloth.plain(-0.02), texture="rib")
    if not sleeveless:
        sleeve = (
            long_sleeve(scene, torso, cuff=0.03)
            if length == "Long Sleeves"
            else short_sleeve(scene, torso)
        )
        lay_sleeves(
            scene,
            torso,
            sleeve,
            cuff=rib if length == "Long Sleeves" or neck == "Polo Neck" else None,
        )
    lay_body(scene, torso)
    finish_hem(scene, torso)
    if sleeveless:
        finish_armholes(scene, torso, rib)
    if neck == "Polo Neck":
        _lay_placket(scene, torso.top + 0.05, 0.17, buttons=3)
        lay_shirt_collar(scene, torso, replace(rib, texture="plain"), spread=0.9)
    else:
        neck_band(scene, torso, rib, 0.02)


def draw_shirt(scene: Scene) -> None:
    """Draw a buttoned shirt."""
    wide = scene.between(0.95, 1.05)
    torso = Torso(
        neck_half=0.074,
        neck_depth=0.06,
        shoulder_half=0.208 * wide,
        shoulder_y=0.175,
        armpit_half=0.213 * wide,
        waist_half=scene.between(0.192, 0.208) * wide,
        hem_half=0.214 * wide,
        hem_y=scene.between(0.82, 0.86),
        hem_sag=0.0,
    )
    lay_inside(scene, torso)
    if scene.detail("sleeve_length") == "Short Sleeves":
        lay_sleeves(scene, torso, short_sleeve(scene, torso))
    else:
        lay_sleeves(scene, torso, long_sleeve(scene, torso, cuff=0.06), cuff=scene.cloth)
    tail = _shirt_tail(torso)
    left = body_shape(torso)
    # The curved tail replaces the straight hem between the two side seams.
    at_hem = np.isclose(left[:, 1], torso.hem_y, atol=1e-6)
    first, last = np.flatnonzero(at_hem)[[0, -1]]
    lay_body(scene, torso, np.vstack([left[:first], tail, left[last + 1 :]]))
    scene.stitch([part(moved(tail, 0.0, -0.012), 0.03, 0.97)], opacity=0.6)
    _shoulder_yoke(scene, torso)
    if scene.detail("pocket") == "Chest Pocket":
        _lay_pocket(scene, 0.595, torso.armpit_y - 0.035, 0.085)
    _lay_placket(scene, torso.top + 0.05, torso.hem_y + 0.02 - torso.top - 0.05, buttons=6)
    if scene.detail("collar") == "Mandarin Collar":
        lay_stand_collar(scene, torso, scene.cloth.plain(), 0.03)
    else:
        lay_shirt_collar(scene, torso, scene.cloth, spread=1.0)


def _shirt_tail(torso: Torso) -> Points:
    half, low = torso.hem_half, torso.hem_y
    left = smooth(
        [
            (0.5 - half, low - 0.005),
            (0.5 - half * 0.72, low + 0.035),
            (0.5 - half * 0.3, low + 0.066),
            (0.5, low + 0.07),
        ]
    )
    return np.vstack([left, mirrored(left)[1:]])


def _shoulder_yoke(scene: Scene, torso: Torso) -> None:
    start, end = 0.5 - torso.neck_half + 0.005, 0.5 - torso.shoulder_half + 0.01
    line = smooth([(start, torso.top + 0.04), (end, torso.shoulder_y + 0.03)])
    scene.seam([line, mirrored(line)], 0.7)


def _lay_placket(scene: Scene, top: float, length: float, buttons: int) -> None:
    """Lay the strip that carries the buttons, and the buttons on it."""
    half = 0.018
    strip = outline(
        [(0.5 - half, top), (0.5 + half, top)],
        [(0.5 + half, top + length), (0.5 - half, top + length)],
    )
    inside = Relief(roundness=0.3, reach=0.01, noise=0.3, lattice=(1, 8), edge=0.08)
    scene.canvas.piece(strip, scene.cloth, inside, drop=0.15)
    rows = [
        smooth([(0.5 + x, top + 0.004), (0.5 + x, top + length - 0.006)])
        for x in (half - 0.005, 0.005 - half)
    ]
    scene.stitch(rows, opacity=0.55)
    lay_buttons(scene, 0.5, top + 0.028, top + length - 0.035, buttons)


def lay_buttons(
    scene: Scene, x: float, first: float, last: float, count: int, radius: float = 0.0078
) -> None:
    """Lay a column of four-hole buttons."""
    for index in range(count):
        y = first + (last - first) * index / max(1, count - 1)
        disc = scene.trim.plain()
        scene.canvas.piece(
            ellipse((x, y), radius, radius),
            disc,
            Relief(roundness=0.8, reach=0.006, noise=0.0, edge=0.2),
            drop=0.4,
        )
        holes = [
            ellipse((x + dx, y + dy), 0.0012, 0.0012)
            for dx in (-0.0024, 0.0024)
            for dy in (-0.0024, 0.0024)
        ]
        scene.canvas.tone(holes, 0.0014, -0.5)


def _lay_pocket(scene: Scene, x: float, y: float, width: float) -> None:
    """Lay a patch pocket with a pointed foot; x and y are its top middle."""
    half, tall = width / 2, width * 1.15
    shape = outline(
        [(x - half, y), (x + half, y)],
        [(x + half, y + tall * 0.85), (x, y + tall)],
        [(x, y + tall), (x - half, y + tall * 0.85), (x - half, y)],
    )
    scene.canvas.piece(
        shape, scene.cloth, Relief(roundness=0.25, reach=0.012, noise=0.3, edge=0.08), drop=0.14
    )
    scene.stitch(
        [smooth([(x - half + 0.004, y + 0.016), (x + half - 0.004, y + 0.016)])], opacity=0.6
    )


def draw_sweater(scene: Scene) -> None:
    """Draw a knitted jumper with ribbed cuffs and hem."""
    neck, knit = scene.detail("neck", "Round Neck"), scene.detail("knit", "Plain")
    wide = scene.between(0.98, 1.08)
    torso = Torso(
        neck_half=0.082,
        neck_depth=scene.between(0.13, 0.15) if neck == "V-Neck" else 0.06,
        neck_point=neck == "V-Neck",
        shoulder_half=0.205 * wide,
        shoulder_y=0.178,
        armpit_half=0.212 * wide,
        armpit_y=0.39,
        waist_half=0.21 * wide,
        waist_y=0.64,
        hem_half=0.19 * wide,
        hem_y=scene.between(0.82, 0.87),
    )
    cloth = replace(scene.cloth, texture="rib" if knit == "Ribbed" else "knit")
    scene = replace(scene, cloth=cloth)
    rib = replace(cloth.plain(-0.015), texture="rib")
    lay_inside(scene, torso)
    lay_sleeves(scene, torso, long_sleeve(scene, torso, cuff=0.065, width=0.105), cuff=rib)
    lay_body(scene, torso, strength=0.8)
    if knit == "Cable":
        _lay_cables(scene, torso)
    _lay_rib_hem(scene, torso, rib)
    if neck == "Turtle Neck":
        lay_turtle_neck(scene, torso, rib)
    else:
        neck_band(scene, torso, rib, 0.032)


def _lay_rib_hem(scene: Scene, torso: Torso, rib: Cloth) -> None:
    top, low = hem(torso, 0.065), hem(torso)
    scene.canvas.piece(
        np.vstack([top, low[::-1]]),
        rib,
        Relief(roundness=0.5, reach=0.03, noise=0.2, edge=0.12),
        drop=0.14,
    )


def _lay_cables(scene: Scene, torso: Torso) -> None:
    """Lay two plaits down the front, strand over strand."""
    top, low = torso.armpit_y - 0.12, torso.hem_y - 0.085
    columns = (0.425, 0.575)
    edges = [smooth([(x + dx, top), (x + dx, low)]) for x in columns for dx in (-0.038, 0.038)]
    scene.canvas.tone(edges, 0.008, -0.12, soft=0.003)
    middle = [smooth([(0.5 + dx, top), (0.5 + dx, low)]) for dx in (-0.02, 0.0, 0.02)]
    scene.canvas.tone(middle, 0.006, -0.1, soft=0.003)
    strand = Relief(roundness=0.8, reach=0.012, noise=0.0, edge=0.16, tilt=0.1)
    count = round((low - top) / 0.024)
    step = (low - top) / count
    for index in range(count):
        y, side = top + step * index, 1.0 if index % 2 else -1.0
        for x in columns:
            line = smooth(
                [
                    (x + side * 0.024, y - 0.012),
                    (x + side * 0.018, y + 0.01),
                    (x - side * 0.002, y + 0.026),
                    (x - side * 0.012, y + 0.03),
                ]
            )
            width = 0.022 * np.sin(np.linspace(0.3, np.pi - 0.3, len(line))) ** 0.7
            scene.canvas.piece(band(line, width), scene.cloth, strand, drop=0.25)
