"""Mountains, cliffs, deserts, snow and stone: open country."""

from __future__ import annotations

import cv2
import numpy as np

from app.backends.animatic.art.brush import Region, Sheet, circle, curve, marks, smoothstep
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.scenery import (
    Range,
    Scenery,
    View,
    backdrop,
    ground,
    haze,
    hills,
    overlay,
    sky,
)

STONE = hexa("5a5f60")
GREEN_HILL = hexa("4d5f45")
SAND_DUNE = hexa("c99f66")
SNOW = hexa("dfe6ec")


def snowy(view: View) -> bool:
    """Whether snow lies."""
    return bool({"snow"} & view.weather) or "snowy" in view.flags


def _mists(view: View, layers_top: float, strength: float = 0.5) -> Sheet:
    """A drifting bank of mist between two ranges."""
    sheet = Sheet(540 - 900, layers_top, 1800, 300, 0.35)
    texture = cover(tile(3, 3, 4, 101), (sheet.h, sheet.w), sheet.w / 512 / 2, 1.0, (view.seed % 512, 0))
    band = np.exp(-(((np.linspace(-1, 1, sheet.h)) / 0.5) ** 2))[:, None]
    mask = (band * smoothstep(0.3, 0.8, texture) * strength).astype(np.float32)
    sheet.paint(Region(0, sheet.h, 0, sheet.w, mask), mix(view.palette.haze, view.palette.cloud, 0.4))
    return sheet


def mountain(view: View) -> Scenery:
    """Ranges behind ranges, mist between them, a rocky place to stand."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.6)
    p, h = view.palette, view.horizon
    stone = mix(STONE, SNOW, 0.75) if snowy(view) else STONE
    slope = mix(GREEN_HILL, SNOW, 0.8) if snowy(view) else GREEN_HILL
    hills(view, sheet, h + 90, 560, p.far(stone, 0.7), 31, Range(1.7, 7, 1.05, 0.45, fade=0.8))
    hills(view, sheet, h + 160, 330, p.far(stone, 0.5), 32, Range(2.3, 7, 1.0, 0.55, fade=0.8))
    middle = overlay(view, h - 260, h + 640)
    hills(view, middle, h + 380, 430, p.far(slope, 0.24), 33, Range(1.6, 7, 0.85, 0.7, fade=0.5))
    layers = [sheet.layer(0.14), _mists(view, h + 20).layer(0.25, drift=7, tile=True), middle.layer(0.42)]
    layers.append(_mists(view, h + 230, 0.42).layer(0.55, drift=-9, tile=True))
    top = h + 560
    near = ledge(view, top, stone if snowy(view) else hexa("4a4740"))
    return Scenery([*layers, near.layer(0.92)], p.light, top + 190)


def ledge(view: View, top: float, colour: Rgb, seed: int = 35) -> Sheet:
    """Rocky ground to stand on, rising at the sides."""
    near = overlay(view, top - 420)
    envelope = ((0, 1.0), (0.16, 0.7), (0.3, 0.18), (0.5, 0.05), (0.72, 0.12), (0.86, 0.5), (1, 0.8))
    hills(
        view, near, top + 60, 380, view.palette.far(times(colour, 0.85), 0.04), seed, Range(5.0, 7, 0.8, 0.8, envelope)
    )
    ys = near.ys()[:, None]
    mask = np.broadcast_to(smoothstep(0, 60, ys - top), (near.h, near.w)).astype(np.float32)
    ground(view, near, top, view.palette.far(colour, 0.0), seed + 1, texture=0.6, mask=mask)
    return near


def cliff(view: View) -> Scenery:
    """The edge of a precipice: rock to one side, depth and mist beyond."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.6)
    p, h = view.palette, view.horizon
    stone = mix(STONE, SNOW, 0.7) if snowy(view) else STONE
    hills(view, sheet, h + 260, 620, p.far(stone, 0.66), 41, Range(2.6, 7, fade=0.9))
    hills(view, sheet, h + 420, 380, p.far(stone, 0.44), 42, Range(3.4, 7, fade=0.9, rough=0.6))
    wall = overlay(view, h - 760)
    face = ((0, 1.2), (0.13, 1.12), (0.2, 0.86), (0.27, 0.8), (0.33, 0.36), (0.4, 0.3), (1, 0.28))
    hills(view, wall, h + 760, 1180, p.far(stone, 0.12), 43, Range(7, 7, 0.7, 0.85, face))
    top = h + 430
    edge = overlay(view, top - 90)
    flat = ((0, 0.5), (0.35, 0.3), (0.6, 0.42), (0.74, 0.1), (0.8, -4.0), (1, -12.0))
    hills(view, edge, top + 70, 90, p.far(stone, 0.02), 44, Range(4, 7, 0.9, 0.8, flat))
    layers = [sheet.layer(0.14), _mists(view, h + 260, 0.6).layer(0.3, drift=8, tile=True), wall.layer(0.7)]
    return Scenery([*layers, edge.layer(0.95)], p.light, top + 110)


def desert(view: View) -> Scenery:
    """Dunes to the horizon."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.3)
    p, h = view.palette, view.horizon
    layers = []
    for k, (base, height, far) in enumerate(((70, 110, 0.6), (220, 190, 0.38), (430, 240, 0.18))):
        target = sheet if k == 0 else overlay(view, h + base - height - 40)
        line = hills(view, target, h + base, height, p.far(SAND_DUNE, far), 51 + k, Range(1.4, 2, 0.9, 0.12, grain=2.0))
        _slip_faces(view, target, line)
        layers.append(target.layer((0.14, 0.4, 0.7)[k]))
    near = overlay(view, h + 600)
    hills(view, near, h + 740, 90, p.far(SAND_DUNE, 0.04), 55, Range(1.1, 2, 0.9, 0.12, grain=2.0))
    ground(view, near, h + 700, p.far(SAND_DUNE, 0.0), 56, texture=0.18, lines=0.5, mask=near.alpha)
    return Scenery([*layers, near.layer(0.92)], p.light, h + 800)


def _slip_faces(view: View, sheet: Sheet, line: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    """The shaded side of each dune, below its crest."""
    slope = np.gradient(line)
    side = -1 if view.palette.light.side > 0 else 1
    away = np.clip(slope * side * 1.6, 0, 1)[None, :]
    depth = np.clip(1 - (sheet.ys()[:, None] - line[None, :]) / 260, 0, 1)
    below = np.clip(sheet.ys()[:, None] - line[None, :], 0, 1)
    region = Region(0, sheet.h, 0, sheet.w, (cv2.GaussianBlur(away, (0, 0), 5) * depth * below).astype(np.float32))
    sheet.tint(region, times(view.palette.far(SAND_DUNE, 0.1), 0.42), 0.6)


def heath(view: View) -> Scenery:
    """Open ground under the sky, for an outdoor place without a picture of its own."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.7)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 50, 240, p.far(STONE, 0.66), 38, Range(1.7, 6, 1.0, 0.4, fade=0.7))
    near = overlay(view, h - 10)
    tone = mix(hexa("6d6656"), SNOW, 0.8) if snowy(view) else hexa("6d6656")
    mask = np.broadcast_to(smoothstep(0, 40, near.ys()[:, None] - h - 24), (near.h, near.w))
    ground(view, near, h + 24, p.far(tone, 0.04), 39, texture=0.5, mask=mask)
    return Scenery([sheet.layer(0.14), near.layer(0.9)], p.light, h + 640)


def stone_forest(view: View) -> Scenery:
    """Standing stones like a dead army, stuck with broken spears."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.8)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 120, 420, p.far(STONE, 0.6), 61, Range(2.2, 7, fade=0.8))
    far, near = overlay(view, h - 320, h + 560), overlay(view, h - 480)
    rng = dice("stones", view.seed)
    for k in range(13):
        x, base, tall = rng.uniform((-160, h + 300, 180), (1240, h + 370, 460))
        _pillar(view, far, float(x), float(base), float(tall), 0.36, k)
    mask = np.broadcast_to(smoothstep(0, 40, near.ys()[:, None] - h - 330), (near.h, near.w))
    ground(view, near, h + 330, p.far(hexa("4c463f"), 0.0), 63, texture=0.6, mask=mask)
    for k, x in enumerate((-60, 70, 1000, 1130)):
        _pillar(view, near, x, h + 640 + 30 * k, 860 - 60 * k, 0.06, 20 + k)
    for _ in range(9):
        x, base, tall, lean = rng.uniform((0, h + 420, 130, -24), (1080, h + 720, 260, 24))
        _spear(view, near, float(x), float(base), float(tall), float(lean))
    mists = _mists(view, h + 140, 0.5).layer(0.3, drift=8, tile=True)
    return Scenery([sheet.layer(0.14), mists, far.layer(0.5), near.layer(0.92)], p.light, h + 720)


def _pillar(view: View, sheet: Sheet, x: float, base: float, tall: float, far: float, salt: int) -> None:
    rng = dice("pillar", view.seed, salt)
    half = tall * float(rng.uniform(0.13, 0.22))
    left = [(x - half * float(rng.uniform(0.8, 1.2)), base - tall * t) for t in (0, 0.3, 0.62, 0.88)]
    right = [(x + half * float(rng.uniform(0.6, 1.0)) * (1 - 0.4 * t), base - tall * t) for t in (0.95, 0.7, 0.35, 0)]
    region = sheet.region([[*left, (x + half * 0.1, base - tall), *right]])
    if region is None:
        return
    size = region.mask.shape
    grain = cover(tile(4, 7, 6, 47), size, 1.1 * sheet.scale / 0.667, 0.7, (salt * 97 % 512, salt * 31 % 512))
    gy, gx = np.gradient(grain)
    across = np.linspace(-1, 1, size[1])[None, :] * view.palette.light.side
    shade = np.clip(0.5 + across * 0.4 + (-gx * view.palette.light.side - gy) * 12, 0, 1)[..., None]
    colour = view.palette.far(STONE, far)
    sheet.paint(
        region,
        np.asarray(times(colour, 0.35), np.float32) * (1 - shade) + np.asarray(times(colour, 1.25), np.float32) * shade,
    )


def _spear(view: View, sheet: Sheet, x: float, base: float, tall: float, lean: float) -> None:
    tip = (x + tall * float(np.sin(np.radians(lean))), base - tall)
    dark = view.palette.far(hexa("2a231c"), 0.05)
    sheet.stroke([(x, base), ((x + tip[0]) / 2, (base + tip[1]) / 2), tip], [7, 6, 5], dark)
    sheet.shape(
        [(tip[0] - 9, tip[1] + 6), (tip[0] + 3, tip[1] - 44), (tip[0] + 10, tip[1] + 6)],
        mix(dark, view.palette.light.key, 0.35),
    )


def snow_peak(view: View) -> Scenery:
    """The top of a snow mountain, steps, and the sky very near."""
    cold = View(view.palette, view.seed, view.horizon, view.res, view.wide, view.weather, view.flags | {"snowy"})
    sheet = backdrop(cold)
    sky(cold, sheet, clouds=0.7)
    p, h = view.palette, view.horizon
    hills(cold, sheet, h + 140, 640, p.far(SNOW, 0.5), 71, Range(1.5, 7, 1.05, 0.7, fade=0.7))
    hills(cold, sheet, h + 250, 300, p.far(SNOW, 0.3), 72, Range(2.4, 7, 1.0, 0.8, fade=0.6))
    near = overlay(cold, h + 200)
    hills(
        cold,
        near,
        h + 500,
        160,
        p.far(mix(STONE, SNOW, 0.5), 0.05),
        73,
        Range(3.0, 7, 0.9, 0.8, ((0, 1.2), (0.25, 0.4), (0.5, 0.2), (0.75, 0.5), (1, 1.3))),
    )
    mask = np.broadcast_to(smoothstep(0, 90, near.ys()[:, None] - h - 430), (near.h, near.w))
    ground(cold, near, h + 430, p.far(SNOW, 0.0), 74, texture=0.14, lines=0.5, mask=mask)
    return Scenery(
        [sheet.layer(0.14), _mists(cold, h + 130, 0.5).layer(0.35, drift=9, tile=True), near.layer(0.92)],
        p.light,
        h + 720,
    )


def giant_palm(view: View) -> Scenery:
    """On a giant's hand: five hills that are fingers, his face a mountain range far off."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.5)
    p, h = view.palette, view.horizon
    skin = hexa("6b5546")
    profile = marks(
        "-200 40, -60 -10, 60 -60, 170 -150, 250 -170, 300 -130, 330 -175, 372 -240, 402 -170, "
        " "
        "430 -150, 448 -178, 470 -150, 492 -176, 520 -150, 552 -160, 590 -120, 640 -40, 800 -70, "
        " "
        "1000 -120, 1300 -60"
    )
    far = [(x, h + y + 20) for x, y in profile]
    sheet.smooth([(-400, h + 300), *far, (1500, h + 300)], p.far(skin, 0.55), 1.0, 2)
    haze(sheet, h + 120, 150, p.haze, 0.7)
    if {"blooming", "blossom"} & view.flags:
        for x in (60, 420, 800, 1080):
            sheet.glow(x, h + 60, 330, (0.95, 0.5, 0.62), 0.42, 0.5)
    layers = [sheet.layer(0.14)]
    palm = overlay(view, h - 240)
    ground(
        view,
        palm,
        h + 300,
        p.far(skin, 0.02),
        81,
        texture=0.75,
        mask=np.broadcast_to(smoothstep(0, 60, palm.ys()[:, None] - h - 300), (palm.h, palm.w)),
    )
    for k, (x, tall, wide) in enumerate(
        ((-20, 330, 260), (250, 520, 270), (525, 580, 280), (800, 500, 270), (1110, 300, 300))
    ):
        _finger(view, palm, x, h + 420, tall, wide, p.far(skin, 0.22), k)
    return Scenery([*layers, palm.layer(0.9)], p.light, h + 760)


def _finger(view: View, sheet: Sheet, x: float, base: float, tall: float, wide: float, colour: Rgb, salt: int) -> None:
    """One finger of the hand, like a hill: knuckles, nail, and cracks like a dry river bed."""
    lean = (x - 540) * 0.2 + 30
    outline = [
        (x - wide * 0.52, base),
        (x - wide * 0.5 + lean * 0.5, base - tall * 0.5),
        (x - wide * 0.36 + lean, base - tall * 0.9),
        (x + lean, base - tall),
        (x + wide * 0.36 + lean, base - tall * 0.9),
        (x + wide * 0.5 + lean * 0.5, base - tall * 0.5),
        (x + wide * 0.52, base),
    ]
    region = sheet.region([curve(outline)])
    if region is None:
        return
    size = region.mask.shape
    cracks = np.abs(2 * cover(tile(5, 5, 4, 91), size, 1.0 * sheet.scale / 0.667, 1.0, (salt * 90, 40)) - 1)
    across = np.linspace(-1, 1, size[1])[None, :]
    round_ = np.clip(0.55 + 0.5 * across * view.palette.light.side - 0.25 * across**2, 0, 1)
    shade = (round_ * (0.6 + 0.4 * smoothstep(0.0, 0.14, cracks)))[..., None]
    sheet.paint(
        region,
        np.asarray(times(colour, 0.4), np.float32) * (1 - shade) + np.asarray(times(colour, 1.35), np.float32) * shade,
    )
    for t in (0.42, 0.72):
        sheet.stroke(
            [
                (x - wide * 0.36 + lean * t, base - tall * t),
                (x + lean * t, base - tall * t + 16),
                (x + wide * 0.36 + lean * t, base - tall * t),
            ],
            [2, 12, 2],
            times(colour, 0.35),
            0.7,
            4,
        )


def eye_chamber(view: View) -> Scenery:
    """Inside the dragon's eye: a vast sphere, a knot of golden light bound with threads of ink."""
    sheet = backdrop(view, (0.03, 0.018, 0.02))
    x, y = 540.0, view.horizon - 190
    grid_x, grid_y = sheet.xs()[None, :] - x, sheet.ys()[:, None] - y
    radius = np.hypot(grid_x, grid_y)
    angle = np.arctan2(grid_y, grid_x)
    veins = cover(tile(4, 4, 5, 97), (sheet.h, sheet.w), 2.4)
    ribs = 0.5 + 0.5 * np.sin(angle * 46 + veins * 9)
    wall = np.exp(-((radius / 640) ** 1.4)) * (0.5 + 0.55 * ribs * np.clip(radius / 500, 0, 1)) + 0.03
    sheet.rgb[:] = wall[..., None] * np.asarray((0.95, 0.5, 0.16), np.float32)
    sheet.glow(x, y, 420, (1.0, 0.66, 0.24), 0.7)
    sheet.glow(x, y, 170, (1.0, 0.85, 0.5), 1.0)
    core = overlay(view, y - 260, y + 260)
    core.glow(x, y, 120, (1.0, 0.9, 0.62), 1.0)
    core.shape(circle(x, y, 118), (1.25, 1.1, 0.75), 0.95, 12)
    rng = dice("threads", view.seed)
    threads = overlay(view, -190)
    for _ in range(26):
        a, b = float(rng.uniform(0, 6.28)), float(rng.uniform(700, 1300))
        end = (x + b * float(np.cos(a)), y + b * float(np.sin(a)))
        turn = a + float(rng.uniform(-1.2, 1.2))
        hold = (x + 112 * float(np.cos(turn)), y + 112 * float(np.sin(turn)))
        bend = (
            (hold[0] + end[0]) / 2 + float(rng.uniform(-50, 50)),
            (hold[1] + end[1]) / 2 + float(rng.uniform(-50, 50)),
        )
        threads.stroke([hold, bend, end], [7, 4, 3], (0.02, 0.012, 0.012), 0.9)
    floor_top = view.horizon + 420
    base = overlay(view, floor_top - 60)
    mask = np.broadcast_to(smoothstep(0, 120, base.ys()[:, None] - floor_top), (base.h, base.w))
    ground(view, base, floor_top, (0.2, 0.09, 0.05), 99, texture=0.3, mask=mask)
    base.tint(base.region([circle(540, floor_top + 130, 620, 150)], 90), (0.85, 0.46, 0.16), 0.5)
    light = view.palette.light
    gold = type(light)(
        (0.0, -0.75, 0.4), (1.0, 0.7, 0.34), (0.3, 0.16, 0.09), (0.12, 0.06, 0.05), (1.4, 0.85, 0.35), 1.0
    )
    return Scenery(
        [sheet.layer(0.2), core.layer(0.35, sway=5), threads.layer(0.4), base.layer(0.9)], gold, floor_top + 300
    )
