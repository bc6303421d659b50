"""Straight down: a boat over a giant shadow, a raft in a ring of torches, people on the ground seen from above."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Point, Ramp, Region, Sheet, circle, curve, marks, paste, smoothstep, turn
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.figures.clothes import Wardrobe
from app.backends.animatic.art.figures.figure import FigureLook
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.reading import Reading
from app.backends.animatic.art.relief import Light, Relief
from app.backends.animatic.art.scenery import View, backdrop, surf
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

GROUNDS: dict[str, str] = {
    "shore": "b39a7c",
    "rocks": "4a4f52",
    "forest": "4f4a36",
    "desert": "c99f66",
    "snow_peak": "dfe6ec",
    "field": "7a8250",
    "street": "4a4c51",
    "rooftop": "5a5e62",
    "alley": "44454a",
    "courtyard": "8a857c",
    "old_street": "76706a",
    "cave": "4a4541",
    "giant_palm": "6b5546",
    "stone_forest": "565049",
    "village": "a08a6c",
}


def is_overhead(reading: Reading) -> bool:
    """Whether the picture is seen straight from above."""
    if reading.angle == "overhead":
        return True
    return reading.angle == "high" and bool({"shadow_below", "raft"} & reading.sights or "围成一圈" in reading.text)


def overhead_layers(reading: Reading, view: View, light: Light, seed: int) -> list[Layer]:
    """The layers of a shot from above."""
    people = [role.who.figure for role in reading.roles if not role.who.being]
    ring = "torches" in reading.sights and (
        "raft" in reading.sights or "圈" in reading.text or "ring" in reading.text.lower()
    )
    wet = reading.place in ("sea", "underwater") or bool({"boat", "raft", "shadow_below"} & reading.sights)
    down = Light((light.side * 0.35, -0.3, 0.9), light.key, light.sky, light.ground, light.rim, light.rim_x)
    layers = [water_from_above(view).layer(0.3) if wet else ground_from_above(view, reading).layer(0.3)]
    if "shadow_below" in reading.sights:
        layers.append(leviathan(view))
    if ring:
        layers += torch_ring(view, down, people, seed, raft="raft" in reading.sights)
        return layers
    if wet:
        layers.append(boat_from_above(view, down, people, raft="raft" in reading.sights))
        return layers
    sheet = Sheet(140, 500, 800, 900, 0.7)
    for k, look in enumerate(people[:3] or []):
        person_from_above(
            sheet,
            down,
            look.wear,
            look.head.face.hair,
            540 + (k - (len(people[:3]) - 1) / 2) * 230,
            930 + 40 * (k % 2),
            92,
            25 * k,
        )
    layers.append(sheet.layer(1.0))
    return layers


def water_from_above(view: View) -> Sheet:
    """Deep water: slow swells, lace of foam, light on one side."""
    sheet = backdrop(view)
    p = view.palette
    swell = cover(tile(5, 5, 5, 211), (sheet.h, sheet.w), 1.6 * view.res, 1.0, (view.seed % 512, 0))
    fine = cover(tile(12, 12, 5, 213), (sheet.h, sheet.w), 1.2 * view.res, 1.0, (0, view.seed % 512))
    ys = np.linspace(0, 1, sheet.h, dtype=np.float32)[:, None]
    xs = np.linspace(0, 1, sheet.w, dtype=np.float32)[None, :]
    slope = (np.gradient(swell, axis=1) * -view.palette.light.side + np.gradient(swell, axis=0) * -1) * 22
    deep = mix(mix(p.water[1], p.water[2], 0.5), times(hexa("14505a"), 0.35 + 0.65 * p.wash[1]), 0.6)
    base = np.asarray(deep, np.float32) * (1.15 - 0.5 * ys[..., None])
    sheet.rgb[:] = base * (0.85 + 0.5 * np.clip(slope, -0.8, 1.2) + 0.3 * (fine - 0.5))[..., None]
    lace = smoothstep(0.86, 0.96, 1 - np.abs(2 * fine - 1)) * smoothstep(0.45, 0.75, swell) * 0.3
    pale = mix(surf(view), times(deep, 2.2), 0.55)
    sheet.rgb[:] = sheet.rgb * (1 - lace[..., None]) + np.asarray(pale, np.float32) * lace[..., None]
    glow = np.exp(-(((xs - (0.8 if p.light.side > 0 else 0.2)) / 0.5) ** 2) - (ys / 0.4) ** 2) * 0.35
    sheet.rgb += glow[..., None] * np.asarray(p.glow, np.float32)
    return sheet


def ground_from_above(view: View, reading: Reading) -> Sheet:
    """The ground under the feet, whatever it is."""
    sheet = backdrop(view)
    tone = view.palette.far(hexa(GROUNDS.get(reading.place, "5e5850")), 0.05)
    grain = cover(tile(6, 6, 6, 215), (sheet.h, sheet.w), 2.0 * view.res)
    slope = np.gradient(grain, axis=1) * -18 * view.palette.light.side - np.gradient(grain, axis=0) * 18
    sheet.rgb[:] = (0.75 + 0.5 * (grain - 0.5) + 0.5 * np.clip(slope, -1, 1))[..., None] * np.asarray(tone, np.float32)
    if reading.interior:
        _slabs(sheet)
    return sheet


def _slabs(sheet: Sheet) -> None:
    for k in range(-1, 9):
        x, y = k * 180.0, k * 270.0
        sheet.shape([(x - 2, -200), (x + 2, -200), (x + 2, 2200), (x - 2, 2200)], (0, 0, 0), 0.4)
        sheet.shape([(-200, y - 2), (1300, y - 2), (1300, y + 2), (-200, y + 2)], (0, 0, 0), 0.4)


def leviathan(view: View) -> Layer:
    """The giant shadow under the boat, one dim light in it."""
    sheet = Sheet(-500, -300, 2080, 2520, 0.3)
    dark = times(view.palette.water[2], 0.22)
    body = marks(
        "60 2050, 180 1500, 330 980, 560 480, 840 120, 1020 20, 1060 140, 960 480, 820 900, "
        "640 "
        "1340, 430 1760, 240 2120"
    )
    sheet.shape(curve(body), dark, 0.82, 46)
    for fin in (
        marks("420 1000, 120 1180, 80 1330, 340 1240"),
        marks("720 900, 1010 1120, 1010 1260, 700 1120"),
        [(120, 1960), (-140, 2200), (300, 2200)],
    ):
        sheet.shape(curve([(float(x), float(y)) for x, y in fin]), dark, 0.66, 40)
    eye = mix(hexa("3fc8b0"), view.palette.water[0], 0.3)
    sheet.shape(circle(905, 300, 62, 34, -50), eye, 0.5, 22)
    return sheet.layer(0.5, drift=26.0)


def person_from_above(
    sheet: Sheet, light: Light, wear: Wardrobe, hair: Rgb, x: float, y: float, unit: float, facing: float
) -> None:
    """Someone seen from straight above: hair, shoulders, sleeves, the skirt's spread, a shadow."""
    side = -light.side
    sheet.shape(circle(x + side * unit * 0.8, y + unit * 0.6, unit * 1.9, unit * 1.2), (0, 0, 0), 0.4, unit * 0.3)
    relief = Relief(-3.2, -3.0, 6.4, 6.4, max(8.0, unit * sheet.scale))
    main = wear.main

    def put(points: list[Point]) -> list[Point]:
        return turn(points, facing)

    if wear.cut in ("robe", "gown", "tunic"):
        relief.body(
            put(marks("-1.5 -0.4, -1.3 1.2, -0.7 2.2, 0 2.4, 0.7 2.2, 1.3 1.2, 1.5 -0.4")),
            times(main, 0.8),
            roundness=0.7,
        )
    for s in (-1, 1):
        relief.limb(put([(s * 1.3, 0.0), (s * 1.75, 0.85), (s * 1.1, 1.6)]), [0.95, 0.85, 0.7], times(main, 0.95))
        relief.body(circle(*put([(s * 1.0, 1.75)])[0], 0.28), (0.85, 0.66, 0.54), roundness=0.2)
    relief.body(
        put(marks("-1.75 -0.1, -1.2 -0.72, 0 -0.85, 1.2 -0.72, 1.75 -0.1, 1.2 0.6, 0 0.75, -1.2 0.6")),
        Ramp(times(main, 1.1), times(main, 0.85)),
        roundness=0.6,
    )
    relief.body(circle(0, -0.05, 0.78, 0.86), mix(hair, (0.2, 0.18, 0.17), 0.2), roundness=0.75, gloss=0.12, shadow=0.5)
    relief.body(circle(*put([(0.0, -0.3)])[0], 0.3), mix(hair, (0.2, 0.18, 0.17), 0.3), roundness=0.25, gloss=0.12)
    paste(sheet, relief.lit(light), x, y, unit)


def boat_from_above(view: View, light: Light, people: list[FigureLook], *, raft: bool) -> Layer:
    """A skiff (or raft) from above with its rower."""
    sheet = Sheet(240, 560, 620, 900, 0.8)
    x, y = 545.0, 1000.0
    sheet.shape(
        curve([(x - 130, y + 40), (x, y + 360), (x + 150, y + 20), (x + 30, y - 260)]),
        times(view.palette.water[2], 0.3),
        0.6,
        34,
    )
    _craft(sheet, light, x, y, 1.0, raft=raft)
    for k, look in enumerate(people[:2]):
        person_from_above(sheet, light, look.wear, look.head.face.hair, x, y - 10 + 110 * k, 46, 12)
    if not people:
        person_from_above(
            sheet, light, Wardrobe("robe", hexa("a92b24"), hexa("ece5d8"), hexa("7b7f85")), hexa("17130f"), x, y, 46, 12
        )
    sheet.stroke(
        [(x - 170, y + 150), (x + 30, y + 40), (x + 150, y - 40)],
        [12, 9, 9],
        mix(hexa("6f4f36"), view.palette.light.key, 0.15),
    )
    wake = [(x - 40, y + 250), (x - 120, y + 400), (x + 20, y + 460), (x + 130, y + 390), (x + 50, y + 240)]
    sheet.shape(curve(wake), surf(view), 0.24, 24)
    return sheet.layer(0.8, sway=7)


def _craft(sheet: Sheet, light: Light, x: float, y: float, size: float, *, raft: bool) -> None:
    relief = Relief(-220, -320, 440, 640, sheet.scale)
    plank = hexa("7a583c")
    if raft:
        for k in range(7):
            relief.limb(
                [(-126 + k * 42, -230 - 12 * (k % 2)), (-126 + k * 42, 230 + 10 * (k % 3))],
                [40, 40],
                times(hexa("968a54"), 0.8 + 0.05 * (k % 3)),
                roundness=18,
                shadow=0.3,
            )
        for dy in (-150, 150):
            relief.band([(-150, dy), (150, dy)], [18, 18], hexa("4a3a26"))
    else:
        relief.body(
            marks("0 -280, 70 -170, 102 0, 84 170, 30 250, -30 250, -84 170, -102 0, -70 -170"),
            plank,
            roundness=34,
        )
        relief.body(
            marks("0 -235, 52 -150, 78 0, 64 150, 0 215, -64 150, -78 0, -52 -150"),
            times(plank, 0.45),
            roundness=14,
            shadow=0.0,
        )
        for dy in (-120, 20, 130):
            relief.band([(-74, dy), (74, dy)], [30, 30], times(plank, 1.1), shadow=0.4)
    paste(sheet, relief.lit(light), x, y, size)


def torch_ring(view: View, light: Light, people: list[FigureLook], seed: int, *, raft: bool) -> list[Layer]:
    """Hundreds of torches in a ring, the one at its centre bound to a mast."""
    x, y = 540.0, 960.0
    fire: Rgb = (1.0, 0.5, 0.17)
    glow = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.3)
    ring = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.6)
    rng = dice("ring", seed)
    warm = Light(
        light.direction, (0.72, 0.46, 0.26), (0.2, 0.14, 0.11), (0.08, 0.05, 0.04), times(fire, 0.5), light.rim_x
    )
    flames = []
    for row, (radius, count, size) in enumerate(((455, 30, 17), (555, 36, 18), (665, 42, 19))):
        for k in range(count):
            a = 2 * np.pi * (k + 0.5 * row) / count + float(rng.uniform(-0.05, 0.05))
            px, py = x + radius * float(np.cos(a)), y + radius * 1.32 * float(np.sin(a))
            if not (-140 < px < 1220 and -180 < py < 2100):
                continue
            tone = mix(hexa("4a4038"), hexa("6a5a48"), float(rng.random()))
            inward = (x - px) / radius, (y - py) / radius
            ring.shape(circle(px, py, size * 1.5, size * 1.1, float(np.degrees(a)) + 90, 14), times(tone, 0.6), 1.0, 1)
            ring.shape(circle(px, py, size * 0.72, size * 0.72, 0, 12), (0.04, 0.035, 0.03), 1.0, 0.8)
            flames.append((px + inward[0] * size * 2.3, py + inward[1] * size * 1.9))
    for fx, fy in flames:
        ring.stroke([(fx, fy), (fx - (x - fx) * 0.05, fy - (y - fy) * 0.05)], [4, 3], hexa("3a2a1c"))
        ring.shape(circle(fx, fy, 13, 16, 0, 12), (1.3, 0.55, 0.14), 0.9, 3)
        ring.shape(circle(fx, fy, 7, 8, 0, 10), (1.9, 1.4, 0.7), 1.0, 1.5)
        glow.glow(fx, fy, 100, fire, 0.3)
    _pool(glow, x, y, fire)
    centre = Sheet(240, 560, 600, 800, 0.85)
    _craft(centre, warm, x, y, 0.92, raft=raft)
    if people:
        look = people[0]
        person_from_above(centre, warm, look.wear, look.head.face.hair, x, y - 6, 52, 0)
    centre.shape(circle(x, y - 74, 17), hexa("6a4a30"))
    centre.shape(circle(x - 3, y - 78, 11), hexa("93704c"))
    for dy in (-30, 4):
        centre.stroke([(x - 76, y + dy), (x, y + dy - 12), (x + 76, y + dy)], [5, 6, 5], hexa("b09a6a"))
    return [glow.layer(0.5), ring.layer(0.75), centre.layer(0.9, sway=4)]


def _pool(glow: Sheet, x: float, y: float, fire: Rgb) -> None:
    """Firelight on the water inside the ring."""
    region = glow.region([circle(x, y, 420, 560)], 90)
    if isinstance(region, Region):
        glow.paint(region, times(fire, 0.5), 0.24)
