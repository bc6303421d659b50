"""Caves, cars, villages, courtyards, and the plain stage that stands for any other place."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Ramp, Region, Sheet, circle, curve, marks, move, smoothstep
from app.backends.animatic.art.colour import Array, Rgb, dice, hexa, mix, times
from app.backends.animatic.art.lens import Lamp, illuminate
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.places.city import NEON, WINDOW
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import (
    Range,
    Scenery,
    View,
    backdrop,
    gradient,
    ground,
    hills,
    overlay,
    sky,
)

WARM = (1.0, 0.74, 0.44)


def cave(view: View) -> Scenery:
    """A cave with the day (or the moon) beyond its mouth."""
    sheet = backdrop(view)
    sky(view, sheet, clouds=0.4)
    p, h = view.palette, view.horizon
    hills(view, sheet, h + 60, 200, p.far(hexa("5d6a5a"), 0.6), 161, Range(2.4, 6, 1.0, 0.5, fade=0.7))
    walls = overlay(view, -190.0)
    full = np.ones((walls.h, walls.w), np.float32)
    hole = move(marks("330 330, 270 60, 330 -220, 470 -400, 610 -380, 760 -230, 830 40, 790 320, 560 380"), 0, h)
    opening = walls.region([curve(hole)], 7)
    if opening is not None:
        full[opening.window] -= opening.mask
    tone = mix(hexa("6a6560"), p.sky[3], 0.3)
    ink = _cave_rock(view, walls)[..., None] * np.asarray(times(tone, 1.1), np.float32)
    walls.paint(Region(0, walls.h, 0, walls.w, full), ink)
    floor = overlay(view, h + 240)
    mask = np.broadcast_to(smoothstep(0, 80, floor.ys()[:, None] - h - 290), (floor.h, floor.w))
    ground(view, floor, h + 280, times(p.far(hexa("5a544e"), 0.0), 0.5), 163, texture=0.7, mask=mask)
    floor.shine(floor.region([circle(540, h + 340, 420, 120)], 80), p.sky[3], 0.2)
    key, fill = times(p.light.key, 0.62), times(p.light.sky, 0.85)
    light = Light((0.2, -0.3, -0.2), key, fill, (0.05, 0.05, 0.06), times(p.sky[3], 1.3), 1.0)
    return Scenery([sheet.layer(0.2), walls.layer(0.6), floor.layer(0.92)], light, h + 700)


def _cave_rock(view: View, walls: Sheet) -> Array:
    """How lit the rock is: by what comes through the mouth, less and less outwards."""
    rock = 1 - np.abs(2 * cover(tile(5, 5, 6, 45, gain=0.6), (walls.h, walls.w), 1.5 * view.res / 0.667) - 1)
    gy, gx = np.gradient(rock)
    xs, ys = walls.xs()[None, :] - 540, walls.ys()[:, None] - view.horizon
    distance = np.hypot(xs, ys)
    inward = -(gx * xs + gy * ys) / np.maximum(distance, 1)
    glow = np.exp(-((distance - 300) / 420)) * 0.9
    shade: Array = np.clip(0.4 + inward * 18, 0, 1) * np.clip(glow, 0, 1) + 0.035
    return shade


def car(view: View) -> Scenery:
    """Inside a car: the windscreen, lights beyond it, a mirror and a lit dash."""
    sheet = backdrop(view, (0.02, 0.022, 0.028))
    p = view.palette
    night = p.lamps > 0.4
    gradient(sheet, [(-190, p.sky[1]), (520, p.sky[2]), (840, p.sky[3]), (1300, times(p.haze, 0.5))])
    _bokeh(view, sheet, night)
    if {"rain", "storm"} & view.weather:
        _drops(view, sheet)
    light = p.light
    if night:
        neon = NEON[view.seed % 4]
        key = mix((0.8, 0.84, 0.95), neon, 0.34)
        light = Light((0.65, -0.3, 0.5), key, (0.14, 0.15, 0.2), (0.07, 0.1, 0.14), times(neon, 0.9), -1.0)
    cabin = _cabin(view, night) if view.wide else _seats(view, night)
    return Scenery([sheet.layer(0.15), cabin.layer(0.85)], light, 1500)


def _bokeh(view: View, sheet: Sheet, night: bool) -> None:
    """Lights out of focus."""
    rng = dice("bokeh", view.seed)
    for _ in range(70 if night else 16):
        x, y, r = float(rng.uniform(-150, 1230)), float(rng.normal(640, 190)), float(rng.uniform(14, 58))
        colour = NEON[int(rng.integers(4))] if rng.random() < 0.5 else WINDOW
        strength = float(rng.uniform(0.16, 0.5)) * (1 if night else 0.35)
        sheet.shine(sheet.region([circle(x, y, r)], 2.5), colour, strength)
        sheet.shine(sheet.region([circle(x, y, r * 0.94)], 3), colour, -strength * 0.3)


def _cabin(view: View, night: bool) -> Sheet:
    """Roof, pillars, dash and mirror."""
    p, cabin = view.palette, overlay(view, -190.0)
    dark: Rgb = (0.025, 0.027, 0.032) if night else times(p.far(hexa("2b2d31"), 0.0), 0.8)
    cabin.shape(marks("-260 -220, 1340 -220, 1340 130, 900 60, 180 60, -260 130"), dark)
    for flip in (False, True):
        cabin.shape(move(marks("470 40, 830 40, 830 1300, 720 1240, 570 700"), 540, 0, 1.0, flip), dark)
    dash = marks("-260 1130, 100 1040, 540 1020, 980 1040, 1340 1130, 1340 2140, -260 2140")
    cabin.smooth(dash, Ramp(mix(dark, p.sky[3], 0.12), dark))
    edge = marks("-240 1128, 100 1042, 540 1022, 980 1042, 1320 1128")
    cabin.stroke(edge, [5, 9, 5], mix(dark, p.sky[3], 0.5), 0.7, 3)
    cabin.smooth(marks("410 96, 540 82, 670 96, 684 146, 540 166, 396 146"), times(dark, 0.7))
    cabin.smooth(marks("424 104, 540 93, 656 104, 666 141, 540 157, 414 141"), mix(p.sky[2], dark, 0.4))
    for k in range(3):
        cabin.glow(330 + k * 46, 1250, 30, (0.3, 0.7, 1.0), 0.5)
    return cabin


def _seats(view: View, night: bool) -> Sheet:
    """What is behind someone who sits in a car: seat backs, the rear window's frame, the roof."""
    p, cabin = view.palette, overlay(view, -190.0)
    dark: Rgb = (0.03, 0.032, 0.038) if night else times(p.far(hexa("34363b"), 0.0), 0.8)
    h = view.horizon
    cabin.shape(move(marks("-260 -1200, 1340 -1200, 1340 -330, 860 -380, 220 -380, -260 -330"), 0, h), dark)
    for flip in (False, True):
        cabin.shape(move(marks("330 -420, 900 -420, 900 900, 560 520, 420 60"), 540, h, 1.0, flip), dark)
        seat = marks("70 260, 90 20, 130 -80, 250 -90, 300 0, 330 250, 420 330, 440 900, 20 900, 30 330")
        cabin.smooth(move(seat, 540, h, 1.0, flip), Ramp(mix(dark, p.sky[3], 0.16), times(dark, 0.8)))
    shelf = move(marks("-260 200, 1340 200, 1340 1300, -260 1300"), 0, h)
    cabin.shape(shelf, Ramp(times(dark, 1.2), times(dark, 0.7)), 0.94)
    return cabin


def _drops(view: View, sheet: Sheet) -> None:
    """Rain on the glass: beads with a light below and a dark above, and the runs they leave."""
    rng = dice("drops", view.seed)
    beads, lights = [], []
    for _ in range(260):
        x, y, r = float(rng.uniform(-150, 1230)), float(rng.uniform(60, 1060)), float(rng.uniform(2.5, 9))
        beads.append(circle(x, y, r, r * 1.15, 0, 10))
        lights.append(circle(x + r * 0.2, y + r * 0.45, r * 0.55, r * 0.35, 0, 8))
    sheet.tint(sheet.region(beads, 1), (0.02, 0.03, 0.05), 0.4)
    sheet.shine(sheet.region(lights, 1), view.palette.sky[3], 0.7)
    for _ in range(16):
        x, y = float(rng.uniform(0, 1080)), float(rng.uniform(80, 560))
        sheet.stroke([(x, y), (x + 6, y + 160), (x - 4, y + 340)], [2, 6, 9], view.palette.sky[2], 0.4, 1.5)


def plain(view: View) -> Scenery:
    """A stage for any place without a picture of its own: a curved ground and soft light from one side."""
    p, h = view.palette, view.horizon
    tone = mix(p.haze, p.sky[2], 0.5)
    base = times(tone, 0.62 if p.hour != "night" else 0.55)
    sheet = backdrop(view)
    gradient(
        sheet, [(-190, times(base, 0.62)), (h - 200, base), (h + 240, times(base, 0.9)), (2110, times(base, 0.34))]
    )
    side = p.light.side
    sheet.glow(540 + side * 330, h - 220, 620, mix(p.light.key, tone, 0.5), 0.3)
    texture = cover(tile(4, 4, 5, 201), (sheet.h, sheet.w), 3.0)
    sheet.rgb *= (0.9 + 0.2 * texture)[..., None]
    lamp = (540 + side * 520, -260)
    beam = [
        (lamp[0] - 60, lamp[1]),
        (lamp[0] + 60, lamp[1]),
        (540 - side * 60 + 330, 1700),
        (540 - side * 60 - 330, 1700),
    ]
    region = sheet.region([beam], 70)
    if region is not None:
        sheet.shine(region, times(p.light.key, 0.5), 0.16)
    sheet.shine(sheet.region([circle(540, h + 560, 520, 130)], 70), p.light.key, 0.14)
    illuminate(sheet, (0.96, 0.96, 0.98), [Lamp(540 + side * 300, h, 600, p.light.key, 0.12)])
    return Scenery([sheet.layer(0.3)], p.light, h + 700)
