"""Things held in hands: drawn on a figure's relief at a wrist, in half heads."""

from __future__ import annotations

from collections.abc import Callable

from app.backends.animatic.art.brush import Point, Ramp, circle, turn
from app.backends.animatic.art.colour import Rgb, hexa, mix, times
from app.backends.animatic.art.relief import Relief

WOOD = hexa("6a4a30")
STEEL = hexa("aab2ba")
PAPER = hexa("ece4d2")


def _bar(
    relief: Relief, at: Point, angle: float, up: float, down: float, width: float, paint: Rgb, gloss: float = 0.05
) -> tuple[Point, Point]:
    """A straight rod through the hand; returns its upper and lower end."""
    x, y = at
    ends = turn([(x, y - up), (x, y + down)], angle, at)
    relief.limb(
        [ends[0], ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2), ends[1]],
        [width, width],
        paint,
        gloss=gloss,
    )
    return ends[0], ends[1]


def staff(relief: Relief, at: Point) -> None:
    """A peach-wood staff with light in its head."""
    top, _ = _bar(relief, at, 4, 4.6, 9.6, 0.24, WOOD)
    relief.body(
        [
            (top[0] - 0.28, top[1] + 0.5),
            (top[0] - 0.4, top[1] - 0.2),
            (top[0] - 0.05, top[1] - 0.7),
            (top[0] + 0.36, top[1] - 0.25),
            (top[0] + 0.2, top[1] + 0.5),
        ],
        mix(WOOD, (1, 0.75, 0.35), 0.35),
        roundness=0.25,
    )
    relief.shine(relief.region([circle(top[0], top[1], 0.28)], 0.12), (1.5, 1.0, 0.45), 0.9)


def cane(relief: Relief, at: Point) -> None:
    """A walking cane with a silver knob."""
    x, y = at
    relief.limb(
        [(x, y - 0.2), (x + 0.1, y + 3.2), (x + 0.2, y + 6.6)], [0.16, 0.15, 0.13], (0.08, 0.06, 0.05), gloss=0.4
    )
    relief.body(circle(x, y - 0.34, 0.22), STEEL, roundness=0.2, gloss=0.8)


def sword(relief: Relief, at: Point) -> None:
    """A drawn blade, held up."""
    x, y = at
    blade = turn(
        [(x - 0.12, y - 0.3), (x - 0.1, y - 4.4), (x + 0.04, y - 4.9), (x + 0.12, y - 4.4), (x + 0.12, y - 0.3)], 24, at
    )
    relief.body(blade, Ramp(times(STEEL, 1.15), times(STEEL, 0.7)), smooth=False, roundness=0.1, gloss=0.8, shadow=0.2)
    guard = turn([(x - 0.42, y - 0.32), (x + 0.42, y - 0.32), (x + 0.42, y - 0.14), (x - 0.42, y - 0.14)], 24, at)
    relief.body(guard, hexa("8a6a34"), smooth=False, roundness=0.08, gloss=0.4)
    _bar(relief, at, 24, 0.2, 0.7, 0.2, hexa("3a2a20"))


def torch(relief: Relief, at: Point) -> None:
    """A burning torch."""
    top, _ = _bar(relief, at, 8, 1.9, 1.4, 0.22, WOOD)
    x, y = top
    relief.shine(relief.region([circle(x, y - 0.4, 1.5)], 0.6), (1.0, 0.5, 0.16), 0.4, inside=True)
    flame(relief, x, y, 1.0)


def flame(relief: Relief, x: float, y: float, size: float) -> None:
    """A flame, brightest at its heart (painted brighter than any light could make it)."""
    outer = [
        (x - 0.34, y + 0.1),
        (x - 0.46, y - 0.5),
        (x - 0.16, y - 1.0),
        (x + 0.04, y - 1.75),
        (x + 0.2, y - 1.0),
        (x + 0.46, y - 0.5),
        (x + 0.32, y + 0.1),
    ]
    for k, (scale, colour) in enumerate(((1.0, (1.7, 0.62, 0.12)), (0.66, (2.3, 1.3, 0.35)), (0.36, (3.0, 2.4, 1.4)))):
        shape = [(x + (px - x) * scale * size, y + (py - y) * scale * size) for px, py in outer]
        relief.smooth(shape, colour, 0.95, 0.05 * (3 - k) * size)


def lantern(relief: Relief, at: Point) -> None:
    """A lantern hung from the hand, alight."""
    x, y = at
    relief.stroke([(x, y + 0.1), (x, y + 0.9)], [0.05], (0.1, 0.08, 0.06))
    relief.body(circle(x, y + 1.75, 0.62, 0.85), (1.5, 0.95, 0.42), roundness=0.5, shadow=0.1)
    relief.shape(circle(x, y + 1.8, 0.34, 0.5), (2.4, 1.8, 1.0), 0.9, 0.16)
    for dy in (0.95, 2.55):
        relief.body(
            [(x - 0.34, y + dy - 0.08), (x + 0.34, y + dy - 0.08), (x + 0.34, y + dy + 0.1), (x - 0.34, y + dy + 0.1)],
            hexa("5a3a22"),
            smooth=False,
            roundness=0.05,
        )


def ledger(relief: Relief, at: Point) -> None:
    """A heavy book held against the body."""
    x, y = at
    cover = turn([(x - 0.95, y - 1.15), (x + 0.75, y - 1.15), (x + 0.75, y + 0.95), (x - 0.95, y + 0.95)], -8, at)
    pages = turn([(x - 0.86, y + 0.75), (x + 0.8, y + 0.75), (x + 0.8, y + 1.0), (x - 0.86, y + 1.0)], -8, at)
    relief.body(cover, Ramp(hexa("5c3628"), hexa("3f241b")), smooth=False, roundness=0.08, shadow=0.4)
    relief.body(pages, PAPER, smooth=False, roundness=0.05, shadow=0.1)
    band = turn([(x - 0.95, y - 1.15), (x - 0.7, y - 1.15), (x - 0.7, y + 0.95), (x - 0.95, y + 0.95)], -8, at)
    relief.body(band, hexa("8a6a34"), smooth=False, roundness=0.05, shadow=0.1)


def paper(relief: Relief, at: Point) -> None:
    """A sheet of writing."""
    x, y = at
    sheet = turn([(x - 0.72, y - 1.5), (x + 0.6, y - 1.5), (x + 0.6, y + 0.4), (x - 0.72, y + 0.4)], -10, at)
    relief.body(sheet, PAPER, smooth=False, roundness=0.06, shadow=0.35, steep=0.3)
    for k in range(7):
        line = turn([(x - 0.56, y - 1.28 + k * 0.22), (x + 0.44 - 0.3 * (k % 3 == 2), y - 1.28 + k * 0.22)], -10, at)
        relief.stroke(line, [0.03], (0.2, 0.18, 0.2), 0.7)


def silk(relief: Relief, at: Point) -> None:
    """An unrolled scroll of yellow silk."""
    x, y = at
    sheet = [(x - 1.5, y - 0.7), (x + 1.5, y - 0.7), (x + 1.4, y + 1.3), (x - 1.4, y + 1.3)]
    relief.body(sheet, hexa("d0a648"), smooth=False, roundness=0.12, shadow=0.35, steep=0.4, gloss=0.15)
    for side in (-1, 1):
        relief.limb([(x + side * 1.5, y - 0.9), (x + side * 1.45, y + 1.5)], [0.22], hexa("7a2a22"))
    for k in range(6):
        relief.stroke([(x - 1.1 + k * 0.42, y - 0.4), (x - 1.1 + k * 0.42, y + 0.95)], [0.06], (0.25, 0.12, 0.08), 0.7)


def phone(relief: Relief, at: Point) -> None:
    """A phone against the ear."""
    x, y = at
    body = turn([(x - 0.22, y - 0.75), (x + 0.22, y - 0.75), (x + 0.22, y + 0.5), (x - 0.22, y + 0.5)], 14, at)
    relief.body(body, (0.06, 0.065, 0.07), smooth=False, roundness=0.08, gloss=0.5, shadow=0.3)


def suitcase(relief: Relief, at: Point) -> None:
    """A suitcase carried at the side."""
    x, y = at
    relief.body(
        [(x - 1.3, y + 0.75), (x + 1.3, y + 0.75), (x + 1.3, y + 3.9), (x - 1.3, y + 3.9)],
        Ramp(hexa("5c4636"), hexa("35281f")),
        smooth=False,
        roundness=0.25,
        shadow=0.2,
    )
    relief.limb(
        [(x - 0.4, y + 0.8), (x - 0.3, y + 0.4), (x + 0.3, y + 0.4), (x + 0.4, y + 0.8)], [0.14], hexa("2a1f18")
    )
    for dx in (-0.8, 0.8):
        relief.body(
            [(x + dx - 0.12, y + 0.75), (x + dx + 0.12, y + 0.75), (x + dx + 0.12, y + 3.9), (x + dx - 0.12, y + 3.9)],
            hexa("3a2a20"),
            smooth=False,
            roundness=0.06,
            shadow=0.1,
        )


def umbrella(relief: Relief, at: Point) -> None:
    """A black umbrella over the head."""
    x, y = at
    top, _ = _bar(relief, at, 0, 5.4, 0.9, 0.1, (0.12, 0.12, 0.12), 0.3)
    x, y = top
    dome = [
        (x - 3.6, y + 1.7),
        (x - 3.0, y + 0.6),
        (x - 1.6, y - 0.3),
        (x, y - 0.6),
        (x + 1.6, y - 0.3),
        (x + 3.0, y + 0.6),
        (x + 3.6, y + 1.7),
        (x + 2.3, y + 1.35),
        (x + 1.15, y + 1.6),
        (x, y + 1.3),
        (x - 1.15, y + 1.6),
        (x - 2.3, y + 1.35),
    ]
    relief.body(dome, (0.055, 0.055, 0.06), roundness=1.4, gloss=0.3, shadow=0.1)


def shoe(relief: Relief, at: Point) -> None:
    """One small red shoe, held like something alive."""
    x, y = at[0] - 0.1, at[1] - 0.35
    outline = [
        (x - 0.8, y - 0.1),
        (x - 0.72, y - 0.42),
        (x - 0.35, y - 0.34),
        (x + 0.1, y - 0.1),
        (x + 0.62, y + 0.02),
        (x + 0.82, y + 0.26),
        (x + 0.3, y + 0.4),
        (x - 0.72, y + 0.38),
    ]
    relief.body(outline, (0.85, 0.13, 0.1), roundness=0.3, gloss=0.15, shadow=0.4)
    relief.smooth(
        [(x - 0.66, y - 0.34), (x - 0.3, y - 0.28), (x - 0.06, y - 0.1), (x - 0.5, y - 0.12)],
        (0.2, 0.03, 0.03),
        0.9,
        0.03,
    )


def brush(relief: Relief, at: Point) -> None:
    """A brush of white bone, or a pen."""
    _, low = _bar(relief, at, 22, 1.5, 0.8, 0.12, hexa("e2d9c4"), 0.3)
    relief.body(
        [(low[0] - 0.09, low[1] - 0.05), (low[0] + 0.09, low[1] - 0.05), (low[0] - 0.12, low[1] + 0.5)],
        (0.06, 0.05, 0.06),
        roundness=0.06,
    )


def pen(relief: Relief, at: Point) -> None:
    """A fountain pen."""
    _, low = _bar(relief, at, 24, 0.85, 0.55, 0.11, (0.07, 0.07, 0.08), 0.6)
    relief.body(
        [(low[0] - 0.05, low[1]), (low[0] + 0.06, low[1]), (low[0] - 0.06, low[1] + 0.24)],
        hexa("d9b25a"),
        roundness=0.05,
        gloss=0.8,
    )


def glass(relief: Relief, at: Point) -> None:
    """A champagne glass."""
    x, y = at
    relief.body(
        [(x - 0.3, y - 1.4), (x + 0.3, y - 1.4), (x + 0.2, y - 0.6), (x, y - 0.4), (x - 0.2, y - 0.6)],
        (0.95, 0.85, 0.6),
        smooth=False,
        roundness=0.2,
        gloss=0.8,
        shadow=0.1,
    )
    relief.stroke([(x, y - 0.4), (x, y + 0.3)], [0.06], (0.9, 0.9, 0.88))


def oar(relief: Relief, at: Point) -> None:
    """An oar across the body, down to the water."""
    x, y = at
    ends = turn([(x, y - 2.6), (x, y + 7.0)], -32, at)
    relief.limb([ends[0], at, ends[1]], [0.18, 0.2, 0.2], WOOD)
    blade = turn(
        [(x - 0.3, y + 5.4), (x + 0.3, y + 5.4), (x + 0.42, y + 7.6), (x, y + 8.0), (x - 0.42, y + 7.6)], -32, at
    )
    relief.body(blade, times(WOOD, 0.9), roundness=0.1)


def shield(relief: Relief, at: Point) -> None:
    """A round bronze shield."""
    x, y = at
    relief.body(circle(x, y, 2.1), hexa("8a6f42"), roundness=1.2, gloss=0.5)
    relief.body(circle(x, y, 0.6), hexa("a5884f"), roundness=0.5, gloss=0.6)


def stone(relief: Relief, at: Point) -> None:
    """A white pebble."""
    relief.body(circle(at[0], at[1] + 0.3, 0.22, 0.18), hexa("efece4"), roundness=0.16, gloss=0.2)


def seat(relief: Relief, floor: float) -> None:
    """A plain bench under someone who sits."""
    top = floor - 4.6
    relief.body([(-2.6, top), (2.6, top), (2.7, floor), (-2.7, floor)], times(WOOD, 0.5), smooth=False, roundness=0.3)
    relief.body(
        [(-2.8, top - 0.2), (2.8, top - 0.2), (2.9, top + 0.45), (-2.9, top + 0.45)],
        times(WOOD, 0.85),
        smooth=False,
        roundness=0.2,
    )


PROPS: dict[str, Callable[[Relief, Point], None]] = {
    "staff": staff,
    "cane": cane,
    "sword": sword,
    "torch": torch,
    "lantern": lantern,
    "ledger": ledger,
    "paper": paper,
    "silk": silk,
    "phone": phone,
    "suitcase": suitcase,
    "umbrella": umbrella,
    "shoe": shoe,
    "brush": brush,
    "pen": pen,
    "glass": glass,
    "oar": oar,
    "shield": shield,
    "stone": stone,
}
"""What a hand may hold."""
BEHIND = frozenset({"staff", "cane", "suitcase", "umbrella", "oar"})
"""Drawn before the sleeve, so that the hand closes over them."""
