"""Brushes: smooth shapes, soft masks, strokes and glows on a sheet measured in pixels of the 1080 × 1920 frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from app.backends.animatic.art.colour import Array, Rgb, dice
from app.backends.animatic.layers import Image, Layer

Point = tuple[float, float]
Points = Sequence[Point]
SUBPIXEL = 4
"""Binary digits of sub-pixel position that OpenCV's polygons take."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A vertical gradient over a shape's own height, from ``top`` to ``bottom``."""

    top: Rgb
    bottom: Rgb


Paint = Rgb | Ramp


@dataclass(slots=True)
class Region:
    """A mask (0 to 1) and where its rectangle stands on the sheet."""

    y0: int
    y1: int
    x0: int
    x1: int
    mask: Array

    @property
    def window(self) -> tuple[slice, slice]:
        """The rectangle as slices of the sheet."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


@lru_cache(maxsize=1024)
def _marks(text: str) -> tuple[Point, ...]:
    pairs = (pair.split() for pair in text.split(","))
    return tuple((float(x), float(y)) for x, y in pairs)


def marks(text: str) -> list[Point]:
    """Points written as ``"x y, x y, …"``: how long outlines stay readable."""
    return list(_marks(text))


def within(a: Region | None, b: Region | None) -> Region | None:
    """The part of ``a`` that lies inside ``b``."""
    if a is None or b is None:
        return None
    y0, y1, x0, x1 = max(a.y0, b.y0), min(a.y1, b.y1), max(a.x0, b.x0), min(a.x1, b.x1)
    if y1 <= y0 or x1 <= x0:
        return None
    mask = a.mask[y0 - a.y0 : y1 - a.y0, x0 - a.x0 : x1 - a.x0] * b.mask[y0 - b.y0 : y1 - b.y0, x0 - b.x0 : x1 - b.x0]
    return Region(y0, y1, x0, x1, mask)


def curve(points: Points, *, closed: bool = True, steps: int = 10) -> list[Point]:
    """Pass a smooth Catmull-Rom curve through the points."""
    p = np.asarray(points, np.float64)
    if len(p) < 3:
        return [(float(x), float(y)) for x, y in p]
    ring = np.vstack([p[-1:], p, p[:2]]) if closed else np.vstack([p[:1], p, p[-1:]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    out = []
    for i in range(1, len(ring) - 2):
        a, b, c, d = ring[i - 1], ring[i], ring[i + 1], ring[i + 2]
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    if not closed:
        out.append(ring[-1:])
    return [(float(x), float(y)) for x, y in np.vstack(out)]


def ribbon(points: Points, widths: Sequence[float]) -> list[Point]:
    """The outline of a stroke along ``points`` whose width runs through ``widths`` (any number of them)."""
    p = np.asarray(points, np.float64)
    direction = np.gradient(p, axis=0)
    length = np.hypot(direction[:, 0], direction[:, 1])
    length[length == 0] = 1.0
    normal = np.stack([-direction[:, 1], direction[:, 0]], 1) / length[:, None]
    width = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    side = np.vstack([p + normal * width, (p - normal * width)[::-1]])
    return [(float(x), float(y)) for x, y in side]


def tube(points: Points, widths: Sequence[float]) -> list[list[Point]]:
    """A limb as many small shapes (to be filled together): it may bend sharply, and its ends are round."""
    p = np.asarray(points, np.float64)
    width = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths) / 2
    shapes = []
    for (x0, y0), (x1, y1), r0, r1 in zip(p[:-1], p[1:], width[:-1], width[1:], strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
        nx, ny = -(y1 - y0) / length, (x1 - x0) / length
        shapes.append(
            [
                (x0 + nx * r0, y0 + ny * r0),
                (x1 + nx * r1, y1 + ny * r1),
                (x1 - nx * r1, y1 - ny * r1),
                (x0 - nx * r0, y0 - ny * r0),
            ]
        )
    shapes += [circle(float(x), float(y), float(r), steps=16) for (x, y), r in zip(p, width, strict=True) if r > 0]
    return shapes


def circle(x: float, y: float, rx: float, ry: float | None = None, angle: float = 0.0, steps: int = 48) -> list[Point]:
    """An ellipse as points; ``angle`` in degrees, clockwise."""
    ry = rx if ry is None else ry
    t = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    px, py = rx * np.cos(t), ry * np.sin(t)
    return [(float(x + a * c - b * s), float(y + a * s + b * c)) for a, b in zip(px, py, strict=True)]


def move(points: Points, dx: float, dy: float, scale: float = 1.0, flip: bool = False) -> list[Point]:
    """Scale points about the origin, mirror them left to right if asked, then move them."""
    k = -scale if flip else scale
    return [(x * k + dx, y * scale + dy) for x, y in points]


def turn(points: Points, angle: float, about: Point = (0.0, 0.0)) -> list[Point]:
    """Turn points clockwise by ``angle`` degrees."""
    c, s = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
    ox, oy = about
    return [(ox + (x - ox) * c - (y - oy) * s, oy + (x - ox) * s + (y - oy) * c) for x, y in points]


def smoothstep(low: float, high: float, value: Array) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


class Sheet:
    """A sheet to paint on, premultiplied float32, placed anywhere about the frame.

    ``left``, ``top``, ``width``, ``height`` are frame pixels; ``scale`` is sheet pixels to one frame pixel, so that far
    or soft things cost less. Without a ground it starts transparent.
    """

    def __init__(
        self, left: float, top: float, width: float, height: float, scale: float = 1.0, ground: Rgb | None = None
    ) -> None:
        self.left, self.top, self.scale = left, top, scale
        self.h, self.w = max(2, round(height * scale)), max(2, round(width * scale))
        self.rgb: Array = np.zeros((self.h, self.w, 3), np.float32)
        self.alpha: Array | None = None
        if ground is None:
            self.alpha = np.zeros((self.h, self.w), np.float32)
        else:
            self.rgb[:] = ground

    def xs(self) -> Array:
        """The frame x of each column."""
        return (np.arange(self.w, dtype=np.float32) + 0.5) / self.scale + self.left

    def ys(self) -> Array:
        """The frame y of each row."""
        return (np.arange(self.h, dtype=np.float32) + 0.5) / self.scale + self.top

    def region(self, shapes: Sequence[Points], blur: float = 0.0) -> Region | None:
        """The union of closed shapes (overlaps of one call add up) as a mask, or None when nothing shows."""
        pixels = [(np.asarray(s, np.float64) - (self.left, self.top)) * self.scale - 0.5 for s in shapes if len(s) > 2]
        if not pixels:
            return None
        pad = int(blur * self.scale * 3) + 2
        every = np.vstack(pixels)
        x0, y0 = (int(v) - pad for v in np.floor(every.min(0)))
        x1, y1 = (int(v) + pad + 1 for v in np.ceil(every.max(0)))
        x0, y0, x1, y1 = max(x0, -pad), max(y0, -pad), min(x1, self.w + pad), min(y1, self.h + pad)
        cx0, cy0, cx1, cy1 = max(x0, 0), max(y0, 0), min(x1, self.w), min(y1, self.h)
        if cx1 <= cx0 or cy1 <= cy0:
            return None
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for shape in pixels:
            points = np.round((shape - (x0, y0)) * (1 << SUBPIXEL)).astype(np.int32)
            cv2.fillPoly(mask, [points.reshape(-1, 1, 2)], 255, cv2.LINE_AA, SUBPIXEL)
        soft = mask.astype(np.float32) * np.float32(1 / 255)
        if blur * self.scale > 0.3:
            soft = blurred(soft, blur * self.scale)
        return Region(cy0, cy1, cx0, cx1, soft[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0])

    def paint(self, region: Region | None, paint: Paint | Array, opacity: float | Array = 1.0) -> None:
        """Lay a colour, a ramp or a picture over what is there, through the region's mask."""
        if region is None:
            return
        m = (region.mask * opacity)[..., None]
        colour = self._ink(region, paint)
        target = self.rgb[region.window]
        target *= 1 - m
        target += colour * m
        if self.alpha is not None:
            a = self.alpha[region.window]
            a += (1 - a) * m[..., 0]

    def tint(self, region: Region | None, paint: Paint | Array, opacity: float | Array = 1.0) -> None:
        """Lay a colour only where something is painted already (it never grows the shape)."""
        if region is None:
            return
        m = (region.mask * opacity)[..., None]
        target = self.rgb[region.window]
        colour = self._ink(region, paint)
        if self.alpha is not None:
            colour = colour * self.alpha[region.window][..., None]
        target *= 1 - m
        target += colour * m

    def shine(self, region: Region | None, colour: Rgb, strength: float | Array = 1.0, *, inside: bool = True) -> None:
        """Add light through the region's mask, on a transparent sheet only where something is painted."""
        if region is None:
            return
        m = region.mask * strength
        if self.alpha is not None and inside:
            m = m * self.alpha[region.window]
        self.rgb[region.window] += m[..., None] * np.asarray(colour, np.float32)

    def _ink(self, region: Region, paint: Paint | Array) -> Array:
        if isinstance(paint, Ramp):
            t = np.linspace(0, 1, region.y1 - region.y0, dtype=np.float32)[:, None, None]
            return np.asarray(paint.top, np.float32) * (1 - t) + np.asarray(paint.bottom, np.float32) * t
        return np.asarray(paint, np.float32)

    def shape(self, points: Points, paint: Paint, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Fill one closed shape."""
        self.paint(self.region([points], blur), paint, opacity)

    def smooth(self, points: Points, paint: Paint, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Fill the smooth closed curve through the points."""
        self.shape(curve(points), paint, opacity, blur)

    def stroke(
        self, points: Points, widths: Sequence[float] | float, paint: Paint, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        """Draw a smooth line whose width runs through ``widths``."""
        runs = [widths] if isinstance(widths, int | float) else list(widths)
        self.shape(ribbon(curve(points, closed=False), runs), paint, opacity, blur)

    def glow(self, x: float, y: float, radius: float, colour: Rgb, strength: float = 1.0, flat: float = 1.0) -> None:
        """Add a soft light about a point (and alpha, on a transparent sheet); ``flat`` < 1 squeezes it vertically."""
        reach = radius * 2.2
        x0, x1 = self._span(x - reach, x + reach, self.left, self.w)
        y0, y1 = self._span(y - reach * flat, y + reach * flat, self.top, self.h)
        if x1 <= x0 or y1 <= y0:
            return
        dx = (self.xs()[x0:x1] - x) / radius
        dy = (self.ys()[y0:y1] - y) / (radius * flat)
        falloff = np.exp(-1.6 * (dx[None, :] ** 2 + dy[:, None] ** 2)) * strength
        self.rgb[y0:y1, x0:x1] += falloff[..., None] * np.asarray(colour, np.float32)
        if self.alpha is not None:
            a = self.alpha[y0:y1, x0:x1]
            np.maximum(a, np.minimum(falloff, 1.0), out=a)

    def _span(self, low: float, high: float, origin: float, limit: int) -> tuple[int, int]:
        return max(0, int((low - origin) * self.scale)), min(limit, int((high - origin) * self.scale) + 1)

    def picture(self) -> Image:
        """The sheet as 8-bit RGB, or straight RGBA, dithered so that gradients show no bands."""
        if self.alpha is None:
            return to_bytes(self.rgb)
        alpha = np.clip(self.alpha, 0, 1)
        straight = self.rgb / np.maximum(alpha, 1e-3)[..., None]
        out = np.empty((self.h, self.w, 4), np.uint8)
        out[..., :3] = to_bytes(straight)
        out[..., 3] = (alpha * 255 + 0.5).astype(np.uint8)
        return out

    def layer(self, depth: float, *, sway: float = 0.0, drift: float = 0.0, tile: bool = False) -> Layer:
        """The sheet as a layer standing where it was painted."""
        x = self.left + self.w / self.scale / 2
        y = self.top + self.h / self.scale / 2
        return Layer(self.picture(), x, y, depth, 1 / self.scale, sway, drift, tile)


def paste(target: Sheet, source: Sheet, x: float, y: float, unit: float, opacity: float = 1.0) -> None:
    """Lay one sheet on another: the source's origin goes to (x, y), its unit becomes ``unit`` frame pixels."""
    if source.alpha is None:
        return
    left, top = (
        (x + source.left * unit - target.left) * target.scale,
        (y + source.top * unit - target.top) * target.scale,
    )
    factor = unit / source.scale * target.scale
    w, h = max(1, round(source.w * factor)), max(1, round(source.h * factor))
    x0, y0 = round(left), round(top)
    cx0, cy0, cx1, cy1 = max(0, x0), max(0, y0), min(target.w, x0 + w), min(target.h, y0 + h)
    if cx1 <= cx0 or cy1 <= cy0:
        return
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    rgb = cv2.resize(source.rgb, (w, h), interpolation=how)[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0] * opacity
    alpha = cv2.resize(source.alpha, (w, h), interpolation=how)[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0] * opacity
    window = (slice(cy0, cy1), slice(cx0, cx1))
    target.rgb[window] = target.rgb[window] * (1 - alpha[..., None]) + rgb
    if target.alpha is not None:
        target.alpha[window] += (1 - target.alpha[window]) * alpha


def blurred(plane: Array, sigma: float) -> Array:
    """Gaussian blur that stays cheap for wide sigmas: it works on a reduced copy."""
    if sigma < 6:
        return cv2.GaussianBlur(plane, (0, 0), max(sigma, 0.1))
    factor = sigma / 3
    h, w = plane.shape[:2]
    small = cv2.resize(plane, (max(1, round(w / factor)), max(1, round(h / factor))), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 3, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)


_GRAIN = dice("dither").random((256, 256, 1), dtype=np.float32)


def to_bytes(rgb: Array) -> Image:
    """Quantise floats to bytes: highlights roll off like film, and a step of noise hides bands in slow gradients."""
    h, w = rgb.shape[:2]
    grain = np.tile(_GRAIN, (h // 256 + 1, w // 256 + 1, 1))[:h, :w]
    bright = np.maximum(rgb - 0.72, 0)
    rolled = np.minimum(rgb, 0.72) + 0.28 * (1 - np.exp(bright * np.float32(-1 / 0.34)))
    return np.clip(rolled * 255 + grain, 0, 255).astype(np.uint8)
