"""Mouths that open with the loudness of the voice: five drawn openings, laid over the closed mouth of the art."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.backends.animatic import colour
from app.backends.animatic.layers import Colour, Image, MouthAnchor

if TYPE_CHECKING:
    from app.backends.animatic.compositor import Placed
    from app.backends.animatic.plates import Plate

LEVELS = 5
SIDE = 160  # pixels of a drawn opening; the closed mouth is WIDTH of them wide
WIDTH = 100
DRAWN_LARGER = 2
INSIDE: Colour = (46, 17, 20)
TEETH: Colour = (196, 186, 174)
TONGUE: Colour = (118, 56, 56)

Field = NDArray[np.floating[Any]]
Opening = tuple[Image, Image, Image, Image]  # Y, Cb, Cr multiplied by alpha, and alpha


class MouthPainter:
    """Draws the mouth of whoever speaks; ``openness`` holds 0 to 1 for each frame, by the speaker's name."""

    def __init__(self, openness: Mapping[str, Sequence[float]], to_yuv: colour.Matrix) -> None:
        self._openness = openness
        self._to_yuv = to_yuv
        self._drawn: dict[tuple[Colour, Colour, int, int], Opening] = {}

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
            *pictures, alpha = self._opening(mouth, level, halvings)
            _lay(plane, pictures[index], alpha, x * share, y * share, scale * share * 2**halvings)

    def _opening(self, mouth: MouthAnchor, level: int, halvings: int) -> Opening:
        """Return an opening, halved so often that a warp to its size on screen skips no pixel."""
        key = (mouth.skin, mouth.lip, level, halvings)
        if key not in self._drawn:
            if halvings:
                y, cb, cr, alpha = (colour.halved(plane) for plane in self._opening(mouth, level, halvings - 1))
                self._drawn[key] = y, cb, cr, alpha
            else:
                self._drawn[key] = _opening(level / LEVELS, mouth, self._to_yuv)
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


def _opening(openness: float, mouth: MouthAnchor, to_yuv: colour.Matrix) -> Opening:
    """Draw a mouth this far open, lit as the face around it is, and return its planes."""
    rgb, alpha = _drawing(openness, np.array(mouth.skin, np.float32), np.array(mouth.lip, np.float32))
    small = _reduced(rgb.clip(0, 255))
    through = _reduced(alpha * 255)
    y, cb, cr = (
        np.asarray(cv2.multiply(plane, through, scale=1 / 255), np.uint8)
        for plane in (colour.luma(small, to_yuv), *colour.chroma(small, to_yuv))
    )
    return y, cb, cr, through


def _reduced(drawn: Field) -> Image:
    return np.asarray(cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA).round(), np.uint8)


def _drawing(openness: float, skin: Field, lip: Field) -> tuple[Field, Field]:
    """Return the picture of a mouth, larger than needed, and its alpha of 0 to 1.

    Lengths are shares of the closed mouth's width: the upper lip hardly rises, the lower one drops with the jaw.
    """
    side = SIDE * DRAWN_LARGER
    place = (np.arange(side, dtype=np.float32) + 0.5) / (WIDTH * DRAWN_LARGER) - SIDE / 2 / WIDTH
    x, y = place[None, :], place[:, None]
    across = (x / (0.47 - 0.10 * openness)) ** 2
    arch = np.clip(1 - across, 0, 1)
    top = -(0.018 + 0.030 * openness) * arch + 0.012 * np.exp(-((x / 0.07) ** 2)) * openness
    bottom = (0.020 + 0.235 * openness) * arch**0.65
    thick = 0.115 * np.clip(1 - across * 0.86, 0, 1) ** 0.7
    inside = _between(y, top, bottom) * (across < 1)
    lower = _between(y, bottom, bottom + thick)
    upper = _between(y, top - 0.045 * arch, top) * 0.75
    under = _between(y, bottom + thick, bottom + thick + 0.09 * arch, soft=0.03) * 0.30 * openness
    light = float(skin.mean()) / 170
    depth = ((y - top) / np.maximum(bottom - top, 0.02)).clip(0, 1)
    teeth = _between(depth, 0, 0.34, soft=0.08) * np.clip((openness - 0.25) * 3, 0, 1) * (1 - across).clip(0, 1) ** 0.5
    tongue = _between(depth, 0.62, 1.2, soft=0.25) * arch * np.clip(openness * 1.6 - 0.5, 0, 1)
    hole: Field = np.array(INSIDE, np.float32) * light * np.ones_like(inside)[..., None]
    hole = _over(_over(hole, np.array(TONGUE, np.float32) * light, tongue), np.array(TEETH, np.float32) * light, teeth)
    shine = 0.90 + 0.22 * np.exp(-(((y - bottom - thick * 0.4) / 0.04) ** 2) - (x / 0.22) ** 2)
    rgb = _over(np.ones_like(hole) * skin * 0.62, lip * 0.78, upper)
    rgb = _over(rgb, lip * shine[..., None], lower)
    rgb = _over(rgb, hole, inside)
    alpha = 1 - (1 - inside) * (1 - lower * 0.95) * (1 - upper) * (1 - under)
    return rgb, np.asarray(cv2.GaussianBlur(alpha, (0, 0), DRAWN_LARGER * 0.9), np.float32)


def _between(value: Field, low: Field | float, high: Field | float, soft: float = 0.012) -> Field:
    """Return 1 where ``value`` lies between two edges, falling to 0 over ``soft`` at each."""
    return np.asarray(((value - low) / soft + 0.5).clip(0, 1) * ((high - value) / soft + 0.5).clip(0, 1), np.float32)


def _over(rgb: Field, paint: Field, through: Field) -> Field:
    return np.asarray(rgb * (1 - through[..., None]) + paint * through[..., None], np.float32)
