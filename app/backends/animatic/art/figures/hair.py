"""Hair: masses, strands, buns and hats about a turned head. Units are half heads; the head's centre is the origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.backends.animatic.art.brush import Point, Points, Region, circle, curve, marks, ribbon, within
from app.backends.animatic.art.colour import Array, Rgb, dice, mix, times
from app.backends.animatic.art.figures.skull import Bust, Skull, Turn, spot
from app.backends.animatic.art.relief import Relief

HAIRLINES: dict[str, Sequence[Point]] = {
    "centre": marks(
        "-0.66 0.16, -0.6 -0.12, -0.52 -0.38, -0.3 -0.58, 0 -0.68, 0.3 -0.58, 0.52 -0.38, 0.6 -0.12, 0.66 0.16"
    ),
    "side": marks(
        "-0.66 0.16, -0.6 -0.1, -0.55 -0.34, -0.36 -0.5, 0 -0.55, 0.34 -0.6, 0.54 -0.4, 0.6 -0.12,  0.66 0.16"
    ),
    "high": marks("-0.66 0.1, -0.6 -0.2, -0.54 -0.5, -0.34 -0.66, 0 -0.64, 0.34 -0.66, 0.54 -0.5, 0.6 -0.2,  0.66 0.1"),
    "bald": marks("-0.67 0.1, -0.66 -0.1, -0.67 -0.3, -0.6 -0.8, 0 -1.1, 0.6 -0.8, 0.67 -0.3, 0.66 -0.1,  0.67 0.1"),
}


@dataclass(frozen=True, slots=True)
class HairStyle:
    """One hair style: its hairline, how thick it lies, how far down the neck it goes, and what else it wears."""

    hairline: str = "centre"
    thick: float = 0.1
    nape: float = 0.55
    length: float = 0.0
    spread: float = 1.0
    wave: float = 0.0
    fringe: str = ""
    locks: float = 0.0
    bun: str = ""
    beard: float = 0.0


@dataclass(slots=True)
class Barber:
    """Everything needed to dress one head."""

    relief: Relief
    skull: Skull
    turn: Turn
    head: Bust
    style: HairStyle
    colour: Rgb
    seed: int
    wind: float = 0.0
    back_view: bool = False

    def at(self, x: float, y: float, lift: float = 0.0) -> Point:
        """Where a place of the face appears."""
        return spot(self.skull, x, y, self.turn, lift)

    @property
    def lean(self) -> float:
        """How far the back of the head shifts against the turn."""
        return -float(np.sin(np.radians(self.turn.yaw))) * 0.32

    def ink(self, light: float = 0.0) -> Rgb:
        """The hair's colour, darker or lighter."""
        return times(self.colour, 1 + light) if light < 0 else mix(self.colour, (0.75, 0.68, 0.62), light)


def strands(barber: Barber, region: Region | None, guides: Sequence[Points], count: int, width: float = 0.02) -> None:
    """Comb light and dark strands between the guides, inside a region already painted as hair."""
    if region is None or len(guides) < 2:
        return
    relief = barber.relief
    rng = dice("strands", barber.seed, count)
    lines = [np.asarray(curve(g, closed=False, steps=7)) for g in guides]
    steps = min(len(line) for line in lines)
    stack = np.stack([line[np.linspace(0, len(line) - 1, steps).round().astype(int)] for line in lines])
    for light, opacity in ((-0.55, 0.55), (0.16, 0.42), (0.34, 0.22)):
        mask = np.zeros(region.mask.shape, np.uint8)
        for _ in range(count):
            position = rng.uniform(0, len(lines) - 1.001)
            i, f = int(position), position % 1
            line = stack[i] * (1 - f) + stack[i + 1] * f
            start = rng.uniform(0, 0.35)
            line = line[int(start * steps) : int((start + rng.uniform(0.4, 0.65)) * steps) + 2]
            points = ((line - (relief.left, relief.top)) * relief.scale - (region.x0, region.y0)) * 16
            thick = max(1, round(width * relief.scale * rng.uniform(0.4, 1.0)))
            cv2.polylines(mask, [points.round().astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(0.5, width * relief.scale * 0.25))
        relief.tint(Region(region.y0, region.y1, region.x0, region.x1, soft * region.mask), barber.ink(light), opacity)


def back_hair(barber: Barber) -> None:
    """What hangs behind the head and shoulders; painted before the body."""
    style = barber.style
    if style.bun == "low":
        _ball(barber, barber.lean * 2.7, 0.42, 0.36, 0.34, 0.2)
    if style.length <= 0:
        return
    half, fall, lean = 0.82 * style.spread, style.length, barber.lean
    sweep = barber.wind * fall * 0.28
    wave = style.wave * 0.14
    shape = [(0.61, -0.85, 0.0), (0.95, -0.2, 0.0), (1.0 + wave, 0.5, 0.0), (1.05, 0.55 + fall * 0.45, 0.3)]
    shape += [(1.1 - wave, 0.75 + fall * 0.78, 0.7), (0.72, 0.98 + fall, 1.0)]
    right = [(lean + half * x + sweep * blown, y) for x, y, blown in shape]
    left = [(lean - half * x + sweep * blown, y) for x, y, blown in shape]
    outline = [*left, (lean + sweep * 1.05, 1.05 + fall), *reversed(right)]
    region = barber.relief.region([curve(outline)])
    barber.relief.part(region, barber.ink(-0.25), roundness=0.35, gloss=0.05, shadow=0.0)
    guides = []
    for k in np.linspace(-1, 1, 7):
        x = lean + k * half
        guides.append(
            [
                (x * 0.6, -0.9),
                (x, 0.2),
                (x * 1.04 + sweep * 0.35, 1.1 + fall * 0.35 + wave),
                (x * 0.95 + sweep, 1.05 + fall),
            ]
        )
    strands(barber, region, guides, 150, 0.016)


def coat(barber: Barber, region: Region | None, light: float = 0.0, shadow: float = 0.3, gloss: float = 0.1) -> None:
    """Paint hair that follows the skull: its slopes are the head's own, a little larger."""
    if region is None:
        return
    relief = barber.relief
    relief.part(region, barber.ink(light), roundness=0.12, gloss=gloss, shadow=shadow)
    _, normal = _grown(barber, region.window)
    slope = normal[..., :2] / np.maximum(normal[..., 2:3], 0.16)
    target, m = relief.slope[region.window], region.mask[..., None] * 0.88
    target *= 1 - m
    target += slope * m


def _grown(barber: Barber, window: tuple[slice, slice]) -> tuple[Array, Array]:
    """Cover and normals of the head enlarged by the hair's thickness, over a window of the relief."""
    head, relief = barber.head, barber.relief
    k = head.unit / (1 + barber.style.thick * 1.25)
    rise = 0.03 + 0.35 * barber.style.thick
    xs = (relief.xs()[window[1]] * k + head.origin[0]).astype(np.float32)
    ys = ((relief.ys()[window[0]] + rise - 0.03) * k + head.origin[1]).astype(np.float32)
    maps = np.broadcast_to(xs, (len(ys), len(xs))).copy(), np.broadcast_to(ys[:, None], (len(ys), len(xs))).copy()
    cover = cv2.remap(head.cover, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return cover, cv2.remap(head.normal, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def cap(barber: Barber) -> None:
    """The hair that lies on the skull, cut by the hairline; painted after the head."""
    relief = barber.relief
    reach = relief.region([circle(0, -0.1, 1.15, 1.35)])
    if reach is None:
        return
    mask, _ = _grown(barber, reach.window)
    region = Region(reach.y0, reach.y1, reach.x0, reach.x1, mask)
    if not barber.back_view:
        window = relief.region([_window(barber)], 0.014)
        if window is not None:
            inner = within(window, Region(reach.y0, reach.y1, reach.x0, reach.x1, np.ones_like(mask)))
            if inner is not None:
                mask[inner.y0 - reach.y0 : inner.y1 - reach.y0, inner.x0 - reach.x0 : inner.x1 - reach.x0] *= (
                    1 - inner.mask
                )
    mask *= _above_nape(barber, relief.ys()[reach.y0 : reach.y1], relief.xs()[reach.x0 : reach.x1])
    coat(barber, region, shadow=0.4)
    strands(barber, region, _combing(barber), 150 if barber.head.unit > 120 else 60, 0.015)


def _above_nape(barber: Barber, ys: Array, xs: Array) -> Array:
    """1 above the hair's lower edge: at the sideburns in front of the ear, at the nape behind it."""
    style = barber.style
    if barber.back_view or style.nape >= 0.5:
        low = np.full(len(xs), style.nape, np.float32)
    else:
        yaw = float(np.radians(barber.turn.yaw))
        ear = 0.7 * float(np.cos(yaw)) + 0.04
        near = (np.sign(xs) == -np.sign(yaw)) | (abs(yaw) < 0.15)
        behind = np.clip((np.abs(xs) - ear) / 0.08, 0, 1) * near * (abs(yaw) > 0.15)
        low = (np.where(near | (np.abs(xs) < 0.3), 0.14, -0.16) + behind * (style.nape - 0.1)).astype(np.float32)
    above: Array = np.clip((low[None, :] - ys[:, None]) / 0.1, 0, 1)
    return above


def _window(barber: Barber) -> list[Point]:
    """The part of the head that the hair leaves free: inside the hairline, down past the chin."""
    line = [barber.at(x, y, 0.01) for x, y in HAIRLINES[barber.style.hairline]]
    smooth = curve(line, closed=False)
    (left_x, left_y), (right_x, right_y) = smooth[0], smooth[-1]
    below = [
        (right_x - 0.02, right_y + 0.35),
        (right_x - 0.25, 1.3),
        (left_x + 0.25, 1.3),
        (left_x + 0.02, left_y + 0.35),
    ]
    return [*smooth, *below]


def _combing(barber: Barber) -> list[list[Point]]:
    """Guides from the crown (or the parting) down to the sides."""
    lean = barber.lean
    top = (lean * 0.6, -1.0 - barber.style.thick)
    line = HAIRLINES[barber.style.hairline]
    guides = []
    for x, y in [(-1.05, 0.5), *line, (1.05, 0.5)]:
        end = barber.at(min(0.66, max(-0.66, x)), y, 0.05) if abs(x) < 1 else (x * 0.75 + lean, y)
        middle = (top[0] * 0.35 + end[0] * 0.75, top[1] * 0.55 + end[1] * 0.45 - 0.05)
        guides.append([top, middle, end])
    return guides


def lock(barber: Barber, points: Points, widths: Sequence[float], light: float = 0.0) -> None:
    """One free lock with its own strands."""
    line = curve(points, closed=False)
    region = barber.relief.region([ribbon(line, widths)])
    barber.relief.part(region, barber.ink(light), roundness=max(widths) * 0.9, gloss=0.08, shadow=0.14, steep=0.3)
    edges = [ribbon(line, [w * k for w in widths])[: len(line)] for k in (-0.9, -0.3, 0.3, 0.9)]
    strands(barber, region, [e[:: max(1, len(e) // 6)] for e in edges], 12, 0.01)


def front_hair(barber: Barber) -> None:
    """Fringe, side locks and buns; painted last."""
    style = barber.style
    if style.fringe:
        _fringe(barber, FRINGES[style.fringe])
    if style.locks > 0:
        for side in (-1, 1):
            root = barber.at(side * 0.56, -0.42, 0.07)
            ex, _ = barber.at(side * 0.66, 0.4, 0.06)
            sway = barber.wind * style.locks * 0.4
            middle = (ex + side * 0.05 + sway * 0.3, 0.5)
            path = [root, (ex + side * 0.02, -0.04), middle, (ex - side * 0.02 + sway, 0.45 + style.locks)]
            lock(barber, path, [0.0, 0.08, 0.1, 0.09, 0.05, 0.0])
    beard(barber)
    if style.bun in BUNS:
        BUNS[style.bun](barber)


FRINGES: dict[str, tuple[Sequence[Point], Sequence[Point]]] = {
    "straight": (
        marks("-0.56 -0.4, -0.42 -0.72, 0 -0.84, 0.42 -0.72, 0.56 -0.4"),
        marks(
            "0.57 -0.06, 0.5 -0.24, 0.43 -0.2, 0.36 -0.27, 0.26 -0.21, 0.17 -0.28, 0.06 -0.21, "
            "-0.04 "
            "-0.28, -0.14 -0.22, -0.25 -0.29, -0.33 -0.22, -0.43 -0.28, -0.5 -0.2, -0.58 -0.08"
        ),
    ),
    "side": (
        marks("-0.57 -0.3, -0.5 -0.66, -0.25 -0.86, 0.25 -0.82, 0.52 -0.6, 0.62 -0.1"),
        marks(
            "0.6 0.02, 0.54 -0.2, 0.46 -0.32, 0.37 -0.36, 0.28 -0.44, 0.12 -0.5, -0.06 -0.58, "
            "-0.25 "
            "-0.66, -0.36 -0.52, -0.44 -0.47, -0.52 -0.32, -0.58 -0.12"
        ),
    ),
    "loose": (
        marks("-0.58 -0.2, -0.52 -0.6, -0.26 -0.8, 0 -0.82, 0.26 -0.8, 0.52 -0.6, 0.6 -0.2"),
        marks(
            "0.56 0.14, 0.53 -0.14, 0.45 -0.32, 0.3 -0.46, 0.1 -0.62, 0 -0.7, -0.1 -0.62, -0.3 -0.44, "
            " "
            "-0.44 -0.3, -0.52 -0.1, -0.54 0.1"
        ),
    ),
    "short": (
        marks("-0.6 -0.26, -0.55 -0.62, -0.28 -0.88, 0.2 -0.88, 0.52 -0.66, 0.6 -0.24"),
        marks(
            "0.58 -0.12, 0.52 -0.34, 0.46 -0.42, 0.36 -0.38, 0.24 -0.5, 0.14 -0.43, 0 -0.54, "
            "-0.1 "
            "-0.47, -0.24 -0.57, -0.36 -0.5, -0.46 -0.5, -0.54 -0.34, -0.58 -0.14"
        ),
    ),
    "swept": (
        marks("-0.6 -0.24, -0.55 -0.64, -0.28 -0.94, 0.24 -0.94, 0.54 -0.66, 0.6 -0.24"),
        marks("0.58 -0.16, 0.52 -0.42, 0.36 -0.57, 0.1 -0.64, -0.2 -0.68, -0.42 -0.58, -0.53 -0.4, -0.58 -0.16"),
    ),
}


def _fringe(barber: Barber, shape: tuple[Sequence[Point], Sequence[Point]]) -> None:
    """A fringe as one mass with a ragged lower edge, combed from its roots to its tips."""
    roots, tips = shape
    above = curve([barber.at(x, y, 0.1) for x, y in roots], closed=False, steps=6)
    below = curve([barber.at(x, y, 0.05) for x, y in tips], closed=False, steps=5)
    region = barber.relief.region([above + below], 0.008)
    coat(barber, region, 0.0, shadow=0.34)
    ends = below[::-1]
    guides = []
    for t in np.linspace(0, 1, 14):
        start = above[int(t * (len(above) - 1))]
        end = ends[int(t * (len(ends) - 1))]
        start = (start[0] * 0.75 + barber.lean * 0.2, start[1] - 0.06)
        guides.append([start, (start[0] * 0.45 + end[0] * 0.55, start[1] * 0.55 + end[1] * 0.45), end])
    strands(barber, region, guides, 110, 0.012)


def beard(barber: Barber) -> None:
    """A moustache and a beard to its length below the chin, the lips left free."""
    long = barber.style.beard
    if long <= 0 or barber.back_view:
        return
    chin = barber.at(0, 0.95, 0.04)
    tip = (chin[0], chin[1] + long)
    sides = [[barber.at(side * x, y, 0.03) for x, y in ((0.3, 0.7), (0.33, 0.84), (0.22, 0.97))] for side in (-1, 1)]
    spread = 0.16 + 0.1 * long
    low = [
        (tip[0] - spread, chin[1] + long * 0.5),
        (tip[0] - spread * 0.35, tip[1] - 0.06),
        tip,
        (tip[0] + spread * 0.35, tip[1] - 0.06),
        (tip[0] + spread, chin[1] + long * 0.5),
    ]
    inner = [barber.at(x, y, 0.03) for x, y in ((0.2, 0.73), (0.0, 0.725), (-0.2, 0.73))]
    region = barber.relief.region([curve([*sides[0], *low, *reversed(sides[1]), *inner], steps=6)], 0.03)
    barber.relief.part(region, barber.ink(), roundness=0.25, gloss=0.05, shadow=0.28)
    guides = [
        [
            barber.at(x, 0.72, 0.04),
            (barber.at(x, 0.9, 0.05)[0], 0.95),
            (tip[0] + x * 0.45, chin[1] + long * (1 - abs(x) * 0.9)),
        ]
        for x in (-0.32, -0.16, 0.0, 0.16, 0.32)
    ]
    strands(barber, region, guides, 70, 0.01)
    for side in (-1, 1):
        line = [
            barber.at(side * 0.02, 0.515, 0.05),
            barber.at(side * 0.16, 0.53, 0.05),
            barber.at(side * 0.27, 0.66, 0.04),
        ]
        whisker = barber.relief.region([ribbon(curve(line, closed=False), [0.05, 0.085, 0.02])], 0.008)
        barber.relief.part(whisker, barber.ink(), roundness=0.05, shadow=0.2)


def _ball(barber: Barber, x: float, y: float, rx: float, ry: float, behind: float = 0.0) -> None:
    region = barber.relief.region([circle(x, y, rx, ry)])
    barber.relief.part(region, barber.ink(-behind), roundness=min(rx, ry), gloss=0.12, shadow=0.35)
    guides = [
        [(x - rx, y + k * ry), (x, y + k * ry * 1.5 - 0.2 * ry), (x + rx, y + k * ry)] for k in (-0.9, -0.3, 0.3, 0.9)
    ]
    strands(barber, region, guides, 24, 0.014)


def _topknot(barber: Barber) -> None:
    x = barber.lean * 0.5
    _ball(barber, x, -1.2 - barber.style.thick, 0.25, 0.24)


def _high_bun(barber: Barber) -> None:
    x = barber.lean * 0.8
    _ball(barber, x, -1.24 - barber.style.thick, 0.42, 0.34)


def _twin_buns(barber: Barber) -> None:
    for side in (-1, 1):
        _ball(barber, side * 0.6 + barber.lean * 0.7, -0.9 - barber.style.thick, 0.25, 0.24)


BUNS = {"topknot": _topknot, "high": _high_bun, "twin": _twin_buns}
