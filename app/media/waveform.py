"""The shape of a sound: peaks for players, a small picture for pages."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SAMPLE_RATE = 8000
"""Samples a second of the mono sound peaks are taken from."""

_FINEST = SAMPLE_RATE // 100
_MOST_PAIRS = 6000
_WIDEST, _HEIGHT, _GREY = 1200, 96, 200
_QUIETEST = 12
"""The peak (of 128) below which a quiet sound is drawn small rather than blown up."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """The lowest and highest of every ``samples_per_pixel`` samples: ``pairs`` is an int8 array of shape (n, 2)."""

    samples_per_pixel: int
    pairs: NDArray[np.int8]

    def to_json(self) -> dict[str, object]:
        """Return the peaks in the JSON format of BBC audiowaveform, version 2."""
        return {
            "version": 2,
            "channels": 1,
            "sample_rate": SAMPLE_RATE,
            "samples_per_pixel": self.samples_per_pixel,
            "bits": 8,
            "length": len(self.pairs),
            "data": self.pairs.reshape(-1).tolist(),
        }


def find_peaks(pcm: bytes) -> Peaks:
    """Return the peaks of 16-bit mono samples at ``SAMPLE_RATE``: 100 pairs a second, fewer for a long sound."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
    width = max(_FINEST, -(-len(samples) // _MOST_PAIRS))
    count = max(1, -(-len(samples) // width))
    filled = np.zeros(count * width, dtype=np.int16)
    filled[: len(samples)] = samples
    rows = filled.reshape(count, width)
    return Peaks(width, (np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1) >> 8).astype(np.int8))


def draw(peaks: Peaks) -> bytes:
    """Return a PNG of the peaks: light grey on nothing, 96 pixels high, at most 1200 wide, the loudest full height."""
    columns = min(_WIDEST, len(peaks.pairs))
    edges = np.linspace(0, len(peaks.pairs), columns, endpoint=False).astype(int)
    lows = np.minimum.reduceat(peaks.pairs[:, 0], edges).astype(int)
    highs = np.maximum.reduceat(peaks.pairs[:, 1], edges).astype(int)
    loudest = max(_QUIETEST, int(highs.max()), -int(lows.min()))
    middle, scale = _HEIGHT / 2, (_HEIGHT / 2 - 1) / loudest
    rows = np.arange(_HEIGHT)[:, None]
    inside = (rows >= middle - 0.5 - highs * scale) & (rows <= middle - 0.5 - lows * scale)
    inside |= (rows == int(middle)) | (rows == int(middle) - 1)
    pixels = np.stack([np.full(inside.shape, _GREY), inside * 255], axis=2).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels, "LA").save(target, "PNG", optimize=True)
    return target.getvalue()
