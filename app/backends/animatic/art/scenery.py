"""Skies, clouds, water and hills: what most places are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from app.backends.animatic.art.brush import Region, Sheet, circle, smoothstep
from app.backends.animatic.art.colour import Array, Rgb, dice, mix, times
from app.backends.animatic.art.noise import cover, ridge_line, sample, tile
from app.backends.animatic.art.palette import Palette
from app.backends.animatic.art.relief import Light
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer, ParticleField

MARGIN_X, MARGIN_Y = 150.0, 190.0
"""How far an opaque backdrop runs beyond the frame, so that the camera may move."""


@dataclass(frozen=True, slots=True)
class View:
    """How a place is looked at.

    ``horizon`` is its row in the frame; ``res`` the pixels drawn per frame pixel; ``wide`` says that the whole place
    shows (else only what stands behind a near figure matters); ``flags`` carry what the words change about the place.
    """

    palette: Palette
    seed: int
    horizon: float
    res: float = 0.667
    wide: bool = True
    weather: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    def night(self) -> bool:
        """Whether it is dark outside."""
        return self.palette.hour == "night"


@dataclass(slots=True)
class Scenery:
    """A place, drawn: what is behind the figures and before them, where they stand, and their light."""

    back: list[Layer]
    light: Light
    ground: float
    front: list[Layer] = field(default_factory=list)
    particles: list[ParticleField] = field(default_factory=list)
    shade: Rgb = (0.0, 0.0, 0.0)
    water: bool = False


def backdrop(view: View, ground: Rgb = (0, 0, 0)) -> Sheet:
    """An opaque sheet larger than the frame on every side."""
    return Sheet(-MARGIN_X, -MARGIN_Y, FRAME_WIDTH + 2 * MARGIN_X, FRAME_HEIGHT + 2 * MARGIN_Y, view.res, ground)


def overlay(view: View, top: float, bottom: float = FRAME_HEIGHT + MARGIN_Y, extra: float = 60.0) -> Sheet:
    """A transparent sheet as wide as a backdrop (and ``extra`` more), from one row of the frame to another."""
    left = -MARGIN_X - extra
    return Sheet(left, top, FRAME_WIDTH - 2 * left, bottom - top, view.res)


def gradient(sheet: Sheet, stops: list[tuple[float, Rgb]]) -> None:
    """Fill an opaque sheet with a vertical gradient through (row, colour) stops."""
    rows = [row for row, _ in stops]
    ys = sheet.ys()
    column = np.stack([np.interp(ys, rows, [colour[c] for _, colour in stops]) for c in range(3)], -1)
    sheet.rgb[:] = column[:, None, :].astype(np.float32)


def sky(view: View, sheet: Sheet, *, disc: bool = True, clouds: float = 0.6) -> None:
    """Paint the whole sky: gradient, stars, sun or moon with its glow, clouds."""
    p, h = view.palette, view.horizon
    top = min(-MARGIN_Y, h - 1500)
    gradient(
        sheet,
        [
            (top, p.sky[0]),
            (h - (h - top) * 0.52, p.sky[1]),
            (h - (h - top) * 0.2, p.sky[2]),
            (h, p.sky[3]),
            (h + 400, p.haze),
        ],
    )
    if p.stars > 0:
        stars(view, sheet)
    x, y = FRAME_WIDTH * p.sun[0], h - p.sun[1] * 1300
    sheet.glow(x, y, 900, p.glow, 0.16)
    sheet.glow(x, y, 330, p.glow, 0.26)
    storm = "storm" in view.weather or "rain" in view.weather
    if disc and not storm:
        moon = p.hour == "night"
        radius = 46 if moon else 62
        sheet.glow(x, y, radius * 2.4, p.glow, 0.42)
        sheet.shape(circle(x, y, radius), times(p.disc, 1.0 if moon else 1.6), 0.97, 2.5)
        if moon:
            sheet.shape(circle(x - 14, y - 8, 13, 10), times(p.disc, 0.8), 0.5, 5)
            sheet.shape(circle(x + 16, y + 12, 17, 12), times(p.disc, 0.8), 0.45, 6)
    if clouds > 0:
        cloud_bank(view, sheet, min(1.0, clouds + (0.4 if storm else 0.0)))


def stars(view: View, sheet: Sheet) -> None:
    """Stars, thinner towards the horizon."""
    rng = dice("stars", view.seed)
    count = int(260 * view.palette.stars)
    for x, y, size in zip(
        rng.uniform(-150, 1230, count), rng.uniform(-190, view.horizon * 0.8, count), rng.random(count), strict=True
    ):
        column, row = int((x - sheet.left) * sheet.scale), int((y - sheet.top) * sheet.scale)
        if 0 <= row < sheet.h - 1 and 0 <= column < sheet.w - 1:
            fade = 1 - max(0.0, y) / max(1.0, view.horizon)
            sheet.rgb[row, column] += (0.25 + 0.75 * size**3) * 0.8 * fade
            if size > 0.93:
                sheet.rgb[row : row + 2, column : column + 2] += 0.3 * fade


def cloud_bank(view: View, sheet: Sheet, amount: float) -> None:
    """Layered clouds: flatter and closer together towards the horizon, lit from the sun's side, shaded below."""
    p = view.palette
    ys, xs = sheet.ys(), sheet.xs()
    rows = np.flatnonzero(ys < view.horizon)
    if not len(rows):
        return
    y = ys[rows][:, None]
    height = np.maximum(view.horizon - y, 4.0) / 1300
    depth = 1 / (height + 0.16)
    u = np.broadcast_to((xs[None, :] - 540) / 1080 * depth * 95 + view.seed % 512, (len(rows), len(xs)))
    v = np.broadcast_to(depth * 88 + view.seed % 311, u.shape)
    texture = tile(4, 3, 5, 31)
    body, offset = sample(texture, u, v), sample(texture, u - 5.0 * (1 if p.sun[0] > 0.5 else -1), v + 5.0)
    threshold = 0.62 - 0.34 * amount
    mask = smoothstep(threshold, threshold + 0.22, body)
    x0, y0 = FRAME_WIDTH * p.sun[0], view.horizon - p.sun[1] * 1300
    mask *= 1 - 0.72 * np.exp(-(((xs[None, :] - x0) / 150) ** 2) - ((y - y0) / 150) ** 2)
    mask *= np.clip(height * 9, 0, 1) * np.clip((1.25 - height) * 2.2, 0.25, 1)
    lit = np.clip((body - offset) * 5.5 + 0.62 - (body - threshold) * 0.6, 0, 1)
    colour = (
        np.asarray(p.cloud_shade, np.float32) * (1 - lit[..., None]) + np.asarray(p.cloud, np.float32) * lit[..., None]
    )
    m = (mask * (0.5 + 0.42 * amount))[..., None]
    sheet.rgb[rows[0] : rows[-1] + 1] = sheet.rgb[rows[0] : rows[-1] + 1] * (1 - m) + colour * m


def haze(sheet: Sheet, row: float, spread: float, colour: Rgb, strength: float) -> None:
    """A band of haze about a row, on what is painted."""
    band = np.exp(-(((sheet.ys() - row) / spread) ** 2))[:, None] * strength
    region = Region(0, sheet.h, 0, sheet.w, np.broadcast_to(band, (sheet.h, sheet.w)).astype(np.float32))
    sheet.tint(region, colour)


@dataclass(frozen=True, slots=True)
class Range:
    """The shape of a range of hills or rocks: ``bumps`` peaks, ``sharp`` or rounded, ``rough`` faces.

    ``envelope`` scales its height along (position 0 to 1 across the sheet, height 0 to 1) points; ``fade`` melts its
    foot into the haze; ``grain`` enlarges its stone.
    """

    bumps: float = 3.0
    octaves: int = 6
    sharp: float = 1.4
    rough: float = 0.5
    envelope: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0))
    bottom: float | None = None
    fade: float = 0.0
    grain: float = 1.0


def hills(
    view: View, sheet: Sheet, base: float, height: float, colour: Rgb, seed: int, shape: Range | None = None
) -> Array:
    """A range of hills or rocks with its own relief, lit from the sun's side; returns its skyline (frame rows)."""
    shape = shape or Range()
    line = ridge_line(sheet.w, 0.0, height, number(view, seed), shape.bumps, shape.octaves, shape.sharp)
    along, share = [x for x, _ in shape.envelope], [y for _, y in shape.envelope]
    line = base + line * np.interp(np.linspace(0, 1, sheet.w), along, share).astype(np.float32)
    ys = sheet.ys()[:, None]
    mask = np.clip((ys - line[None, :]) * sheet.scale + 0.5, 0, 1)
    if shape.bottom is not None:
        mask *= np.clip((shape.bottom - ys) / 40, 0, 1)
    rows = np.flatnonzero(mask.max(1) > 0)
    if not len(rows):
        return line
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    shade = _faces(view, sheet, line, ys[y0:y1], seed, shape)
    depth = np.clip((ys[y0:y1] - line[None, :]) / max(height, 60.0), 0, 1.6)
    lit, dark = mix(colour, times(view.palette.light.key, 1.0), 0.3), times(colour, 0.4)
    ink = np.asarray(dark, np.float32) * (1 - shade[..., None]) + np.asarray(lit, np.float32) * shade[..., None]
    ink *= (1.06 - 0.34 * np.minimum(depth, 1.0))[..., None]
    if shape.fade > 0:
        melt = (np.clip(depth / 1.2, 0, 1) * shape.fade)[..., None]
        ink = ink * (1 - melt) + np.asarray(view.palette.haze, np.float32) * melt
    sheet.paint(Region(y0, y1, 0, sheet.w, mask[y0:y1].astype(np.float32)), ink)
    return line


def _faces(view: View, sheet: Sheet, line: Array, ys: Array, seed: int, shape: Range) -> Array:
    """How lit each point of a hillside is: big faces that follow the skyline, and broken stone on them."""
    size = (ys.shape[0], sheet.w)
    zoom = 1.5 * shape.grain * sheet.scale / 0.667
    big = cover(tile(4, 4, 3, 41 + seed % 5), size, zoom * 1.6, 0.9, (seed * 37 % 512, seed * 91 % 512))
    ridged = 1 - np.abs(
        2 * cover(tile(5, 5, 6, 45 + seed % 3, gain=0.6), size, zoom, 0.8, (seed * 53 % 512, seed * 19 % 512)) - 1
    )
    height = big * 1.1 + ridged * 0.55
    gy, gx = np.gradient(cv2.GaussianBlur(height, (0, 0), 0.9))
    side = 1 if view.palette.light.side > 0 else -1
    lean = -np.gradient(cv2.GaussianBlur(line.reshape(1, -1), (0, 0), 6).ravel()) * side * -0.22
    fall = np.exp(-np.clip(ys - line[None, :], 0, None) / 160)
    face = 0.46 + (-gx * side * 0.8 - gy * 0.9) * 24 * shape.rough + lean[None, :] * fall
    lit: Array = smoothstep(-0.05, 1.05, face).astype(np.float32)
    return lit


def number(view: View, salt: int) -> int:
    """A seed of the place and a salt."""
    return (view.seed * 1009 + salt * 7919) % 2**31


def water(view: View, sheet: Sheet, *, rough: float = 0.5, foam: float = 0.5, top: float | None = None) -> None:
    """The sea's plane in perspective: waves that shrink to the horizon, sky in them, foam near, the sun's road."""
    p, h = view.palette, view.horizon if top is None else top
    ys, xs = sheet.ys(), sheet.xs()
    rows = np.flatnonzero(ys > h)
    if not len(rows):
        return
    d = ((ys[rows] - h) / 1060)[:, None] + 0.006
    z = 1 / d
    u = (xs[None, :] - 540) / 1080 * np.minimum(z, 60)
    first = sample(tile(9, 4, 4, 51), u * 92 + view.seed % 400, np.broadcast_to(z * 150, u.shape))
    second = sample(tile(14, 7, 4, 57), u * 210 + 77, np.broadcast_to(z * 330 + 130, u.shape))
    height = first * 0.64 + second * 0.36
    slope = np.gradient(height, axis=0)
    slope /= np.maximum(slope.std(axis=1, keepdims=True), 1e-5) * 2.2
    shade = np.clip(0.5 + slope * (0.35 + 0.4 * rough), 0, 1)
    near = np.clip(d * 1.15, 0, 1) ** 0.7
    deep = _three(p.water, near)
    sheen = np.asarray(mix(p.sky[3], p.sky[2], 0.35), np.float32)
    k = (shade * (0.68 - 0.4 * near))[..., None]
    ink = deep * (0.72 + 0.36 * shade[..., None]) * (1 - k) + sheen * k
    road = _road(view, xs, d, shade)
    ink += road[..., None] * np.asarray(p.glow, np.float32)
    crest = (
        smoothstep(0.66, 0.86, height + (rough - 0.5) * 0.24) * smoothstep(0.4, 0.75, shade) * np.clip(d * 2.6, 0, 1)
    )
    flecks = smoothstep(0.45, 0.7, second)
    white = (crest * flecks * foam)[..., None]
    ink = ink * (1 - white) + np.asarray(surf(view), np.float32) * white
    melt = np.exp(-d * 26)[..., None] * 0.75
    sheet.rgb[rows[0] : rows[-1] + 1] = ink * (1 - melt) + np.asarray(p.sky[3], np.float32) * melt


def surf(view: View) -> Rgb:
    """The colour of foam in this light."""
    p = view.palette
    return mix(mix(p.cloud, p.haze, 0.3), (1, 1, 1), 0.35 if "storm" in view.weather else 0.15)


def _three(colours: tuple[Rgb, Rgb, Rgb], t: Array) -> Array:
    planes = [np.interp(t, (0, 0.4, 1), [c[i] for c in colours]) for i in range(3)]
    return np.stack(planes, -1).astype(np.float32)


def _road(view: View, xs: Array, d: Array, shade: Array) -> Array:
    """The glitter below the sun or moon."""
    p = view.palette
    if p.sun[1] > 0.7 or {"storm", "rain", "fog"} & view.weather:
        return np.zeros(shade.shape, np.float32)
    x = FRAME_WIDTH * p.sun[0]
    width = 60 + 330 * d
    lane = np.exp(-(((xs[None, :] - x) / width) ** 2))
    strength = {"day": 0.35, "dawn": 0.6, "dusk": 0.9, "night": 0.55}[p.hour]
    glitter: Array = lane * (smoothstep(0.55, 0.95, shade) * 1.1 + 0.16) * strength * np.clip(1.25 - d * 0.6, 0.25, 1)
    return glitter


def wave(
    view: View,
    crest: float,
    height: float,
    seed: int,
    *,
    depth: float,
    tall: float = 420.0,
    foam: float = 0.6,
    dark: float = 0.0,
) -> Layer:
    """One near wave as a layer that may drift for ever: its left and right edges meet."""
    sheet = Sheet(540 - 810, crest - height * 1.6, 1620, tall, view.res)
    p = view.palette
    rng = dice("wave", view.seed, seed)
    below = sheet.ys()[:, None] - (crest - _swell(sheet.w, rng) * height * 0.5)[None, :]
    deep = np.clip(below, 0, None)
    t = np.clip(below / (tall * 0.75), 0, 1)
    shape, zoom = (sheet.h, sheet.w), sheet.w / 512
    texture = cover(tile(9, 5, 4, 61), shape, zoom / 4, 4.0, (seed * 53 % 512, seed * 29 % 512))
    slope = np.gradient(cv2.GaussianBlur(texture, (0, 0), 1.2), axis=0) * 14
    top = np.asarray(times(mix(p.water[1], p.water[0], 0.55), 1.0 - dark), np.float32)
    bottom = np.asarray(times(p.water[2], 1.0 - dark * 0.6), np.float32)
    gleam = (smoothstep(0.05, 0.75, slope) * (0.5 - 0.38 * t))[..., None]
    ink = (top * (1 - t[..., None] ** 0.6) + bottom * t[..., None] ** 0.6) * (1 - gleam)
    ink *= (1 + np.clip(slope, -0.7, 0.5) * 0.42)[..., None]
    ink += np.asarray(mix(p.sky[3], p.water[0], 0.45), np.float32) * gleam
    rim = np.exp(-deep / (height * 0.16)) * 0.28
    ink += rim[..., None] * np.asarray(mix(p.sky[3], p.water[0], 0.4), np.float32)
    broken = smoothstep(0.42, 0.66, cover(tile(8, 6, 5, 67), shape, zoom / 2, 1.0, (seed * 17 % 512, 0)))
    lace = smoothstep(0.6, 0.8, texture) * np.exp(-deep / (height * 1.1)) * 0.75
    crust = np.exp(-((deep / (height * 0.24)) ** 1.3)) * broken * 1.25
    white = (np.clip(crust + lace, 0, 1) * foam)[..., None]
    ink = ink * (1 - white) + np.asarray(surf(view), np.float32) * white
    mask = np.clip(below * sheet.scale + 0.5, 0, 1).astype(np.float32)
    sheet.paint(Region(0, sheet.h, 0, sheet.w, mask), ink)
    speed = float(rng.uniform(14, 30)) * (1 if seed % 2 else -1) * depth
    return sheet.layer(depth, sway=5 + 5 * depth, drift=speed, tile=True)


def _swell(width: int, rng: np.random.Generator) -> Array:
    """The outline of a wave as wide as its sheet, about -1 to 1, that repeats."""
    x = np.linspace(0, 2 * np.pi, width, endpoint=False, dtype=np.float32)
    line: Array = np.zeros(width, np.float32)
    for k, weight in ((2, 1.0), (4, 0.55), (7, 0.3), (12, 0.16), (23, 0.07)):
        line += weight * (1 - np.abs(np.sin(x * k / 2 + float(rng.uniform(0, 6.28))))) ** 1.25
    swell: Array = (line - line.mean()) / np.ptp(line) * 2
    return swell


def ground(
    view: View,
    sheet: Sheet,
    top: float,
    colour: Rgb,
    seed: int,
    *,
    texture: float = 0.35,
    lines: float = 1.0,
    mask: Array | None = None,
) -> None:
    """Paint a plane of ground below ``top``, its grain shrinking with distance, paler far away."""
    plane = _plane(sheet, top, seed, lines)
    if plane is None:
        return
    rows, d, slope, grain = plane
    shade = 1 + texture * (np.clip(slope, -1, 1) * 0.55 + (grain - 0.5) * 0.9)
    near = np.clip(d / 1.0, 0, 1)[..., None]
    far = np.asarray(mix(colour, view.palette.haze, 0.45), np.float32)
    ink = (far * (1 - near**0.6) + np.asarray(times(colour, 0.72), np.float32) * near**0.6) * shade[..., None]
    area = np.ones(shade.shape, np.float32) if mask is None else mask[rows].astype(np.float32)
    sheet.paint(Region(rows.start, rows.stop, 0, sheet.w, area), ink)


def roughen(sheet: Sheet, top: float, seed: int, strength: float = 0.4, lines: float = 1.0) -> None:
    """Give a painted floor below ``top`` the grain of asphalt, boards or stone, in perspective."""
    plane = _plane(sheet, top, seed, lines)
    if plane is None:
        return
    rows, d, slope, grain = plane
    shade = 1 + strength * np.clip(d * 6, 0, 1) * (np.clip(slope, -1, 1) * 0.5 + (grain - 0.5) * 0.7)
    sheet.rgb[rows] *= shade[..., None].astype(np.float32)


def _plane(sheet: Sheet, top: float, seed: int, lines: float) -> tuple[slice, Array, Array, Array] | None:
    """Rows of a level plane, their nearness (0 to about 1), and its grain with the grain's slope."""
    ys, xs = sheet.ys(), sheet.xs()
    below = np.flatnonzero(ys > top - 60)
    if not len(below):
        return None
    rows = slice(int(below[0]), int(below[-1]) + 1)
    d = np.maximum((ys[rows] - top) / 1060, 0.0)[:, None] + 0.03
    z = 1 / d
    u = (xs[None, :] - 540) / 1080 * z
    grain = sample(tile(6, 6, 6, 71 + seed % 3), u * 160 * lines + seed * 31 % 512, np.broadcast_to(z * 120, u.shape))
    slope = np.gradient(grain, axis=0)
    slope /= np.maximum(slope.std(axis=1, keepdims=True), 1e-5) * 3
    return rows, d, slope, grain
