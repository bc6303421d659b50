"""The white stone: on a palm, painted with an eye, falling into the sea; and ear-rings, rings, jewels."""

from __future__ import annotations

import re

import numpy as np

from app.backends.animatic.art.brush import Sheet, circle, curve, marks, smoothstep
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.creatures.eye import lids
from app.backends.animatic.art.inserts.hands import grip, palm
from app.backends.animatic.art.inserts.surfaces import Still, desk, earth, figure_layer, lies
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.nouns import PALM
from app.backends.animatic.art.scenery import surf
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

WHITE = hexa("e9e6dd")


def pebble(still: Still, x: float, y: float, wide: float, tall: float) -> None:
    """One round white stone, with its own faint veins."""
    r = still.relief
    lies(still, x, y + tall * 0.25, wide * 2.1, tall * 1.9, 0.6)
    outline = [
        (x - wide, y + tall * 0.1),
        (x - wide * 0.82, y - tall * 0.6),
        (x - wide * 0.2, y - tall * 0.98),
        (x + wide * 0.55, y - tall * 0.84),
        (x + wide, y - tall * 0.1),
        (x + wide * 0.84, y + tall * 0.6),
        (x + wide * 0.1, y + tall),
        (x - wide * 0.7, y + tall * 0.72),
    ]
    region = r.region([curve(outline)])
    r.part(region, WHITE, roundness=min(wide, tall) * 0.95, gloss=0.22, shadow=0.3)
    if region is not None:
        veins = 1 - np.abs(2 * cover(tile(5, 5, 5, 251), region.mask.shape, 1.2) - 1)
        r.tint(region, hexa("a8a49a"), smoothstep(0.86, 0.98, veins) * 0.4)


def stone(still: Still) -> list[Layer]:
    """The stone: on an open palm when a hand is spoken of, else on the ground."""
    if PALM.search(still.text) or not still.text:
        palm(still, 540, 900, 235, -3)
        pebble(still, 545, 880, 128, 104)
        return [still.backing, figure_layer(still)]
    base = desk(still) if still.indoors else earth(still, "6a655c")
    for k, (x, y, w) in enumerate(((250, 640, 60), (820, 700, 48), (330, 1320, 72), (800, 1280, 56))):
        if k % 2 or not still.indoors:
            still.relief.body(circle(x, y, w, w * 0.7), hexa("5a5853"), roundness=w * 0.6, shadow=0.3)
    pebble(still, 540, 960, 250, 200)
    return [base, figure_layer(still)]


def stone_eye(still: Still) -> list[Layer]:
    """A stone with an eye painted on it in fresh ink: shut, or opening in light."""
    base = desk(still) if still.indoors else earth(still, "58534c")
    opens = bool(re.search("睁开|opens", still.text))
    x, y = 540.0, 930.0
    pebble(still, x, y, 330, 262)
    r, ink = still.relief, (0.05, 0.05, 0.07)
    if opens:
        return [base, figure_layer(still), _open_eye(still, x, y)]
    lid = curve(
        [(x - 190, y - 20), (x - 90, y + 46), (x + 20, y + 62), (x + 120, y + 36), (x + 196, y - 36)], closed=False
    )
    r.stroke(lid[::4], [10, 26, 30, 22, 6], ink, 0.95, 1.5)
    for k in range(7):
        px, py = lid[4 + k * 5]
        lean = (k - 3) * 11
        r.stroke([(px, py), (px + lean * 0.4, py + 32), (px + lean, py + 58)], [12, 8, 1], ink, 0.92, 1)
    r.stroke(
        [(x - 200, y - 110), (x - 60, y - 156), (x + 90, y - 150), (x + 196, y - 104)], [5, 20, 18, 3], ink, 0.85, 1.5
    )
    r.shape(circle(x - 30, y + 50, 30, 7, 8), (0.6, 0.62, 0.7), 0.4, 3)
    if re.search("疤|scar", still.text):
        r.stroke([(x + 206, y - 96), (x + 224, y - 22), (x + 212, y + 66)], [3, 24, 4], hexa("c02a1c"), 0.92, 1.5)
    if re.search("血", still.text):
        r.body(circle(x + 10, y + 20, 34, 32), hexa("8a0f0c"), roundness=26, gloss=0.8)
    return [base, figure_layer(still)]


def _open_eye(still: Still, x: float, y: float) -> Layer:
    """The painted eye open, white light breaking out of it."""
    sheet = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.5)
    rays = []
    rng = dice("rays", still.seed)
    for _ in range(30):
        a, wide = float(rng.uniform(0, 6.28)), float(rng.uniform(0.012, 0.05))
        rays.append(
            [
                (x, y),
                (x + 1500 * float(np.cos(a - wide)), y + 1500 * float(np.sin(a - wide))),
                (x + 1500 * float(np.cos(a + wide)), y + 1500 * float(np.sin(a + wide))),
            ]
        )
    beams = sheet.region(rays, 9)
    if beams is not None:
        xs, ys = sheet.xs()[beams.x0 : beams.x1][None, :] - x, sheet.ys()[beams.y0 : beams.y1][:, None] - y
        sheet.paint(beams, (1.0, 0.99, 0.94), np.clip(1.05 - np.hypot(xs, ys) / 1250, 0, 1) * 0.62)
    sheet.glow(x, y, 460, (1.0, 0.98, 0.92), 0.75)
    upper, lower = lids(x, y, 215, 1.0)
    sheet.shape([*upper, *reversed(lower)], (1.5, 1.5, 1.45), 1.0, 3)
    sheet.shape(circle(x + 4, y, 92), (0.12, 0.12, 0.16), 0.9, 3)
    sheet.shape(circle(x + 4, y, 44), (0.0, 0.0, 0.01), 1.0, 2)
    sheet.shape(circle(x - 24, y - 34, 20), (1.7, 1.7, 1.7), 1.0, 2)
    sheet.stroke(upper[::6], [8, 30, 26, 6], (0.03, 0.03, 0.05), 0.9, 2)
    return sheet.layer(0.98)


def stone_water(still: Still) -> list[Layer]:
    """The stone sinks: a crown of water above, the stone going down into the green below."""
    p = still.palette
    sheet = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.5, ground=p.sky[3])
    ys = sheet.ys()[:, None, None]
    surface = 780.0
    air = np.asarray(p.sky[2], np.float32) * (1 - np.clip((ys + 190) / 970, 0, 1)) + np.asarray(
        p.sky[3], np.float32
    ) * np.clip((ys + 190) / 970, 0, 1)
    t = np.clip((ys - surface) / 1300, 0, 1) ** 0.7
    deep = (
        np.asarray(mix(p.water[0], p.water[1], 0.5), np.float32) * (1 - t)
        + np.asarray(times(p.water[2], 0.6), np.float32) * t
    )
    line = surface + 16 * np.sin(sheet.xs()[None, :, None] / 90 + 1) + 9 * np.sin(sheet.xs()[None, :, None] / 37)
    below = np.clip((ys - line) / 4, 0, 1)
    sheet.rgb[:] = air * (1 - below) + deep * below
    lightshaft = sheet.region([[(300, surface), (760, surface), (900, 2100), (180, 2100)]], 70)
    sheet.shine(lightshaft, p.sky[3], 0.16)
    _caustics(sheet, surface)
    front = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.62)
    _splash(still, front, surface)
    pebble(still, 552, 1260, 92, 74)
    rng = dice("bubbles", still.seed)
    for _ in range(46):
        t_up = float(rng.random())
        bx, by, size = 552 + float(rng.normal(0, 26 + 40 * t_up)), 1180 - t_up * 360, float(rng.uniform(4, 17))
        front.shape(circle(bx, by, size, size, 0, 14), mix(p.sky[3], p.water[0], 0.4), 0.45, 1)
        front.shape(circle(bx - size * 0.3, by - size * 0.3, size * 0.34, size * 0.34, 0, 10), (1, 1, 1), 0.7, 1)
    return [sheet.layer(0.4), still.relief.lit(still.light).layer(0.8, sway=3), front.layer(0.9)]


def _caustics(sheet: Sheet, surface: float) -> None:
    web = 1 - np.abs(2 * cover(tile(8, 8, 3, 253), (sheet.h, sheet.w), 1.6, 1.6) - 1)
    ys = sheet.ys()[:, None]
    fade = np.exp(-np.clip(ys - surface, 0, None) / 260) * (ys > surface + 6)
    sheet.rgb += (smoothstep(0.82, 0.98, web) * fade * 0.22)[..., None].astype(np.float32)


def _splash(still: Still, sheet: Sheet, surface: float) -> None:
    """A crown of drops."""
    rng = dice("crown", still.seed)
    white = surf(still.view)
    for k in range(15):
        a = (k - 7) / 7
        tall = 250 * (1 - 0.55 * abs(a)) * float(rng.uniform(0.7, 1.1))
        tip = (552 + a * 260, surface - tall)
        sheet.stroke(
            [(552 + a * 90, surface + 8), (552 + a * 150, surface - tall * 0.55), tip], [40, 20, 4], white, 0.5, 3
        )
        sheet.shape(
            circle(
                tip[0] + float(rng.uniform(-14, 14)), tip[1] - float(rng.uniform(10, 60)), float(rng.uniform(6, 15))
            ),
            white,
            0.85,
            1.5,
        )
    sheet.shape(circle(552, surface + 6, 330, 26), white, 0.5, 9)
    sheet.shape(circle(552, surface + 6, 150, 14), white, 0.6, 5)


def earring(still: Still) -> list[Layer]:
    """An ear-ring of white stone on a palm, or its pair."""
    palm(still, 540, 900, 235, -3)
    _jewel(still, 540, 830, 1.0)
    return [still.backing, figure_layer(still)]


def _jewel(still: Still, x: float, y: float, size: float) -> None:
    r = still.relief
    hook = [
        (x, y + 6 * size),
        (x - 4 * size, y - 60 * size),
        (x + 34 * size, y - 104 * size),
        (x + 62 * size, y - 66 * size),
    ]
    r.limb(hook, [9 * size, 8 * size, 6 * size], hexa("c9c4b0"), gloss=0.9)
    lies(still, x, y + 74 * size, 130 * size, 120 * size, 0.5)
    r.body(
        curve(
            [
                (x, y),
                (x + 46 * size, y + 52 * size),
                (x + 36 * size, y + 112 * size),
                (x, y + 136 * size),
                (x - 36 * size, y + 112 * size),
                (x - 46 * size, y + 52 * size),
            ]
        ),
        WHITE,
        roundness=48 * size,
        gloss=0.5,
    )


def ear(still: Still) -> list[Layer]:
    """An ear with its ring, hair drawn back, finger-tips reaching for it."""
    r = still.relief
    skin = times(still.skin, (0.98, 0.9, 0.88))
    sides = marks("-60 -260, -60 2160, 1300 2160, 1300 -260")
    r.body(sides, times(skin, 0.98), roundness=320, smooth=False, shadow=0.0)
    neck = curve(marks("860 -260, 980 500, 900 1100, 760 1500, 700 2200, 1400 2200, 1400 -260"))
    r.shape(neck, times(skin, (0.7, 0.5, 0.46)), 0.5, 120)
    _drawn_back(still)
    outer = marks("470 560, 560 470, 690 500, 740 640, 700 820, 620 940, 560 1030, 490 1000, 480 860, 460 700")
    r.body(outer, mix(skin, (1, 0.72, 0.66), 0.25), roundness=54, shadow=0.45)
    hollow = marks("520 640, 590 570, 660 600, 680 700, 640 800, 580 860, 550 800, 600 730, 590 660")
    r.smooth(hollow, times(skin, (0.62, 0.42, 0.4)), 0.6, 12)
    rim = marks("500 620, 560 540, 660 560, 700 660, 660 800")
    r.limb(rim, [26, 34, 30, 20], mix(skin, (1, 0.78, 0.72), 0.3), shadow=0.2)
    _jewel(still, 540, 1040, 1.15)
    for k in range(3):
        finger = [(1180 - 10 * k, 1560 + 150 * k), (900 - 20 * k, 1380 + 120 * k), (690 - 20 * k, 1240 + 96 * k)]
        r.limb(finger, [120, 108, 78], mix(skin, (1, 0.82, 0.78), 0.12), shadow=0.3)
    return [still.backing, figure_layer(still)]


def _drawn_back(still: Still) -> None:
    """Hair combed behind the ear, strand by strand."""
    hair = still.owner.head.face.hair if still.owner else hexa("17130f")
    mass = marks("-260 -260, 700 -260, 640 120, 520 420, 400 900, 330 1500, 260 2160, -260 2160")
    still.relief.body(mass, hair, roundness=200, gloss=0.12, shadow=0.4)
    rng = dice("strand", still.seed)
    for _ in range(90):
        x = float(rng.uniform(-180, 560))
        strand = [(x + 160, -200), (x + 40, 500), (x - 60, 1200), (x - 120, 2100)]
        tone = mix(hair, (0.7, 0.64, 0.6), float(rng.uniform(0.05, 0.35)))
        still.relief.stroke(strand, [2, 5, 4, 1], tone, 0.5, 0.5)


def ring(still: Still) -> list[Layer]:
    """A wedding ring on a hand's fourth finger."""
    palm(still, 540, 920, 235, 5)
    r = still.relief
    x, y = 540 + 235 * 0.28, 920 - 235 * 1.26
    band = [(x - 64, y + 10), (x, y + 32), (x + 64, y + 12)]
    r.limb(band, [40, 44, 40], hexa("d8ae55"), gloss=0.95, shadow=0.4)
    r.shape(circle(x - 14 * still.light.side * -1, y + 14, 15, 6, -10), (1.7, 1.6, 1.3), 0.9, 2)
    r.body(circle(x, y - 2, 22, 20), (0.85, 0.9, 0.95), roundness=18, gloss=1.0)
    return [still.backing, figure_layer(still)]


def necklace(still: Still) -> list[Layer]:
    """A pendant of jade on a cord in the palm."""
    palm(still, 540, 900, 235, -3)
    r = still.relief
    r.limb(marks("300 300, 420 620, 520 800, 560 800, 700 600, 820 280"), [9, 9, 9], hexa("6a2a24"))
    lies(still, 540, 900, 220, 220, 0.5)
    r.body(circle(540, 900, 105), hexa("7fae8a"), roundness=46, gloss=0.5)
    r.body(circle(540, 900, 34), times(still.skin, 0.7), roundness=14, shadow=0.0)
    return [still.backing, figure_layer(still)]


def key(still: Still) -> list[Layer]:
    """An old key held up."""
    r = still.relief
    grip(still, 560, 1150, 120)
    brass = hexa("b08d4a")
    r.limb([(500, 1060), (430, 800), (372, 560)], [40, 36, 34], brass, gloss=0.8)
    r.body(circle(348, 470, 96), brass, roundness=30, gloss=0.8)
    r.shape(circle(348, 470, 48), times(still.palette.sky[2], 0.6), 0.9, 2)
    for t, size in ((0.0, 74), (0.16, 56)):
        x, y = 500 - 70 * t * 2, 1060 - 260 * t * 2
        r.body(
            [(x - 12, y - 20), (x - size - 40, y + 8), (x - size - 28, y + 40), (x, y + 12)],
            brass,
            smooth=False,
            roundness=12,
            gloss=0.8,
        )
    return [still.backing, figure_layer(still)]
