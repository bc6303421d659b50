"""The modern city: skylines, streets, alleys and rooftops."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, Region, Sheet, circle, smoothstep
from app.backends.animatic.art.colour import dice, hexa, hsv, mix, times
from app.backends.animatic.art.lens import Lamp, Lens, illuminate
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.palette import lamplit
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import Scenery, View, backdrop, ground, haze, overlay, roughen, sky

CONCRETE = hexa("6b6f75")
WINDOW = hexa("ffce86")
NEON = ((1.0, 0.25, 0.45), (0.2, 0.85, 1.0), (1.0, 0.62, 0.2), (0.55, 0.4, 1.0))


def block(view: View, sheet: Sheet, x: float, wide: float, top: float, foot: float, far: float, salt: int) -> None:
    """One building: a body lit on one side, a roof line, rows of windows, some of them burning."""
    rng = dice("block", view.seed, salt, round(far, 2))
    tone = view.palette.far(times(CONCRETE, float(rng.uniform(0.55, 0.95))), far)
    side = view.palette.light.side
    body = [(x, top), (x + wide, top), (x + wide, foot), (x, foot)]
    sheet.shape(body, tone)
    region = sheet.region([body])
    if region is None:
        return
    across = np.linspace(-1, 1, region.mask.shape[1], dtype=np.float32)[None, :] * side
    sheet.tint(region, mix(tone, view.palette.light.key, 0.4), np.clip(across, 0, 1) * 0.35)
    sheet.tint(region, times(tone, 0.45), np.clip(-across, 0, 1) * 0.6)
    if rng.random() < 0.5:
        mid = x + wide * float(rng.uniform(0.3, 0.7))
        sheet.shape(
            [
                (mid - wide * 0.22, top - 26),
                (mid + wide * 0.22, top - 26),
                (mid + wide * 0.22, top),
                (mid - wide * 0.22, top),
            ],
            times(tone, 0.85),
        )
        sheet.stroke([(mid, top - 20), (mid, top - 90 * float(rng.uniform(0.5, 1.3)))], [4, 2], times(tone, 0.7))
    _windows(view, sheet, x, wide, top, foot, far, rng)


def _windows(
    view: View, sheet: Sheet, x: float, wide: float, top: float, foot: float, far: float, rng: np.random.Generator
) -> None:
    size = 26 - 12 * far
    columns, rows = int((wide - 18) / (size * 1.15)), int(min(46, (foot - top - 20) / (size * 1.5)))
    if columns < 1 or rows < 1:
        return
    lit: list[list[Point]] = []
    dark: list[list[Point]] = []
    burning = view.palette.lamps * float(rng.uniform(0.2, 0.62))
    for row in range(rows):
        for column in range(columns):
            wx, wy = x + 12 + column * size * 1.15, top + 22 + row * size * 1.5
            pane = [(wx, wy), (wx + size * 0.74, wy), (wx + size * 0.74, wy + size * 0.95), (wx, wy + size * 0.95)]
            (lit if rng.random() < burning else dark).append(pane)
    glass = mix(view.palette.far(hexa("39434d"), far * 0.8), view.palette.sky[2], 0.25)
    sheet.paint(sheet.region(dark), glass, 0.75)
    sheet.paint(sheet.region(lit), mix(WINDOW, view.palette.haze, far * 0.5), 0.92)


def skyline(
    view: View,
    sheet: Sheet,
    foot: float,
    low: float,
    high: float,
    far: float,
    salt: int,
    width: tuple[float, float] = (80, 190),
) -> None:
    """A row of buildings from edge to edge."""
    rng = dice("skyline", view.seed, salt)
    x = -230.0
    k = 0
    while x < 1320:
        wide = float(rng.uniform(*width))
        block(view, sheet, x, wide, foot - float(rng.uniform(low, high)), foot + 60, far, salt * 100 + k)
        x += wide + float(rng.uniform(-14, 20))
        k += 1


def rooftop(view: View) -> Scenery:
    """A roof above the city, a parapet, plant and pipes, the lights far below."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.6)
    p, h = view.palette, view.horizon
    skyline(view, sheet, h + 170, 120, 420, 0.72, 1, (60, 130))
    haze(sheet, h + 150, 150, p.haze, 0.55)
    middle = overlay(view, h - 480, h + 700)
    skyline(view, middle, h + 420, 130, 520, 0.4, 2, (90, 200))
    haze(middle, h + 400, 170, p.haze, 0.45)
    if p.lamps > 0.4:
        _lights(view, middle, h + 420)
    roof = overlay(view, h - 330)
    top = h + 440
    tone = p.far(hexa("54585c"), 0.04)
    mask = np.broadcast_to(smoothstep(0, 6, roof.ys()[:, None] - top - 110), (roof.h, roof.w))
    ground(view, roof, top + 60, tone, 133, texture=0.35, mask=mask)
    roof.shape([(-300, top), (1380, top), (1380, top + 112), (-300, top + 112)], times(tone, 0.6))
    roof.shape([(-300, top - 12), (1380, top - 12), (1380, top + 14), (-300, top + 14)], mix(tone, p.light.key, 0.32))
    roof.shape([(-300, top + 104), (1380, top + 104), (1380, top + 190), (-300, top + 190)], (0, 0, 0), 0.4, 26)
    _plant(view, roof, top)
    light = p.light if p.lamps < 0.5 else lamplit(p, (0.95, 0.78, 0.55), 1.0, 0.7)
    return Scenery([sheet.layer(0.12), middle.layer(0.35), roof.layer(0.9)], light, h + 760)


def _lights(view: View, sheet: Sheet, foot: float) -> None:
    """Street lights and traffic far below, and signs."""
    rng = dice("lights", view.seed)
    for _ in range(80):
        x, y = float(rng.uniform(-200, 1280)), foot + float(rng.uniform(-60, 90))
        colour = WINDOW if rng.random() < 0.8 else NEON[int(rng.integers(4))]
        sheet.glow(x, y, float(rng.uniform(5, 13)), colour, 0.7)


def _plant(view: View, sheet: Sheet, top: float) -> None:
    """A stair head with a lit door, a water tank on legs, pipes."""
    p = view.palette
    tone = p.far(hexa("4c5054"), 0.03)
    side = [(790, top - 250), (1290, top - 250), (1290, top + 330), (790, top + 330)]
    sheet.shape(side, times(tone, 0.75))
    sheet.shape(
        [(770, top - 272), (1300, top - 272), (1300, top - 244), (770, top - 244)], mix(tone, p.light.key, 0.25)
    )
    sheet.shape([(880, top - 60), (1050, top - 60), (1050, top + 330), (880, top + 330)], times(tone, 0.35))
    if p.lamps > 0.3:
        sheet.shape(circle(965, top - 112, 24, 14), (1.3, 1.05, 0.7), 1.0, 2)
        region = sheet.region([circle(965, top + 60, 330, 420)], 60)
        sheet.shine(region, (1.0, 0.72, 0.4), 0.17)
    for x in (-70, 40):
        sheet.stroke([(x, top + 60), (x + 4, top - 130)], [10, 10], times(tone, 0.4))
    tank = [(-160, top - 330), (110, top - 330), (110, top - 120), (-160, top - 120)]
    sheet.shape(tank, times(tone, 0.6))
    sheet.shape(
        [(70, top - 330), (110, top - 330), (110, top - 120), (70, top - 120)], mix(tone, p.light.key, 0.3), 0.6, 6
    )


def street(view: View) -> Scenery:
    """A city street in perspective: house fronts, lamps, wet road, headlights."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.6)
    p, h = view.palette, view.horizon
    skyline(view, sheet, h + 16, 60, 260, 0.66, 3, (50, 100))
    haze(sheet, h - 10, 150, p.haze, 0.5)
    houses = overlay(view, -190.0)
    lens = Lens(houses, h, eye=1.5)
    for side in (-1, 1):
        for k in reversed(range(6)):
            _house(view, lens, side, 1.2 + k * 8.5, 9.4 + k * 8.5, 10 * k + side)
    haze(houses, h, 130, p.haze, 0.35)
    for z in (26.0, 15.0, 8.0):
        for side in (-1, 1):
            x, foot = lens.at((side * 3.5, 0, z))
            _lamp(view, houses, x, foot, lens.size(5.6, z))
    road = overlay(view, h + 2)
    _road_surface(view, road, h, 5.6)
    return Scenery([sheet.layer(0.12), houses.layer(0.5), road.layer(0.9)], _street_light(view), h + 720)


def _street_light(view: View) -> Light:
    p = view.palette
    return p.light if p.lamps < 0.5 else lamplit(p, (1.0, 0.75, 0.46), 1.0, 0.8)


def _road_surface(view: View, road: Sheet, h: float, half: float) -> None:
    """Road and pavements between the house fronts, wet with their lights."""
    p = view.palette
    lens = Lens(road, h, eye=1.5)
    tone = p.far(hexa("4a4c51"), 0.03)
    lens.floor(-half, half, 0.4, 150, mix(tone, CONCRETE, 0.3 * p.wash[0]))
    lens.floor(-half + 2.2, half - 2.2, 0.4, 150, tone)
    roughen(road, h, 135, 0.5)
    haze(road, h, 130, p.haze, 0.7)
    wet = bool({"rain", "storm"} & view.weather)
    if p.lamps > 0.3 or wet:
        _sheen(view, road, h, wet)


def _house(view: View, lens: Lens, side: int, near: float, far: float, salt: int) -> None:
    """One house along the street: storeys of windows, a shop front, perhaps a sign."""
    rng = dice("house", view.seed, salt)
    p = view.palette
    x, tall = side * 5.6, float(rng.uniform(7.5, 19))
    away = min(0.75, near / 60)
    tone = p.far(mix(CONCRETE, hsv(float(rng.random()), 0.3, 0.5), 0.45), 0.04 + away)
    lit = 1.1 if side * p.light.side < 0 else 0.6
    lens.side(x, 0, tall, near, far, times(tone, lit))
    lens.upright(min(x, x + side * 40), max(x, x + side * 40), 0, tall, near, times(tone, 0.8))
    storeys, bays = int(tall / 3.1), 3
    lit_panes: list[list[Point]] = []
    dark_panes: list[list[Point]] = []
    for storey in range(1, storeys):
        for bay in range(bays):
            z0 = near + (far - near) * (bay + 0.2) / bays
            z1 = near + (far - near) * (bay + 0.76) / bays
            y = storey * 3.1 + 0.7
            pane = [lens.at((x, y, z0)), lens.at((x, y, z1)), lens.at((x, y + 1.6, z1)), lens.at((x, y + 1.6, z0))]
            (lit_panes if rng.random() < p.lamps * 0.45 else dark_panes).append(pane)
    glass = mix(times(tone, 0.4), p.sky[2], 0.22)
    lens.sheet.paint(lens.sheet.region(dark_panes), glass, 0.92)
    lens.sheet.paint(lens.sheet.region(lit_panes), times(WINDOW, 0.95), 0.95)
    shop = times(WINDOW, 0.9) if rng.random() < p.lamps else times(tone, 0.3)
    lens.side(x, 0.4, 2.5, near + 0.7, far - 0.7, shop, 0.9)
    lens.side(x * 0.96, 2.6, 3.05, near + 0.3, far - 0.3, mix(tone, hsv(float(rng.random()), 0.5, 0.5), 0.5))
    if p.lamps > 0.4 and rng.random() < 0.7:
        _sign(view, lens, x, near + 1.2, rng)


def _sign(view: View, lens: Lens, x: float, z: float, rng: np.random.Generator) -> None:
    neon = NEON[int(rng.integers(4))]
    side = 1 if x > 0 else -1
    y = float(rng.uniform(3.6, 5.2))
    lens.upright(min(x, x - side * 0.9), max(x, x - side * 0.9), y, y + 2.4, z, times(neon, 0.95))
    lens.upright(
        min(x, x - side * 0.9) + 0.16,
        max(x, x - side * 0.9) - 0.16,
        y + 0.16,
        y + 2.24,
        z,
        mix(neon, (1, 1, 1), 0.55),
        0.5,
    )
    gx, gy = lens.at((x - side * 0.45, y + 1.2, z))
    lens.sheet.glow(gx, gy, lens.size(2.2, z), neon, 0.3)
    del view


def _lamp(view: View, sheet: Sheet, x: float, foot: float, tall: float) -> None:
    """A street lamp, burning after dusk."""
    tone = view.palette.far(hexa("23262b"), 0.05)
    sign = -1 if x > 540 else 1
    head = (x + sign * tall * 0.13, foot - tall)
    sheet.stroke([(x, foot), (x, foot - tall * 0.9), head], [tall * 0.02, tall * 0.014, tall * 0.012], tone)
    if view.palette.lamps > 0.3:
        sheet.glow(head[0], head[1] + 6, tall * 0.28, (1.0, 0.74, 0.42), 0.5)
        sheet.shape(circle(head[0], head[1] + 6, tall * 0.026, tall * 0.016), (1.5, 1.3, 0.95), 1.0, 1.5)


def _sheen(view: View, sheet: Sheet, h: float, wet: bool) -> None:
    """Lights drawn down into the road."""
    rng = dice("sheen", view.seed)
    ripple = cover(tile(24, 3, 4, 137), (sheet.h, sheet.w), sheet.scale * 2.2)
    for _ in range(22 if wet else 9):
        x = float(rng.normal(540, 360))
        colour = NEON[int(rng.integers(4))] if rng.random() < 0.45 else WINDOW
        y0 = h + 30 + abs(x - 540) * 0.5
        streak = sheet.region([[(x - 14, y0), (x + 14, y0), (x + 44, y0 + 620), (x - 44, y0 + 620)]], 18)
        if streak is not None:
            texture = ripple[streak.window]
            fall = np.linspace(1, 0.1, streak.y1 - streak.y0, dtype=np.float32)[:, None]
            sheet.shine(streak, colour, texture * fall * (0.5 if wet else 0.22))


def alley(view: View) -> Scenery:
    """A service alley between high brick walls: bins, pipes, a lit door, one lamp."""
    sheet = backdrop(view)
    sky(view, sheet, disc=False, clouds=0.6)
    p, h = view.palette, view.horizon
    skyline(view, sheet, h + 20, 100, 300, 0.66, 5, (50, 110))
    haze(sheet, h - 10, 170, p.haze, 0.5)
    walls = overlay(view, -190.0)
    lens = Lens(walls, h, eye=1.4)
    brick = mix(p.far(hexa("71503f"), 0.05), (0.2, 0.15, 0.12), 0.25)
    lens.floor(-2.1, 2.1, 0.4, 26, p.far(hexa("44454a"), 0.05))
    for side in (-1, 1):
        region = lens.side(side * 2.1, 0, 14, 0.4, 26, times(brick, 0.72 if side * p.light.side > 0 else 1.0))
        if region is not None:
            _bricks(walls, lens, region, side)
        for z, y in ((5.5, 3.4), (8.5, 3.4), (12, 3.4), (5.5, 6.6), (8.5, 6.6), (16, 3.4), (12, 6.6)):
            burning = dice("alley", view.seed, side, z, y).random() < p.lamps * 0.5
            lens.side(side * 2.08, y, y + 1.5, z, z + 1.1, times(WINDOW, 0.85) if burning else times(brick, 0.25))
        lens.rod((side * 2.02, 0, 4.2), (side * 2.02, 12, 4.2), 0.12, times(brick, 0.4))
    haze(walls, h, 110, p.haze, 0.4)
    warm = (1.0, 0.74, 0.42)
    pool = [
        Lamp(*lens.at((1.7, 3.0, 5.0)), 620, warm, 1.5),
        Lamp(*lens.at((0.6, 0, 4.2)), 520, warm, 0.9, 0.4),
        Lamp(540, h - 40, 300, p.sky[3], 0.5),
    ]
    burning = p.lamps > 0.1 or bool({"rain", "storm"} & view.weather)
    illuminate(walls, (0.62, 0.64, 0.72) if burning else (1.0, 1.0, 1.0), pool if burning else [])
    roughen(walls, h, 139, 0.5)
    wet = bool({"rain", "storm"} & view.weather)
    if wet or p.lamps > 0.3:
        _sheen(view, walls, h + 60, wet)
    lens.side(2.06, 0, 2.2, 5.6, 6.7, times(brick, 0.16))
    if burning:
        x, y = lens.at((1.9, 3.0, 5.0))
        walls.glow(x, y, 170, warm, 0.7)
        walls.shape(circle(x, y, 26, 15), (1.7, 1.4, 1.0), 1.0, 2)
    _bins(view, lens, burning)
    return Scenery([sheet.layer(0.12), walls.layer(0.7)], lamplit(p, warm, 1.0, 0.85) if burning else p.light, h + 740)


def _bricks(sheet: Sheet, lens: Lens, region: Region, side: int) -> None:
    """Courses of brick running to the vanishing point, and stains."""
    x = side * 2.1
    lines = []
    for k in range(70):
        y = k * 0.2
        lines.append(
            [lens.at((x, y, 0.4)), lens.at((x, y, 26)), lens.at((x, y + 0.02, 26)), lens.at((x, y + 0.02, 0.4))]
        )
    sheet.tint(sheet.region(lines), (0.04, 0.035, 0.035), 0.4)
    stain = cover(tile(3, 8, 5, 141), region.mask.shape, 1.2)
    sheet.tint(region, (0.03, 0.03, 0.035), smoothstep(0.42, 0.8, stain) * 0.6)


def _bins(view: View, lens: Lens, burning: bool) -> None:
    tone = view.palette.far(hexa("3d5a52"), 0.03)
    tone = mix(tone, (0.24, 0.2, 0.14), 0.4) if burning else tone
    for x, z, tall in ((-1.95, 5.2, 1.35), (-1.9, 3.4, 1.2)):
        lens.box((x, x + 0.95), (0, tall), (z, z + 1.1), tone)
        lens.box((x - 0.04, x + 1.0), (tall, tall + 0.08), (z - 0.05, z + 1.15), times(tone, 1.25))
