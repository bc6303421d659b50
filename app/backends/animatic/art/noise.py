"""Noise textures whose edges meet, made once a process and sampled at any size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from app.backends.animatic.art.colour import Array, dice


def _octave(height: int, width: int, rows: int, columns: int, seed: int) -> Array:
    """One octave of value noise with edges that meet, by cubic interpolation of a small wrapped grid."""
    grid = dice("noise", seed, rows, columns).random((rows, columns)).astype(np.float32)
    padded = cv2.copyMakeBorder(grid, 2, 2, 2, 2, cv2.BORDER_WRAP)
    xs = (np.arange(width, dtype=np.float32) + 0.5) * (columns / width) + 1.5
    ys = (np.arange(height, dtype=np.float32) + 0.5) * (rows / height) + 1.5
    map_x = np.broadcast_to(xs, (height, width)).copy()
    map_y = np.broadcast_to(ys[:, None], (height, width)).copy()
    return cv2.remap(padded, map_x, map_y, cv2.INTER_CUBIC)


@lru_cache(maxsize=48)
def tile(rows: int, columns: int, octaves: int = 5, seed: int = 0, size: int = 512, gain: float = 0.5) -> Array:
    """A read-only texture ``size`` × ``size``, 0 to 1, of fractal noise that repeats without a seam.

    ``rows`` and ``columns`` are the cells of the coarsest octave: unequal ones stretch it (strands, grain, waves).
    """
    total = np.zeros((size, size), np.float32)
    weight = 1.0
    for octave in range(octaves):
        r, c = rows << octave, columns << octave
        if min(r, c) > size // 2:
            break
        total += weight * _octave(size, size, min(r, size), min(c, size), seed + octave)
        weight *= gain
    low, high = float(total.min()), float(total.max())
    total = (total - low) / (high - low)
    total.setflags(write=False)
    return total


def sample(texture: Array, map_x: Array, map_y: Array) -> Array:
    """Look the texture up at pixel positions that may run far outside it: it repeats."""
    size_y, size_x = texture.shape
    x = np.mod(map_x, size_x).astype(np.float32)
    y = np.mod(map_y, size_y).astype(np.float32)
    return cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def cover(
    texture: Array,
    shape: Sequence[int],
    scale: float = 1.0,
    stretch: float = 1.0,
    shift: tuple[float, float] = (0, 0),
) -> Array:
    """Cover a picture of ``shape`` (rows, columns) with the texture, enlarged, ``stretch`` times more sideways."""
    height, width = int(shape[0]), int(shape[1])
    xs = (np.arange(width, dtype=np.float32) / (scale * stretch) + shift[0]) % texture.shape[1]
    ys = (np.arange(height, dtype=np.float32) / scale + shift[1]) % texture.shape[0]
    map_x = np.broadcast_to(xs, (height, width)).copy()
    map_y = np.broadcast_to(ys[:, None], (height, width)).copy()
    return cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def ridge_line(
    width: int, base: float, height: float, seed: int, bumps: float = 3.0, octaves: int = 6, sharp: float = 1.4
) -> Array:
    """The y of a ragged outline, column by column: ``base`` minus 0 to ``height``; ``sharp`` makes peaks."""
    rng = dice("ridge", seed)
    x = np.linspace(0.0, 1.0, width, dtype=np.float32)
    y: Array = np.zeros(width, np.float32)
    frequency, weight = bumps, 1.0
    for _ in range(octaves):
        phase = rng.uniform(0, 6.283)
        y += weight * (1 - np.abs(np.sin(x * np.pi * frequency + phase))) ** sharp
        frequency *= rng.uniform(1.75, 2.2)
        weight *= 0.43
    line: Array = base - height * y / y.max()
    return line
