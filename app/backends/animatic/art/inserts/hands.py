"""Hands close to: an open palm, a hand that grips, a hand that writes, a foot, an ear."""

from __future__ import annotations

from collections.abc import Callable

from app.backends.animatic.art.brush import Point, Ramp, circle, marks, move, turn
from app.backends.animatic.art.colour import Rgb, mix, times
from app.backends.animatic.art.inserts.surfaces import Still
from app.backends.animatic.art.relief import Fold

Put = Callable[[list[Point]], list[Point]]
"""Places points of a hand in the frame."""

FINGERS = ((-0.74, 1.55, -15, 0.42), (-0.27, 1.95, -5, 0.45), (0.24, 1.88, 4, 0.45), (0.7, 1.42, 13, 0.38))
"""Of each finger: where it begins, its length, its lean in degrees, its width."""
LINES = (
    ((0.86, -0.42), (0.2, -0.2), (-0.7, -0.44)),
    ((0.95, 0.06), (0.1, 0.1), (-0.5, 0.62)),
    ((0.5, -0.5), (-0.06, 0.16), (-0.24, 1.2)),
)
"""The lines of a palm."""
PALM = "-1 -0.72, -0.5 -0.98, 0.1 -1, 0.72 -0.92, 1 -0.6, 1.02 0.2, 0.8 1, 0.5 1.5, -0.5 1.5, -0.88 0.9, -1.04 0"


def palm(still: Still, x: float, y: float, unit: float, angle: float = 0.0) -> None:
    """An open palm, its middle at (x, y), ``unit`` pixels to half its width, the sleeve below."""
    r, skin = still.relief, times(still.skin, (1.0, 0.92, 0.9))
    pale = mix(skin, (1.0, 0.8, 0.74), 0.3)

    def put(points: list[Point]) -> list[Point]:
        return turn(move(points, x, y, unit), angle, (x, y))

    wrist = marks("-0.72 1.1, -0.66 2.2, -0.9 4.2, 0.9 4.2, 0.62 2.2, 0.66 1.1")
    r.body(put(wrist), times(skin, 0.95), roundness=unit * 0.6, shadow=0.0)
    for bx, length, lean, wide in FINGERS:
        _finger(still, put, bx, -0.78, length, lean, wide, pale, unit)
    folds = [Fold(put(list(line)), unit * 0.11, -unit * 0.06) for line in LINES]
    folds += [Fold(put([(-0.62, 0.1), (-0.62, 0.9)]), unit * 0.6, unit * 0.12)]
    folds += [Fold(put([(0.66, 0.2), (0.6, 1.0)]), unit * 0.5, unit * 0.09)]
    r.body(put(marks(PALM)), skin, roundness=unit * 0.42, shadow=0.15, steep=0.7, folds=folds)
    thumb = put([(-0.78, 0.75), (-1.34, 0.12), (-1.62, -0.55)])
    r.limb(thumb, [unit * 0.74, unit * 0.5, unit * 0.36], pale, shadow=0.25)
    for line in LINES:
        r.stroke(put(list(line)), [0, unit * 0.035, 0], times(skin, (0.6, 0.4, 0.36)), 0.55, unit * 0.012)
    r.tint(r.region([circle(*put([(0.1, 0.1)])[0], unit * 0.55)], unit * 0.3), times(skin, (1.0, 0.86, 0.82)), 0.5)
    cuff(still, put, unit)


def _finger(
    still: Still, put: Put, bx: float, by: float, length: float, lean: float, wide: float, tone: Rgb, unit: float
) -> None:
    """A straight finger with its joints."""
    line = turn([(bx, by + 0.2), (bx, by - length * 0.5), (bx, by - length)], lean, (bx, by))
    joints = [
        Fold(
            put(turn([(bx - wide * 0.4, by - length * t), (bx + wide * 0.4, by - length * t)], lean, (bx, by))),
            unit * 0.07,
            -unit * 0.035,
        )
        for t in (0.3, 0.63)
    ]
    still.relief.limb(put(line), [unit * wide * 1.05, unit * wide, unit * wide * 0.74], tone, folds=joints, shadow=0.2)
    for t in (0.3, 0.63):
        crease = turn(
            [(bx - wide * 0.36, by - length * t), (bx, by - length * t + 0.03), (bx + wide * 0.36, by - length * t)],
            lean,
            (bx, by),
        )
        still.relief.stroke(put(crease), [0, unit * 0.026, 0], times(tone, (0.62, 0.42, 0.38)), 0.45, unit * 0.01)


def cuff(still: Still, put: Put, unit: float, top: float = 2.5) -> None:
    """The sleeve's end below the wrist."""
    cloth = still.cloth
    wide = 1.5 if still.old else 1.05
    folds = [Fold(put([(k, top), (k * 1.1, top + 2.2)]), unit * 0.3, unit * 0.12) for k in (-0.7, 0.0, 0.7)]
    still.relief.body(
        put([(-wide, top), (0, top + 0.16), (wide, top), (wide * 1.3, top + 3.4), (-wide * 1.3, top + 3.4)]),
        Ramp(cloth, times(cloth, 0.7)),
        smooth=False,
        roundness=unit * 0.5,
        folds=folds,
        shadow=0.4,
        rumple=unit * 0.1,
    )
    if still.owner is not None:
        still.relief.band(
            put([(-wide, top + 0.05), (0, top + 0.2), (wide, top + 0.05)]),
            [unit * 0.24, unit * 0.24],
            still.owner.wear.trim if still.old else times(cloth, 0.8),
        )


def grip(still: Still, x: float, y: float, unit: float) -> None:
    """A hand closed round something upright at (x, y), come in from the right: four fingers over it, the sleeve."""
    r, skin = still.relief, times(still.skin, (0.98, 0.9, 0.88))
    warm = mix(skin, (1, 0.82, 0.76), 0.14)

    def put(points: list[Point]) -> list[Point]:
        return move(points, x, y, unit)

    arm = marks("1 0.4, 2.2 0.9, 4.6 1.7, 4.6 3.2, 2 2.2, 0.9 1.5")
    r.body(put(arm), times(skin, 0.94), roundness=unit * 0.55, shadow=0.1)
    back = marks("0.3 -0.95, 1.05 -0.85, 1.6 -0.2, 1.75 0.8, 1.3 1.6, 0.6 1.5, 0.2 0.8")
    r.body(put(back), skin, roundness=unit * 0.5, shadow=0.15)
    for k in range(4):
        cy, bent = -0.78 + k * 0.56, 0.05 * k
        knuckle = Fold(put([(0.62, cy - 0.2), (0.62, cy + 0.22)]), unit * 0.1, -unit * 0.04)
        line = put(
            [(0.95 - 0.02 * k, cy - 0.05), (0.3, cy - 0.08), (-0.48 + bent, cy + 0.06), (-0.42 + bent, cy + 0.2)]
        )
        r.limb(line, [unit * 0.56, unit * 0.55, unit * 0.5, unit * 0.38], warm, folds=[knuckle], shadow=0.28)
        joint = circle(*put([(0.35, cy - 0.08)])[0], unit * 0.2, unit * 0.16)
        r.tint(r.region([joint], unit * 0.1), times(skin, (1.0, 0.76, 0.7)), 0.5)
    r.limb(put([(0.7, -0.9), (0.02, -1.25), (-0.5, -1.15)]), [unit * 0.6, unit * 0.5, unit * 0.4], warm, shadow=0.3)
    nail = put(marks("-0.42 -1.28, -0.6 -1.2, -0.62 -1.08, -0.44 -1.06"))
    r.body(nail, mix(skin, (1, 0.86, 0.84), 0.5), roundness=unit * 0.06, gloss=0.4, shadow=0.1)
    cloth = Ramp(still.cloth, times(still.cloth, 0.65))
    sleeve = put(marks("2.5 0.35, 6.4 1.4, 6.4 4.6, 2.2 2.9"))
    r.body(sleeve, cloth, smooth=False, roundness=unit * 0.5, shadow=0.4, rumple=unit * 0.12)


def writing_hand(still: Still, tip: Point, unit: float) -> Point:
    """A hand that holds a pen or brush whose point is at ``tip``; returns where the shaft leaves the hand."""
    r, skin = still.relief, times(still.skin, (0.98, 0.9, 0.88))

    def put(points: list[Point]) -> list[Point]:
        return [(tip[0] + px * unit, tip[1] + py * unit) for px, py in points]

    r.body(
        put(marks("1.8 0.2, 2.6 0, 4.6 1.2, 6.4 3.2, 5.2 4.6, 3 3.2, 1.7 1.9, 1.4 1")),
        skin,
        roundness=unit * 0.6,
        shadow=0.3,
    )
    for k in range(3):
        r.limb(
            put(
                [(2.6 + 0.12 * k, 1.5 + 0.42 * k), (1.7 + 0.06 * k, 1.05 + 0.5 * k), (1.25 + 0.12 * k, 1.5 + 0.46 * k)]
            ),
            [unit * 0.62, unit * 0.56, unit * 0.42],
            mix(skin, (1, 0.82, 0.76), 0.1),
            shadow=0.25,
        )
    return put([(2.35, -1.2)])[0]


def writing_fingers(still: Still, tip: Point, unit: float) -> None:
    """The thumb and first finger that close over the shaft; drawn after it."""
    r, skin = still.relief, times(still.skin, (0.98, 0.9, 0.88))

    def put(points: list[Point]) -> list[Point]:
        return [(tip[0] + px * unit, tip[1] + py * unit) for px, py in points]

    r.limb(
        put([(3.2, 0.55), (2.2, 0.05), (1.12, 0.42)]),
        [unit * 0.72, unit * 0.6, unit * 0.4],
        mix(skin, (1, 0.82, 0.76), 0.1),
        shadow=0.3,
    )
    r.limb(
        put([(3.0, -0.45), (1.9, -0.85), (0.92, -0.12)]),
        [unit * 0.68, unit * 0.58, unit * 0.38],
        mix(skin, (1, 0.84, 0.78), 0.16),
        shadow=0.3,
    )
    nail = put(marks("0.92 -0.2, 1.12 -0.42, 1.3 -0.4, 1.12 -0.1"))
    r.body(nail, mix(skin, (1, 0.88, 0.86), 0.5), roundness=unit * 0.06, gloss=0.4, shadow=0.1)
    r.body(
        put(marks("5 2, 7.6 3, 8.6 6.8, 4.2 5.8")),
        Ramp(still.cloth, times(still.cloth, 0.65)),
        smooth=False,
        roundness=unit * 0.5,
        shadow=0.4,
        rumple=unit * 0.12,
    )


def foot(still: Still, x: float, y: float, unit: float) -> None:
    """A bare foot from the front on the ground."""
    r, skin = still.relief, times(still.skin, (0.98, 0.9, 0.88))
    r.body(
        [
            (x - unit * 0.6, y - unit * 8),
            (x - unit * 0.62, y - unit * 2),
            (x - unit * 1.0, y - unit * 0.4),
            (x - unit * 1.1, y + unit * 0.6),
            (x, y + unit * 0.9),
            (x + unit * 1.1, y + unit * 0.6),
            (x + unit * 0.95, y - unit * 0.5),
            (x + unit * 0.62, y - unit * 2),
            (x + unit * 0.6, y - unit * 8),
        ],
        skin,
        roundness=unit * 0.6,
        shadow=0.0,
    )
    for k, (dx, size) in enumerate(((-0.82, 0.52), (-0.32, 0.4), (0.08, 0.37), (0.44, 0.34), (0.78, 0.3))):
        r.limb(
            [(x + dx * unit, y + unit * 0.35), (x + dx * unit * 1.06, y + unit * (1.0 - 0.06 * k))],
            [unit * size, unit * size * 0.92],
            mix(skin, (1, 0.82, 0.76), 0.15),
            shadow=0.25,
        )
        r.body(
            circle(x + dx * unit * 1.06, y + unit * (1.02 - 0.06 * k), unit * size * 0.28, unit * size * 0.2),
            mix(skin, (1, 0.9, 0.88), 0.5),
            roundness=unit * 0.06,
            gloss=0.3,
            shadow=0.1,
        )
