"""Colours as floats: parsing, mixing, and the seeds and jitters that everything drawn is derived from."""

from __future__ import annotations

import colorsys
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.backends.animatic.layers import Colour

Rgb = tuple[float, float, float]
"""Red, green and blue from 0 to 1; light may go beyond 1."""

Array = NDArray[Any]
"""A plane or picture of float32 (0 to 1), shape (h, w) or (h, w, 3)."""


def hexa(code: str) -> Rgb:
    """Read ``"c8352b"`` as a colour."""
    return int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255


def mix(a: Rgb, b: Rgb, t: float) -> Rgb:
    """Go from ``a`` (t = 0) to ``b`` (t = 1)."""
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t


def times(a: Rgb, k: float | Rgb) -> Rgb:
    """Multiply a colour by a number or by another colour."""
    r, g, b = (k, k, k) if isinstance(k, int | float) else k
    return a[0] * r, a[1] * g, a[2] * b


def plus(a: Rgb, b: Rgb) -> Rgb:
    """Add light to light."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def luma(a: Rgb) -> float:
    """How bright a colour looks, 0 to 1."""
    return 0.299 * a[0] + 0.587 * a[1] + 0.114 * a[2]


def saturate(a: Rgb, k: float) -> Rgb:
    """Push a colour away from its grey (k > 1) or towards it (k < 1)."""
    grey = luma(a)
    return tuple(max(0.0, grey + (c - grey) * k) for c in a)  # type: ignore[return-value]


def hsv(hue: float, saturation: float, value: float) -> Rgb:
    """A colour from hue (0 to 1), saturation and value."""
    return colorsys.hsv_to_rgb(hue % 1.0, saturation, value)


def bytes_of(a: Rgb) -> Colour:
    """A colour as the 8-bit triple the renderer speaks."""
    r, g, b = (min(255, max(0, round(c * 255))) for c in a)
    return r, g, b


def number_of(*parts: object) -> int:
    """A 64-bit number that depends on ``parts`` alone: the same on every machine, in every process."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def dice(*parts: object) -> np.random.Generator:
    """A random generator seeded by ``parts`` alone."""
    return np.random.default_rng(number_of(*parts))
