"""What an object lies on or stands before in a close-up: wood, cloth, stone, sand, or the place out of focus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.backends.animatic.art.brush import Paint, Point, Points, Sheet, circle, curve, marks, ribbon, turn
from app.backends.animatic.art.colour import Rgb, dice, hexa, mix, times
from app.backends.animatic.art.figures.figure import FigureLook
from app.backends.animatic.art.noise import cover, tile
from app.backends.animatic.art.palette import Palette
from app.backends.animatic.art.relief import Light, Relief
from app.backends.animatic.art.scenery import View, backdrop
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

RES = 0.62


@dataclass(slots=True)
class Still:
    """A close-up being drawn: its light, what is behind, whose hand it is, the words that ask for it."""

    view: View
    light: Light
    backing: Layer
    owner: FigureLook | None
    text: str
    seed: int
    indoors: bool
    relief: Relief

    @property
    def palette(self) -> Palette:
        """The hour's colours."""
        return self.view.palette

    @property
    def skin(self) -> Rgb:
        """The skin of whoever's hand it is."""
        return self.owner.head.face.skin if self.owner else hexa("e0b592")

    @property
    def cloth(self) -> Rgb:
        """The sleeve of whoever's hand it is."""
        return self.owner.wear.main if self.owner else hexa("6a6258")

    def printed(
        self, points: Points, paint: Paint, angle: float, about: Point, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        """Colour a shape on what is modelled already, turned with the thing it is printed on."""
        self.relief.tint(self.relief.region([turn(points, angle, about)], blur), paint, opacity)

    @property
    def old(self) -> bool:
        """Whether it is a story of robes and brushes."""
        return self.owner is not None and self.owner.wear.cut in ("robe", "tunic", "armour")


def relief_sheet() -> Relief:
    """An empty relief as large as a backdrop, in frame pixels."""
    relief = Relief(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, RES)
    relief.weave = 0.6
    return relief


def desk(still: Still) -> Layer:
    """A table top seen from above at a slant: wood with its grain, a pool of light, darkness round it."""
    sheet = backdrop(_coarse(still.view))
    tone = hexa("6a4630") if not still.old else hexa("5a4030")
    grain = cover(tile(40, 2, 5, 231), (sheet.h, sheet.w), 1.7 * sheet.scale, 2.4, (still.seed % 512, 3))
    rings = cover(tile(6, 3, 4, 233), (sheet.h, sheet.w), 2.6 * sheet.scale, 1.6)
    wood = 0.62 + 0.5 * (grain - 0.5) + 0.45 * np.abs(np.sin(rings * 26 + grain * 3)) * 0.5
    sheet.rgb[:] = wood[..., None] * np.asarray(tone, np.float32)
    pool(still, sheet)
    return sheet.layer(0.5)


def fabric(still: Still, tone: Rgb | None = None) -> Layer:
    """Folded cloth."""
    relief = Relief(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.35)
    colour = tone or times(still.cloth, 0.8)
    whole = marks("-160 -200, 1240 -200, 1240 2120, -160 2120")
    relief.part(relief.region([whole]), colour, roundness=30, shadow=0.0)
    field = cover(tile(3, 4, 4, 237), (relief.h, relief.w), 3.0, 1.0, (still.seed % 512, 9))
    relief.slope[..., 0] -= np.gradient(field, axis=1) * 70
    relief.slope[..., 1] -= np.gradient(field, axis=0) * 70
    lit = relief.lit(still.light)
    sheet = backdrop(View(still.palette, still.seed, 900, 0.35))
    sheet.rgb[:] = lit.rgb[: sheet.h, : sheet.w]
    pool(still, sheet)
    return sheet.layer(0.5)


def earth(still: Still, code: str) -> Layer:
    """Sand, stone or snow close to."""
    sheet = backdrop(_coarse(still.view))
    tone = still.palette.far(hexa(code), 0.03)
    grain = cover(tile(9, 9, 6, 239), (sheet.h, sheet.w), 2.2 * sheet.scale)
    slope = -np.gradient(grain, axis=1) * 16 * still.light.side - np.gradient(grain, axis=0) * 16
    sheet.rgb[:] = (0.8 + 0.4 * (grain - 0.5) + 0.5 * np.clip(slope, -1, 1))[..., None] * np.asarray(tone, np.float32)
    pool(still, sheet)
    return sheet.layer(0.5)


def pool(still: Still, sheet: Sheet) -> None:
    """Let the key fall on the middle and leave the corners dark."""
    xs, ys = sheet.xs()[None, :], sheet.ys()[:, None]
    side = still.light.side
    fall = np.exp(-(((xs - 540 - side * 120) / 620) ** 2) - ((ys - 860) / 900) ** 2)
    sheet.rgb *= (
        np.asarray(still.light.sky, np.float32) * 0.9 + fall[..., None] * np.asarray(still.light.key, np.float32) * 0.95
    )


def _coarse(view: View) -> View:
    return View(view.palette, view.seed, view.horizon, 0.45, False, view.weather, view.flags)


def lies(still: Still, x: float, y: float, wide: float, tall: float, strength: float = 0.5) -> None:
    """The shadow of something that lies at (x, y), thrown away from the light."""
    side = -still.light.side
    still.relief.shape(
        circle(x + side * wide * 0.12, y + tall * 0.16, wide * 0.56, tall * 0.55),
        (0.015, 0.012, 0.012),
        strength,
        min(wide, tall) * 0.14,
    )


def figure_layer(still: Still, depth: float = 0.95, sway: float = 0.0) -> Layer:
    """The modelled objects, lit, as one layer."""
    return still.relief.lit(still.light).layer(depth, sway=sway)


def handwriting(
    still: Still,
    sheet: Sheet,
    box: tuple[float, float, float, float],
    rows: int,
    ink: Rgb = (0.12, 0.11, 0.16),
    width: float = 5.0,
    *,
    upright: bool = False,
) -> tuple[float, float]:
    """Lines of a hand that cannot be read; returns where the pen stopped. ``upright`` writes columns from the right."""
    x0, y0, x1, y1 = box
    rng = dice("hand", still.seed, rows, box)
    strokes: list[list[tuple[float, float]]] = []
    end = (x0, y0)
    span = (x1 - x0) / rows if upright else (y1 - y0) / rows
    for row in range(rows):
        length = (y1 - y0) if upright else (x1 - x0)
        stop = length * (float(rng.uniform(0.8, 1.0)) if row < rows - 1 else float(rng.uniform(0.35, 0.6)))
        at = 0.0
        while at < stop:
            word = float(rng.uniform(0.5, 1.0)) * span if upright else float(rng.uniform(0.8, 2.4)) * span
            strokes += _word(rng, at, word, span, (x0, y0, x1), row, upright)
            at += word + span * (0.16 if upright else 0.5)
        end = (x1 - (row + 0.5) * span, y0 + stop) if upright else (x0 + stop, y0 + (row + 0.5) * span)
    shapes = [_thin(stroke, width * float(rng.uniform(0.6, 1.1))) for stroke in strokes if len(stroke) > 1]
    sheet.tint(sheet.region(shapes, 0.5), ink, 0.9)
    return end


def _word(
    rng: np.random.Generator,
    at: float,
    word: float,
    span: float,
    origin: tuple[float, float, float],
    row: int,
    upright: bool,
) -> list[list[tuple[float, float]]]:
    """One word as loops along the line, or one character as a few crossed strokes."""
    x0, y0, x1 = origin
    if not upright:
        base = y0 + (row + 0.62) * span
        t = np.linspace(0, 1, max(8, int(word / span * 16)))
        loops = word / span * float(rng.uniform(2.2, 2.8))
        phase, tall = float(rng.uniform(0, 6.28)), 0.13 * span
        swell = 1 + 1.4 * np.exp(-(((t - float(rng.uniform(0, 1))) / 0.12) ** 2))
        xs = x0 + at + word * t + 0.1 * span * np.sin(2 * np.pi * loops * t + phase)
        ys = base - tall * swell * (0.6 + np.cos(2 * np.pi * loops * t + phase))
        return [[(float(a), float(b)) for a, b in zip(xs, ys, strict=True)]]
    cx, cy = x1 - (row + 0.5) * span, y0 + at + word / 2
    half = min(span * 0.32, word * 0.46)
    out = []
    for _ in range(int(rng.integers(3, 6))):
        dx, dy = float(rng.uniform(-0.3, 0.3)) * half, float(rng.uniform(-0.8, 0.8)) * half
        if rng.random() < 0.55:
            out.append(
                [(cx - half + dx * 0.3, cy + dy + half * 0.08), (cx, cy + dy), (cx + half * 0.9, cy + dy - half * 0.12)]
            )
        else:
            out.append([(cx + dx, cy - half), (cx + dx * 0.6, cy), (cx + dx - half * 0.3, cy + half)])
    return out


def _thin(points: list[tuple[float, float]], width: float) -> list[tuple[float, float]]:
    line = curve(points, closed=False, steps=4)
    return ribbon(line, [width * 0.5, width, width * 0.7, width, width * 0.3])


PAPER = hexa("ece2cc")
INK = (0.07, 0.07, 0.1)


def sheet_of_paper(still: Still, corners: list[tuple[float, float]], tone: Rgb = PAPER) -> None:
    """A sheet lying flat, a little uneven."""
    lies(
        still,
        sum(c[0] for c in corners) / 4,
        sum(c[1] for c in corners) / 4,
        abs(corners[1][0] - corners[0][0]),
        abs(corners[2][1] - corners[1][1]),
        0.4,
    )
    still.relief.body(corners, tone, smooth=False, roundness=16, steep=0.25, shadow=0.2)
    region = still.relief.region([corners])
    if region is not None:
        mottled = cover(tile(5, 5, 5, 241), region.mask.shape, 1.4)
        still.relief.tint(region, mix(tone, hexa("b89a6a"), 0.6), np.clip(mottled - 0.45, 0, 1) * 0.6)
