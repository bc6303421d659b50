"""Under the sea and above the clouds."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, Region, Sheet, circle, curve, marks, smoothstep
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import Range, Scenery, View, backdrop, gradient, ground, hills, overlay, sky

DEEP = (hexa("0d5560"), hexa("083640"), hexa("03141b"))


def _sea_light(view: View) -> tuple[Rgb, Rgb, Rgb]:
    k = {"night": 0.5, "dusk": 0.75, "dawn": 0.9}.get(view.palette.hour, 1.15)
    a, b, c = (times(colour, k) for colour in DEEP)
    return a, b, c


def underwater(view: View) -> Scenery:
    """The sea bed: light from above, shafts, weed and stones."""
    sheet = _depths(view)
    top, _, bottom = _sea_light(view)
    h = view.horizon
    hills(view, sheet, h + 320, 260, mix(bottom, top, 0.45), 111, Range(2.4, 6, 0.9, 0.5))
    near = overlay(view, h + 60)
    hills(
        view,
        near,
        h + 470,
        180,
        mix(bottom, top, 0.2),
        112,
        Range(3.0, 6, 0.9, 0.7, ((0, 1.4), (0.3, 0.5), (0.5, 0.15), (0.7, 0.5), (1, 1.4))),
    )
    mask = np.broadcast_to(smoothstep(0, 80, near.ys()[:, None] - h - 470), (near.h, near.w))
    ground(view, near, h + 470, mix(mix(bottom, top, 0.35), hexa("8a8a70"), 0.14), 113, texture=0.5, mask=mask)
    weed(view, near, h + 640, mix(bottom, hexa("1c5a3c"), 0.4))
    return Scenery([sheet.layer(0.15), near.layer(0.9)], sea_lamp(view), h + 760)


def sea_lamp(view: View) -> Light:
    """The light under water: from above, green, dim; skin keeps some of its warmth."""
    light = view.palette.light
    k = 0.85 if view.night() else 1.0
    return Light(
        (0.25, -0.7, 0.55),
        times(mix((0.78, 0.8, 0.78), (0.45, 0.8, 0.82), 0.16), k),
        times((0.2, 0.27, 0.3), k),
        (0.05, 0.09, 0.1),
        (0.4, 0.9, 0.95),
        light.rim_x,
    )


def _depths(view: View) -> Sheet:
    sheet = backdrop(view)
    top, middle, bottom = _sea_light(view)
    gradient(sheet, [(-190, times(top, 1.7)), (260, top), (1000, middle), (2000, bottom)])
    sheet.glow(540, -220, 760, times(top, 2.0), 0.5)
    rng = dice("shafts", view.seed)
    for _ in range(9):
        x, lean, wide = float(rng.uniform(60, 1020)), float(rng.uniform(-260, 260)), float(rng.uniform(30, 120))
        shaft = [(x - wide * 0.3, -190), (x + wide * 0.3, -190), (x + lean + wide, 1500), (x + lean - wide, 1500)]
        region = sheet.region([shaft], 26)
        if region is not None:
            fade = np.linspace(1, 0, region.y1 - region.y0, dtype=np.float32)[:, None]
            sheet.shine(region, times(top, 1.5), fade * float(rng.uniform(0.12, 0.3)))
    return sheet


def weed(view: View, sheet: Sheet, base: float, colour: Rgb) -> None:
    """Weed in the current."""
    rng = dice("weed", view.seed)
    for _ in range(16):
        x = float(rng.choice([rng.uniform(-120, 250), rng.uniform(830, 1200)]))
        tall, lean = float(rng.uniform(160, 420)), float(rng.uniform(-60, 90))
        line = [
            (x, base),
            (x + lean * 0.2 + 16, base - tall * 0.35),
            (x + lean * 0.6 - 14, base - tall * 0.7),
            (x + lean, base - tall),
        ]
        sheet.stroke(line, [16, 20, 13, 2], times(colour, float(rng.uniform(0.6, 1.5))), 0.9, 1)


def parted_sea(view: View) -> Scenery:
    """A road of stones on the sea's floor, between two walls of water with great fish in them."""
    sheet = backdrop(view)
    p, h = view.palette, view.horizon
    sky(view, sheet, clouds=0.6)
    top, middle, bottom = _sea_light(view)
    walls = overlay(view, -190.0)
    for side in (-1, 1):
        edge = [
            (540 + side * 95, h + 60),
            (540 + side * 150, h - 330),
            (540 + side * 330, h - 760),
            (540 + side * 640, h - 1150),
        ]
        foot = [(540 + side * 1000, 2140), (540 + side * 700, h + 760), (540 + side * 300, h + 290)]
        outline = [*curve(edge, closed=False), (540 + side * 1000, h - 1150), *foot]
        _wall(view, walls, outline, side, (top, middle, bottom))
    road = overlay(view, h + 10)
    mask = np.broadcast_to(smoothstep(0, 60, road.ys()[:, None] - h - 40), (road.h, road.w))
    half = 70 + np.clip(road.ys() - h, 0, None)[:, None] * 0.78
    lane = smoothstep(40, -40, np.abs(road.xs()[None, :] - 540) - half)
    ground(
        view,
        road,
        h + 40,
        mix(p.far(hexa("5a625f"), 0.1), middle, 0.35),
        115,
        texture=0.5,
        mask=(mask * lane).astype(np.float32),
    )
    stones(view, road, h + 60, 0.78)
    return Scenery([sheet.layer(0.1), walls.layer(0.45), road.layer(0.9)], sea_lamp(view), h + 760)


def _wall(view: View, sheet: Sheet, outline: list[Point], side: int, tones: tuple[Rgb, Rgb, Rgb]) -> None:
    """One wall of standing water: streams, a lit edge, shadows of fish."""
    region = sheet.region([outline], 2)
    if region is None:
        return
    size = region.mask.shape
    streams = cover(tile(3, 9, 5, 117), size, size[0] / 512 * 1.1, 1.0, (0 if side < 0 else 200, 0))
    across = np.linspace(0, 1, size[1])[None, :] if side > 0 else np.linspace(1, 0, size[1])[None, :]
    body = (0.45 + 0.8 * streams) * (1.25 - 0.85 * across)
    sheet.paint(region, body[..., None] * np.asarray(mix(tones[0], tones[1], 0.3), np.float32))
    rng = dice("fish", view.seed, side)
    for _ in range(4):
        x, y, long = (
            540 + side * float(rng.uniform(330, 560)),
            view.horizon + float(rng.uniform(-560, 320)),
            float(rng.uniform(90, 210)),
        )
        fish(sheet, x, y, long, times(tones[2], 0.8), side)
    edge = [(x, y) for x, y in outline[:31]]
    sheet.stroke(edge[::3], [4, 14, 26, 30], mix(tones[0], (0.9, 1, 1), 0.45), 0.5, 9)


def fish(sheet: Sheet, x: float, y: float, long: float, colour: Rgb, side: int = 1) -> None:
    """The shadow of a great fish."""
    body = marks("-0.5 0, -0.2 -0.16, 0.15 -0.17, 0.42 -0.05, 0.52 0, 0.42 0.06, 0.15 0.16, -0.2 0.13")
    tail = marks("-0.46 0, -0.72 -0.17, -0.64 0, -0.72 0.18")
    for part in (body, tail):
        sheet.smooth([(x + side * a * long, y + b * long) for a, b in part], colour, 0.62, long * 0.03)


def stones(view: View, sheet: Sheet, top: float, spread: float) -> None:
    """Pale cobbles laid one by one, smaller and closer with distance."""
    rng = dice("cobbles", view.seed)
    pale = mix(view.palette.far(hexa("c9cfc9"), 0.0), (0.35, 0.55, 0.58), 0.3)
    y = top + 10.0
    while y < 2100:
        d = (y - top + 60) / 900
        size = 16 + 46 * d
        half = 60 + (y - top) * spread * 0.8
        x = 540 - half + float(rng.uniform(0, size))
        while x < 540 + half:
            r = size * float(rng.uniform(0.62, 0.95))
            tone = times(pale, float(rng.uniform(0.45, 0.85)))
            sheet.shape(circle(x, y + r * 0.12, r, r * 0.46, 0, 18), times(tone, 0.3), 0.7, 1.5)
            sheet.shape(circle(x, y, r * 0.94, r * 0.42, 0, 18), tone, 0.95, 0.8)
            sheet.shape(circle(x - r * 0.2, y - r * 0.13, r * 0.5, r * 0.16, 0, 12), mix(tone, (1, 1, 1), 0.4), 0.5, 2)
            x += size * 2.1
        y += size * 0.92


def heaven(view: View) -> Scenery:
    """The open sky, a sea of cloud below."""
    sheet = backdrop(view)
    low = View(view.palette, view.seed, 1350.0, view.res, view.wide, view.weather, view.flags)
    sky(low, sheet, clouds=0.8)
    layers = [sheet.layer(0.08)]
    for k, (y, strength) in enumerate(((1330, 0.8), (1530, 0.9), (1760, 1.0))):
        layers.append(_cloud_sea(low, y, strength, k).layer(0.2 + 0.3 * k, drift=9.0 + 5 * k, tile=True))
    return Scenery(layers, view.palette.light, 1420)


def _cloud_sea(view: View, top: float, strength: float, salt: int) -> Sheet:
    sheet = Sheet(540 - 810, top - 170, 1620, 900, 0.45)
    texture = cover(tile(4, 4, 5, 121 + salt), (sheet.h, sheet.w), sheet.w / 512 / 1, 1.0, (0, 0))
    lift = (sheet.ys()[:, None] - top) / 150 + 0.2
    mask = np.clip((texture - 0.62 + lift * 0.5) * 3.2, 0, 1).astype(np.float32)
    shade = np.clip(0.62 + np.gradient(texture, axis=0) * -22, 0, 1)[..., None]
    p = view.palette
    ink = np.asarray(p.cloud_shade, np.float32) * (1 - shade) + np.asarray(p.cloud, np.float32) * shade
    sheet.paint(Region(0, sheet.h, 0, sheet.w, mask * strength), ink)
    return sheet
