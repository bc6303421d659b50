"""Halls and old rooms: archive, ballroom, palace, painter's studio, workshop, temple, prison."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Points, Ramp, Sheet, circle, curve
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.lens import Lamp, Lens, Room, Spot, boards, illuminate, shaft, shell, window
from app.backends.animatic.art.palette import lamplit
from app.backends.animatic.art.places.rooms import WARM, begin, evening, outside
from app.backends.animatic.art.scenery import Scenery, View

RED = hexa("7c2a22")
GOLD = hexa("c79a4a")


def archive(view: View) -> Scenery:
    """Shelves of ledgers crusted with salt, and a single bulb."""
    sheet, lens = begin(view)
    shell(lens, Room(1.9, 3.4, 14.0, hexa("55504a"), hexa("57524c"), hexa("46423e")))
    boards(lens, 1.9, 0.6, 14.0, 0.5, (0.1, 0.09, 0.09), across=True)
    for side in (-1, 1):
        _ledgers(view, lens, side)
    lens.upright(-0.75, 0.75, 0, 2.3, 13.9, (0.03, 0.03, 0.035))
    x, y = lens.at((0.0, 2.75, 4.6))
    tone = (1.0, 0.82, 0.55)
    dim = (0.17, 0.18, 0.23) if evening(view) else (0.3, 0.31, 0.34)
    illuminate(
        sheet,
        dim,
        [
            Lamp(x, y + 60, 560, tone, 1.75),
            Lamp(*lens.at((0, 2.7, 10.5)), 150, tone, 0.8),
            Lamp(540, view.horizon + 420, 420, tone, 0.5, 0.5),
        ],
    )
    for bulb_z in (10.5, 4.6):
        bx, by = lens.at((0, 2.75, bulb_z))
        lens.rod((0, 3.4, bulb_z), (0, 2.85, bulb_z), 0.015, (0.04, 0.04, 0.04))
        sheet.glow(bx, by, lens.size(0.55, bulb_z), tone, 0.6)
        lens.ball((0, 2.75, bulb_z), 0.07, (1.7, 1.5, 1.1), 1.0, 1.0, 1.25)
    shaft(
        sheet, [(x - 40, y), (x + 40, y), (x + 420, view.horizon + 700), (x - 420, view.horizon + 700)], tone, 0.1, 60
    )
    return Scenery([sheet.layer(0.5)], lamplit(view.palette, tone, 1.0), view.horizon + 760)


def _ledgers(view: View, lens: Lens, side: int) -> None:
    """One wall of shelves: spines of many heights, white salt along every board."""
    rng = dice("ledgers", view.seed, side)
    x = side * 1.3
    lens.side(x, 0, 3.1, 1.0, 13.5, hexa("2b2019"))
    spines: dict[int, list[Points]] = {k: [] for k in range(5)}
    tones = [hexa("6b4030"), hexa("4a4a3c"), hexa("7d6a4a"), hexa("3c3a44"), hexa("8a8378")]
    for shelf in range(7):
        y = 0.12 + shelf * 0.43
        z = 1.2
        while z < 13.2:
            wide, high = float(rng.uniform(0.05, 0.13)), float(rng.uniform(0.27, 0.37))
            quad = [
                lens.at((x, y, z)),
                lens.at((x, y, z + wide)),
                lens.at((x, y + high, z + wide)),
                lens.at((x, y + high, z)),
            ]
            spines[int(rng.integers(5))].append(quad)
            z += wide + 0.012
    for k, quads in spines.items():
        lens.sheet.paint(lens.sheet.region(quads), tones[k])
    salt, bands = [], []
    for shelf in range(8):
        y = 0.12 + shelf * 0.43
        lens.face([(x, y - 0.05, 1.0), (x, y - 0.05, 13.5), (x, y, 13.5), (x, y, 1.0)], hexa("6a5138"))
        for _ in range(46):
            z, wide = float(rng.uniform(1.2, 12.5)), float(rng.uniform(0.05, 0.3))
            px, py = lens.at((x, y + 0.015, z))
            salt.append(circle(px, py, lens.size(wide * 0.5, z), lens.size(0.035, z), 0, 8))
        bands.append(y)
    lens.sheet.paint(lens.sheet.region(salt, 2.0), (0.93, 0.94, 0.95), 0.62)
    del bands


def ballroom(view: View) -> Scenery:
    """A hotel ballroom: chandeliers, champagne tower, roses, drapes, silk underfoot."""
    sheet, lens = begin(view)
    red = "emergency" in view.flags
    shell(lens, Room(6.0, 7.0, 15.0, hexa("8d7a64"), hexa("6f5a4a"), hexa("7d6f60")))
    boards(lens, 6.0, 0.6, 15.0, 1.2, (0.22, 0.17, 0.13), across=True)
    for x in (-4.4, -1.5, 1.5, 4.4):
        window(
            lens,
            [(x - 0.7, 0.8, 14.9), (x + 0.7, 0.8, 14.9), (x + 0.7, 5.0, 14.9), (x - 0.7, 5.0, 14.9)],
            times(outside(view), 0.7),
            (2, 4),
            hexa("b59a6a"),
        )
        for side in (-1, 1):
            _drape(lens, x + side * 0.98, 0.5, 5.4, 14.7)
    for side in (-1, 1):
        for z in (5.0, 9.0, 13.0):
            lens.box((side * 4.6 - 0.3, side * 4.6 + 0.3), (0, 7), (z, z + 0.6), hexa("b8a98c"), -side)
    for k, (x, z) in enumerate(((-2.9, 10.5), (2.6, 11.2), (-3.3, 7.0), (3.2, 7.4))):
        _round_table(lens, x, z, k)
    _champagne(lens, 0.9, 8.6, broken="broken" in view.flags)
    tone: Rgb = (1.0, 0.16, 0.1) if red else (1.0, 0.8, 0.52)
    spots = ((-2.4, 5.2, 9.0), (2.4, 5.2, 9.0), (0.0, 5.4, 12.5))
    dim = (0.2, 0.06, 0.06) if red else (0.36, 0.32, 0.29)
    illuminate(
        sheet,
        dim,
        [Lamp(*lens.at(s), 520, tone, 0.85) for s in spots] + [Lamp(540, view.horizon + 420, 760, tone, 0.45, 0.5)],
    )
    if not red:
        for spot in spots:
            _chandelier(sheet, lens, spot)
    light = lamplit(view.palette, tone, 1.0, 0.8 if red else 1.0)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def _drape(lens: Lens, x: float, y0: float, y1: float, z: float) -> None:
    lens.upright(x - 0.32, x + 0.32, y0, y1, z, RED)
    for k in range(4):
        px = x - 0.24 + k * 0.16
        lens.upright(px - 0.035, px + 0.035, y0, y1, z - 0.02, times(RED, 0.5), 0.6)


def _round_table(lens: Lens, x: float, z: float, salt: int) -> None:
    """A dressed table with a bowl of white roses and candle light."""
    px, py = lens.at((x, 0.76, z))
    wide = lens.size(0.85, z)
    foot = lens.at((x, 0.05, z))[1]
    cloth: Points = [(px - wide, py), (px + wide, py), (px + wide * 1.06, foot), (px - wide * 1.06, foot)]
    lens.sheet.shape(cloth, Ramp(hexa("d8d0c4"), hexa("8f877c")))
    lens.sheet.shape(circle(px, py, wide, wide * 0.16), hexa("ece6dc"))
    rng = dice("roses", salt)
    for _ in range(16):
        rx, ry = px + float(rng.normal(0, wide * 0.2)), py - wide * 0.3 + float(rng.normal(0, wide * 0.12))
        lens.sheet.shape(circle(rx, ry, wide * 0.085), times(hexa("f4f0ea"), float(rng.uniform(0.75, 1.0))), 1.0, 0.6)


def _champagne(lens: Lens, x: float, z: float, *, broken: bool) -> None:
    """A tower of glasses on a small table."""
    px, py = lens.at((x, 0.8, z))
    unit = lens.size(0.09, z)
    lens.sheet.shape(
        [(px - unit * 7, py), (px + unit * 7, py), (px + unit * 6, py + unit * 8), (px - unit * 6, py + unit * 8)],
        Ramp(hexa("e0d8cc"), hexa("90887c")),
    )
    rows = 3 if broken else 7
    for row in range(rows):
        for k in range(7 - row):
            gx = px + (k - (6 - row) / 2) * unit * 1.7
            gy = py - row * unit * 2.1
            cup: Points = [
                (gx - unit * 0.75, gy - unit * 1.7),
                (gx + unit * 0.75, gy - unit * 1.7),
                (gx + unit * 0.2, gy - unit * 0.9),
                (gx - unit * 0.2, gy - unit * 0.9),
            ]
            lens.sheet.shape(cup, (1.0, 0.86, 0.5), 0.62)
            lens.sheet.stroke(
                [(gx - unit * 0.7, gy - unit * 1.7), (gx + unit * 0.7, gy - unit * 1.7)], [1.6], (1.3, 1.2, 1.0), 0.9
            )
            lens.sheet.stroke([(gx, gy - unit), (gx, gy)], [1.6], (0.95, 0.92, 0.85), 0.7)


def _chandelier(sheet: Sheet, lens: Lens, spot: Spot) -> None:
    """A chandelier: tiers of small flames in a haze of their own light."""
    x, y = lens.at(spot)
    unit = lens.size(1.0, spot[2])
    lens.rod(spot, (spot[0], 7.0, spot[2]), 0.03, (0.2, 0.15, 0.08))
    sheet.glow(x, y, unit * 1.5, WARM, 0.42)
    for tier, (radius, drop, count) in enumerate(((0.95, 0.0, 11), (0.62, 0.34, 8), (0.3, 0.6, 5))):
        for k in range(count):
            a = 2 * np.pi * (k + 0.5 * (tier % 2)) / count
            fx, fy = x + unit * radius * float(np.cos(a)), y - unit * drop + unit * radius * 0.2 * float(np.sin(a))
            sheet.shape(circle(fx, fy, unit * 0.05, unit * 0.075), (1.8, 1.5, 1.0), 1.0, 1.0)
            sheet.stroke(
                [(fx, fy + unit * 0.08), (fx, fy + unit * 0.26)], [unit * 0.05, unit * 0.01], (1.1, 0.95, 0.7), 0.75
            )
        sheet.stroke(
            curve(
                [
                    (x - unit * radius, y - unit * drop),
                    (x, y - unit * drop + unit * 0.2),
                    (x + unit * radius, y - unit * drop),
                ],
                closed=False,
            ),
            [unit * 0.03],
            GOLD,
            0.9,
        )


def palace(view: View) -> Scenery:
    """A palace hall: red columns, a raised throne, lanterns; of bone and green fire when it is the foxes'."""
    sheet, lens = begin(view)
    bone = "bone" in view.flags
    column, wall, floor = (
        (hexa("d8d0ba"), hexa("4c4a42"), hexa("57554c")) if bone else (RED, hexa("6a4030"), hexa("5a4438"))
    )
    shell(lens, Room(5.4, 6.4, 16.0, wall, floor, times(wall, 0.8)))
    boards(lens, 5.4, 0.6, 16.0, 1.0, (0.08, 0.07, 0.06), across=True)
    tone: Rgb = (0.35, 1.0, 0.45) if bone else WARM
    _throne(lens, bone)
    lens.floor(-1.0, 1.0, 0.6, 13.6, times(RED, 0.85) if not bone else hexa("3a3f36"), 0.004)
    for side in (-1, 1):
        for z in (13.5, 10.5, 7.5, 4.5):
            _column(lens, side * 3.1, z, column, bone)
    lanterns = [(side * 2.3, 3.7, z) for side in (-1, 1) for z in (4.2, 7.2, 10.2, 13.0)]
    k = 0.75 if evening(view) else 1.0
    base = times((0.2, 0.24, 0.2) if bone else (0.34, 0.28, 0.26), k)
    illuminate(
        sheet,
        base,
        [Lamp(*lens.at(s), lens.size(1.5, s[2]), tone, 0.85) for s in lanterns]
        + [Lamp(*lens.at((0, 2.0, 14.5)), 330, tone, 1.3)],
    )
    for spot in lanterns:
        _lantern(sheet, lens, spot, tone, bone)
    light = lamplit(view.palette, (0.82, 1.0, 0.78) if bone else WARM, -1.0)
    return Scenery([sheet.layer(0.45)], light, view.horizon + 760)


def _column(lens: Lens, x: float, z: float, colour: Rgb, bone: bool) -> None:
    """A round column, lit from within the hall; a rib of bone bends."""
    side = 1 if x > 0 else -1
    if bone:
        rib = [
            lens.at((x, 0, z)),
            lens.at((x * 1.1, 2.4, z)),
            lens.at((x * 0.95, 4.6, z)),
            lens.at((x * 0.45, 6.2, z)),
            lens.at((0, 6.7, z)),
        ]
        wide = lens.size(0.42, z)
        lens.sheet.stroke(rib, [wide * 1.3, wide, wide * 0.9, wide * 0.7, wide * 0.5], times(colour, 0.55))
        shifted = [(px - side * wide * 0.22, py) for px, py in rib]
        lens.sheet.stroke(
            shifted, [wide * 0.5, wide * 0.4, wide * 0.34, wide * 0.26, wide * 0.2], colour, 0.75, wide * 0.08
        )
        return
    region = lens.upright(x - 0.3, x + 0.3, 0, 6.4, z, colour)
    if region is not None:
        across = np.linspace(-1, 1, region.mask.shape[1], dtype=np.float32)[None, :]
        lens.sheet.tint(region, times(colour, 0.25), np.clip(across * side * 0.6 + 0.4 * across**2, 0, 1))
        lens.sheet.tint(region, mix(colour, (1, 0.8, 0.5), 0.4), np.exp(-(((across + side * 0.4) / 0.25) ** 2)) * 0.5)
    lens.upright(x - 0.42, x + 0.42, 0, 0.3, z, hexa("6a6058"))
    lens.upright(x - 0.32, x + 0.32, 5.3, 5.6, z, GOLD)


def _throne(lens: Lens, bone: bool) -> None:
    """A dais of three steps, a great chair, a screen behind it."""
    gold = hexa("b8b49c") if bone else GOLD
    for k in range(3):
        lens.box((-2.4 + 0.3 * k, 2.4 - 0.3 * k), (0, 0.2 * (k + 1)), (13.6 + 0.35 * k, 15.6), hexa("6b5a4a"))
    lens.upright(-2.0, 2.0, 0.6, 4.6, 15.7, times(gold, 0.45))
    for k in range(-3, 4):
        lens.upright(k * 0.56 - 0.02, k * 0.56 + 0.02, 0.7, 4.5, 15.68, times(gold, 0.9))
    lens.ball((0, 3.1, 15.65), 0.95, times(gold, 0.8))
    lens.ball((0, 3.1, 15.64), 0.8, times(RED, 0.8) if not bone else hexa("23301f"))
    lens.box((-0.75, 0.75), (0.6, 1.15), (14.7, 15.4), gold)
    lens.upright(-0.75, 0.75, 1.15, 2.3, 15.4, times(gold, 0.9))
    lens.upright(-0.55, 0.55, 1.2, 2.1, 15.38, times(RED, 0.9))


def _lantern(sheet: Sheet, lens: Lens, spot: Spot, tone: Rgb, bone: bool) -> None:
    x, y = lens.at(spot)
    unit = lens.size(0.34, spot[2])
    lens.rod(spot, (spot[0], 6.0, spot[2]), 0.02, (0.1, 0.07, 0.05))
    sheet.glow(x, y, unit * 2.0, tone, 0.55)
    if bone:
        flame = [
            (x, y - unit * 1.3),
            (x + unit * 0.42, y - unit * 0.2),
            (x + unit * 0.3, y + unit * 0.5),
            (x - unit * 0.3, y + unit * 0.5),
            (x - unit * 0.42, y - unit * 0.2),
        ]
        sheet.smooth(flame, (0.7, 1.6, 0.8), 0.9, 2.5)
        return
    body = sheet.region([circle(x, y, unit * 0.75, unit * 0.95)])
    sheet.paint(body, mix((1.3, 0.55, 0.25), tone, 0.3))
    sheet.shape(circle(x, y + unit * 0.1, unit * 0.4, unit * 0.6), (1.5, 1.1, 0.6), 0.8, unit * 0.2)
    for dy in (-0.95, 0.95):
        sheet.shape(circle(x, y + dy * unit, unit * 0.34, unit * 0.1), GOLD)
