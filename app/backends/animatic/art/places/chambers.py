"""Private rooms: bedroom, ward, study, home; corridors and stairs."""

from __future__ import annotations

from app.backends.animatic.art.brush import Sheet, marks
from app.backends.animatic.art.colour import hexa, mix, times
from app.backends.animatic.art.lens import Lamp, Lens, Room, boards, illuminate, shaft, shell, window
from app.backends.animatic.art.palette import lamplit
from app.backends.animatic.art.places.rooms import (
    COLD,
    WARM,
    begin,
    daylight,
    evening,
    furnished,
    gleam,
    light_room,
    mirror_floor,
    outside,
    pane,
    pendant,
    shade,
)
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import Scenery, View


def bedroom(view: View) -> Scenery:
    """A bed, a lamp, a curtained window."""
    sheet, lens = begin(view)
    shell(lens, Room(2.9, 2.8, 5.6, hexa("86796e"), hexa("5c4a3c"), hexa("8b857d")))
    boards(lens, 2.9, 0.6, 5.6, 0.18, (0.16, 0.11, 0.08))
    window(lens, pane(-2.2, -0.3, 0.7, 2.4, 5.55), outside(view), (2, 2), (0.75, 0.72, 0.68))
    for x0, x1 in ((-2.6, -2.0), (-0.5, 0.1)):
        _curtain(lens, x0, x1)
    lens.box((0.4, 2.7), (0.2, 0.55), (2.9, 5.2), hexa("c8c2bb"))
    lens.box((0.4, 2.7), (0.55, 1.25), (5.2, 5.4), hexa("5a4334"))
    for x in (0.6, 1.7):
        lens.box((x, x + 0.8), (0.55, 0.72), (4.6, 5.1), hexa("e6e1da"))
    lens.floor(0.4, 2.7, 2.9, 4.4, hexa("7d8894"), 0.57)
    lens.box((-0.25, 0.3), (0, 0.6), (4.7, 5.2), hexa("5a4334"))
    on = light_room(view, lens, 300, (0.02, 0.95, 4.9))
    shade(lens, (0.02, 0.78, 4.9), 0.18, 0.28, on=on)
    beam = [lens.at(spot) for spot in ((-2.2, 2.3, 5.5), (-0.4, 2.3, 5.5), (1.0, 0, 3.2), (-1.2, 0, 3.2))]
    shaft(sheet, beam, daylight(view), 0.16, 30)
    gleam(view, sheet, daylight(view), 330)
    return furnished(view, sheet, -1.0)


def _curtain(lens: Lens, x0: float, x1: float) -> None:
    lens.upright(x0, x1, 0.1, 2.6, 5.4, hexa("a39a90"))
    for k in range(4):
        x = x0 + (x1 - x0) * (k + 0.5) / 4
        lens.upright(x - 0.03, x + 0.03, 0.1, 2.6, 5.39, (0.25, 0.23, 0.22), 0.35)


def corridor(view: View) -> Scenery:
    """A long corridor of doors, lights in a row, darkness at its end."""
    sheet, lens = begin(view)
    shell(lens, Room(1.5, 2.7, 30.0, hexa("77797a"), hexa("4d4f52"), hexa("85878a")))
    boards(lens, 1.5, 0.6, 30.0, 0.75, (0.16, 0.17, 0.18), across=True)
    for z in (3.0, 6.2, 9.4, 12.6, 15.8, 19.0, 23.0):
        for side in (-1, 1):
            lens.side(side * 1.49, 0, 2.15, z, z + 1.0, hexa("4c4640"))
            lens.rod((side * 1.47, 1.0, z + 0.85), (side * 1.47, 1.1, z + 0.85), 0.06, (0.7, 0.66, 0.5))
    lens.upright(-0.6, 0.6, 0, 2.2, 29.9, outside(view) if not evening(view) else (0.05, 0.05, 0.06))
    mirror_floor(view, sheet, 0.22)
    tone = mix(COLD, (1, 1, 1), 0.4) if not evening(view) else COLD
    zs = (2.5, 5.0, 8.0, 11.5, 16.0, 22.0)
    illuminate(
        sheet,
        (0.24, 0.25, 0.28) if not evening(view) else (0.1, 0.11, 0.14),
        [Lamp(*lens.at((0, 2.4, z)), lens.size(1.5, z) + 40, tone, 1.0) for z in zs],
    )
    for z in zs:
        lens.floor(-0.28, 0.28, z, z + 0.9, times(tone, 1.5), 2.69)
        x, y = lens.at((0, 2.65, z + 0.4))
        sheet.glow(x, y, lens.size(0.5, z), tone, 0.3)
    light = Light((0.15, -0.85, 0.45), times(tone, 0.8), (0.3, 0.32, 0.37), (0.13, 0.13, 0.14), times(tone, 0.7), -1.0)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def ward(view: View) -> Scenery:
    """A hospital room: bed, rails, curtain, a monitor's green line."""
    sheet, lens = begin(view)
    shell(lens, Room(3.0, 2.9, 6.0, hexa("9aa5a6"), hexa("7d8688"), hexa("a9b0b0")))
    boards(lens, 3.0, 0.6, 6.0, 0.6, (0.3, 0.34, 0.35), across=True)
    window(
        lens,
        [(0.6, 0.9, 5.95), (2.5, 0.9, 5.95), (2.5, 2.4, 5.95), (0.6, 2.4, 5.95)],
        outside(view),
        (2, 1),
        (0.7, 0.72, 0.73),
    )
    lens.box((-1.9, 0.1), (0.55, 0.8), (3.0, 5.4), hexa("d9e0e1"))
    lens.box((-1.6, -0.2), (0.8, 0.95), (4.7, 5.3), hexa("eef2f2"))
    for z in (3.1, 4.2):
        lens.rod((0.12, 0.55, z), (0.12, 1.05, z), 0.03, (0.75, 0.78, 0.8))
    lens.rod((0.12, 1.05, 3.1), (0.12, 1.05, 4.2), 0.03, (0.8, 0.83, 0.85))
    for k in range(9):
        lens.side(-2.6, 0.2, 2.5, 2.4 + k * 0.36, 2.58 + k * 0.36, mix(hexa("7fa8a6"), (1, 1, 1), 0.15 * (k % 2)))
        lens.side(-2.58, 0.2, 2.5, 2.58 + k * 0.36, 2.76 + k * 0.36, times(hexa("7fa8a6"), 0.78))
    lens.upright(0.5, 1.1, 1.35, 1.8, 5.5, (0.04, 0.05, 0.05))
    on = evening(view)
    illuminate(
        sheet,
        times(daylight(view), 0.85) if not on else (0.25, 0.29, 0.33),
        [Lamp(760, view.horizon - 160, 520, daylight(view, 1.3), 1.0), Lamp(540, view.horizon - 420, 620, COLD, 0.45)],
    )
    line = marks("0.54 1.57, 0.68 1.57, 0.73 1.72, 0.78 1.44, 0.83 1.6, 0.9 1.57, 1.06 1.57")
    sheet.stroke([lens.at((x, y, 5.48)) for x, y in line], [3], (0.3, 1.1, 0.5), 0.95, 0.8)
    x, y = lens.at((0.8, 1.57, 5.5))
    sheet.glow(x, y, 110, (0.2, 0.8, 0.4), 0.3)
    light = Light((-0.2, -0.8, 0.5), (0.74, 0.82, 0.84), (0.36, 0.4, 0.42), (0.2, 0.22, 0.22), (0.6, 0.7, 0.75), 1.0)
    gleam(view, sheet, daylight(view), 720)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def study(view: View) -> Scenery:
    """A small dark room: one lamp, one desk, panelled walls, a half-open door."""
    sheet, lens = begin(view)
    shell(lens, Room(2.6, 3.0, 5.4, hexa("5a4a40"), hexa("4a392e"), hexa("4f4843")))
    boards(lens, 2.6, 0.6, 5.4, 0.18, (0.1, 0.07, 0.05))
    for x in (-2.1, -1.0, 0.1):
        lens.upright(x, x + 0.9, 0.2, 1.15, 5.38, hexa("64513f"))
        lens.upright(x, x + 0.9, 1.35, 2.7, 5.38, hexa("665343"))
    lens.upright(1.3, 2.25, 0, 2.3, 5.37, hexa("2a1f18"))
    lens.face([(1.3, 0, 5.36), (1.55, 0, 4.9), (1.55, 2.28, 4.9), (1.3, 2.28, 5.36)], hexa("5d4936"))
    lens.box((-1.6, 0.5), (0.72, 0.79), (3.8, 4.8), hexa("6a4a30"))
    lens.upright(-1.55, 0.45, 0, 0.72, 3.85, hexa("46311f"))
    for k, x in enumerate((-0.9, -0.62, -0.34)):
        lens.floor(x, x + 0.24, 4.05 + 0.02 * k, 4.42, hexa("e8e2d2"), 0.797)
    x, y = lens.at((-1.2, 1.2, 4.3))
    bright = 1.5 if evening(view) else 1.2
    illuminate(
        sheet,
        (0.3, 0.27, 0.28) if evening(view) else (0.44, 0.41, 0.4),
        [Lamp(x, y, 520, WARM, bright), Lamp(*lens.at((1.8, 1.3, 5.3)), 220, WARM, 0.6)],
    )
    _desk_lamp(sheet, lens, -1.2, 0.79, 4.3)
    return Scenery([sheet.layer(0.45)], lamplit(view.palette, WARM, -1.0), view.horizon + 760)


def _desk_lamp(sheet: Sheet, lens: Lens, x: float, y: float, z: float) -> None:
    lens.rod((x, y, z), (x, y + 0.32, z), 0.03, (0.3, 0.22, 0.1))
    px, py = lens.at((x, y + 0.4, z))
    sheet.glow(px, py, lens.size(0.62, z), WARM, 0.75)
    lens.face(
        [(x - 0.2, y + 0.3, z), (x + 0.2, y + 0.3, z), (x + 0.11, y + 0.52, z), (x - 0.11, y + 0.52, z)],
        times(WARM, 1.5),
    )


def home(view: View) -> Scenery:
    """A living room: sofa, picture, window, lamp."""
    sheet, lens = begin(view)
    shell(lens, Room(3.2, 2.8, 5.8, hexa("a39682"), hexa("7a5f48"), hexa("b0a898")))
    boards(lens, 3.2, 0.6, 5.8, 0.18, (0.22, 0.15, 0.1))
    window(lens, pane(-2.6, -0.7, 0.8, 2.4, 5.75), outside(view), (2, 2), (0.8, 0.78, 0.74))
    lens.box((0.0, 2.6), (0, 0.45), (4.4, 5.3), hexa("6c7683"))
    lens.box((0.0, 2.6), (0.45, 0.95), (5.2, 5.5), hexa("76808d"))
    for x in (-0.1, 2.45):
        lens.box((x, x + 0.25), (0, 0.65), (4.4, 5.4), hexa("606a76"))
    lens.upright(0.8, 1.8, 1.45, 2.2, 5.77, hexa("3a3028"))
    lens.upright(0.86, 1.74, 1.51, 2.14, 5.76, hexa("8c9a94"))
    lens.floor(-1.3, 1.3, 3.2, 4.4, hexa("8a6052"), 0.005)
    lens.floor(-1.2, 1.2, 3.28, 4.3, hexa("9a7060"), 0.006)
    lens.box((-0.9, 0.7), (0.36, 0.4), (3.4, 4.0), hexa("6a5038"))
    on = light_room(view, lens, 250, (2.75, 1.5, 5.2), day=0.82)
    lens.rod((2.75, 0, 5.2), (2.75, 1.4, 5.2), 0.03, (0.1, 0.09, 0.08))
    shade(lens, (2.75, 1.38, 5.2), 0.23, 0.32, on=on)
    gleam(view, sheet, daylight(view), 300)
    return furnished(view, sheet, 1.0)


def stairs(view: View) -> Scenery:
    """A back stair climbing into the dark, a bare bulb above."""
    sheet, lens = begin(view)
    shell(lens, Room(1.9, 5.6, 8.0, hexa("6e6760"), hexa("4d4844"), hexa("4a4744")))
    boards(lens, 1.9, 0.6, 8.0, 0.2, (0.1, 0.09, 0.08))
    for k in range(13):
        y, z = k * 0.19, 3.4 + k * 0.3
        lens.box((-0.9, 1.9), (0, y + 0.19), (z, z + 0.3), hexa("6a5644"))
        lens.upright(-0.9, 1.9, y + 0.15, y + 0.19, z - 0.01, hexa("a08568"))
    for k in range(13):
        lens.rod(
            (-0.86, k * 0.19 + 0.19, 3.5 + k * 0.3), (-0.86, k * 0.19 + 1.1, 3.5 + k * 0.3), 0.025, (0.07, 0.06, 0.055)
        )
    lens.rod((-0.86, 1.1, 3.5), (-0.86, 3.4, 7.1), 0.06, (0.2, 0.13, 0.08))
    x, y = lens.at((0.5, 3.3, 5.0))
    illuminate(sheet, (0.24, 0.23, 0.26) if evening(view) else (0.4, 0.4, 0.42), [Lamp(x, y, 620, WARM, 1.5)])
    pendant(sheet, lens, 0.5, 3.3, 5.0, WARM, True, 5.6)
    return Scenery([sheet.layer(0.45)], lamplit(view.palette, WARM, 1.0), view.horizon + 760)
