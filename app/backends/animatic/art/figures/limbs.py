"""Necks, hands, legs and feet: the skin that shows beyond the clothes. Units are half heads."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, circle, marks, move, turn
from app.backends.animatic.art.colour import Rgb, times
from app.backends.animatic.art.relief import Fold, Relief


def neck(relief: Relief, skin: Rgb, base: Point, girth: float, yaw: float) -> None:
    """The neck from under the jaw to the collar, and the upper chest that a collar leaves free."""
    lean = -float(np.sin(np.radians(yaw))) * 0.12
    x, y = base
    tone = times(skin, (0.93, 0.86, 0.85))
    outline = [
        (lean - girth, 0.3),
        (lean - girth * 0.98, 1.0),
        (x - girth * 1.08, y - 0.1),
        (x - girth * 2.4, y + 0.42),
        (x - girth * 2.6, y + 1.5),
        (x, y + 2.3),
        (x + girth * 2.6, y + 1.5),
        (x + girth * 2.4, y + 0.42),
        (x + girth * 1.08, y - 0.1),
        (lean + girth * 0.98, 1.0),
        (lean + girth, 0.3),
    ]
    folds = [
        Fold([(lean - girth * 0.75, 0.9), (x - 0.1, y + 0.22)], 0.12, 0.05),
        Fold([(lean + girth * 0.75, 0.9), (x + 0.1, y + 0.22)], 0.12, 0.05),
        Fold([(x - 0.12, y + 0.3), (x - girth * 2.2, y + 0.36)], 0.12, 0.05),
        Fold([(x + 0.12, y + 0.3), (x + girth * 2.2, y + 0.36)], 0.12, 0.05),
    ]
    relief.body(outline, tone, roundness=girth * 1.1, folds=folds, shadow=0.0)
    relief.tint(
        relief.region([circle(lean * 0.5, 0.98, girth * 1.25, 0.42)], 0.16), times(skin, (0.5, 0.36, 0.36)), 0.6
    )


_FINGERS = ((-0.21, 0.62, -9.0), (-0.075, 0.73, -3.0), (0.065, 0.7, 3.0), (0.2, 0.55, 10.0))


def hand(
    relief: Relief,
    skin: Rgb,
    wrist: Point,
    angle: float,
    size: float = 1.0,
    *,
    closed: bool = False,
    flip: bool = False,
) -> None:
    """A hand hanging from the wrist; ``angle`` 0 points down, positive turns clockwise; closed, it is a loose fist."""
    tone = times(skin, (0.97, 0.9, 0.88))
    k = 0.88 * size

    def put(points: list[Point]) -> list[Point]:
        return turn(move(points, wrist[0], wrist[1], k, flip), angle, wrist)

    if closed:
        fist = marks("-0.26 -0.05, -0.33 0.3, -0.28 0.58, 0 0.68, 0.28 0.56, 0.32 0.25, 0.24 -0.05")
        relief.body(put(fist), tone, roundness=0.2 * k, shadow=0.25)
        for x in (-0.14, 0.0, 0.14):
            relief.stroke(put([(x, 0.36), (x * 1.1, 0.64)]), [0.0, 0.03 * k], times(skin, 0.5), 0.55, 0.012)
    else:
        for x, length, lean in _FINGERS:
            tip = (x + float(np.sin(np.radians(lean))) * -length * 0.5, 0.4 + length * 0.62)
            line = put([(x * 0.95, 0.32), ((x + tip[0]) / 2 * 1.05, (0.4 + tip[1]) / 2), tip])
            relief.limb(line, [0.15 * k, 0.14 * k, 0.1 * k], tone, shadow=0.2)
        back = marks("-0.2 -0.1, -0.29 0.2, -0.28 0.5, 0 0.56, 0.27 0.48, 0.28 0.2, 0.2 -0.1")
        relief.body(put(back), tone, roundness=0.16 * k, shadow=0.12)
    thumb = put([(-0.24, 0.12), (-0.42, 0.36), (-0.4 if not closed else -0.18, 0.6 if not closed else 0.5)])
    relief.limb(thumb, [0.17 * k, 0.15 * k, 0.09 * k], tone, shadow=0.25)


def bare_leg(relief: Relief, skin: Rgb, hip: Point, knee: Point, ankle: Point, thick: float = 1.0) -> None:
    """A leg down to the ankle, and its bare foot."""
    shin = ((knee[0] + ankle[0]) / 2, (knee[1] + ankle[1]) / 2)
    relief.limb([hip, knee, shin, ankle], [0.95 * thick, 0.62 * thick, 0.6 * thick, 0.34 * thick], times(skin, 0.95))
    foot(relief, times(skin, 0.95), ankle, 0.9 * thick)


def foot(relief: Relief, paint: Rgb, ankle: Point, size: float = 1.0, toe: float = 0.0) -> None:
    """A foot or shoe seen from the front, the toe turned out a little."""
    x, y = ankle
    out = 0.16 if x >= 0 else -0.16
    outline = [
        (x - 0.2 * size, y - 0.2),
        (x - 0.3 * size + out, y + 0.34 * size),
        (x + out * 1.6 + toe, y + 0.48 * size),
        (x + 0.3 * size + out, y + 0.34 * size),
        (x + 0.2 * size, y - 0.2),
    ]
    relief.body(outline, paint, roundness=0.18, shadow=0.2)


def trouser_leg(relief: Relief, paint: Rgb, hip: Point, knee: Point, ankle: Point, width: float = 1.0) -> None:
    """One trouser leg with its crease."""
    folds = [Fold([knee, ((knee[0] + ankle[0]) / 2 + 0.1, (knee[1] + ankle[1]) / 2)], 0.3, -0.05)]
    relief.limb(
        [hip, knee, ankle], [1.25 * width, 0.95 * width, 0.78 * width], paint, folds=folds, roundness=0.4 * width
    )
