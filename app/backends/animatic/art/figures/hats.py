"""What heads wear: woven cones, crowns, caps, and ear-rings. Units are half heads."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Ramp, circle
from app.backends.animatic.art.colour import hexa, times
from app.backends.animatic.art.figures.hair import Barber
from app.backends.animatic.art.relief import Fold


def cone(barber: Barber) -> None:
    """A traveller's woven hat, its brim over the brows."""
    straw = hexa("a88c58")
    x, tip = barber.lean * 0.3, -1.95
    brim = [
        (x - 1.95, -0.42),
        (x - 1.2, -0.98),
        (x - 0.3, -1.7),
        (x, tip),
        (x + 0.3, -1.7),
        (x + 1.2, -0.98),
        (x + 1.95, -0.42),
        (x + 1.0, -0.3),
        (x, -0.26),
        (x - 1.0, -0.3),
    ]
    folds = [Fold([(x, tip + 0.1), (x + k * 1.7, -0.4)], 0.08, -0.03) for k in np.linspace(-1, 1, 13)]
    barber.relief.body(brim, Ramp(times(straw, 1.1), times(straw, 0.7)), folds=folds, roundness=0.7, shadow=0.55)
    for k in (0.35, 0.6, 0.85):
        y = tip + (1.6) * k
        barber.relief.stroke(
            [(x - 1.9 * k, y + 0.06), (x, y + 0.2 * k), (x + 1.9 * k, y + 0.06)],
            [0.02, 0.035, 0.02],
            times(straw, 0.45),
            0.6,
        )


def crown(barber: Barber) -> None:
    """A silver crown about the top-knot."""
    silver = hexa("ccd2da")
    knotted = barber.style.bun in ("topknot", "high")
    x, y = barber.lean * 0.5, -1.14 if knotted else -1.02
    band = [
        (x - 0.42, y + 0.16),
        (x - 0.46, y - 0.2),
        (x - 0.2, y - 0.06),
        (x, y - 0.5),
        (x + 0.2, y - 0.06),
        (x + 0.46, y - 0.2),
        (x + 0.42, y + 0.16),
    ]
    barber.relief.body(band, silver, smooth=False, roundness=0.14, gloss=0.9, shadow=0.35)
    if knotted:
        barber.relief.limb([(x - 0.95, y - 0.1), (x + 0.95, y - 0.16)], [0.06, 0.08], silver, gloss=0.9)
    barber.relief.body(circle(x, y - 0.14, 0.09), (0.5, 0.1, 0.14), roundness=0.07, gloss=0.8)


def cap(barber: Barber) -> None:
    """A guard's peaked cap."""
    navy = hexa("26313f")
    x = barber.lean * 0.25
    top = [
        (x - 0.95, -0.62),
        (x - 1.05, -1.02),
        (x - 0.5, -1.32),
        (x, -1.36),
        (x + 0.5, -1.32),
        (x + 1.05, -1.02),
        (x + 0.95, -0.62),
    ]
    barber.relief.body(top, navy, roundness=0.35, shadow=0.4)
    barber.relief.body(
        [(x - 0.84, -0.66), (x, -0.56), (x + 0.84, -0.66), (x + 0.82, -0.42), (x, -0.34), (x - 0.82, -0.42)],
        times(navy, 0.6),
        roundness=0.1,
        gloss=0.4,
    )
    left, right = barber.at(-0.5, -0.36, 0.16), barber.at(0.5, -0.36, 0.16)
    middle = barber.at(0, -0.26, 0.34)
    barber.relief.body(
        [left, (middle[0], middle[1] - 0.16), right, (middle[0], middle[1])],
        (0.04, 0.045, 0.05),
        roundness=0.05,
        gloss=0.5,
        shadow=0.5,
    )
    barber.relief.body(circle(*barber.at(0, -0.72, 0.2), 0.12), hexa("c0a860"), roundness=0.08, gloss=0.7)


def hood(barber: Barber) -> None:
    """A hood drawn up about the face."""
    cloth = times(barber.colour, 1.6)
    x = barber.lean * 0.4
    outline = [
        (x - 1.05, 1.5),
        (x - 1.12, 0.2),
        (x - 0.92, -0.8),
        (x, -1.36),
        (x + 0.92, -0.8),
        (x + 1.12, 0.2),
        (x + 1.05, 1.5),
        (x + 0.7, 1.2),
        (x + 0.72, 0.1),
        (x + 0.5, -0.6),
        (x, -0.86),
        (x - 0.5, -0.6),
        (x - 0.72, 0.1),
        (x - 0.7, 1.2),
    ]
    barber.relief.body(outline, cloth, roundness=0.25, shadow=0.5)


def ear_rings(barber: Barber) -> None:
    """A white stone at the ear that shows."""
    yaw = barber.turn.yaw
    for side in (-1, 1):
        if side * yaw > 8:
            continue
        x = side * 0.68 * float(np.cos(np.radians(yaw))) - 0.08 * float(np.sin(np.radians(yaw)))
        _, y = barber.at(side * 0.6, 0.32)
        barber.relief.stroke([(x, y), (x, y + 0.16)], [0.02], (0.8, 0.78, 0.7))
        barber.relief.body(circle(x, y + 0.24, 0.07, 0.085), hexa("f4f2ec"), roundness=0.06, gloss=0.6)
        if side == -1 and yaw < -8:
            break


HATS = {"cone": cone, "crown": crown, "cap": cap, "hood": hood}
