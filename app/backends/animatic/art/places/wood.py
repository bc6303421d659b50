"""Forests: green, withered, in blossom or on fire; bamboo; a field."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, Sheet, circle, ribbon, smoothstep
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

BARK = hexa("4a3d33")
LEAF = hexa("4c6a3c")
BLOSSOM = hexa("f7a8bd")
FIRE = (1.0, 0.5, 0.16)


def crown(view: View) -> str:
    """What the trees bear: blossom, nothing, fire, or leaves."""
    for flag, bears in (
        ("burning", "burning"),
        ("blooming", "blossom"),
        ("withered", "withered"),
        ("blossom", "blossom"),
    ):
        if flag in view.flags:
            return bears
    return "withered" if "snow" in view.weather else "leaves"


def branches(
    start: Point, angle: float, length: float, width: float, rng: np.random.Generator, depth: int
) -> list[tuple[list[Point], list[float]]]:
    """A tree as tapering strokes, the trunk first; the ends of the last ones are where leaves grow."""
    x, y = start
    bend = float(rng.normal(0, 0.16))
    middle = (x + length * 0.5 * float(np.sin(angle + bend)), y - length * 0.5 * float(np.cos(angle + bend)))
    end = (x + length * float(np.sin(angle)), y - length * float(np.cos(angle)))
    strokes = [([start, middle, end], [width, width * 0.84, width * 0.62])]
    if depth:
        for _ in range(2 if depth > 3 or rng.random() < 0.55 else 3):
            turn = float(rng.uniform(0.25, 0.75)) * (1 if rng.random() < 0.5 else -1)
            grow = length * float(rng.uniform(0.62, 0.82))
            strokes += branches(end, angle * 0.85 + turn, grow, width * 0.6, rng, depth - 1)
    return strokes


def tree(view: View, sheet: Sheet, x: float, base: float, tall: float, far: float, salt: int) -> None:
    """One tree, its bark lit on one side, with whatever its crown bears."""
    rng = dice("tree", view.seed, salt)
    bears = crown(view)
    depth = 4 if tall > 420 else 3
    strokes = branches((x, base), float(rng.normal(0, 0.06)), tall * 0.36, tall * 0.062, rng, depth)
    bark = view.palette.far(BARK, far)
    shift = view.palette.light.side * tall * 0.008
    dark = [ribbon(points, widths) for points, widths in strokes]
    sheet.paint(sheet.region(dark), times(bark, 0.6 if bears != "burning" else 0.25))
    lit = [
        ribbon([(px + shift * (widths[0] / (tall * 0.062)), py) for px, py in points], [w * 0.4 for w in widths])
        for points, widths in strokes[:9]
    ]
    edge = mix(bark, view.palette.light.key, 0.4) if bears != "burning" else FIRE
    sheet.tint(sheet.region(lit, 1.0), edge, 0.55)
    tips = [points[-1] for points, widths in strokes if widths[0] < tall * 0.016]
    if bears in ("leaves", "blossom", "burning"):
        _foliage(view, sheet, tips, tall, far, salt, bears)


def _foliage(view: View, sheet: Sheet, tips: list[Point], tall: float, far: float, salt: int, bears: str) -> None:
    """A crown: soft masses broken into leaves or petals by noise, lit from the light's side, dark beneath."""
    rng = dice("leaves", view.seed, salt)
    size = tall * {"leaves": 0.085, "blossom": 0.07, "burning": 0.075}[bears]
    clumps = []
    for tx, ty in tips:
        for _ in range(2):
            cx, cy = tx + float(rng.normal(0, size * 0.5)), ty + float(rng.normal(0, size * 0.45))
            clumps.append(
                circle(cx, cy, size * float(rng.uniform(0.5, 1.1)), size * float(rng.uniform(0.4, 0.75)), 0, 12)
            )
    mass = sheet.region(clumps, size * 0.22)
    if mass is None:
        return
    shape = mass.mask.shape
    zoom = max(0.35, tall / 900) * sheet.scale / 0.667
    leaf = cover(tile(40, 40, 3, 131), shape, zoom, 1.0, (salt * 71 % 512, salt * 37 % 512))
    lump = cover(tile(9, 9, 4, 133), shape, zoom, 1.0, (salt * 43 % 512, salt * 89 % 512))
    mass.mask = smoothstep(0.5, 0.64, mass.mask * 0.92 + (leaf - 0.5) * 0.55 + (lump - 0.5) * 0.3).astype(np.float32)
    gy, gx = np.gradient(lump)
    light = np.clip(0.42 + (-gx * view.palette.light.side - gy * 1.2) * 16 * zoom + (leaf - 0.5) * 0.9, 0, 1)
    light *= np.linspace(1.15, 0.6, shape[0], dtype=np.float32)[:, None]
    dark, body, bright = _tones(view, far, bears)
    t = np.clip(light, 0, 1)
    ink = [np.interp(t, (0, 0.5, 1), (dark[c], body[c], bright[c])) for c in range(3)]
    sheet.paint(mass, np.stack(ink, -1).astype(np.float32), 0.95)


def _tones(view: View, far: float, bears: str) -> tuple[Rgb, Rgb, Rgb]:
    """The dark, middle and light of a crown."""
    if bears == "burning":
        return (0.32, 0.07, 0.03), (0.95, 0.36, 0.07), (1.15, 0.85, 0.35)
    if bears == "blossom":
        own = view.palette.far(BLOSSOM, far)
        glow = mix(own, BLOSSOM, 0.62 if view.night() else 0.15)
        return times(glow, (0.42, 0.3, 0.4)), glow, mix(glow, (1, 0.93, 0.94), 0.5)
    own = view.palette.far(LEAF, far)
    return times(own, 0.42), own, mix(own, times(view.palette.light.key, (0.9, 0.95, 0.6)), 0.42)


def undergrowth(view: View, sheet: Sheet, top: float, colour: Rgb, salt: int) -> None:
    """Grass and stems along the foot of the trees."""
    rng = dice("grass", view.seed, salt)
    blades = []
    for _ in range(110):
        x, y = float(rng.uniform(-150, 1230)), top + float(rng.uniform(-30, 170))
        tall, lean = float(rng.uniform(14, 30)) * (1 + (y - top) / 150), float(rng.uniform(-16, 16))
        blades.append(ribbon([(x, y), (x + lean * 0.4, y - tall * 0.6), (x + lean, y - tall)], [4, 3, 0.4]))
    sheet.paint(sheet.region(blades), times(colour, 0.55), 0.9)


def forest(view: View) -> Scenery:
    """Trees behind trees into the haze, a path between them."""
    p, h = view.palette, view.horizon
    bears = crown(view)
    fire, floor = bears == "burning", hexa(FLOORS[bears])
    air = FIRE if fire else p.haze
    sheet = _wood_far(view, bears, floor)
    rng = dice("forest", view.seed)
    far, middle, near = overlay(view, h - 420, h + 300), overlay(view, h - 700, h + 520), overlay(view, -190.0)
    for k in range(9):
        x, base, tall = rng.uniform((-170, h + 150, 420), (-70, h + 200, 560))
        tree(view, far, float(x) + k * 165, float(base), float(tall), 0.5, k)
    haze(far, h + 160, 130, air, 0.6)
    for k, at in enumerate((-40, 190, 420, 760, 960, 1130)):
        x, base, tall = rng.uniform((-40, h + 310, 700), (40, h + 360, 880))
        tree(view, middle, at + float(x), float(base), float(tall), 0.24, 20 + k)
    haze(middle, h + 320, 120, air, 0.3)
    mask = np.broadcast_to(smoothstep(0, 50, near.ys()[:, None] - h - 300), (near.h, near.w))
    ground(view, near, h + 300, p.far(floor, 0.02), 93, texture=0.5, mask=mask)
    undergrowth(view, near, h + 360, p.far(floor, 0.05), 1)
    if fire:
        near.tint(near.region([circle(540, h + 330, 800, 190)], 120), (0.75, 0.3, 0.08), 0.55)
    for k, at in enumerate((-70, 1150)):
        tree(view, near, at, h + 780, 1500, 0.03, 40 + k)
    return Scenery([sheet.layer(0.12), far.layer(0.3), middle.layer(0.55), near.layer(0.95)], p.light, h + 720)


FLOORS = {"withered": "4b4035", "blossom": "8d6a63", "burning": "2a1a12", "leaves": "4a5236"}
"""The ground under each kind of crown."""


def _wood_far(view: View, bears: str, floor: Rgb) -> Sheet:
    """Sky, the far edge of the wood, the first ground."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.5)
    p, h, fire = view.palette, view.horizon, bears == "burning"
    if fire:
        for k, x in enumerate((120, 520, 900)):
            sheet.glow(x, h + 40, 520 - 60 * k, FIRE, 0.5)
    tone = {"blossom": BLOSSOM, "burning": FIRE, "leaves": LEAF}.get(bears, BARK)
    hills(view, sheet, h + 90, 190, p.far(tone, 0.66), 91, Range(7, 7, 0.8, 0.4, fade=0.8))
    ground(view, sheet, h + 80, mix(p.far(floor, 0.4), FIRE, 0.3 if fire else 0.0), 92, texture=0.4)
    haze(sheet, h + 110, 90, times(FIRE, 0.7) if fire else p.haze, 0.7)
    return sheet


def bamboo(view: View) -> Scenery:
    """A bamboo grove."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.2)
    p, h = view.palette, view.horizon
    rng = dice("bamboo", view.seed)
    layers = []
    green = hexa("6f8d4a")
    ground(view, sheet, h + 60, p.far(hexa("4d5538"), 0.4), 94, texture=0.4)
    haze(sheet, h + 90, 110, p.haze, 0.8)
    for k, (far, count, width) in enumerate(((0.6, 34, 11), (0.34, 24, 20), (0.1, 9, 40))):
        target = sheet if k == 0 else overlay(view, -190.0, h + 420 + 120 * k)
        for _ in range(count):
            x, lean = float(rng.uniform(-160, 1240)), float(rng.uniform(-40, 40))
            if k == 2 and 250 < x < 830:
                continue
            base = h + 170 + 130 * k + float(rng.uniform(-20, 20))
            colour = p.far(green, far)
            target.stroke(
                [(x, base), (x + lean * 0.4, base - 900), (x + lean, -220)],
                [width, width * 0.9, width * 0.7],
                times(colour, 0.75),
            )
            target.stroke(
                [(x + width * 0.22 * p.light.side, base), (x + lean * 0.4, base - 900), (x + lean, -220)],
                [width * 0.3],
                mix(colour, p.light.key, 0.35),
                0.7,
                1,
            )
            for y in range(int(base) - 90, -190, -150 - 20 * k):
                target.stroke([(x - width * 0.6, y), (x + width * 0.6, y)], [3 + k], times(colour, 0.4), 0.8)
        layers.append(target.layer((0.12, 0.4, 0.75)[k]))
    near = overlay(view, h + 240)
    mask = np.broadcast_to(smoothstep(0, 60, near.ys()[:, None] - h - 300), (near.h, near.w))
    ground(view, near, h + 300, p.far(hexa("4d5538"), 0.02), 95, texture=0.5, mask=mask)
    undergrowth(view, near, h + 350, p.far(hexa("4d5538"), 0.05), 2)
    return Scenery([*layers, near.layer(0.95)], p.light, h + 720)


def field(view: View) -> Scenery:
    """Grassland under a big sky."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.75)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 40, 130, p.far(hexa("5b6d52"), 0.55), 97, Range(1.6, 6, 0.9, 0.4, fade=0.5))
    near = overlay(view, h - 10)
    grass = hexa("7a8250") if "snow" not in view.weather else hexa("d5dde2")
    mask = np.broadcast_to(smoothstep(0, 30, near.ys()[:, None] - h - 20), (near.h, near.w))
    ground(view, near, h + 20, p.far(grass, 0.04), 98, texture=0.5, mask=mask)
    for k, y in enumerate((h + 360, h + 560, h + 820)):
        undergrowth(view, near, y, p.far(grass, 0.0), 10 + k)
    return Scenery([sheet.layer(0.14), near.layer(0.9)], p.light, h + 640)
