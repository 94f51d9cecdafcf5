"""Sports shoes seen from the side, toe to the right."""

from dataclasses import replace

import numpy as np

from lab.drawings.colours import Colour, lightness, shifted
from lab.drawings.curves import Points, band, loop, moved, outline, part, resampled, smooth
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Fold, Relief
from lab.drawings.scene import Scene

_PLUMP = Relief(roundness=0.6, reach=0.06, noise=0.2, lattice=(3, 3), edge=0.14, tilt=0.12)
_PANEL = Relief(roundness=0.5, reach=0.018, noise=0.12, lattice=(3, 2), edge=0.06)
_CORD = Relief(roundness=0.9, reach=0.012, noise=0.0, edge=0.16)
_DARK_RUBBER: Colour = (0.16, 0.16, 0.17)


def draw_trainer(scene: Scene) -> None:
    """Draw a sports shoe with laces, panels and a thick sole."""
    high = scene.detail("ankle") == "High Top"
    lift, dy = (0.13, 0.06) if high else (0.0, 0.0)
    down = np.array([0.0, dy])
    scene.stand_on_ground(0.1, 0.92, 0.78 + dy)
    scene = replace(scene, cloth=replace(scene.cloth, gloss=0.25))
    inner = (
        outline(
            [(0.15, 0.43 - lift), (0.24, 0.405 - lift), (0.37, 0.37 - lift)],
            [(0.37, 0.37 - lift), (0.34, 0.5 - lift), (0.18, 0.5 - lift)],
        )
        + down
    )
    scene.canvas.piece(inner, scene.cloth.plain(-0.08), Relief(roundness=-0.5), shade=-0.22)
    tongue = (
        outline(
            [
                (0.325, 0.43 - lift),
                (0.335, 0.345 - lift),
                (0.375, 0.312 - lift),
                (0.425, 0.335 - lift),
            ],
            [(0.425, 0.335 - lift), (0.52, 0.43), (0.62, 0.53), (0.4, 0.54)],
        )
        + down
    )
    scene.canvas.piece(tongue, scene.cloth.plain(0.03), _PLUMP)
    body = _upper(scene, lift) + down
    scene.canvas.piece(body, scene.cloth, replace(_PLUMP, folds=_toe_folds(scene, dy)), drop=0.3)
    _air_holes(scene, down)
    _lay_panels(scene, body, lift, down)
    _lay_laces(scene, lift, down)
    _lay_sole(scene, down)


def _upper(scene: Scene, lift: float) -> Points:
    """Return the outline of the upper, from the heel over the collar to the toe."""
    toe = scene.between(-0.012, 0.015)
    return outline(
        [
            (0.125, 0.72),
            (0.112, 0.62),
            (0.13, 0.52 - lift * 0.3),
            (0.122, 0.44 - lift),
            (0.138, 0.4 - lift),
        ],
        [
            (0.138, 0.4 - lift),
            (0.16, 0.398 - lift),
            (0.195, 0.43 - lift),
            (0.25, 0.45 - lift),
            (0.31, 0.425 - lift),
            (0.35, 0.372 - lift),
        ],
        [
            (0.35, 0.372 - lift),
            (0.41, 0.372 - lift * 0.9),
            (0.5, 0.442),
            (0.6, 0.52 + toe),
            (0.7, 0.562 + toe),
            (0.8, 0.586 + toe),
            (0.875, 0.63),
            (0.905, 0.69),
            (0.9, 0.735),
        ],
        [(0.9, 0.735), (0.125, 0.735)],
    )


def _toe_folds(scene: Scene, dy: float) -> tuple[Fold, ...]:
    return tuple(
        scene.fold(
            [
                (0.64 + 0.035 * index, 0.56 + dy),
                (0.66 + 0.035 * index, 0.6 + dy),
                (0.65 + 0.035 * index, 0.65 + dy),
            ],
            0.022,
            -0.4,
        )
        for index in range(2)
    )


def _air_holes(scene: Scene, down: Points) -> None:
    """Prick rows of small air holes in the toe."""
    dots = []
    for row in range(4):
        for column in range(6):
            place = (
                np.array(
                    [0.655 + 0.021 * column + 0.008 * row, 0.598 + 0.019 * row + 0.008 * column]
                )
                + down
            )
            dots.append(np.array([place, moved(place, 0.003, 0.002)]))
    scene.canvas.tone(dots, 0.0055, -0.34)


def _lay_panels(scene: Scene, body: Points, lift: float, down: Points) -> None:
    """Lay the heel, toe, lace and side panels, each clipped to the upper and stitched."""
    dark = scene.cloth.plain(-0.06 if lightness(scene.cloth.ground) > 0.4 else 0.06)
    side = replace(scene.trim, gloss=0.2)
    cloths = (side, dark, dark, side, dark)
    for panel, cloth in zip(_panels(lift), cloths, strict=True):
        scene.canvas.piece(panel + down, cloth, _PANEL, within=body, drop=0.2)
    slits = [
        smooth([(0.43 + dx, 0.725), (0.463 + dx, 0.62), (0.464 + dx, 0.54)]) for dx in (0.022, 0.05)
    ]
    scene.canvas.tone([slit + down for slit in slits], 0.005, -0.3)
    scene.stitch([row + down for row in _panel_seams(lift)], opacity=0.6)
    collar = (
        smooth(
            [
                (0.165, 0.415 - lift),
                (0.195, 0.446 - lift),
                (0.25, 0.467 - lift),
                (0.315, 0.442 - lift),
                (0.345, 0.4 - lift),
            ]
        )
        + down
    )
    scene.canvas.tone([collar], 0.02, 0.12, soft=0.006)
    scene.canvas.tone([moved(collar, 0.0, 0.018)], 0.003, -0.25)


def _panels(lift: float) -> tuple[Points, ...]:
    """Return the outlines of saddle, toe, heel, heel tab and lace stays."""
    saddle = outline(
        [(0.44, 0.46), (0.53, 0.52)],
        [(0.53, 0.52), (0.52, 0.62), (0.56, 0.74)],
        [(0.56, 0.74), (0.4, 0.74)],
        [(0.4, 0.74), (0.44, 0.62), (0.44, 0.46)],
    )
    toe = outline(
        [(0.765, 0.76), (0.775, 0.69), (0.82, 0.64), (0.875, 0.605)],
        [(0.875, 0.605), (0.95, 0.64), (0.95, 0.76)],
    )
    heel = outline(
        [
            (0.08, 0.53 - lift * 0.3),
            (0.16, 0.54 - lift * 0.2),
            (0.235, 0.6),
            (0.29, 0.68),
            (0.31, 0.76),
        ],
        [(0.31, 0.76), (0.08, 0.76)],
    )
    tab = outline(
        [(0.08, 0.39 - lift), (0.165, 0.385 - lift)],
        [(0.165, 0.385 - lift), (0.17, 0.46 - lift), (0.155, 0.545 - lift * 0.3)],
        [(0.155, 0.545 - lift * 0.3), (0.08, 0.54 - lift * 0.3)],
    )
    stays = outline(
        [(0.3, 0.36 - lift), (0.4, 0.34 - lift), (0.5, 0.42), (0.66, 0.53)],
        [
            (0.66, 0.53),
            (0.655, 0.578),
            (0.59, 0.583),
            (0.5, 0.535),
            (0.405, 0.455 - lift * 0.6),
            (0.355, 0.45 - lift),
            (0.3, 0.46 - lift),
        ],
    )
    return saddle, toe, heel, tab, stays


def _panel_seams(lift: float) -> tuple[Points, ...]:
    """Return the stitched rows of toe, heel and lace stays."""
    return (
        smooth([(0.776, 0.735), (0.787, 0.69), (0.828, 0.65), (0.872, 0.62)]),
        smooth(
            [
                (0.13, 0.542 - lift * 0.3),
                (0.158, 0.549 - lift * 0.2),
                (0.23, 0.61),
                (0.281, 0.685),
                (0.3, 0.73),
            ]
        ),
        smooth(
            [
                (0.36, 0.44 - lift),
                (0.408, 0.445 - lift * 0.6),
                (0.503, 0.525),
                (0.59, 0.573),
                (0.647, 0.569),
            ]
        ),
    )


def _lay_laces(scene: Scene, lift: float, down: Points) -> None:
    """Lay the laces across the tongue from eyelet to eyelet, and a bow on top."""
    far = smooth([(0.402, 0.358 - lift), (0.45, 0.39 - lift * 0.4), (0.53, 0.452), (0.61, 0.52)])
    near = smooth([(0.372, 0.415 - lift), (0.415, 0.435 - lift * 0.5), (0.5, 0.508), (0.585, 0.56)])
    count = 7 if lift else 6
    far, near = resampled(far, count) + down, resampled(near, count) + down
    pale = lightness(scene.cloth.ground) > 0.9
    lace = Cloth(ground=(0.8, 0.8, 0.81) if pale else (0.93, 0.93, 0.92), texture="plain")
    holes = [np.array([place, moved(place, 0.004, 0.003)]) for place in near]
    scene.canvas.tone(holes, 0.017, -0.55)
    for index in range(count - 1):
        cross = smooth([tuple(near[index + 1]), tuple(far[index])])
        scene.canvas.piece(band(cross, 0.011), lace, _CORD, drop=0.25, shade=-0.1)
    for index in range(count):
        middle = moved((near[index] + far[index]) / 2, -0.004, -0.004)
        bar = smooth([tuple(near[index]), tuple(middle), tuple(far[index])])
        scene.canvas.piece(band(bar, 0.0145), lace, _CORD, drop=0.35)
    x, y = (float(value) for value in (near[0] + far[0]) / 2)
    sway = scene.between(-0.01, 0.01)
    for places in (
        [
            (x, y),
            (x + 0.05, y - 0.03),
            (x + 0.085, y - 0.012 + sway),
            (x + 0.055, y + 0.01),
            (x, y),
        ],
        [
            (x, y),
            (x - 0.02, y + 0.03),
            (x - 0.035, y + 0.065),
            (x - 0.008, y + 0.05 + sway),
            (x, y),
        ],
        [(x, y), (x + 0.03, y + 0.022), (x + 0.05, y + 0.07 + sway)],
    ):
        scene.canvas.piece(band(smooth(places), 0.01), lace, _CORD, drop=0.35)


def _lay_sole(scene: Scene, down: Points) -> None:
    """Lay the midsole, a coloured line on it, and the tread under it."""
    thick = scene.between(0.0, 0.016)
    pale = lightness(scene.cloth.ground) > 0.9
    foam = Cloth(ground=(0.86, 0.87, 0.88) if pale else (0.95, 0.95, 0.94), texture="plain")
    low = [
        (0.93, 0.72),
        (0.88, 0.75),
        (0.76, 0.775 + thick),
        (0.55, 0.782 + thick),
        (0.3, 0.785 + thick),
        (0.16, 0.783 + thick),
        (0.1, 0.755),
    ]
    tread = loop([(0.11, 0.74), (0.5, 0.745), (0.91, 0.715), *[(x, y + 0.013) for x, y in low]])
    rubber = Cloth(ground=_tread_colour(scene), texture="plain")
    scene.canvas.piece(tread + down, rubber, Relief(roundness=0.3, reach=0.02, noise=0.1))
    lugs = [
        smooth([(x, 0.785 + thick), (x - 0.006, 0.802 + thick)])
        for x in np.linspace(0.16, 0.74, 22)
    ]
    scene.canvas.tone([lug + down for lug in lugs], 0.007, -0.45)
    sole = loop(
        [
            (0.098, 0.7),
            (0.125, 0.675),
            (0.2, 0.682),
            (0.35, 0.7),
            (0.5, 0.709),
            (0.7, 0.706),
            (0.84, 0.69),
            (0.905, 0.664),
            (0.938, 0.675),
            *low,
        ]
    )
    scene.canvas.piece(
        sole + down, foam, Relief(roundness=0.5, reach=0.03, noise=0.1, edge=0.12), drop=0.28
    )
    _lay_sole_line(scene, down, thick, foam)


def _lay_sole_line(scene: Scene, down: Points, thick: float, foam: Cloth) -> None:
    """Lay a coloured line or a groove along the midsole, and a seam on top of it."""
    line = smooth(
        [
            (0.13, 0.742 + thick * 0.6),
            (0.3, 0.746 + thick * 0.6),
            (0.55, 0.748 + thick * 0.6),
            (0.75, 0.742 + thick * 0.5),
            (0.87, 0.722),
        ]
    )
    if scene.dice.random() < 0.5:
        scene.canvas.lines([line + down], 0.01, scene.cloth.ground, 0.85)
    else:
        scene.canvas.tone([line + down], 0.004, -0.22, soft=0.001)
    top = smooth(
        [(0.14, 0.692), (0.35, 0.713), (0.5, 0.721), (0.7, 0.718), (0.84, 0.702), (0.9, 0.682)]
    )
    scene.stitch([part(top + down, 0.0, 0.98)], shifted(foam.ground, -0.25), 0.7)


def _tread_colour(scene: Scene) -> Colour:
    """Return dark rubber or, at times, the colour of the trim; never white on white."""
    if scene.dice.random() < 0.6:
        return _DARK_RUBBER
    return (0.55, 0.55, 0.56) if lightness(scene.trim.ground) > 0.85 else scene.trim.ground
