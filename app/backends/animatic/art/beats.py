"""Whole-picture beats: black, white, a title alone, a great eye, a bird, and inserts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.backends.animatic.art.backing import behind
from app.backends.animatic.art.brush import Sheet, smoothstep
from app.backends.animatic.art.colour import dice, mix, times
from app.backends.animatic.art.creatures.bird import flying, perched, tiny_bird
from app.backends.animatic.art.creatures.eye import eye_sheet
from app.backends.animatic.art.inserts import SUBJECTS
from app.backends.animatic.art.inserts.surfaces import Still, relief_sheet
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.places.sea import water_wall
from app.backends.animatic.art.reading import Reading
from app.backends.animatic.art.relief import Fold, Light, Relief
from app.backends.animatic.art.scenery import Scenery, View, backdrop, overlay, wave
from app.backends.animatic.art.staging import FRAMINGS
from app.backends.animatic.art.vessels import vessel
from app.backends.animatic.layers import Layer


def black(view: View, sparks: bool, seed: int) -> list[Layer]:
    """A black frame; a few dying sparks when a light has just burst."""
    sheet = backdrop(view, (0.004, 0.004, 0.006))
    layers = [sheet.layer(0.2)]
    if sparks:
        glow = Sheet(200, 200, 700, 900, 0.5)
        rng = dice("sparks", seed)
        for _ in range(26):
            a, d = float(rng.uniform(0, 6.28)), float(rng.uniform(20, 300))
            x, y = 560 + d * float(np.cos(a)), 560 + d * 0.8 * float(np.sin(a)) + d * d / 700
            glow.glow(x, y, float(rng.uniform(4, 12)), (1.0, 0.6, 0.25), float(rng.uniform(0.3, 0.9)))
        layers.append(glow.layer(0.6))
    return layers


def white(view: View) -> list[Layer]:
    """A frame washed out by light."""
    sheet = backdrop(view, (0.97, 0.965, 0.95))
    sheet.glow(540, 860, 700, (0.4, 0.4, 0.38), 0.5)
    return [sheet.layer(0.2)]


def card(view: View) -> list[Layer]:
    """The dark ground of a title."""
    sheet = backdrop(view, (0.03, 0.032, 0.04))
    tone = times(view.palette.sky[2], 0.16)
    sheet.glow(540, 900, 760, tone, 0.9)
    cloud = cover(tile(3, 3, 4, 261), (sheet.h, sheet.w), 3.4, 1.4)
    sheet.rgb *= (0.72 + 0.56 * cloud)[..., None]
    return [sheet.layer(0.2)]


def darken(layers: list[Layer], level: float) -> list[Layer]:
    """Take the light out of a picture."""
    for layer in layers:
        picture = layer.image.astype(np.float32)
        picture[..., :3] *= level
        layer.image = picture.astype(np.uint8)
    return layers


def great_eye(reading: Reading, view: View, scenery: Scenery, seed: int) -> list[Layer]:
    """The eye that opens in the wall of water, a small boat beneath it."""
    wall = water_wall(view)
    close = reading.size in ("CU", "ECU", "INS", "MCU")
    x, y, half = 550.0, 640.0 if not close else 880.0, 440.0 if not close else 560.0
    glow = overlay(view, -190.0)
    glow.glow(x, y, half * 1.6, (0.1, 0.5, 0.46), 0.5)
    eye_sheet(glow, x, y, half, open_to=1.0)
    layers = [wall.layer(0.2), glow.layer(0.35, sway=3)]
    if close:
        return layers
    low = replace(view, horizon=1240.0)
    layers += [wave(low, 1290, 130, 5, depth=0.6, tall=720, foam=0.9, dark=0.2)]
    small = replace(reading, sights=reading.sights | {"boat"}, effects=frozenset())
    layers.append(vessel(small, low, scenery, [], (520, 1420), 280, -12 if seed % 2 else 12))
    layers += [wave(low, 1520, 150, 7, depth=1.05, tall=620, foam=1.0, dark=0.35)]
    return layers


def bird_shot(reading: Reading, view: View, scenery: Scenery, seed: int) -> list[Layer]:
    """The bird by itself: on a rock, or on the wing."""
    framing = FRAMINGS[reading.size]
    fly = any(word in reading.text for word in ("飞", "俯冲", "振翅", "flies", "dives", "swoops"))
    stone = any(word in reading.text for word in ("石子", "衔", "pebble"))
    if framing.wide and not fly:
        sheet = overlay(view, view.horizon - 800, view.horizon - 60)
        tiny_bird(sheet, 640, view.horizon - 420, 90, view.palette.far((0.08, 0.08, 0.11), 0.1))
        return [*scenery.back, sheet.layer(0.4, sway=14), *scenery.front]
    zoom, blur = (1.0, 0.0) if framing.wide else (2.0, 9.0)
    back = list(scenery.back) if framing.wide else [behind(scenery.back, view.horizon, zoom, blur, 760)]
    close = reading.size in ("CU", "ECU")
    unit = {"LS": 120.0, "ELS": 60.0, "FS": 170.0}.get(reading.size, 330.0 if close else 235.0)
    if fly:
        sheet = flying(scenery.light, unit * 0.9, stone=stone)
        x, y = 540.0 + (seed % 60), 700.0
        return [*back, _placed(sheet, x, y, unit, 0.9, sway=26), *(scenery.front if framing.wide else [])]
    sheet = perched(scenery.light, unit * 0.8, stone=stone, seed=seed)
    foot = 1240.0 if not close else 1420.0
    return [*back, _perch(view, scenery, foot), _placed(sheet, 560, foot - unit * 1.02, unit, 0.96, sway=2)]


def _placed(sheet: Sheet, x: float, y: float, unit: float, depth: float, sway: float = 0.0) -> Layer:
    """A sheet whose units are ``unit`` frame pixels, its origin at (x, y)."""
    cx = x + (sheet.left + sheet.w / sheet.scale / 2) * unit
    cy = y + (sheet.top + sheet.h / sheet.scale / 2) * unit
    return Layer(sheet.picture(), cx, cy, depth, unit / sheet.scale, sway)


def _perch(view: View, scenery: Scenery, top: float) -> Layer:
    """A black rock (or a bare branch inland) to sit on."""
    relief = Relief(-160, top - 80, 1400, 2120 - top + 80, 0.5)
    relief.weave = 0.9
    rock = view.palette.far((0.26, 0.28, 0.3), 0.0)
    outline = [
        (120.0, 2200.0),
        (190, top + 420),
        (300, top + 150),
        (430, top + 30),
        (560, top),
        (700, top + 26),
        (830, top + 140),
        (930, top + 360),
        (1000, 2200.0),
    ]
    folds = [
        Fold([(430, top + 60), (380, top + 400), (330, 2000)], 70, -40),
        Fold([(640, top + 50), (700, top + 420), (720, 2000)], 90, -46),
        Fold([(820, top + 190), (860, top + 600)], 60, 34),
    ]
    relief.body(outline, rock, folds=folds, roundness=150, rumple=46, gloss=0.14, shadow=0.0)
    sheet = relief.lit(scenery.light)
    grain = cover(tile(9, 9, 5, 263), (sheet.h, sheet.w), 1.2)
    sheet.rgb *= (0.7 + 0.6 * grain)[..., None]
    return sheet.layer(0.95)


def insert(reading: Reading, view: View, scenery: Scenery, seed: int) -> list[Layer]:
    """A close-up of a thing."""
    wall = behind(scenery.back, view.horizon, 2.6, 18, 760, 90.0 if seed % 2 else -90.0, 0.92)
    owner = next((role.who.figure for role in reading.roles if not role.who.being), None)
    still = Still(view, _bright(scenery.light), wall, owner, reading.text, seed, reading.interior, relief_sheet())
    return SUBJECTS[reading.subject](still)


def _bright(light: Light) -> Light:
    """An insert is lit a little more than its scene, from above: it must be read at once."""
    x, _, _ = light.direction
    r, g, b = light.sky
    sky = (min(1.0, r + 0.14), min(1.0, g + 0.14), min(1.0, b + 0.14))
    key = mix(light.key, (1, 0.97, 0.92), 0.22)
    return Light((x, -0.5, 0.7), key, sky, light.ground, light.rim, light.rim_x)


def closing_water(view: View) -> list[Layer]:
    """Two waves that close over the last strip of light."""
    wall = water_wall(view)
    xs, ys = wall.xs()[None, :], wall.ys()[:, None]
    gap = np.exp(-(((xs - 540 - 60 * np.sin(ys / 260)) / (30 + 70 * np.clip((ys + 190) / 2300, 0, 1))) ** 2))
    dark = 0.1 + 0.3 * gap * smoothstep(2000, 200, ys)
    wall.rgb *= dark[..., None].astype(np.float32)
    return [wall.layer(0.3)]
