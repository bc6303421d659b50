"""Modern rooms: lobby, office, boardroom, bedroom, corridor, ward, study, home, stairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.backends.animatic.art.brush import Ramp, Region, Sheet, marks
from app.backends.animatic.art.colour import Array, Rgb, dice, hexa, mix, plus, times
from app.backends.animatic.art.lens import Lamp, Lens, Room, Spot, boards, illuminate, shaft, shell
from app.backends.animatic.art.palette import lamplit, windowlit
from app.backends.animatic.art.places.city import skyline
from app.backends.animatic.art.scenery import Scenery, View, backdrop, gradient, overlay
from app.backends.animatic.layers import Layer

WARM = (1.0, 0.76, 0.48)
COLD = (0.72, 0.86, 1.0)


def outside(view: View) -> Rgb:
    """The colour of the sky through a window."""
    p = view.palette
    return times(mix(p.sky[2], p.sky[3], 0.5), 1.25 if p.hour in ("day", "dawn") else 0.9)


def daylight(view: View, k: float = 1.0) -> Rgb:
    """How much a room takes from its windows."""
    level = {"day": 0.98, "dawn": 0.74, "dusk": 0.5, "night": 0.2}[view.palette.hour]
    if {"rain", "storm", "fog"} & view.weather:
        level *= 0.8
    return times(mix((1, 1, 1), view.palette.sky[3], 0.4), level * k)


def evening(view: View) -> bool:
    """Whether the lamps are on."""
    return view.palette.hour in ("dusk", "night")


def begin(view: View, eye: float = 1.3, focal: float = 1560.0) -> tuple[Sheet, Lens]:
    """An empty room's sheet and the lens that looks at it."""
    sheet = backdrop(view, (0.02, 0.02, 0.025))
    return sheet, Lens(sheet, view.horizon, focal, eye)


def table(view: View, lens: Lens, half: float, near: float, far: float, colour: Rgb, tall: float = 0.75) -> None:
    """A table that runs away from the lens, its top catching the light."""
    lens.box((-half, half), (tall - 0.06, tall), (near, far), colour)
    lens.floor(-half, half, near, far, Ramp(mix(colour, view.palette.sky[3], 0.4), times(colour, 0.8)), tall)
    lens.upright(-half * 0.8, half * 0.8, 0, tall - 0.06, near + 0.1, times(colour, 0.25))


def chair(lens: Lens, x: float, z: float, colour: Rgb, side: int) -> None:
    """A high-backed chair beside a table, turned to it."""
    back = x + side * 0.28
    lens.face(
        [
            (back, 0.5, z - 0.24),
            (back, 0.5, z + 0.24),
            (back + side * 0.06, 1.15, z + 0.2),
            (back + side * 0.06, 1.15, z - 0.2),
        ],
        times(colour, 0.85),
    )
    lens.floor(min(x - side * 0.1, back), max(x - side * 0.1, back), z - 0.24, z + 0.24, times(colour, 1.1), 0.5)
    lens.rod((x + side * 0.1, 0, z), (x + side * 0.1, 0.5, z), 0.06, times(colour, 0.4))


def pendant(sheet: Sheet, lens: Lens, x: float, y: float, z: float, colour: Rgb, on: bool, ceiling: float) -> None:
    """A hanging lamp."""
    lens.rod((x, y, z), (x, ceiling, z), 0.02, (0.05, 0.05, 0.05))
    px, py = lens.at((x, y, z))
    if on:
        sheet.glow(px, py, lens.size(0.7, z), colour, 0.5)
    lens.ball((x, y, z), 0.13, times(colour, 1.4 if on else 0.4), 1.0, 1.5, 0.55)


@dataclass(slots=True)
class Glass:
    """A wall of glass with the city behind it: it is painted twice, for what reflects it and for its own light."""

    quad: list[Spot]
    panes: tuple[int, int]
    region: Region | None
    picture: Array | None

    def paint(self, lens: Lens, level: float = 1.0) -> None:
        """Paint the view and the bars."""
        if self.region is not None and self.picture is not None:
            lens.sheet.paint(self.region, self.picture * np.float32(level))
            _bars(lens, self.quad, self.panes, times((0.08, 0.085, 0.095), level))


def city_window(view: View, lens: Lens, quad: list[Spot], panes: tuple[int, int], foot: float) -> Glass:
    """Prepare and paint a wall of glass with the city behind it."""
    region = lens.sheet.region([[lens.at(spot) for spot in quad]])
    picture = None
    if region is not None:
        town = backdrop(view)
        p = view.palette
        gradient(town, [(-190, p.sky[1]), (foot - 260, p.sky[2]), (foot, p.sky[3]), (2110, p.haze)])
        skyline(view, town, foot + 30, 60, 330, 0.62, 7, (50, 110))
        skyline(view, town, foot + 130, 30, 200, 0.42, 8, (70, 150))
        picture = town.rgb[region.window].copy()
    glass = Glass(quad, panes, region, picture)
    glass.paint(lens)
    return glass


def _bars(lens: Lens, quad: list[Spot], panes: tuple[int, int], bars: Rgb) -> None:
    def between(p: Spot, q: Spot, t: float) -> Spot:
        return p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t, p[2] + (q[2] - p[2]) * t

    a, b, c, d = quad
    for k in range(panes[0] + 1):
        lens.rod(between(a, b, k / panes[0]), between(d, c, k / panes[0]), 0.05, bars)
    for k in range(panes[1] + 1):
        lens.rod(between(a, d, k / panes[1]), between(b, c, k / panes[1]), 0.05, bars)


def gleam(view: View, sheet: Sheet, colour: Rgb, x: float = 540.0) -> None:
    """Light lying on a floor."""
    region = sheet.region(
        [[(x - 150, view.horizon + 160), (x + 150, view.horizon + 160), (x + 460, 1900), (x - 460, 1900)]], 90
    )
    if region is not None:
        fade = np.linspace(1, 0.1, region.y1 - region.y0, dtype=np.float32)[:, None]
        sheet.shine(region, colour, fade * 0.1)


def light_room(view: View, lens: Lens, window_x: float, lamp: Spot, *, level: float = 1.35, day: float = 0.75) -> bool:
    """Light a small room: by its window in daytime, by one lamp after dark; returns whether the lamp burns."""
    on = evening(view)
    x, y = lens.at(lamp)
    lamps = [Lamp(window_x, view.horizon - 115, 500, daylight(view, 1.45), 1.0)]
    if on:
        lamps.append(Lamp(x, y, 510, WARM, level))
    illuminate(lens.sheet, times(daylight(view), day) if not on else (0.23, 0.21, 0.24), lamps)
    if on:
        lens.sheet.glow(x, y, 150, WARM, 0.72)
    return on


def furnished(view: View, sheet: Sheet, lamp_side: float, window_side: float = -1.0) -> Scenery:
    """A finished small room, with the light that falls on whoever stands in it."""
    p = view.palette
    light = lamplit(p, WARM, lamp_side) if evening(view) else windowlit(p, window_side)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def shade(lens: Lens, spot: Spot, wide: float, tall: float, *, on: bool, off: Rgb = (0.55, 0.5, 0.44)) -> None:
    """A lamp's shade, alight or not."""
    x, y, z = spot
    quad = [(x - wide, y, z), (x + wide, y, z), (x + wide * 0.6, y + tall, z), (x - wide * 0.6, y + tall, z)]
    lens.face(quad, times(WARM, 1.4) if on else off)


def pane(x0: float, x1: float, y0: float, y1: float, z: float) -> list[Spot]:
    """The corners of an opening that faces the lens, from its lower left round."""
    return [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]


def lobby(view: View) -> Scenery:
    """A tower's lobby: four storeys of glass, a floor like water, a long desk."""
    sheet, lens = begin(view)
    shell(lens, Room(7.0, 9.0, 17.0, hexa("77797c"), hexa("55585c"), hexa("5d5f63")))
    glass = city_window(
        view,
        lens,
        [(-6.4, 0.1, 16.9), (6.4, 0.1, 16.9), (6.4, 8.2, 16.9), (-6.4, 8.2, 16.9)],
        (7, 5),
        view.horizon - 10,
    )
    for side in (-1, 1):
        for z in (5.0, 9.0, 13.0):
            lens.box((side * 5.2 - 0.45, side * 5.2 + 0.45), (0, 9), (z, z + 0.9), hexa("8c8a86"), -side)
    boards(lens, 7.0, 0.6, 16.9, 1.4, (0.1, 0.1, 0.11), across=True)
    mirror_floor(view, sheet, 0.42)
    lens.box((-4.6, -1.4), (0, 1.12), (7.2, 8.1), hexa("4a4038"))
    lens.box((-4.7, -1.3), (1.12, 1.18), (7.1, 8.2), hexa("b9b2a6"))
    on = evening(view) or bool({"rain", "storm"} & view.weather)
    lamps = [Lamp(540, view.horizon - 260, 760, daylight(view, 1.5), 1.0, 0.9)]
    if on:
        lamps += [Lamp(*lens.at((x, 5.0, z)), 460, WARM, 0.5) for x in (-3.5, 3.5) for z in (6.0, 11.0)]
    illuminate(sheet, plus(times(daylight(view), 0.75), (0.1, 0.1, 0.12)), lamps)
    glass.paint(lens, 0.95)
    lens.box((-4.6, -1.4), (0, 1.12), (7.2, 8.1), times(hexa("4a4038"), daylight(view, 0.7)))
    for x in (-3.0, 3.0):
        pendant(sheet, lens, x, 5.6, 9.0, WARM, on, 9.0)
    quad = [lens.at((-5, 7.8, 16)), lens.at((-1, 7.8, 16)), lens.at((2.6, 0, 5)), lens.at((-2.4, 0, 5))]
    shaft(sheet, quad, daylight(view), 0.14, 40)
    return Scenery([sheet.layer(0.45)], windowlit(view.palette, -1.0), view.horizon + 760)


def mirror_floor(view: View, sheet: Sheet, strength: float) -> None:
    """Reflect what stands above the horizon in a polished floor."""
    row = int((view.horizon - sheet.top) * sheet.scale)
    rows = min(row, sheet.h - row)
    if rows < 4:
        return
    mirrored = sheet.rgb[row - rows : row][::-1]
    sheet.rgb[row : row + rows] = sheet.rgb[row : row + rows] * (1 - strength) + mirrored * strength


def boardroom(view: View) -> Scenery:
    """A long table, twelve chairs, a wall of glass."""
    sheet, lens = begin(view, eye=1.55)
    shell(lens, Room(3.6, 3.2, 11.0, hexa("6a6259"), hexa("4c4640"), hexa("6d6a66")))
    boards(lens, 3.6, 0.6, 10.9, 0.6, (0.12, 0.1, 0.09), across=True)
    city_window(
        view,
        lens,
        [(-3.3, 0.25, 10.9), (3.3, 0.25, 10.9), (3.3, 2.95, 10.9), (-3.3, 2.95, 10.9)],
        (6, 1),
        view.horizon + 30,
    )
    for z0, z1 in ((2.2, 4.4), (5.0, 7.2), (7.8, 10.0)):
        lens.side(-3.58, 0.3, 2.8, z0, z1, hexa("7b6f60"))
    lens.side(3.58, 0, 2.3, 5.2, 7.4, hexa("4a3f36"))
    lens.rod((3.56, 0, 6.3), (3.56, 2.3, 6.3), 0.03, (0.12, 0.1, 0.09))
    for z in (9.0, 8.0, 7.0, 6.0, 5.0):
        for side in (-1, 1):
            chair(lens, side * 1.15, z, hexa("2b2c30"), side)
    table(view, lens, 0.95, 3.9, 9.6, hexa("5a4030"))
    on = evening(view)
    lamps = [
        Lamp(540, view.horizon - 80, 520, daylight(view, 1.6), 1.0),
        Lamp(540, view.horizon + 160, 560, WARM if on else daylight(view), 0.55 if on else 0.3, 0.5),
    ]
    illuminate(sheet, times(daylight(view), 0.7) if not on else (0.27, 0.27, 0.31), lamps)
    for z in (5.0, 7.0, 9.0):
        pendant(sheet, lens, 0.0, 2.2, z, WARM, on or bool({"rain", "storm"} & view.weather), 3.2)
    gleam(view, sheet, daylight(view))
    return Scenery([sheet.layer(0.45)], windowlit(view.palette, 1.0), view.horizon + 760, front=[_table_end(view)])


def _table_end(view: View) -> Layer:
    """The near end of the table, for those who sit at it."""
    front = overlay(view, 1330)
    wood = times(mix(hexa("5a4030"), view.palette.sky[3], 0.12), 0.7 if not evening(view) else 0.42)
    front.shape(
        marks("-260 1490, 240 1440, 840 1440, 1340 1490, 1340 2110, -260 2110"),
        Ramp(mix(wood, view.palette.sky[3], 0.4), times(wood, 0.4)),
    )
    front.stroke(marks("-260 1490, 240 1440, 840 1440, 1340 1490"), [6, 6], mix(wood, (1, 1, 1), 0.35), 0.7, 1)
    return front.layer(1.2)


def office(view: View) -> Scenery:
    """An office: desk, screen, shelves, blinds."""
    sheet, lens = begin(view)
    shell(lens, Room(3.2, 3.0, 6.5, hexa("80807c"), hexa("5a554e"), hexa("8a8a88")))
    boards(lens, 3.2, 0.6, 6.5, 0.2, (0.16, 0.14, 0.12))
    quad: list[Spot] = [(-2.4, 0.9, 6.45), (1.0, 0.9, 6.45), (1.0, 2.6, 6.45), (-2.4, 2.6, 6.45)]
    city_window(view, lens, quad, (3, 1), view.horizon + 20)
    for k in range(15):
        lens.upright(-2.4, 1.0, 0.95 + k * 0.112, 0.99 + k * 0.112, 6.4, (0.75, 0.75, 0.73), 0.75)
    _shelves(view, lens, 3.15, 2.4, 5.8, 2.4)
    lens.box((-1.9, 0.7), (0.7, 0.76), (4.2, 5.2), hexa("6b5038"))
    lens.upright(-1.85, 0.65, 0, 0.7, 4.25, hexa("4a3828"))
    lens.upright(-1.0, -0.3, 0.82, 1.24, 4.7, (0.05, 0.06, 0.07))
    lens.upright(-0.96, -0.34, 0.86, 1.2, 4.69, (0.3, 0.5, 0.65))
    lens.box((0.2, 0.5), (0.76, 0.8), (4.4, 4.7), (0.8, 0.8, 0.78))
    on = evening(view)
    x, y = lens.at((0.35, 1.15, 4.5))
    lamps = [Lamp(380, view.horizon - 110, 520, daylight(view, 1.5), 1.0)]
    illuminate(
        sheet,
        times(daylight(view), 0.72) if not on else (0.24, 0.25, 0.3),
        [*lamps, *([Lamp(x, y, 430, WARM, 1.3)] if on else [])],
    )
    lens.rod((0.35, 0.8, 4.5), (0.35, 1.15, 4.5), 0.025, (0.08, 0.08, 0.08))
    if on:
        sheet.glow(x, y, 120, WARM, 0.7)
    lens.ball((0.35, 1.17, 4.5), 0.11, times(WARM, 1.3) if on else (0.3, 0.3, 0.3), 1.0, 1.5, 0.6)
    sx, sy = lens.at((-0.65, 1.03, 4.7))
    sheet.glow(sx, sy, 130, (0.35, 0.6, 0.8), 0.35)
    gleam(view, sheet, daylight(view), 380)
    return Scenery(
        [sheet.layer(0.45)],
        windowlit(view.palette, -1.0) if not on else lamplit(view.palette, WARM, 1.0),
        view.horizon + 760,
    )


def _shelves(view: View, lens: Lens, x: float, z0: float, z1: float, tall: float) -> None:
    """Bookshelves along a side wall."""
    rng = dice("books", view.seed, x, z0)
    side = 1 if x > 0 else -1
    inner = x - side * 0.35
    lens.side(inner, 0, tall, z0, z1, (0.16, 0.12, 0.09))
    y = 0.1
    while y < tall - 0.2:
        z = z0 + 0.05
        while z < z1 - 0.1:
            wide, high = float(rng.uniform(0.04, 0.1)), float(rng.uniform(0.2, 0.31))
            tone = [hexa("6d4536"), hexa("4f5648"), hexa("8a7a5c"), hexa("3f4656"), hexa("7a6a60")][
                int(rng.integers(5))
            ]
            lens.side(inner - side * 0.005, y, y + high, z, z + wide, times(tone, float(rng.uniform(0.6, 1.0))))
            z += wide + 0.008
        y += 0.36
        lens.side(inner - side * 0.01, y - 0.05, y - 0.015, z0, z1, (0.3, 0.22, 0.16))
