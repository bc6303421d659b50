"""The sea and its shores: open water, storm, beach and rocks."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Region, Sheet, circle, smoothstep
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.noise import cover, ridge_line, tile
from app.backends.animatic.art.scenery import (
    Range,
    Scenery,
    View,
    backdrop,
    ground,
    haze,
    hills,
    number,
    overlay,
    sky,
    surf,
    water,
    wave,
)
from app.backends.animatic.layers import Layer

ROCK = hexa("3a3f44")
SAND = hexa("b39a7c")


def _open(view: View, rough: float, foam: float) -> Sheet:
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.55)
    water(view, sheet, rough=rough, foam=foam)
    haze(sheet, view.horizon, 70, view.palette.haze, 0.4)
    return sheet


def shore(view: View) -> Scenery:
    """A beach before the sea, with a black headland and breakers."""
    sheet = _open(view, 0.45, 0.6)
    far = overlay(view, view.horizon - 260, view.horizon + 40)
    cape = Range(bumps=1.6, bottom=view.horizon + 16, envelope=((0.0, 1.0), (0.3, 0.75), (0.52, 0.0), (1.0, -0.3)))
    hills(view, far, view.horizon + 10, 130, view.palette.far(ROCK, 0.55), 3, cape)
    sand_top = view.horizon + 520
    sand = overlay(view, sand_top - 80)
    beach(view, sand, sand_top)
    layers = [sheet.layer(0.12), far.layer(0.2), wave(view, view.horizon + 290, 46, 1, depth=0.5, tall=460, foam=0.8)]
    layers += [headland(view), sand.layer(0.85)]
    return Scenery(layers, view.palette.light, sand_top + 260, shade=times(view.palette.far(SAND, 0.0), 0.2))


def beach(view: View, sand: Sheet, top: float) -> None:
    """Sand below ``top``, wet at the water's edge, with the last wave's lace running up it."""
    xs, ys = sand.xs()[None, :], sand.ys()[:, None]
    edge = top + ridge_line(sand.w, 0, 70, number(view, 8), 1.2, 3, 0.8)[None, :] + 35
    mask = smoothstep(0, 14, ys - edge)
    ground(view, sand, top, view.palette.far(SAND, 0.05), 5, texture=0.2, lines=0.6, mask=mask)
    wet = Region(0, sand.h, 0, sand.w, np.exp(-((np.clip(ys - edge, 0, None) / 120) ** 2)).astype(np.float32))
    sand.tint(wet, mix(times(view.palette.far(SAND, 0.1), 0.6), view.palette.sky[3], 0.22), 0.8)
    lace = cover(tile(10, 12, 5, 93), (sand.h, sand.w), sand.scale * 1.3, 1.8)
    reach = edge + 60 + 50 * np.sin(xs / 170 + view.seed % 7) + 26 * np.sin(xs / 61)
    film = smoothstep(14, -60, ys - reach) * smoothstep(-30, 6, ys - edge)
    rim = np.exp(-(((ys - reach) / 8) ** 2)) + 0.5 * np.exp(-(((ys - edge) / 14) ** 2))
    foam = np.clip(rim * smoothstep(0.35, 0.65, lace) + film * smoothstep(0.52, 0.74, lace) * 0.5, 0, 1)
    white = surf(view)
    sand.paint(Region(0, sand.h, 0, sand.w, foam.astype(np.float32)), white, 0.85)


def headland(view: View, *, left: bool = True, depth: float = 0.72) -> Layer:
    """A black cliff that enters the picture from one side, with spume at its foot."""
    foot = view.horizon + 500
    sheet = overlay(view, foot - 640, foot + 60)
    slope = ((0.0, 1.0), (0.16, 0.92), (0.27, 0.6), (0.36, 0.42), (0.46, 0.1), (0.55, -0.1), (1.0, -0.2))
    envelope = slope if left else tuple((1 - x, y) for x, y in reversed(slope))
    cliff = Range(bumps=4.2, octaves=7, sharp=0.85, rough=0.75, envelope=envelope, bottom=foot + 20, grain=0.8)
    hills(view, sheet, foot + 14, 560, view.palette.far(ROCK, 0.04), 11, cliff)
    spume(view, sheet, (-200, 430) if left else (650, 1280), foot, 30)
    return sheet.layer(depth)


def spume(view: View, sheet: Sheet, across: tuple[float, float], y: float, count: int) -> None:
    """Broken white water along the foot of a rock."""
    rng = dice("spume", view.seed, y)
    white = surf(view)
    for _ in range(count):
        x, up = float(rng.uniform(*across)), float(rng.random()) ** 2 * 40
        sheet.shape(circle(x, y - up, float(rng.uniform(16, 60)), float(rng.uniform(4, 13))), white, 0.36, 6)


def rocks(view: View) -> Scenery:
    """Black reefs in the surf: the place where a bird lands, or someone stands against the light."""
    sheet = _open(view, 0.6, 0.8)
    layers = [sheet.layer(0.12), wave(view, view.horizon + 230, 54, 1, depth=0.5, tall=460, foam=0.9)]
    top = view.horizon + 300
    reef = overlay(view, top - 260)
    back = Range(
        bumps=3.4,
        octaves=7,
        sharp=0.8,
        rough=0.7,
        envelope=((0, 0.9), (0.22, 0.5), (0.4, 0.05), (0.62, 0.0), (0.8, 0.5), (1, 0.9)),
        grain=0.7,
    )
    hills(view, reef, top + 170, 300, view.palette.far(ROCK, 0.12), 21, back)
    spume(view, reef, (200, 800), top + 190, 24)
    slab = Range(
        bumps=2.2,
        octaves=7,
        sharp=0.7,
        rough=0.7,
        envelope=((0, 0.1), (0.25, 0.6), (0.45, 1.0), (0.62, 0.95), (0.8, 0.5), (1, 0.2)),
        grain=1.0,
    )
    line = hills(view, reef, top + 420, 230, view.palette.far(ROCK, 0.0), 22, slab)
    layers.append(reef.layer(0.9))
    stand = float(line[int((540 - reef.left) * reef.scale)])
    front = [wave(view, view.horizon + 940, 60, 4, depth=1.25, tall=460, foam=0.9, dark=0.2)]
    return Scenery(layers, view.palette.light, stand + 34, front=front)


def open_sea(view: View) -> Scenery:
    """Nothing but water and sky; a boat may float on it."""
    calm = "storm" not in view.weather
    h = view.horizon
    layers = [_open(view, 0.4 if calm else 1.0, 0.35 if calm else 1.0).layer(0.12)]
    if calm:
        layers.append(wave(view, h + 400, 30, 1, depth=0.6, tall=1300, foam=0.3))
        front = [
            wave(view, h + 680, 44, 2, depth=1.05, tall=900, foam=0.4),
            wave(view, h + 920, 60, 3, depth=1.3, tall=560, foam=0.45, dark=0.15),
        ]
        return Scenery(layers, view.palette.light, h + 600, front=front, water=True)
    layers += [
        wave(view, h + 130, 170, 5, depth=0.4, tall=900, foam=0.8, dark=0.0),
        wave(view, h + 330, 240, 6, depth=0.7, tall=1100, foam=0.95, dark=0.1),
    ]
    front = [
        wave(view, h + 580, 260, 7, depth=1.05, tall=1100, foam=1.0, dark=0.25),
        wave(view, h + 900, 280, 8, depth=1.35, tall=760, foam=1.0, dark=0.4),
    ]
    return Scenery(layers, view.palette.light, h + 450, front=front, water=True)


def water_wall(view: View, colour: Rgb | None = None) -> Sheet:
    """A wall of water from edge to edge, streaming, with light in it."""
    sheet = backdrop(view)
    p = view.palette
    deep = colour or mix(p.water[1], hexa("0f5a60"), 0.5)
    streams = cover(tile(2, 16, 5, 83), (sheet.h, sheet.w), sheet.w / 512 * 0.75, 1.0, (number(view, 4) % 512, 0))
    fine = cover(tile(3, 28, 5, 87), (sheet.h, sheet.w), sheet.w / 512 * 0.75, 1.0, (number(view, 5) % 512, 0))
    ys = sheet.ys()[:, None]
    body = np.exp(-(((ys - 760) / 800) ** 2)) * 0.75 + 0.18
    shade = body * (0.55 + 0.75 * (streams - 0.3))
    sheet.rgb[:] = shade[..., None] * np.asarray(times(deep, 1.5), np.float32)
    white = (smoothstep(0.62, 0.86, fine) * np.clip(1.15 - (ys + 200) / 1300, 0, 1) * 0.5)[..., None]
    sheet.rgb[:] = sheet.rgb * (1 - white) + np.asarray(mix(p.cloud, deep, 0.4), np.float32) * white
    return sheet
