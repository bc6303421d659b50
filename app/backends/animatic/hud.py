"""Puts the overlays onto finished frames: planes prepared once, blended only where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from app.backends.animatic import colour
from app.backends.animatic.layers import Image
from app.backends.animatic.overlay import AMBER, Patch, Slate
from app.core.frames import FrameRate
from app.media.fonts import font

FADE_STEPS = 16
Planes = tuple[Image, Image, Image]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A patch as planes multiplied by alpha, and what it keeps of the picture, cut to what it covers."""

    planes: Planes
    keep: tuple[Image, Image]
    x: int
    y: int


class Hud:
    """The overlays of one shot: ``finish`` takes a composed picture and writes it, overlaid, into a video frame."""

    def __init__(
        self, vignette: Image, fixed: Sequence[Patch], passing: Sequence[Patch], slate: Slate, rate: FrameRate
    ) -> None:
        self._light = vignette.copy()
        self._added = np.asarray(np.round(16 * (1 - vignette / 255)), np.uint8)  # black stays black: 16
        self._fixed = [made for patch in fixed for made in _prepared(patch)]
        self._passing = [(patch, _prepared(patch)) for patch in passing]
        self._faded: dict[tuple[int, int], list[Prepared]] = {}
        self._clock = Clock(slate, rate)
        for piece in self._fixed:  # alpha and vignette darken in one pass, and light is added in one
            rows, columns = piece.keep[0].shape
            area = np.s_[piece.y : piece.y + rows, piece.x : piece.x + columns]
            cv2.multiply(self._light[area], piece.keep[0], self._light[area], scale=1 / 255)
            cv2.multiply(self._added[area], piece.keep[0], self._added[area], scale=1 / 255)
            cv2.add(self._added[area], piece.planes[0], self._added[area])

    def finish(self, picture: Planes, target: Planes, index: int) -> None:
        """Write ``picture`` with everything over it into ``target``, as frame ``index``."""
        cv2.multiply(picture[0], self._light, target[0], scale=1 / 255)
        cv2.add(target[0], self._added, target[0])
        np.copyto(target[1], picture[1])
        np.copyto(target[2], picture[2])
        for fixed in self._fixed:
            _blend(target, fixed, (1, 2))
        for number, (patch, prepared) in enumerate(self._passing):
            if patch.first <= index < patch.last:
                for piece in self._at(number, patch, prepared, index):
                    _blend(target, piece, (0, 1, 2))
        self._clock.draw(target, index)

    def _at(self, number: int, patch: Patch, prepared: list[Prepared], index: int) -> list[Prepared]:
        """Return a passing patch as strong as its fade makes it in frame ``index``."""
        share = min(1.0, (index - patch.first + 1) / (patch.fade + 1), (patch.last - index) / (patch.fade + 1))
        step = round(share * FADE_STEPS)
        if step == FADE_STEPS:
            return prepared
        key = (number, step)
        if key not in self._faded:
            self._faded[key] = [_fainter(piece, step / FADE_STEPS) for piece in prepared]
        return self._faded[key]


class Clock:
    """The running timecode: its digits are drawn once and blended into every frame."""

    def __init__(self, slate: Slate, rate: FrameRate) -> None:
        self._rate = rate
        self._advance = slate.advance
        self._glyphs = {letter: self._glyph(letter, slate.pixels) for letter in "0123456789:"}
        height = self._glyphs["0"].keep[0].shape[0]
        self._right, self._y = slate.right // 2 * 2, (slate.middle - height // 2) // 2 * 2

    def _glyph(self, letter: str, pixels: int) -> Prepared:
        height = round(pixels * 1.2 / 2) * 2
        image = Pillow.new("RGBA", (self._advance, height), (*AMBER[:3], 0))
        mask = Pillow.new("L", image.size, 0)
        ImageDraw.Draw(mask).text((self._advance / 2, height / 2), letter, font=font(pixels), fill=255, anchor="mm")
        image.putalpha(mask)
        return _whole(np.asarray(image, np.uint8), 0, 0)

    def draw(self, target: Planes, index: int) -> None:
        """Write the timecode of frame ``index``, counted from the start of the shot."""
        words = self._rate.timecode(index)
        for place, letter in enumerate(words):
            glyph = self._glyphs[letter]
            x = self._right - self._advance * (len(words) - place)
            _blend(target, Prepared(glyph.planes, glyph.keep, x, self._y), (0, 1, 2))


def _prepared(patch: Patch) -> list[Prepared]:
    """Return the bands of a patch that have anything in them."""
    rows = np.flatnonzero(patch.image[..., 3].any(axis=1))
    bands = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 12) + 1) if len(rows) else []:
        first, last = int(run[0]) // 2 * 2, (int(run[-1]) + 2) // 2 * 2
        columns = np.flatnonzero(patch.image[first:last, :, 3].any(axis=0))
        left, right = int(columns[0]) // 2 * 2, (int(columns[-1]) + 2) // 2 * 2
        bands.append(_whole(patch.image[first:last, left:right], patch.x + left, patch.y + first))
    return bands


def _whole(image: Image, x: int, y: int) -> Prepared:
    """Return an RGBA picture of even size as planes."""
    alpha = np.asarray(cv2.extractChannel(image, 3), np.uint8)
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2RGB), np.uint8)
    luma, cb, cr = (
        np.asarray(cv2.multiply(plane, alpha, scale=1 / 255), np.uint8)
        for plane in (colour.luma(rgb, colour.BT709), *colour.chroma(rgb, colour.BT709))
    )
    keep = np.asarray(cv2.bitwise_not(alpha), np.uint8)
    return Prepared((luma, colour.halved(cb), colour.halved(cr)), (keep, colour.halved(keep)), x, y)


def _fainter(piece: Prepared, share: float) -> Prepared:
    """Return a patch at ``share`` of its strength."""
    luma, cb, cr = (np.asarray(cv2.convertScaleAbs(plane, alpha=share), np.uint8) for plane in piece.planes)
    whole, half = (
        np.asarray(cv2.convertScaleAbs(keep, alpha=share, beta=255 * (1 - share)), np.uint8) for keep in piece.keep
    )
    return Prepared((luma, cb, cr), (whole, half), piece.x, piece.y)


def _blend(target: Planes, patch: Prepared, indices: Sequence[int]) -> None:
    """Lay a patch over some planes of ``target``; it lies wholly within the frame."""
    for index in indices:
        half = int(index > 0)
        rows, columns = patch.planes[index].shape
        y, x = patch.y >> half, patch.x >> half
        area = target[index][y : y + rows, x : x + columns]
        cv2.multiply(area, patch.keep[half], area, scale=1 / 255)
        cv2.add(area, patch.planes[index], area)
