"""Collars: the turned-down shirt collar, the stand collar, the turtle neck, the hood."""

import numpy as np

from lab.drawings.curves import mirrored, moved, offset, outline, part, smooth
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Relief
from lab.drawings.scene import Scene
from lab.drawings.torso import Torso, back_neck, front_neck

_STIFF = Relief(roundness=0.5, reach=0.02, noise=0.2, lattice=(2, 2), edge=0.12)


def lay_shirt_collar(scene: Scene, torso: Torso, cloth: Cloth, spread: float) -> None:
    """Lay a turned-down collar; `spread` near 1.0 sets how far apart its points are."""
    half, top = torso.neck_half, torso.top
    low = top + torso.neck_depth
    # The back of the collar stands up behind the neck.
    back = back_neck(torso)
    rise = smooth(
        [
            (0.5 - half - 0.006, top + 0.012),
            (0.5 - half * 0.8, top - 0.028),
            (0.5, top - 0.034),
            (0.5 + half * 0.8, top - 0.028),
            (0.5 + half + 0.006, top + 0.012),
        ]
    )
    scene.canvas.piece(
        np.vstack([rise, moved(back[::-1], 0.0, 0.006)]), cloth.plain(-0.03), _STIFF, shade=-0.1
    )
    left = outline(
        [
            (0.5 - half * 0.82, top - 0.029),
            (0.5 - half - 0.004, top - 0.004),
            (0.5 - half - 0.022, top + 0.03),
        ],
        [(0.5 - half - 0.022, top + 0.03), (0.5 - 0.092 * spread, low + 0.062)],
        [(0.5 - 0.092 * spread, low + 0.062), (0.5 - 0.003, low + 0.004)],
        [
            (0.5 - 0.004, low + 0.004),
            (0.5 - half * 0.55, low - 0.026),
            (0.5 - half * 0.82, top - 0.029),
        ],
    )
    edge = smooth([(0.5 - half - 0.013, top + 0.034), (0.5 - 0.086 * spread, low + 0.05)])
    foot = smooth([(0.5 - 0.086 * spread, low + 0.05), (0.5 - 0.014, low - 0.002)])
    for flip in (False, True):
        scene.canvas.piece(
            mirrored(left) if flip else left, cloth.turned(-0.6 if flip else 0.6), _STIFF, drop=0.3
        )
        rows = [mirrored(edge), mirrored(foot)] if flip else [edge, foot]
        scene.stitch([part(row, 0.05, 0.95) for row in rows], opacity=0.5)


def lay_stand_collar(scene: Scene, torso: Torso, cloth: Cloth, height: float) -> None:
    """Lay a short standing band round the neck, open in front."""
    half, top = torso.neck_half, torso.top
    back = back_neck(torso)
    rise = smooth(
        [
            (0.5 - half * 0.94, top - height),
            (0.5, top - height * 0.9),
            (0.5 + half * 0.94, top - height),
        ]
    )
    scene.canvas.piece(
        np.vstack([rise, moved(back[::-1], 0.0, 0.008)]), cloth.plain(-0.05), _STIFF, shade=-0.16
    )
    neck = front_neck(torso)
    left = neck[: len(neck) // 2 + 1]
    top_edge = smooth(
        [
            (0.5 - half * 0.94, top - height),
            (0.5 - half * 0.74, top + torso.neck_depth * 0.22),
            (0.5 - half * 0.38, top + torso.neck_depth * 0.62),
            (0.5 - 0.003, top + torso.neck_depth - height * 0.72),
        ]
    )
    shape = np.vstack([moved(left, 0.0, 0.004), top_edge[::-1]])
    for flip in (False, True):
        scene.canvas.piece(mirrored(shape) if flip else shape, cloth, _STIFF, drop=0.2)
    row = offset(top_edge, -0.006)
    scene.stitch([part(row, 0.06, 0.94), mirrored(part(row, 0.06, 0.94))], opacity=0.5)


def lay_turtle_neck(scene: Scene, torso: Torso, rib: Cloth) -> None:
    """Lay a tall folded tube round the neck."""
    half, top = torso.neck_half, torso.top
    low = top + torso.neck_depth
    tall = 0.045
    mouth = smooth(
        [
            (0.5 - half * 0.86, top - tall),
            (0.5, top - tall - 0.012),
            (0.5 + half * 0.86, top - tall),
        ]
    )
    lip = smooth(
        [
            (0.5 - half * 0.86, top - tall),
            (0.5, top - tall + 0.022),
            (0.5 + half * 0.86, top - tall),
        ]
    )
    scene.canvas.piece(np.vstack([mouth, lip[::-1]]), rib.plain(-0.1), _STIFF, shade=-0.25)
    left = smooth(
        [
            (0.5 - half * 0.86, top - tall),
            (0.5 - half * 0.98, top - tall * 0.3),
            (0.5 - half * 1.06, top + 0.008),
        ]
    )
    foot = smooth(
        [
            (0.5 - half * 1.06, top + 0.008),
            (0.5 - half * 0.7, low - 0.022),
            (0.5, low + 0.004),
            (0.5 + half * 0.7, low - 0.022),
            (0.5 + half * 1.06, top + 0.008),
        ]
    )
    shape = np.vstack([left, foot, mirrored(left), lip[::-1]])
    soft = Relief(roundness=0.6, reach=0.045, noise=0.3, lattice=(3, 2), edge=0.14)
    scene.canvas.piece(shape, rib, soft, drop=0.25)


def lay_hood(scene: Scene, torso: Torso, cloth: Cloth) -> None:
    """Lay a hood that lies open behind the neck; call it before the body."""
    half, top = torso.neck_half, torso.top
    left = smooth(
        [
            (0.5, top - 0.085),
            (0.5 - half * 0.8, top - 0.075),
            (0.5 - half * 1.45, top - 0.02),
            (0.5 - half * 1.55, top + 0.05),
            (0.5 - half * 0.9, top + 0.13),
        ]
    )
    scene.canvas.piece(
        np.vstack([mirrored(left)[:-1], left]),
        cloth,
        Relief(roundness=0.7, reach=0.05, noise=0.5, edge=0.16),
    )
    inner = smooth(
        [
            (0.5, top - 0.05),
            (0.5 - half * 0.7, top - 0.04),
            (0.5 - half * 1.05, top + 0.005),
            (0.5 - half * 0.95, top + 0.07),
            (0.5, top + 0.15),
        ]
    )
    scene.canvas.piece(
        np.vstack([mirrored(inner)[:-1], inner]),
        cloth.plain(-0.08),
        Relief(roundness=-0.6, reach=0.05, noise=0.4, edge=0.25),
        shade=-0.16,
    )
    rim = part(inner, 0.0, 0.8)
    scene.stitch([offset(rim, 0.01), mirrored(offset(rim, 0.01))], opacity=0.5)
