"""Rain, snow, embers and the like: one repeating picture, moved by whole pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.backends.animatic import colour
from app.backends.animatic.layers import Image, ParticleField
from app.backends.animatic.plates import View

COLOURLESS = 6  # mean distance of chroma from grey below which only the luma plane is touched


class Particles:
    """A field made ready to move: its picture repeated so that any part of it fills the frame."""

    def __init__(self, field: ParticleField, view: View, to_yuv: colour.Matrix) -> None:
        unit = view.unit
        self.depth = field.depth
        self._speed = field.dx * unit, field.dy * unit
        offset = view.height / 2 - view.middle * unit
        self._rows = max(0, round(field.top * unit + offset)), min(view.height, round(field.bottom * unit + offset))
        size = max(2, round(field.image.shape[1] * unit / 2) * 2), max(2, round(field.image.shape[0] * unit / 2) * 2)
        image = _sized(field.image, size)
        self._period = size
        self._planes, self._keep = _planes(image, view, to_yuv)

    def draw(self, planes: tuple[Image, Image, Image], seconds: float, shift: tuple[float, float], limit: int) -> None:
        """Lay the field over ``planes`` as it is after ``seconds``, the camera shifted, above the row ``limit``."""
        first, last = self._rows[0], min(limit, self._rows[1])
        if last <= first:
            return
        width = planes[0].shape[1]
        x = math.floor((shift[0] - self._speed[0] * seconds) % self._period[0]) & ~1
        y = math.floor((shift[1] - self._speed[1] * seconds) % self._period[1]) & ~1
        for half, target, picture in zip((0, 1, 1), planes, self._planes, strict=False):
            top, bottom = first >> half, last >> half
            part = np.s_[(y >> half) + top : (y >> half) + bottom, x >> half : (x >> half) + (width >> half)]
            area = target[top:bottom]
            cv2.multiply(area, self._keep[half][part], area, scale=1 / 255)
            cv2.add(area, picture[part], area)


def _sized(image: Image, size: tuple[int, int]) -> Image:
    how = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def _planes(image: Image, view: View, to_yuv: colour.Matrix) -> tuple[tuple[Image, ...], tuple[Image, ...]]:
    """Return the planes to draw, luma alone when the field has no colour, and what they keep of what is behind."""
    alpha = np.asarray(cv2.extractChannel(image, 3), np.uint8)
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2RGB), np.uint8)
    cb, cr = colour.chroma(rgb, to_yuv)
    grey = sum(float(np.abs(plane[alpha > 0] - 128.0).mean()) for plane in (cb, cr)) if alpha.any() else 0.0
    drawn = (colour.luma(rgb, to_yuv),) if grey < COLOURLESS * 2 else (colour.luma(rgb, to_yuv), cb, cr)
    keep = np.asarray(cv2.bitwise_not(alpha), np.uint8)
    pictures = [np.asarray(cv2.multiply(plane, alpha, scale=1 / 255), np.uint8) for plane in drawn]
    pictures[1:] = [colour.halved(plane) for plane in pictures[1:]]
    return tuple(_repeated(plane, view) for plane in pictures), (
        _repeated(keep, view),
        _repeated(colour.halved(keep), view) if len(pictures) > 1 else keep,
    )


def _repeated(plane: Image, view: View) -> Image:
    """Return a plane repeated until a frame fits in it wherever it starts within one period."""
    down, across = (
        math.ceil(extent / size) + 1 for extent, size in zip((view.height, view.width), plane.shape, strict=True)
    )
    return np.tile(plane, (down, across))
