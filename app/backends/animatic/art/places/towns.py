"""Old towns: fishing village, market street, walled court."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from app.backends.animatic.art.brush import Point, Ramp, Sheet, circle, curve, marks
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.lens import Lens
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.palette import lamplit
from app.backends.animatic.art.places.sea import beach
from app.backends.animatic.art.scenery import (
    Range,
    Scenery,
    View,
    backdrop,
    haze,
    hills,
    overlay,
    roughen,
    sky,
    water,
    wave,
)

WARM = (1.0, 0.74, 0.44)


def village(view: View) -> Scenery:
    """A fishing village: thatched houses on a shore, boats drawn up, nets, the sea beyond."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.55)
    p, h = view.palette, view.horizon
    water(view, sheet, rough=0.4, foam=0.4)
    haze(sheet, h, 70, p.haze, 0.4)
    hills(
        view,
        sheet,
        h + 16,
        120,
        p.far(hexa("4c5a58"), 0.6),
        171,
        Range(2.0, 6, 1.0, 0.4, ((0, 1), (0.35, 0.5), (0.6, 0), (1, 0)), bottom=h + 20),
    )
    sand_top = h + 300
    sand = overlay(view, sand_top - 100)
    beach(view, sand, sand_top)
    houses = overlay(view, h - 420)
    for k, (x, wide, base) in enumerate(
        ((890, 300, h + 360), (170, 290, h + 350), (1080, 470, h + 500), (-10, 480, h + 540))
    ):
        _cottage(view, houses, x, base, wide, k)
    _nets(view, houses, h + 560)
    _drawn_boat(view, houses, 760, h + 470, 300, -6)
    return Scenery(
        [
            sheet.layer(0.12),
            wave(view, h + 240, 30, 1, depth=0.4, tall=320, foam=0.6),
            sand.layer(0.7),
            houses.layer(0.9),
        ],
        p.light,
        h + 720,
    )


def _cottage(view: View, sheet: Sheet, x: float, base: float, wide: float, salt: int) -> None:
    """A thatched house with a lit window after dark."""
    p = view.palette
    wall, thatch = p.far(hexa("8a755c"), 0.06), p.far(hexa("6d5a40"), 0.05)
    half, tall = wide / 2, wide * 0.42

    def put(text: str) -> list[Point]:
        return [(x + px * half, base - py * tall) for px, py in marks(text)]

    sheet.shape(put("-0.82 1, 0.82 1, 0.82 0, -0.82 0"), Ramp(wall, times(wall, 0.6)))
    shaded = put("0 1, 0.82 1, 0.82 0, 0 0") if p.light.side < 0 else put("0 1, -0.82 1, -0.82 0, 0 0")
    sheet.shape(shaded, (0, 0, 0), 0.3, 20)
    region = sheet.region([curve(put("-1.12 0.88, -0.5 1.75, 0.5 1.75, 1.12 0.88, 0 0.96"), steps=6)])
    if region is not None:
        straw = cover(tile(6, 60, 3, 173), region.mask.shape, 1.4, 1.0, (salt * 60, 0))
        down = np.linspace(1.15, 0.55, region.mask.shape[0], dtype=np.float32)[:, None]
        sheet.paint(region, ((0.6 + 0.8 * straw) * down)[..., None] * np.asarray(thatch, np.float32))
    sheet.stroke(put("-1.1 0.88, 0 0.95, 1.1 0.88"), [8, 14, 8], (0, 0, 0), 0.4, 5)
    lit = p.lamps > 0.5
    sheet.shape(put("-0.2 0.62, 0.2 0.62, 0.2 0, -0.2 0"), times(WARM, 0.75) if lit else times(wall, 0.22))
    if lit:
        sheet.glow(x, base - tall * 0.3, wide * 0.3, WARM, 0.25)


def _nets(view: View, sheet: Sheet, y: float) -> None:
    """Nets hung to dry between poles."""
    tone = view.palette.far(hexa("4a3f34"), 0.05)
    poles = [(250, y), (430, y - 20), (600, y - 36)]
    for x, foot in poles:
        sheet.stroke([(x, foot), (x + 4, foot - 240)], [11, 8], times(tone, 0.7))
    for (x0, y0), (x1, y1) in pairwise(poles):
        for k in range(9):
            t = k / 8
            sag = 50 * 4 * t * (1 - t)
            sheet.stroke(
                [
                    (x0 + (x1 - x0) * t, y0 - 232 + (y1 - y0) * t + sag),
                    (x0 + (x1 - x0) * t + 10, y0 - 60 + (y1 - y0) * t + sag),
                ],
                [1.8],
                tone,
                0.7,
            )
            sheet.stroke(
                [(x0, y0 - 232 + k * 20), ((x0 + x1) / 2, (y0 + y1) / 2 - 182 + k * 20), (x1, y1 - 232 + k * 20)],
                [1.8],
                tone,
                0.7,
            )


def _drawn_boat(view: View, sheet: Sheet, x: float, y: float, wide: float, lean: float) -> None:
    tone = view.palette.far(hexa("6a4e36"), 0.04)
    hull = [
        (x - wide * 0.55, y - wide * 0.2 + lean),
        (x - wide * 0.3, y),
        (x + wide * 0.3, y),
        (x + wide * 0.58, y - wide * 0.22 - lean),
        (x + wide * 0.3, y - wide * 0.11),
        (x - wide * 0.28, y - wide * 0.1),
    ]
    sheet.smooth(hull, Ramp(tone, times(tone, 0.4)))
    sheet.stroke([hull[0], hull[5], hull[4], hull[3]], [4, 7, 4], mix(tone, view.palette.light.key, 0.4), 0.8)


def old_street(view: View) -> Scenery:
    """An old market street: tiled eaves, shop signs, red lanterns, flagstones."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.5)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 30, 260, p.far(hexa("55606a"), 0.7), 181, Range(2.0, 6, 1.0, 0.4, fade=0.7))
    houses = overlay(view, -190.0)
    lens = Lens(houses, h, eye=1.5)
    for side in (-1, 1):
        for k in reversed(range(6)):
            _shop(view, lens, side, 1.4 + k * 4.6, 5.9 + k * 4.6, 10 * k + side)
    haze(houses, h, 120, p.haze, 0.35)
    road = overlay(view, h + 2)
    floor = Lens(road, h, eye=1.5)
    floor.floor(-3.4, 3.4, 0.4, 80, p.far(hexa("76706a"), 0.03))
    _flags(floor, 3.4)
    roughen(road, h, 183, 0.4)
    haze(road, h, 110, p.haze, 0.6)
    lit = p.lamps > 0.3
    for z in (14.0, 9.0, 5.5):
        for side in (-1, 1):
            x, y = lens.at((side * 2.5, 3.2, z))
            unit = lens.size(0.3, z)
            if lit:
                houses.glow(x, y, unit * 2.2, (1.0, 0.45, 0.2), 0.55)
            houses.shape(circle(x, y, unit * 0.8, unit), (1.25, 0.42, 0.2) if lit else p.far(hexa("a8322a"), 0.1))
            houses.shape(circle(x, y, unit * 0.4, unit * 0.6), (1.5, 1.0, 0.5), 0.7 if lit else 0.0, unit * 0.2)
    return Scenery(
        [sheet.layer(0.12), houses.layer(0.5), road.layer(0.9)],
        lamplit(p, WARM, 1.0, 0.85) if p.lamps > 0.5 else p.light,
        h + 720,
    )


def _flags(lens: Lens, half: float) -> None:
    lines = []
    for k in range(40):
        z = 0.6 * 1.13**k
        lines.append(
            [
                lens.at((-half, 0, z)),
                lens.at((half, 0, z)),
                lens.at((half, 0, z * 1.012)),
                lens.at((-half, 0, z * 1.012)),
            ]
        )
    for k in range(-4, 5):
        x = k * half / 4
        lines.append(
            [
                lens.at((x - 0.012, 0, 0.5)),
                lens.at((x - 0.01, 0, 60)),
                lens.at((x + 0.01, 0, 60)),
                lens.at((x + 0.012, 0, 0.5)),
            ]
        )
    lens.sheet.tint(lens.sheet.region(lines), (0.04, 0.04, 0.045), 0.5)


def _shop(view: View, lens: Lens, side: int, near: float, far: float, salt: int) -> None:
    """A wooden shop with a tiled eave and an open front."""
    rng = dice("shop", view.seed, salt)
    p = view.palette
    away = 0.04 + min(0.6, near / 45)
    wood = p.far(mix(hexa("6b4a34"), hexa("8a6a4c"), float(rng.random())), away)
    x, tall = side * 3.4, float(rng.uniform(3.6, 6.4))
    lens.side(x, 0, tall, near, far, times(wood, 1.05 if side * p.light.side < 0 else 0.62))
    lens.upright(min(x, x + side * 30), max(x, x + side * 30), 0, tall, near, times(wood, 0.75))
    lit = rng.random() < p.lamps * 0.9
    lens.side(x, 0.3, 2.5, near + 0.3, far - 0.3, times(WARM, 0.7) if lit else times(wood, 0.3))
    for k in range(4):
        z = near + 0.3 + (far - near - 0.6) * k / 3
        lens.rod((x, 0, z), (x, 2.8, z), 0.12, times(wood, 0.55))
    for y in (2.75, tall):
        eave = p.far(hexa("3f444a"), away)
        lens.face(
            [
                (x, y + 0.5, near - 0.2),
                (x, y + 0.5, far + 0.2),
                (x - side * 0.9, y, far + 0.4),
                (x - side * 0.9, y, near - 0.4),
            ],
            times(eave, 0.9),
        )
        lens.rod((x - side * 0.9, y, near - 0.4), (x - side * 0.9, y, far + 0.4), 0.1, mix(eave, p.light.key, 0.3))


def courtyard(view: View) -> Scenery:
    """A walled court: a great gate with tiled roof, flagstones, a bare tree."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.5)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 20, 320, p.far(hexa("55606a"), 0.7), 191, Range(1.8, 6, 1.0, 0.4, fade=0.7))
    court = overlay(view, -190.0)
    lens = Lens(court, h, focal=1500, eye=1.6)
    red, tile_colour = p.far(hexa("8a3326"), 0.14), p.far(hexa("41474d"), 0.12)
    lens.floor(-14, 14, 0.5, 15, p.far(hexa("8a857c"), 0.03))
    _flags(lens, 9)
    roughen(court, h, 193, 0.3)
    lens.upright(-14, 14, 0, 3.4, 15, times(red, 0.85))
    lens.upright(-14, 14, 3.4, 3.8, 14.9, tile_colour)
    lens.box((-3.6, 3.6), (0, 0.7), (13.6, 15), p.far(hexa("a49c90"), 0.1))
    lens.upright(-3.2, 3.2, 0.7, 4.4, 14, times(red, 0.6))
    for x in (-3.0, -1.2, 1.2, 3.0):
        lens.upright(x - 0.16, x + 0.16, 0.7, 4.4, 13.9, red)
    lens.upright(-1.0, 1.0, 0.7, 3.4, 13.95, times(WARM, 0.7) if p.lamps > 0.5 else times(red, 0.25))
    roof = [
        (-5.2, 4.3, 13.6),
        (-4.3, 4.9, 13.6),
        (-2.6, 6.6, 14.4),
        (2.6, 6.6, 14.4),
        (4.3, 4.9, 13.6),
        (5.2, 4.3, 13.6),
        (3.2, 4.5, 13.6),
        (-3.2, 4.5, 13.6),
    ]
    region = court.region([[lens.at(s) for s in roof]])
    if region is not None:
        ribs = 0.75 + 0.35 * (np.arange(region.mask.shape[1]) % max(3, int(10 * view.res)) > max(1, int(4 * view.res)))
        court.paint(
            region, np.broadcast_to(ribs[None, :, None], (*region.mask.shape, 1)) * np.asarray(tile_colour, np.float32)
        )
    haze(court, h, 100, p.haze, 0.3)
    return Scenery([sheet.layer(0.12), court.layer(0.6)], p.light, h + 720)
