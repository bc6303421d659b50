"""Rooms of work and of punishment: painter's studio, restorer's workshop, cell."""

from __future__ import annotations

from app.backends.animatic.art.brush import Ramp, circle
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.lens import Lamp, Lens, Room, boards, illuminate, shaft, shell, window
from app.backends.animatic.art.palette import lamplit, windowlit
from app.backends.animatic.art.places.rooms import (
    WARM,
    begin,
    daylight,
    evening,
    furnished,
    light_room,
    outside,
    pane,
    shade,
)
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import Scenery, View, overlay


def studio(view: View) -> Scenery:
    """A painter's studio: paper windows, hanging scrolls, a low desk with brushes, a lamp after dark."""
    sheet, lens = begin(view)
    shell(lens, Room(2.9, 3.1, 5.6, hexa("9a8668"), hexa("7a6147"), hexa("5f5140")))
    boards(lens, 2.9, 0.6, 5.6, 0.24, (0.2, 0.14, 0.09))
    paper = (
        mix(outside(view), (1.0, 0.95, 0.82), 0.4) if not evening(view) else mix(outside(view), (0.3, 0.27, 0.24), 0.5)
    )
    window(
        lens,
        [(-0.4, 0.7, 5.55), (2.5, 0.7, 5.55), (2.5, 2.6, 5.55), (-0.4, 2.6, 5.55)],
        paper,
        (8, 6),
        hexa("4a3423"),
        0.035,
    )
    for k, x in enumerate((-2.5, -1.75, -1.0)):
        _scroll(lens, x, 0.75 + 0.1 * (k % 2), 2.65, 5.5, k)
    for side_z in (2.6, 3.6, 4.6):
        lens.side(-2.85, 0.5, 2.7, side_z, side_z + 0.7, hexa("d9cdb2"))
    _rack(view, lens)
    lens.box((-0.9, 1.2), (0.4, 0.46), (3.5, 4.4), hexa("6a4a31"))
    lens.upright(-0.8, 1.1, 0, 0.4, 3.6, hexa("4a3322"))
    lens.floor(-0.4, 0.7, 3.65, 4.2, hexa("efe8d8"), 0.465)
    on = evening(view)
    x, y = lens.at((-0.65, 0.82, 3.9))
    lamps = [
        Lamp(700, view.horizon - 120, 540, times(mix((1, 0.94, 0.82), daylight(view), 0.5), daylight(view)), 1.1),
        *([Lamp(x, y, 520, WARM, 1.5)] if on else []),
    ]
    illuminate(sheet, times(daylight(view), (0.86, 0.8, 0.72)) if not on else (0.24, 0.21, 0.2), lamps)
    _brushes(lens)
    if on:
        sheet.glow(x, y, 150, WARM, 0.8)
        lens.ball((-0.65, 0.8, 3.9), 0.05, (1.8, 1.4, 0.8), 1.0, 1.0, 1.6)
    quad = [lens.at((-0.2, 2.5, 5.4)), lens.at((2.2, 2.5, 5.4)), lens.at((0.8, 0, 2.4)), lens.at((-1.8, 0, 2.4))]
    if not on:
        shaft(sheet, quad, (1.0, 0.92, 0.75), 0.2, 40)
    light = lamplit(view.palette, WARM, -1.0) if on else windowlit(view.palette, 1.0)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def _scroll(lens: Lens, x: float, y0: float, y1: float, z: float, salt: int) -> None:
    """A hanging scroll with an ink landscape, or a bird on a branch."""
    lens.upright(x - 0.3, x + 0.3, y0, y1, z, hexa("c9b994"))
    lens.upright(x - 0.25, x + 0.25, y0 + 0.2, y1 - 0.2, z - 0.01, hexa("efe6d0"))
    lens.rod((x - 0.34, y0, z), (x + 0.34, y0, z), 0.05, hexa("4a3020"))
    rng = dice("ink", salt)
    for k in range(3):
        base = y0 + 0.35 + 0.35 * k
        peak = [
            (x - 0.22, base, z),
            (x - 0.1, base + float(rng.uniform(0.2, 0.5)), z),
            (x + 0.02, base + 0.12, z),
            (x + 0.12, base + float(rng.uniform(0.15, 0.4)), z),
            (x + 0.22, base, z),
        ]
        lens.sheet.smooth([lens.at(spot) for spot in peak], (0.12, 0.12, 0.13), 0.6 - 0.15 * k, 1.5)


def _rack(view: View, lens: Lens) -> None:
    """Rolled paintings in a rack along the right wall."""
    rng = dice("rack", view.seed)
    for row in range(5):
        for k in range(9):
            z, y = 2.6 + k * 0.3, 0.25 + row * 0.3
            lens.side(2.6, y - 0.02, y, z, z + 0.3, hexa("5a3e28"))
            px, py = lens.at((2.6, y + 0.12, z + 0.14))
            r = lens.size(0.085, z)
            lens.sheet.shape(circle(px, py, r * 0.8, r), times(hexa("e0d4ba"), float(rng.uniform(0.6, 1.0))))
            lens.sheet.shape(circle(px, py, r * 0.3, r * 0.4), hexa("8a7450"))


def _brushes(lens: Lens) -> None:
    """A jar of brushes and an ink stone."""
    x, y, z = 0.85, 0.46, 3.8
    lens.upright(x - 0.07, x + 0.07, y, y + 0.16, z, hexa("4f5a58"))
    for k in range(5):
        lens.rod((x - 0.05 + 0.025 * k, y + 0.14, z), (x - 0.14 + 0.07 * k, y + 0.4, z), 0.014, hexa("6a4a30"))
    lens.floor(0.4, 0.68, 3.7, 3.95, (0.05, 0.05, 0.06), 0.475)


def workshop(view: View) -> Scenery:
    """A restorer's workshop: dust sheets, a bench, shelves of paper, a lamp; headlights sweep the window when told."""
    sheet, lens = begin(view)
    shell(lens, Room(2.9, 3.0, 6.0, hexa("6b5f52"), hexa("5a4838"), hexa("4f4840")))
    boards(lens, 2.9, 0.6, 6.0, 0.2, (0.14, 0.1, 0.07))
    window(lens, pane(0.8, 2.4, 0.9, 2.4, 5.95), outside(view), (3, 3), hexa("3a3028"))
    _ledger_shelf(view, lens)
    for x, wide, tall in ((-2.4, 1.1, 1.3), (1.5, 1.2, 1.0)):
        _dust_sheet(lens, x, wide, tall)
    lens.box((-1.0, 1.3), (0.78, 0.86), (3.4, 4.3), hexa("7a5a3c"))
    lens.upright(-0.9, 1.2, 0, 0.78, 3.5, hexa("4a3524"))
    for k, x in enumerate((-0.6, -0.2, 0.25)):
        lens.floor(x, x + 0.34, 3.5 + 0.1 * k, 3.95 + 0.1 * k, hexa("e6dcc6"), 0.865)
    on = light_room(view, lens, 760, (0.95, 1.3, 3.9), day=0.7)
    if "headlights" in view.flags:
        white = (0.95, 0.97, 1.0)
        spots = ((0.8, 2.3, 5.9), (2.4, 2.3, 5.9), (-0.6, 0.2, 2.6), (-2.6, 0.2, 2.6))
        shaft(sheet, [lens.at(spot) for spot in spots], white, 0.5, 40)
        sheet.glow(820, view.horizon - 100, 420, white, 0.4)
    if on:
        shade(lens, (0.95, 1.22, 3.9), 0.2, 0.2, on=True)
    return furnished(view, sheet, 1.0, 1.0)


def _dust_sheet(lens: Lens, x: float, wide: float, tall: float) -> None:
    """Something large under a cloth."""
    cloth = hexa("b8b2a8")
    fall = ((0.0, 0.0), (0.1, 0.7), (0.28, 1.0), (0.6, 0.92), (0.9, 0.6), (1.0, 0.0))
    lens.sheet.smooth([lens.at((x + wide * a, tall * b, 4.8)) for a, b in fall], Ramp(cloth, times(cloth, 0.45)))


def _ledger_shelf(view: View, lens: Lens) -> None:
    rng = dice("papers", view.seed)
    lens.upright(-2.7, 0.5, 0.4, 2.8, 5.97, hexa("3a2c20"))
    for row in range(6):
        y = 0.5 + row * 0.38
        x = -2.6
        while x < 0.35:
            wide = float(rng.uniform(0.06, 0.3))
            lens.upright(
                x,
                x + wide,
                y,
                y + float(rng.uniform(0.1, 0.3)),
                5.95,
                times(mix(hexa("cabd9e"), hexa("7a5a44"), float(rng.random())), float(rng.uniform(0.6, 1.0))),
            )
            x += wide + 0.03
        lens.upright(-2.7, 0.5, y - 0.05, y - 0.01, 5.94, hexa("6a5038"))


def prison(view: View) -> Scenery:
    """A cell: stone, bars, one high slit of light."""
    sheet, lens = begin(view)
    shell(lens, Room(2.2, 3.2, 4.8, hexa("5c5a56"), hexa("4c4944"), hexa("444240")))
    boards(lens, 2.2, 0.6, 4.8, 0.7, (0.08, 0.08, 0.08), across=True)
    lens.upright(-0.5, 0.5, 2.2, 2.8, 4.78, times(outside(view), 1.3))
    lens.box((-2.1, -0.6), (0.3, 0.42), (2.9, 4.7), hexa("5a4632"))
    illuminate(
        sheet,
        (0.26, 0.27, 0.3) if not evening(view) else (0.16, 0.18, 0.23),
        [Lamp(*lens.at((0, 2.5, 4.7)), 420, outside(view), 1.0)],
    )
    shaft(
        sheet,
        [lens.at((-0.5, 2.8, 4.7)), lens.at((0.5, 2.8, 4.7)), lens.at((1.4, 0, 2.6)), lens.at((-0.6, 0, 2.6))],
        outside(view),
        0.28,
        26,
    )
    front = overlay(view, -190.0)
    for k in range(-1, 7):
        x = 60 + k * 190
        front.shape([(x - 17, -200), (x + 17, -200), (x + 17, 2120), (x - 17, 2120)], (0.035, 0.035, 0.04))
        front.shape([(x + 6, -200), (x + 12, -200), (x + 12, 2120), (x + 6, 2120)], (0.2, 0.21, 0.23), 0.8, 2)
    light = Light(
        (0.1, -0.8, 0.35),
        times(outside(view), 0.8),
        (0.18, 0.19, 0.22),
        (0.07, 0.07, 0.08),
        times(outside(view), 0.9),
        1.0,
    )
    return Scenery([sheet.layer(0.5)], light, view.horizon + 760, front=[front.layer(1.3)])
