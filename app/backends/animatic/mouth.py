"""Mouths that open with the loudness of the voice: five drawn openings, laid over the closed mouth of the art."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.backends.animatic import colour
from app.backends.animatic.layers import Colour, Image, MouthAnchor

if TYPE_CHECKING:
    from app.backends.animatic.compositor import Placed
    from app.backends.animatic.plates import Plate

LEVELS = 5
SIDE = 160  # pixels of a drawn opening; the closed mouth is WIDTH of them wide
WIDTH = 100
DRAWN_LARGER = 4
INSIDE: Colour = (52, 20, 24)
TEETH: Colour = (222, 214, 204)
TONGUE: Colour = (150, 70, 72)

Opening = tuple[Image, Image, Image, Image]  # Y, Cb, Cr multiplied by alpha, and alpha


class MouthPainter:
    """Draws the mouth of whoever speaks; ``openness`` holds 0 to 1 for each frame, by the speaker's name."""

    def __init__(self, openness: Mapping[str, Sequence[float]], to_yuv: colour.Matrix) -> None:
        self._openness = openness
        self._to_yuv = to_yuv
        self._drawn: dict[tuple[Colour, int, int], Opening] = {}

    def draw(self, planes: tuple[Image, Image, Image], plate: Plate, place: Placed, index: int) -> None:
        """Open the mouths of ``plate``'s figures that speak in frame ``index``."""
        for mouth in plate.mouths:
            track = self._openness.get(mouth.speaker)
            level = round(track[index] * LEVELS) if track is not None and index < len(track) else 0
            if level:
                self._open(planes, mouth, place, level)

    def _open(self, planes: tuple[Image, Image, Image], mouth: MouthAnchor, place: Placed, level: int) -> None:
        """Draw one opening at its place, between pixels, so that it does not swim on a moving face."""
        x, y = place.x + mouth.x * place.factor, place.y + mouth.y * place.factor
        scale = mouth.width * place.factor / WIDTH
        for index, plane in enumerate(planes):
            share = 0.5 if index else 1.0
            halvings = max(0, math.floor(-math.log2(max(scale * share, 0.03))))
            *pictures, alpha = self._opening(mouth.lip, level, halvings)
            _lay(plane, pictures[index], alpha, x * share, y * share, scale * share * 2**halvings)

    def _opening(self, lip: Colour, level: int, halvings: int) -> Opening:
        """Return an opening, halved so often that a warp to its size on screen skips no pixel."""
        key = (lip, level, halvings)
        if key not in self._drawn:
            if halvings:
                y, cb, cr, alpha = (colour.halved(plane) for plane in self._opening(lip, level, halvings - 1))
                self._drawn[key] = y, cb, cr, alpha
            else:
                self._drawn[key] = _opening(level / LEVELS, lip, self._to_yuv)
        return self._drawn[key]


def _lay(plane: Image, picture: Image, alpha: Image, x: float, y: float, scale: float) -> None:
    """Blend an opening into one plane, its middle at ``x``, ``y``."""
    reach = picture.shape[0] / 2 * scale + 1
    x0, y0 = max(0, math.floor(x - reach)), max(0, math.floor(y - reach))
    x1, y1 = min(plane.shape[1], math.ceil(x + reach)), min(plane.shape[0], math.ceil(y + reach))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    middle = (picture.shape[0] - 1) / 2
    to_frame = np.array(
        [[scale, 0, x - 0.5 - x0 - middle * scale], [0, scale, y - 0.5 - y0 - middle * scale]], np.float32
    )
    size = (x1 - x0, y1 - y0)
    target = plane[y0:y1, x0:x1]
    keep = cv2.bitwise_not(cv2.warpAffine(alpha, to_frame, size))
    cv2.multiply(target, keep, target, scale=1 / 255)
    cv2.add(target, cv2.warpAffine(picture, to_frame, size), target)


def _opening(openness: float, lip: Colour, to_yuv: colour.Matrix) -> Opening:
    """Draw lips round a dark mouth, with teeth when it is wide open, and return its planes."""
    big = SIDE * DRAWN_LARGER
    rgb = np.full((big, big, 3), lip, np.uint8)
    alpha = np.zeros((big, big), np.uint8)
    unit = WIDTH * DRAWN_LARGER
    half_width, half_height = unit * (0.40 - 0.07 * openness), unit * (0.045 + 0.20 * openness)
    middle = (big // 2, round(big / 2 + half_height * 0.45))
    dark, light = (tuple(round(part * share) for part in lip) for share in (0.82, 1.08))
    outer = (round(half_width + unit * 0.055), round(half_height + unit * 0.055))
    cv2.ellipse(alpha, middle, outer, 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (middle[0], middle[1] + round(unit * 0.03)), outer, 0, 0, 180, 255, -1, cv2.LINE_AA)
    rgb[: middle[1]] = dark
    rgb[middle[1] :] = np.minimum(light, 255)
    inner = np.zeros_like(alpha)
    cv2.ellipse(inner, middle, (round(half_width), round(half_height)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    rgb = _over(rgb, INSIDE, inner)
    if openness > 0.35:
        rgb = _over(rgb, TEETH, _band(inner, middle[1] - round(half_height * 0.55), above=True))
        rgb = _over(rgb, TONGUE, _band(inner, middle[1] + round(half_height * 0.50), above=False))
    small = np.asarray(cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    through = np.asarray(
        cv2.resize(cv2.GaussianBlur(alpha, (0, 0), 5), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8
    )
    y, cb, cr = (
        np.asarray(cv2.multiply(plane, through, scale=1 / 255), np.uint8)
        for plane in (colour.luma(small, to_yuv), *colour.chroma(small, to_yuv))
    )
    return y, cb, cr, through


def _band(mask: Image, row: int, *, above: bool) -> Image:
    """Return the part of ``mask`` above or below ``row``."""
    part = mask.copy()
    part[row:] *= above is False
    part[:row] *= above
    return part


def _over(rgb: Image, paint: Colour, mask: Image) -> Image:
    through = mask[..., None].astype(np.float32) / 255
    return np.asarray(rgb * (1 - through) + np.array(paint, np.float32) * through, np.uint8)
