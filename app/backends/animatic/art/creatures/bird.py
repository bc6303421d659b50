"""The bird 精卫: motley head, white bill, red feet; perched, flying, or a speck in the sky."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Points, Ramp, Sheet, circle, curve, marks, move
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.relief import Fold, Light, Relief

BLUE = hexa("33446e")
RED = hexa("c9362a")


def tiny_bird(sheet: Sheet, x: float, y: float, span: float, colour: Rgb) -> None:
    """A bird far off: two wings and a tail."""
    shape = marks(
        "-0.5 -0.1, -0.3 -0.26, -0.1 -0.08, 0 -0.02, 0.12 -0.12, 0.32 -0.36, 0.56 -0.4, "
        "0.34 "
        "-0.22, 0.14 0.04, 0.03 0.1, -0.16 0.12, -0.08 0.03, -0.28 -0.1"
    )
    sheet.shape(curve(move(shape, x, y, span), steps=5), colour, 0.95, span * 0.006)


def perched(light: Light, scale: float, *, stone: bool = True, seed: int = 0) -> Sheet:
    """The bird on its feet, looking to the left; its body is about two units long, its feet at (0, 1)."""
    relief = Relief(-2.1, -1.75, 4.4, 3.4, scale)
    tail = marks("0.75 0.25, 1.2 0.45, 2 1, 1.92 1.18, 1.1 0.85, 0.6 0.62")
    relief.body(
        tail,
        times(BLUE, 0.62),
        folds=[Fold([(0.8, 0.4 + k), (1.9, 1.02 + k * 0.3)], 0.05, -0.04) for k in (0.0, 0.14, 0.26)],
        roundness=0.14,
        gloss=0.1,
    )
    for x in (-0.12, 0.2):
        relief.limb([(x, 0.62), (x - 0.03, 0.98)], [0.09, 0.06], RED)
        for toe in (-0.22, -0.06, 0.13):
            relief.limb([(x - 0.03, 0.97), (x + toe, 1.05)], [0.06, 0.04], RED)
    body = marks(
        "-0.86 -0.3, -0.5 -0.62, 0 -0.52, 0.55 -0.2, 0.92 0.28, 0.72 0.6, 0.2 0.76, -0.4 0.66,  -0.82 0.3, -0.95 0"
    )
    relief.body(body, Ramp(BLUE, times(BLUE, 0.75)), roundness=0.6, gloss=0.1)
    breast = marks("-0.9 0, -0.66 -0.12, -0.42 0.2, -0.3 0.62, -0.6 0.5, -0.85 0.26")
    relief.tint(relief.region([curve(breast)], 0.12), hexa("d9c6ae"), 0.85)
    _feathers(relief, seed)
    _wing(relief)
    _head(relief, stone)
    return relief.lit(light)


def _feathers(relief: Relief, seed: int) -> None:
    """Short strokes along the body, lighter and darker."""
    rng = dice("feathers", seed)
    for tone, opacity in ((times(BLUE, 0.5), 0.5), (mix(BLUE, (0.8, 0.85, 1), 0.4), 0.4)):
        marks = []
        for _ in range(90):
            x, y = float(rng.uniform(-0.85, 0.8)), float(rng.uniform(-0.5, 0.65))
            long = float(rng.uniform(0.08, 0.17))
            marks.append([(x, y), (x + long * 0.5, y - 0.02), (x + long, y + 0.04), (x + long * 0.5, y + 0.045)])
        relief.tint(relief.region(marks, 0.008), tone, opacity)


def _wing(relief: Relief) -> None:
    wing = marks("-0.5 -0.36, 0 -0.42, 0.55 -0.08, 1.05 0.36, 1.5 0.74, 0.9 0.62, 0.3 0.42, -0.25 0.16,  -0.52 -0.1")
    dark = times(BLUE, 0.58)
    folds = [
        Fold(
            [(-0.35 + k * 0.25, -0.25 + k * 0.12), (0.35 + k * 0.3, 0.2 + k * 0.16), (1.0 + k * 0.12, 0.5 + k * 0.05)],
            0.06,
            -0.05,
        )
        for k in (0.0, 0.5, 1.0, 1.5)
    ]
    relief.body(wing, Ramp(mix(BLUE, (0.5, 0.6, 0.8), 0.2), dark), folds=folds, roundness=0.22, gloss=0.12, shadow=0.35)


def _head(relief: Relief, stone: bool) -> None:
    """The motley head, the eye, the white bill and what it carries."""
    relief.body(
        circle(-0.82, -0.62, 0.52, 0.48), mix(BLUE, (0.2, 0.26, 0.4), 0.3), roundness=0.45, gloss=0.1, shadow=0.3
    )
    for x, y, rx, ry, tone in (
        (-0.7, -0.98, 0.2, 0.1, "d8a93f"),
        (-0.98, -0.92, 0.16, 0.1, "c9362a"),
        (-0.5, -0.72, 0.15, 0.2, "e8e0d2"),
        (-0.62, -0.4, 0.2, 0.12, "4a9aa0"),
        (-1.06, -0.46, 0.14, 0.1, "e8c98a"),
    ):
        relief.tint(relief.region([circle(x, y, rx, ry, 20)], 0.035), hexa(tone), 0.9)
    bill = marks("-1.2 -0.74, -1.5 -0.66, -1.82 -0.52, -1.5 -0.5, -1.2 -0.52")
    relief.body(bill, hexa("f2eee4"), roundness=0.1, gloss=0.3, shadow=0.2)
    relief.stroke([(-1.24, -0.61), (-1.5, -0.58), (-1.76, -0.53)], [0.01, 0.02, 0.01], (0.35, 0.32, 0.3), 0.8)
    relief.shape(circle(-0.98, -0.68, 0.115), hexa("e0c060"), 1.0, 0.01)
    relief.shape(circle(-0.99, -0.68, 0.085), (0.02, 0.02, 0.025))
    relief.shape(circle(-1.02, -0.72, 0.028), (1.2, 1.2, 1.2))
    if stone:
        relief.body(circle(-1.84, -0.44, 0.24, 0.2), hexa("f0ede6"), roundness=0.18, gloss=0.2, shadow=0.2)


def flying(light: Light, scale: float, *, stone: bool = True) -> Sheet:
    """The bird on the wing, coming down to the left."""
    relief = Relief(-2.6, -2.7, 5.2, 4.6, scale)
    far: Points = marks("-0.2 -0.35, -0.6 -1.3, -0.5 -2.3, 0 -1.6, 0.35 -0.6")
    relief.body(far, times(BLUE, 0.5), folds=[Fold([(0.0, -0.4), (-0.4, -2.1)], 0.08, -0.05)], roundness=0.2)
    relief.body(marks("0.7 0.1, 1.3 0.25, 2.2 0.75, 2.3 1, 1.2 0.62, 0.6 0.4"), times(BLUE, 0.6), roundness=0.14)
    for x in (0.35, 0.55):
        relief.limb([(x, 0.42), (x + 0.3, 0.72)], [0.08, 0.05], RED)
    body = marks("-0.86 -0.3, -0.4 -0.55, 0.2 -0.4, 0.8 0, 1 0.3, 0.5 0.5, -0.2 0.42, -0.8 0.1")
    relief.body(body, Ramp(BLUE, times(hexa("d9c6ae"), 0.9)), roundness=0.45, gloss=0.1)
    _feathers(relief, 3)
    near: Points = marks("-0.1 -0.25, 0.25 -0.5, 0.9 -1.5, 1.9 -2.3, 2.3 -2.3, 1.9 -1.5, 1.3 -0.7, 0.7 0.05, 0.2 0.15")
    folds = [
        Fold([(0.2 + 0.12 * k, -0.2 - 0.05 * k), (0.8 + 0.2 * k, -1.0), (1.5 + 0.16 * k, -2.0 + 0.16 * k)], 0.08, -0.06)
        for k in np.arange(0, 4.0)
    ]
    relief.body(near, Ramp(times(BLUE, 1.25), times(BLUE, 0.7)), folds=folds, roundness=0.2, gloss=0.12, shadow=0.3)
    _head(relief, stone)
    return relief.lit(light)
