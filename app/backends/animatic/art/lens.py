"""A simple lens: rooms and streets are laid out in metres and seen in one-point perspective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.backends.animatic.art.brush import Paint, Point, Region, Sheet, circle
from app.backends.animatic.art.colour import Array, Rgb, mix, times
from app.backends.animatic.art.noise import cover, tile

Spot = tuple[float, float, float]
"""A place in metres: x to the right of the lens, y above the floor, z away from it."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens ``eye`` metres above the floor whose horizon is a row of the frame; ``focal`` in frame pixels."""

    sheet: Sheet
    horizon: float
    focal: float = 1250.0
    eye: float = 1.25
    centre: float = 540.0

    def at(self, spot: Spot) -> Point:
        """Where a place appears; nothing nearer than 0.35 m."""
        x, y, z = spot
        k = self.focal / max(z, 0.35)
        return self.centre + x * k, self.horizon + (self.eye - y) * k

    def size(self, metres: float, z: float) -> float:
        """Frame pixels of a length at a distance."""
        return metres * self.focal / max(z, 0.35)

    def face(
        self, corners: Sequence[Spot], paint: Paint | Array, opacity: float = 1.0, blur: float = 0.0
    ) -> Region | None:
        """Fill a flat polygon."""
        region = self.sheet.region([[self.at(c) for c in corners]], blur)
        self.sheet.paint(region, paint, opacity)
        return region

    def floor(
        self, x0: float, x1: float, z0: float, z1: float, paint: Paint | Array, y: float = 0.0, opacity: float = 1.0
    ) -> Region | None:
        """Fill a rectangle that lies flat."""
        return self.face([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], paint, opacity)

    def upright(
        self, x0: float, x1: float, y0: float, y1: float, z: float, paint: Paint | Array, opacity: float = 1.0
    ) -> Region | None:
        """Fill a rectangle that faces the lens."""
        return self.face([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], paint, opacity)

    def side(
        self, x: float, y0: float, y1: float, z0: float, z1: float, paint: Paint | Array, opacity: float = 1.0
    ) -> Region | None:
        """Fill a rectangle of a side wall."""
        return self.face([(x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0)], paint, opacity)

    def box(
        self, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], colour: Rgb, light_side: int = 1
    ) -> None:
        """A block: its top, the side that shows, and its front."""
        (x0, x1), (y0, y1), (z0, z1) = x, y, z
        if x0 > 0:
            self.side(x0, y0, y1, z0, z1, times(colour, 0.9 if light_side < 0 else 0.42))
        elif x1 < 0:
            self.side(x1, y0, y1, z0, z1, times(colour, 0.9 if light_side > 0 else 0.42))
        if y1 < self.eye:
            self.floor(x0, x1, z0, z1, mix(colour, (1, 1, 1), 0.12), y1)
        elif y0 > self.eye:
            self.floor(x0, x1, z0, z1, times(colour, 0.35), y0)
        self.upright(x0, x1, y0, y1, z0, times(colour, 0.68))

    def ball(
        self, spot: Spot, radius: float, paint: Paint, opacity: float = 1.0, blur: float = 0.0, flat: float = 1.0
    ) -> None:
        """A disc that faces the lens."""
        x, y = self.at(spot)
        r = self.size(radius, spot[2])
        self.sheet.shape(circle(x, y, r, r * flat), paint, opacity, blur)

    def rod(self, a: Spot, b: Spot, metres: float, paint: Paint, opacity: float = 1.0) -> None:
        """A straight bar between two places."""
        (x0, y0), (x1, y1) = self.at(a), self.at(b)
        w0, w1 = self.size(metres, a[2]), self.size(metres, b[2])
        self.sheet.stroke([(x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2), (x1, y1)], [w0, (w0 + w1) / 2, w1], paint, opacity)


@dataclass(frozen=True, slots=True)
class Room:
    """A room's shell, in metres and colours."""

    half: float
    tall: float
    deep: float
    wall: Rgb
    floor: Rgb
    ceiling: Rgb
    near: float = 0.5


def shell(lens: Lens, room: Room) -> None:
    """Paint floor, walls and ceiling, with the darkness that gathers in corners."""
    h, t, n, d = room.half, room.tall, room.near, room.deep
    lens.floor(-h, h, n, d, room.floor)
    lens.floor(-h, h, n, d, room.ceiling, t)
    lens.side(-h, 0, t, n, d, times(room.wall, 0.82))
    lens.side(h, 0, t, n, d, times(room.wall, 0.82))
    lens.upright(-h, h, 0, t, d, room.wall)
    sheet = lens.sheet
    size = lens.size(1.0, d)
    for x in (-h, h):
        a, b, c = lens.at((x, 0, d)), lens.at((x, t, d)), lens.at((x, 0, n))
        sheet.stroke([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), b], [size * 0.5] * 2, (0, 0, 0), 0.28, size * 0.16)
        sheet.stroke(
            [a, ((a[0] + c[0]) / 2, (a[1] + c[1]) / 2), c], [size * 0.5, size * 2.4], (0, 0, 0), 0.26, size * 0.2
        )
    a, b = lens.at((-h, 0, d)), lens.at((h, 0, d))
    sheet.stroke([a, ((a[0] + b[0]) / 2, a[1]), b], [size * 0.4] * 2, (0, 0, 0), 0.3, size * 0.14)
    a, b = lens.at((-h, t, d)), lens.at((h, t, d))
    sheet.stroke([a, ((a[0] + b[0]) / 2, a[1]), b], [size * 0.5] * 2, (0, 0, 0), 0.24, size * 0.2)


def boards(
    lens: Lens, half: float, near: float, far: float, spacing: float, colour: Rgb, *, across: bool = False
) -> None:
    """Joints of floor boards (or, with ``across``, of square tiles) drawn to the vanishing point."""
    lines = []
    x = -half
    while x <= half + 1e-6:
        lines.append(
            [
                lens.at((x - 0.008, 0, near)),
                lens.at((x - 0.004, 0, far)),
                lens.at((x + 0.004, 0, far)),
                lens.at((x + 0.008, 0, near)),
            ]
        )
        x += spacing
    z = near
    while across and z < far:
        lines.append(
            [
                lens.at((-half, 0, z)),
                lens.at((half, 0, z)),
                lens.at((half, 0, z + 0.012)),
                lens.at((-half, 0, z + 0.012)),
            ]
        )
        z += spacing
    lens.sheet.tint(lens.sheet.region(lines), colour, 0.55)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A pool of light about a point of the frame: radius in pixels, colour, strength; ``flat`` squeezes it."""

    x: float
    y: float
    radius: float
    colour: Rgb
    strength: float = 1.0
    flat: float = 1.0


def illuminate(sheet: Sheet, ambient: Rgb, lamps: Sequence[Lamp]) -> None:
    """Multiply what is painted by the light that falls there; unevenness of plaster and paint comes with it."""
    small_h, small_w = max(2, sheet.h // 4), max(2, sheet.w // 4)
    xs = (np.arange(small_w, dtype=np.float32) + 0.5) * (sheet.w / small_w) / sheet.scale + sheet.left
    ys = (np.arange(small_h, dtype=np.float32) + 0.5) * (sheet.h / small_h) / sheet.scale + sheet.top
    light = np.empty((small_h, small_w, 3), np.float32)
    light[:] = ambient
    for lamp in lamps:
        dx, dy = (xs - lamp.x) / lamp.radius, (ys - lamp.y) / (lamp.radius * lamp.flat)
        pool = lamp.strength / (1 + (dx[None, :] ** 2 + dy[:, None] ** 2) * 2.4) ** 1.5
        light += pool[..., None] * np.asarray(lamp.colour, np.float32)
    full = cv2.resize(light, (sheet.w, sheet.h), interpolation=cv2.INTER_LINEAR)
    uneven = cover(tile(5, 5, 5, 151), (sheet.h, sheet.w), 2.0) * np.float32(0.22) + np.float32(0.89)
    sheet.rgb *= full * uneven[..., None]


def window(
    lens: Lens,
    quad: Sequence[Spot],
    sky: Rgb,
    panes: tuple[int, int] = (2, 3),
    bars: Rgb = (0.1, 0.1, 0.11),
    metres: float = 0.05,
) -> None:
    """A window: bright sky, bars. ``quad`` starts at its lower left and runs round."""
    lens.face(quad, sky)
    a, b, c, d = (np.asarray(corner) for corner in quad)

    def between(p: Array, q: Array, t: float) -> Spot:
        x, y, z = p + (q - p) * t
        return float(x), float(y), float(z)

    for k in range(panes[0] + 1):
        t = k / panes[0]
        lens.rod(between(a, b, t), between(d, c, t), metres, bars)
    for k in range(panes[1] + 1):
        t = k / panes[1]
        lens.rod(between(a, d, t), between(b, c, t), metres, bars)


def shaft(sheet: Sheet, quad: Sequence[Point], colour: Rgb, strength: float, blur: float = 22) -> None:
    """A beam of light through dusty air, fading along its way (the quad's first edge is the source)."""
    region = sheet.region([list(quad)], blur)
    if region is None:
        return
    top, bottom = quad[0][1], quad[2][1]
    rows = (np.arange(region.y0, region.y1, dtype=np.float32) / sheet.scale + sheet.top - top) / max(1.0, bottom - top)
    sheet.shine(region, colour, np.clip(1.05 - rows, 0, 1)[:, None] * strength, inside=False)
