"""What the action adds to a place: walls of water, great eyes, birds, ripples, a second sun, boats, arrows."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, Region, Sheet, circle, curve, smoothstep
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.creatures.bird import tiny_bird
from app.backends.animatic.art.creatures.eye import eye_sheet
from app.backends.animatic.art.figures.figure import Staging, draw_figure
from app.backends.animatic.art.figures.skull import Turn
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.reading import Reading
from app.backends.animatic.art.scenery import Scenery, View, overlay, surf
from app.backends.animatic.art.staging import Blocked
from app.backends.animatic.art.vessels import vessel
from app.backends.animatic.layers import Layer

AT_SEA = frozenset({"sea", "shore", "rocks", "village", "underwater"})


def add_sights(reading: Reading, view: View, scenery: Scenery, back: list[Layer], seed: int) -> list[Layer]:
    """Put what the action speaks of into the distance of a place."""
    out = list(back)
    if "water_wall" in reading.sights and reading.place in AT_SEA:
        out.insert(1, rising_wall(view, tall=300 if "隆起" in reading.text else 620).layer(0.25, sway=6))
    if "second_sun" in reading.sights:
        out.insert(1, second_sun(view).layer(0.16, sway=4))
    if "ripple" in reading.sights:
        out.append(ripple(reading, view).layer(0.6))
    if ("far_bird" in reading.sights and view.wide) or ("far_bird" in reading.sights and reading.size == "MLS"):
        sheet = overlay(view, view.horizon - 720, view.horizon - 120)
        rng = dice("bird", seed)
        tiny_bird(
            sheet,
            540 + float(rng.uniform(60, 240)),
            view.horizon - 430 + float(rng.uniform(-60, 60)),
            60,
            view.palette.far((0.08, 0.08, 0.11), 0.1),
        )
        out.append(sheet.layer(0.3, sway=16))
    if "light_burst" in reading.sights:
        out.append(burst(view).layer(0.7))
    if "arrows" in reading.sights and view.wide:
        out.append(arrows(view, scenery).layer(0.95))
    return out


def rising_wall(view: View, tall: float) -> Sheet:
    """A wall of water that stands up along the horizon, foam tearing from its crest."""
    sheet = overlay(view, view.horizon - tall - 160, view.horizon + 60)
    p = view.palette
    xs = sheet.xs()
    swell = 0.62 + 0.38 * np.exp(-(((xs - 560) / 620) ** 2))
    rng = dice("wall", view.seed)
    rough = sum(float(w) * np.sin(xs / float(s) + float(rng.uniform(0, 6))) for w, s in ((16, 90), (9, 41), (5, 17)))
    crest = view.horizon - tall * swell + rough
    ys = sheet.ys()[:, None]
    below = ys - crest[None, :]
    mask = np.clip(below * sheet.scale, 0, 1) * np.clip((view.horizon + 56 - ys) / 56, 0, 1)
    t = np.clip(below / tall, 0, 1)[..., None]
    streams = cover(tile(2, 16, 5, 83), (sheet.h, sheet.w), sheet.w / 512, 1.0)
    ink = (
        np.asarray(mix(p.water[0], p.water[1], 0.6), np.float32) * (1 - t)
        + np.asarray(mix(p.water[1], p.water[2], 0.35), np.float32) * t
    )
    ink = ink * (0.6 + 0.75 * streams)[..., None]
    torn = smoothstep(0.4, 0.65, cover(tile(8, 10, 5, 67), (sheet.h, sheet.w), sheet.w / 512, 1.0))
    foam = (
        np.exp(-np.clip(below, 0, None) / (tall * 0.1)) * torn
        + smoothstep(0.62, 0.85, streams) * np.exp(-np.clip(below, 0, None) / (tall * 0.55)) * 0.6
    )
    white = np.clip(foam, 0, 0.95)[..., None]
    ink = ink * (1 - white) + np.asarray(surf(view), np.float32) * white
    spray = np.exp(-(((ys - view.horizon) / (tall * 0.16)) ** 2))[..., None] * 0.5
    ink = ink * (1 - spray) + np.asarray(mix(p.cloud, p.haze, 0.4), np.float32) * spray
    sheet.paint(Region(0, sheet.h, 0, sheet.w, mask.astype(np.float32)), ink)
    for x, wide in ((120, 420), (560, 560), (980, 400)):
        sheet.shape(circle(x, view.horizon + 10, wide, 30), mix(surf(view), p.haze, 0.35), 0.5, 14)
    return sheet


def second_sun(view: View) -> Sheet:
    """A sun on the sea's edge that is not a sun: a slit stands in it."""
    h = view.horizon
    sheet = overlay(view, h - 700, h + 40)
    x = 610.0
    sheet.glow(x, h - 90, 420, (1.0, 0.62, 0.25), 0.6)
    disc = sheet.region([circle(x, h - 40, 230)])
    if disc is not None:
        cut = np.clip((h - sheet.ys()[disc.y0 : disc.y1]) / 4, 0, 1)[:, None]
        disc.mask = disc.mask * cut
        sheet.paint(disc, (1.35, 0.95, 0.45))
    slit = [(x, h - 262), (x + 34, h - 130), (x + 26, h - 4), (x - 26, h - 4), (x - 34, h - 130)]
    sheet.smooth(slit, (0.3, 0.06, 0.03), 0.9, 5)
    return sheet


def ripple(reading: Reading, view: View) -> Sheet:
    """Rings that spread on the water; beneath them, when told, the eye."""
    h = view.horizon
    x, y = 540.0, h + 520
    sheet = overlay(view, h + 200, h + 900)
    if "giant_eye" in reading.sights or "眼" in reading.text:
        deep = sheet.region([circle(x, y, 330, 120)], 60)
        sheet.paint(deep, times(view.palette.water[2], 0.6), 0.8)
        eye_sheet(sheet, x, y, 170, squash=0.42, open_to=0.85)
        veil = sheet.region([circle(x, y, 300, 100)], 40)
        sheet.tint(veil, view.palette.water[1], 0.28)
    for k, r in enumerate((110, 200, 300, 410)):
        ring = curve([(px, py) for px, py in circle(x, y, r, r * 0.3, steps=24)], steps=4)
        inner = circle(x, y, r - 7 + k, (r - 7 + k) * 0.3 - 2, steps=96)
        _ring(sheet, ring, inner, 0.62 - 0.11 * k, surf(view))
    return sheet


def _ring(
    sheet: Sheet, outer: list[Point], inner: list[Point], opacity: float, colour: tuple[float, float, float]
) -> None:
    whole, hole = sheet.region([outer], 1.5), sheet.region([inner], 1.5)
    if whole is None or hole is None:
        return
    mask = whole.mask.copy()
    y0, x0 = hole.y0 - whole.y0, hole.x0 - whole.x0
    mask[y0 : y0 + hole.mask.shape[0], x0 : x0 + hole.mask.shape[1]] *= 1 - hole.mask
    sheet.paint(Region(whole.y0, whole.y1, whole.x0, whole.x1, mask), colour, opacity)


def burst(view: View) -> Sheet:
    """Light that breaks over everything from the middle of the picture."""
    sheet = overlay(view, -190.0)
    gold = "金" in "".join(view.flags)
    colour = (1.0, 0.86, 0.5) if gold else (1.0, 0.98, 0.92)
    sheet.glow(540, 900, 620, colour, 0.95)
    sheet.glow(540, 900, 240, (1.2, 1.15, 1.0), 1.0)
    return sheet


def arrows(view: View, scenery: Scenery) -> Sheet:
    """Bolts stuck in the ground in a row, feathers up."""
    ground = scenery.ground
    sheet = overlay(view, ground - 640, ground + 60)
    rng = dice("arrows", view.seed)
    shaft, feather = (
        mix(view.palette.far(hexa("7a5a3a"), 0.0), hexa("7a5a3a"), 0.4),
        mix(view.palette.far(hexa("d9d4c8"), 0.0), hexa("d9d4c8"), 0.5),
    )
    for k in range(9):
        x, y = 60 + k * 122 + float(rng.uniform(-22, 22)), ground - 60 + float(rng.uniform(-70, 40))
        tall, lean = float(rng.uniform(230, 330)), float(rng.uniform(50, 120))
        tip = (x + lean, y - tall)
        sheet.stroke([(x, y), ((x + tip[0]) / 2, (y + tip[1]) / 2), tip], [9, 8, 7], shaft)
        for side in (-1, 1):
            sheet.shape(
                [
                    tip,
                    (tip[0] + side * 20 - 6, tip[1] - 16),
                    (tip[0] + side * 17 - 18, tip[1] + 54),
                    (tip[0] - 22, tip[1] + 64),
                ],
                feather,
                0.95,
            )
        sheet.shape(circle(x - 4, y + 3, 34, 8), (0, 0, 0), 0.4, 4)
    return sheet


def afloat(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> Layer:
    """Those who are at sea, in their boat or on their raft."""
    storm = "storm" in reading.weather
    wide = {"ELS": 190.0, "LS": 430.0, "FS": 760.0}.get(reading.size, 430.0)
    y = scenery.ground + (40 if not storm else -60)
    rng = dice("afloat", seed)
    tilt = float(rng.uniform(-3, 3)) if not storm else (-17.0 if seed % 2 else 15.0)
    riders = []
    unit = wide / 12.5
    for k, blocked in enumerate(people[:3]):
        staging = blocked.staging
        pose = (
            staging.pose
            if staging.pose in ("row", "bound", "kneel", "brace", "raise", "raise_both", "throw", "stand")
            else "row"
            if "boat" in reading.sights
            else "kneel"
        )
        if pose == "stand" and "raft" not in reading.sights:
            pose = "row" if reading.size in ("ELS", "LS") else "brace"
        held = "oar" if pose == "row" else staging.held
        sitting = Staging(
            pose,
            Turn(staging.turn.yaw * 0.8, 2),
            staging.body_yaw,
            staging.mirrored,
            staging.expression,
            staging.wind,
            held=held,
        )
        drawn = draw_figure(
            blocked.role.who.figure, sitting, scenery.light, max(8.0, unit * 0.9), (-5.2, -3.2, 5.2, 15.0)
        )
        riders.append((drawn, (k - (len(people) - 1) / 2) * wide * 0.26 - wide * 0.03, unit, blocked.role.who.name))
    return vessel(reading, view, scenery, riders, (540 + float(rng.uniform(-40, 40)), y), wide, tilt)
