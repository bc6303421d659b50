"""Beings that are not people: the giant, the headless god, the nine-tailed fox, the dragon with a human face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.backends.animatic.art.brush import Point, Ramp, Sheet, circle, curve, marks, paste
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.figures.clothes import Tailor, sleeve, trunk
from app.backends.animatic.art.figures.expression import Expression
from app.backends.animatic.art.figures.figure import Drawn, FigureLook, Staging, draw_figure
from app.backends.animatic.art.figures.head import barber_for, draw_head
from app.backends.animatic.art.figures.limbs import trouser_leg
from app.backends.animatic.art.figures.rig import POSES, Build, Rig, rig
from app.backends.animatic.art.figures.skull import Turn
from app.backends.animatic.art.looks import character
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.relief import Fold, Light, Relief
from app.backends.animatic.art.scenery import View
from app.backends.animatic.layers import Layer

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
SCALE_RED = hexa("b23020")


def tails(light: Light, scale: float, seed: int) -> Sheet:
    """Nine white tails unfurling behind a figure; units of half heads, the head's centre at the origin."""
    relief = Relief(-9.4, -7.8, 18.8, 18.0, scale)
    rng = dice("tails", seed)
    fur = hexa("e9e4de")
    for k in np.argsort([abs(i - 4) for i in range(9)])[::-1]:
        t = (float(k) - 4) / 4
        side = 1 if t >= 0 else -1
        spread, lift = 7.0 * abs(t) ** 0.85, 6.4 - 5.0 * abs(t) ** 1.5 + float(rng.uniform(-0.5, 0.5))
        root, low = (t * 0.5, 7.6), (t * 2.6, 6.8 + 0.6 * abs(t))
        belly = (side * (spread * 0.92 + 0.7), 3.6 - lift * 0.25)
        neck, tip = (side * (spread * 0.8 + 0.2), 0.4 - lift * 0.66), (side * (spread * 0.95 + 1.1), -0.6 - lift * 0.86)
        line = [root, low, belly, neck, tip]
        folds = [Fold([(x + off, y) for x, y in line], 0.12, -0.07) for off in (-0.42, -0.16, 0.14, 0.4)]
        relief.limb(
            line, [0.4, 1.0, 1.75, 1.5, 0.06], Ramp(fur, times(fur, 0.8)), folds=folds, roundness=0.9, shadow=0.34
        )
        relief.tint(relief.region([circle(tip[0], tip[1] + 0.4, 0.8, 0.9)], 0.4), hexa("b98f84"), 0.5)
    return relief.lit(light)


def headless(
    look: FigureLook, light: Light, scale: float, box: tuple[float, float, float, float], expression: Expression
) -> Drawn:
    """The headless god: eyes for breasts, a mouth at the navel, shoulders like rocks."""
    left, top, right, bottom = box
    relief = Relief(left, top, right - left, bottom - top, scale)
    build = Build(1.0, 2.5, 1.75, 1.5, 0.6)
    pose = replace(POSES["fight"], elbows=((-3.1, 4.3), (3.3, 3.0)), wrists=((-3.5, 6.6), (4.0, 1.2)))
    figure = rig(build, pose, 0.0)
    skin = times(look.head.face.skin, (0.78, 0.62, 0.54))
    wear = replace(look.wear, cut="tunic", main=hexa("4a3a2c"), trim=hexa("6a5234"))
    tailor = Tailor(relief, figure, wear, skin, look.seed)
    for side in (0, 1):
        trouser_leg(relief, wear.main, figure.hips[side], figure.knees[side], figure.ankles[side], 1.6)
    sleeve(tailor, 0, (1.7, 1.4, 0.9), skin, bare=True)
    at = tailor.at
    folds = [
        Fold([at(0, 1.9), at(0, 6.4)], 0.3, -0.12),
        Fold([at(-1.9, 3.9), at(-0.9, 4.5), at(0, 4.2), at(0.9, 4.5), at(1.9, 3.9)], 0.3, -0.14),
    ]
    relief.body(trunk(tailor, 7.0, 1.8, 0.1), skin, folds=folds, roundness=1.1, rumple=0.12)
    relief.body(
        [at(-0.9, 1.55), at(0, 1.25), at(0.9, 1.55), at(0.5, 1.9), at(-0.5, 1.9)],
        times(skin, (0.7, 0.4, 0.36)),
        roundness=0.4,
        shadow=0.1,
    )
    for side in (-1, 1):
        _breast_eye(relief, *at(side * 1.05, 3.3), side, skin, expression)
    _navel_mouth(relief, *at(0, 5.75), skin, expression)
    sleeve(tailor, 1, (1.7, 1.4, 0.9), skin, bare=True)
    _axe_and_shield(relief, figure)
    mouth = at(0, 5.75)
    return Drawn(relief.lit(light), (mouth[0], mouth[1], 1.7), figure.floor)


def _axe_and_shield(relief: Relief, figure: Rig) -> None:
    """What he carries: an axe in one hand, a shield on the other arm."""
    x, y = figure.wrists[1]
    relief.limb([(x - 0.9, y + 4.5), (x, y), (x + 0.55, y - 3.2)], [0.3, 0.3, 0.26], hexa("4a3424"))
    relief.body(
        [(x + 0.2, y - 2.4), (x + 0.7, y - 3.4), (x + 2.3, y - 3.7), (x + 2.6, y - 2.4), (x + 2.0, y - 1.3)],
        Ramp(hexa("b4bac0"), hexa("60666c")),
        roundness=0.4,
        gloss=0.7,
    )
    sx, sy = figure.wrists[0]
    relief.body(circle(sx - 0.5, sy + 0.3, 1.7, 2.0), hexa("8a6f42"), roundness=1.0, gloss=0.45)
    relief.body(circle(sx - 0.5, sy + 0.3, 0.5), hexa("a5884f"), roundness=0.4, gloss=0.5)


def _breast_eye(relief: Relief, x: float, y: float, side: int, skin: Rgb, expression: Expression) -> None:
    half, open_to = 0.62, 0.3 * (1 + 0.4 * expression.lids)
    upper = [(x - half, y), (x - half * 0.3, y - open_to), (x + half * 0.4, y - open_to * 0.9), (x + half, y)]
    lower = [(x + half, y), (x + half * 0.3, y + open_to * 0.8), (x - half * 0.4, y + open_to * 0.8), (x - half, y)]
    opening = [*curve(upper, closed=False), *curve(lower, closed=False)]
    relief.shape(circle(x, y, 0.95, 0.6), times(skin, (0.5, 0.3, 0.28)), 0.5, 0.2)
    relief.shape(opening, (0.62, 0.3, 0.24))
    relief.shape(circle(x, y - 0.02, 0.24), (1.2, 0.2, 0.1), 1.0, 0.02)
    relief.shape(circle(x, y - 0.02, 0.11), (0.02, 0.01, 0.01))
    relief.shape(circle(x + side * -0.08, y - 0.12, 0.05), (1.4, 1.2, 1.1))
    relief.stroke(upper, [0.04, 0.16, 0.16, 0.04], (0.06, 0.04, 0.035), 0.95, 0.02)
    relief.stroke(
        [(x - half * side, y - 0.75), (x, y - 0.68), (x + half * side * 1.1, y - 0.42)],
        [0.08, 0.24, 0.1],
        times(skin, 0.4),
        0.8,
        0.05,
    )


def _navel_mouth(relief: Relief, x: float, y: float, skin: Rgb, expression: Expression) -> None:
    gape = 0.36 + 0.4 * expression.mouth
    lips = [
        (x - 1.05, y),
        (x - 0.4, y - gape),
        (x + 0.4, y - gape),
        (x + 1.05, y),
        (x + 0.4, y + gape),
        (x - 0.4, y + gape),
    ]
    relief.smooth(
        [(x + (px - x) * 1.16, y + (py - y) * 1.3) for px, py in lips], times(skin, (0.6, 0.3, 0.28)), 0.9, 0.04
    )
    relief.smooth(lips, (0.1, 0.02, 0.02), 1.0, 0.02)
    for row, sign in ((y - gape * 0.62, 1), (y + gape * 0.62, -1)):
        for k in range(6):
            tx = x - 0.62 + k * 0.25
            relief.shape([(tx - 0.1, row), (tx + 0.1, row), (tx, row + sign * gape * 0.55)], hexa("d8cdb8"), 0.95)


def dragon(view: View, light: Light, *, eyes_open: float, close: bool) -> list[Layer]:
    """The red serpent wound about its snow mountain: coils of scales, and a sleeping human face."""
    if close:
        relief = Relief(-210, -190, 1500, 2300, 0.45)
        relief.weave = 0.5
        for outline, wide in CLOSE_COILS:
            _coil(relief, marks(outline), [wide, wide * 1.05, wide])
        _scales(relief)
        return [relief.lit(light).layer(0.4), _dragon_face(light, 540, 820, 330, eyes_open)]
    top, foot = view.horizon - 700, view.horizon + 330
    relief = Relief(-260, top - 260, 1600, foot - top + 420, 0.6)
    relief.weave = 0.5
    _peak(view, relief, top, foot)
    for t in (0.94, 0.76, 0.59, 0.43, 0.29):
        y, half, wide, slope = top + t * (foot - top), 70 + t * 590, 70 + t * 110, 46 * t
        left = [(-1.04, -0.2, 1.0), (-0.94, -0.02, 1.0), (-0.45, 0.13, 0.5)]
        right = [(0.45, 0.11, -0.5), (0.94, -0.06, -1.0), (1.04, -0.24, -1.0)]
        line = [(540 + half * x, y + half * dy + slope * lean) for x, dy, lean in left + right]
        _coil(relief, line, [wide * k for k in (0.6, 0.9, 1.0, 1.0, 0.9, 0.6)])
    _scales(relief)
    face_y = top + 0.6 * (foot - top)
    return [relief.lit(light).layer(0.35), _dragon_face(light, 550, face_y, 190, eyes_open)]


CLOSE_COILS = (
    ("-260 1500, 300 1330, 800 1420, 1400 1200", 420.0),
    ("1400 560, 1050 760, 1000 1200, 1300 1500", 330.0),
    ("-300 420, 60 640, 40 1100, -260 1360", 330.0),
)


def _coil(relief: Relief, line: list[Point], widths: list[float]) -> None:
    """One turn of the body."""
    skin = Ramp(times(SCALE_RED, 1.1), times(SCALE_RED, 0.55))
    relief.limb(line, widths, skin, gloss=0.25, roundness=max(widths) * 0.5, shadow=0.5)


def _peak(view: View, relief: Relief, top: float, foot: float) -> None:
    """The mountain within the coils."""
    rock = mix(view.palette.far((0.42, 0.44, 0.47), 0.12), (0.85, 0.88, 0.92), 0.3 * view.palette.wash[0])
    left = [(-240.0, foot + 80), (60.0, foot - 300), (250.0, top + 420), (400.0, top + 170), (520.0, top)]
    right = [(600.0, top + 60), (700.0, top + 250), (860.0, top + 480), (1040.0, foot - 240), (1330.0, foot + 80)]
    ridges = [[(520, top + 20), (470 + 60 * k, top + 420), (300 + 160 * k, foot)] for k in range(5)]
    folds = [Fold(ridge, 70, 34 if k % 2 else -40) for k, ridge in enumerate(ridges)]
    relief.body(left + right, rock, folds=folds, smooth=False, roundness=160, rumple=60, shadow=0.0)


def _scales(relief: Relief) -> None:
    """Rows of scales cut into what is painted."""
    assert relief.alpha is not None
    ys, xs = np.mgrid[0 : relief.h, 0 : relief.w].astype(np.float32)
    unit = 26 * relief.scale
    red = np.clip((relief.rgb[..., 0] - relief.rgb[..., 2]) * 6, 0, 1)
    row = np.floor(ys / (unit * 0.62))
    u = (xs / unit + 0.5 * (row % 2)) % 1 - 0.5
    v = (ys / (unit * 0.62)) % 1
    edge = np.clip((np.hypot(u * 1.5, v - 0.15) - 0.62) * 5, 0, 1)
    relief.rgb *= (1 - 0.5 * edge * red)[..., None]
    relief.slope[..., 1] += (0.5 - v) * 0.4 * relief.alpha * red


def _dragon_face(light: Light, x: float, y: float, unit: float, eyes_open: float) -> Layer:
    """A human face of red stone, vast, asleep or waking."""
    look = character("烛龙", "man 60 red robe 古装").figure
    skin = hexa("9c4a34")
    face = replace(
        look.head.face,
        skin=skin,
        lips=times(skin, 0.7),
        hair=hexa("3a120c"),
        iris=(1.0, 0.62, 0.18),
        stubble=0.0,
        age=0.3,
    )
    head = replace(look.head, face=face, hair=replace(look.head.hair, bun="", length=0.0, beard=0.0, fringe=""))
    res = min(1.0, 150 / unit)
    relief = Relief(-1.7, -1.7, 3.4, 3.4, unit * res)
    barber = barber_for(relief, head, Turn(-10, 4))
    draw_head(barber, head, Expression(lids=-1.3 + 1.9 * eyes_open), light.side)
    cracks = 1 - np.abs(2 * cover(tile(5, 5, 4, 91), (relief.h, relief.w), max(0.5, relief.h / 512)) - 1)
    relief.rgb *= (1 - 0.4 * np.clip((cracks - 0.9) * 10, 0, 1))[..., None]
    sheet = relief.lit(light)
    if eyes_open > 0.3:
        for side in (-1, 1):
            px, py = barber.at(side * 0.275, 0.035)
            sheet.glow(px, py, 0.34, (1.0, 0.68, 0.25), 0.75)
    return Layer(sheet.picture(), x, y, 0.55, 1 / res)


def with_tails(drawn: Drawn, light: Light, seed: int, box: Box) -> Drawn:
    """Set a figure before its nine tails, within a box of half heads about its head."""
    sheet = drawn.sheet
    left, top, right, bottom = box
    low = max(bottom, sheet.top + sheet.h / sheet.scale)
    out = Sheet(left, top, right - left, low - top, sheet.scale)
    paste(out, tails(light, min(sheet.scale, 60.0), seed), 0, 0, 1.0)
    paste(out, sheet, 0, 0, 1.0)
    return Drawn(out, drawn.mouth, drawn.floor)


def giant_bust(
    look: FigureLook, staging: Staging, light: Light, scale: float, box: tuple[float, float, float, float]
) -> Drawn:
    """The giant: a man whose skin is a dry river bed."""
    drawn = draw_figure(look, staging, light, scale, box)
    sheet = drawn.sheet
    cracks = 1 - np.abs(2 * cover(tile(5, 5, 4, 91), (sheet.h, sheet.w), max(0.6, sheet.scale / 90)) - 1)
    sheet.rgb *= (1 - 0.45 * np.clip((cracks - 0.9) * 10, 0, 1))[..., None]
    return drawn
