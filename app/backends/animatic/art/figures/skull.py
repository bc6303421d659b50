"""The head as a sculpted surface: turned in space, it gives normals, an outline and face positions for every pixel.

Units are half heads: the chin is at y = 1, the crown at y = -1, x grows to the picture's right, z towards the lens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from app.backends.animatic.art.brush import curve, smoothstep
from app.backends.animatic.art.colour import Array

_HEIGHTS = (-1.0, -0.985, -0.94, -0.86, -0.7, -0.5, -0.25, 0.0, 0.2, 0.4, 0.58, 0.73, 0.85, 0.93, 0.98, 1.0)
_WIDTHS = (0.0, 0.13, 0.28, 0.42, 0.565, 0.645, 0.675, 0.66, 0.638, 0.596, 0.535, 0.448, 0.335, 0.225, 0.11, 0.0)
_FRONTS = (0.0, 0.19, 0.36, 0.51, 0.665, 0.745, 0.775, 0.725, 0.715, 0.735, 0.752, 0.74, 0.735, 0.715, 0.66, 0.6)
_BACKS = (0.0, 0.25, 0.43, 0.58, 0.75, 0.86, 0.9, 0.86, 0.76, 0.62, 0.42, 0.24, 0.14, 0.1, 0.06, 0.02)
_MIDDLES = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.08, 0.2, 0.33, 0.43, 0.5, 0.54)


@lru_cache(maxsize=8)
def _profile(values: tuple[float, ...]) -> tuple[Array, Array]:
    """A smooth table through the values at the head's heights."""
    line = np.array(curve(list(zip(_HEIGHTS, values, strict=True)), closed=False, steps=24))
    return line[:, 0], line[:, 1]


@dataclass(frozen=True, slots=True)
class Skull:
    """What sets one head apart: 0 is the average, ±1 a strong lean."""

    jaw: float = 0.0
    cheek: float = 0.0
    brow: float = 0.0
    nose: float = 0.0
    lips: float = 0.0
    child: float = 0.0
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """How a head is held, in degrees: ``yaw`` to the picture's right, ``pitch`` down."""

    yaw: float = 0.0
    pitch: float = 0.0


@dataclass(slots=True)
class Bust:
    """A turned head, rasterised: for each pixel its normal, its place on the face, and whether the head covers it.

    ``unit`` is pixels to a half head; ``origin`` the pixel of the head's centre.
    """

    normal: Array
    place: Array
    cover: Array
    unit: float
    origin: tuple[float, float]


def _bell(x: Array, centre: float, spread: float) -> Array:
    return np.exp(-(((x - centre) / spread) ** 2))


def _features(skull: Skull, x: Array, y: Array) -> Array:
    """How far the face stands out from the plain egg at (x, y)."""
    side = np.abs(x)
    socket = -0.07 * _bell(side, 0.27, 0.17) * _bell(y, 0.0, 0.1)
    ball = 0.055 * _bell(side, 0.275, 0.1) * _bell(y, 0.035, 0.07)
    brow = (0.022 + 0.018 * skull.brow) * _bell(side, 0.24, 0.2) * _bell(y, -0.15, 0.07)
    cheek = (0.035 + 0.015 * skull.cheek) * _bell(side, 0.4, 0.15) * _bell(y, 0.19, 0.12)
    height = np.interp(
        y, (-0.12, 0.0, 0.14, 0.27, 0.33, 0.37, 0.41, 0.45), (0, 0.032, 0.088, 0.148, 0.172, 0.16, 0.095, 0)
    )
    width = np.interp(y, (-0.1, 0.1, 0.3, 0.36, 0.45), (0.062, 0.058, 0.085, 0.088, 0.07))
    nose = height * (1 + 0.22 * skull.nose - 0.25 * skull.child) * np.exp(-((x / width) ** 2))
    wings = 0.06 * np.exp(-(((side - 0.105) / 0.05) ** 2) - ((y - 0.365) / 0.05) ** 2)
    full = 1 + 0.3 * skull.lips
    upper = 0.042 * full * _bell(x, 0, 0.19) * _bell(y, 0.563, 0.034)
    lower = 0.05 * full * _bell(x, 0, 0.155) * _bell(y, 0.648, 0.042)
    seam = -0.035 * _bell(x, 0, 0.2) * _bell(y, 0.602, 0.016)
    corners = -0.016 * _bell(side, 0.225, 0.05) * _bell(y, 0.605, 0.045)
    philtrum = -0.012 * _bell(x, 0, 0.03) * _bell(y, 0.5, 0.04)
    fold = -(0.003 + 0.03 * skull.age) * _bell(side - 0.18 - (y - 0.4) * 0.35, 0, 0.035) * _bell(y, 0.5, 0.13)
    bags = -0.02 * skull.age * _bell(side, 0.27, 0.12) * _bell(y, 0.14, 0.03)
    chin = (0.035 + 0.015 * skull.jaw) * _bell(x, 0, 0.17) * _bell(y, 0.86, 0.08)
    total: Array = socket + ball + brow + cheek + nose + wings + upper + lower + seam + corners + philtrum + fold + bags
    return total + chin


def _half_width(skull: Skull, y: Array) -> Array:
    lower = smoothstep(0.0, 0.75, y)
    width: Array = np.interp(y, *_profile(_WIDTHS)) * (1 + 0.04 * skull.child)
    return width * (1 + lower * (0.1 * skull.jaw - 0.02 * skull.child))


def _surface(skull: Skull, longitude: Array, y: Array) -> tuple[Array, Array, Array]:
    """Positions of the head's surface at longitude (radians, 0 is the front) and height."""
    front, back, middle = (np.interp(y, *_profile(v)) for v in (_FRONTS, _BACKS, _MIDDLES))
    s, c = np.sin(longitude), np.cos(longitude)
    x = _half_width(skull, y) * s
    reach = np.where(c > 0, (front - middle) * np.abs(c) ** 0.88, -back * np.abs(c))
    return x, y, middle + reach + _features(skull, x, y) * np.clip(c * 1.6, 0, 1)


def spot(skull: Skull, x: float, y: float, turn: Turn, lift: float = 0.0) -> tuple[float, float]:
    """Where the place (x, y) of the face appears once the head is turned; ``lift`` stands off the skin."""
    width = float(_half_width(skull, np.array(y)))
    longitude = np.array(np.arcsin(np.clip(x / max(width, 0.05), -1, 1)))
    _, _, depth = _surface(skull, longitude, np.array(y))
    px, py, _ = _rotate(np.array(x), np.array(y), np.asarray(depth) + lift, turn)
    return float(px), float(py)


def _rotate(x: Array, y: Array, z: Array, turn: Turn) -> tuple[Array, Array, Array]:
    ca, sa, cb, sb = _angles(turn)
    px, pz = x * ca + z * sa, z * ca - x * sa
    neck = np.float32(0.55)
    py = neck + (y - neck) * cb + pz * sb
    return px, py, pz * cb - (y - neck) * sb


def _angles(turn: Turn) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    a, b = np.radians(turn.yaw), np.radians(turn.pitch)
    return np.float32(np.cos(a)), np.float32(np.sin(a)), np.float32(np.cos(b)), np.float32(np.sin(b))


@lru_cache(maxsize=6)
def _sculpture(skull: Skull) -> Array:
    """The head at rest on a coarse grid of longitude by height: x, y, z and the outward normal."""
    longitude, y = np.meshgrid(np.linspace(-2.1, 2.1, 220), np.linspace(-1, 1, 300))
    x, y, z = _surface(skull, longitude, y)
    return np.dstack([x, y, z, _normals(x, y, z)]).astype(np.float32)


@lru_cache(maxsize=12)
def bust(skull: Skull, turn: Turn, unit: int) -> Bust:
    """Turn the head and rasterise it at ``unit`` pixels to a half head (cached: treat as read-only)."""
    fine = cv2.resize(_sculpture(skull), (int(unit * 3.6), int(unit * 2.3)), interpolation=cv2.INTER_LINEAR)
    px, py, pz = _rotate(fine[..., 0], fine[..., 1], fine[..., 2], turn)
    origin = (int(unit * 1.15), int(unit * 1.25))
    width, height = origin[0] * 2, origin[1] * 2
    column = (px * unit + (origin[0] + 0.5)).astype(np.int32).ravel()
    row = (py * unit + (origin[1] + 0.5)).astype(np.int32).ravel()
    facing = _turned(fine[..., 3:6], turn)
    seen = (facing[..., 2].ravel() > -0.15) & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    keep = np.flatnonzero(seen)
    order = keep[np.argsort(pz.ravel()[keep], kind="stable")]
    at = row[order] * width + column[order]
    buffer = np.zeros((height * width, 6), np.float32)
    buffer[at, :3] = facing.reshape(-1, 3)[order]
    buffer[at, 3:5] = fine.reshape(-1, 6)[order, :2]
    buffer[at, 5] = 1.0
    return _filled(buffer.reshape(height, width, 6), float(unit), (float(origin[0]), float(origin[1])))


def _filled(buffer: Array, unit: float, origin: tuple[float, float]) -> Bust:
    """Close the pinholes between splats and smooth the normals a little."""
    weight = buffer[..., 5]
    near = cv2.GaussianBlur(buffer, (0, 0), 1.0)
    filled = np.where(weight[..., None] > 0, buffer, near / np.maximum(near[..., 5:6], 1e-4))
    cover = cv2.morphologyEx(weight, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    soft = np.clip((cv2.GaussianBlur(cover, (0, 0), 1.2) - 0.3) / 0.4, 0, 1)
    normal = cv2.GaussianBlur(filled[..., :3], (0, 0), max(0.8, unit * 0.008))
    unit_normal: Array = normal / np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-4)
    return Bust(unit_normal, filled[..., 3:5].copy(), soft, unit, origin)


def _normals(x: Array, y: Array, z: Array) -> Array:
    """Outward unit normals of the grid."""
    across = np.stack([np.gradient(v, axis=1) for v in (x, y, z)], -1)
    down = np.stack([np.gradient(v, axis=0) for v in (x, y, z)], -1)
    normal = np.cross(across, down)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    return normal.astype(np.float32)


def _turned(normal: Array, turn: Turn) -> Array:
    ca, sa, cb, sb = _angles(turn)
    nx, ny, nz = normal[..., 0], normal[..., 1], normal[..., 2]
    rx, rz = nx * ca + nz * sa, nz * ca - nx * sa
    return np.dstack([rx, ny * cb + rz * sb, rz * cb - ny * sb])
