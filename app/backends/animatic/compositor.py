"""Composes one frame after another from plates, in planar YUV 4:2:0, without ever holding a whole RGB picture.

A plate that the camera only shifts is sampled between its pixels (``getRectSubPix``). One that it enlarges is resized
by the exact factor: ``cv2.resize`` can only put the result at whole pixels, so among the columns and rows of the plate
that lie outside the frame the one is taken as origin whose own place falls nearest to a whole pixel. Both are smooth
to about a tenth of a pixel, and several times cheaper than a warp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.backends.animatic.camera import Pose
from app.backends.animatic.layers import Image
from app.backends.animatic.mouth import MouthPainter
from app.backends.animatic.particles import Particles
from app.backends.animatic.plates import PHASES, Plate, View

MARGIN = 64
cv2.setNumThreads(1)

Planes = tuple[Image, Image, Image]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a plate is in one frame: its corner in output pixels, and output pixels per plate pixel."""

    x: float
    y: float
    factor: float


class Canvas:
    """The planes being painted, with a margin all round for what starts outside the frame, and room to work in."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        shapes = [((height >> half) + 2 * MARGIN, (width >> half) + 2 * MARGIN) for half in (0, 1, 1)]
        self.planes = tuple(
            np.full(shape, value, np.uint8) for shape, value in zip(shapes, (16, 128, 128), strict=True)
        )
        self.picture = np.empty(shapes[0], np.uint8)
        self.keep = np.empty(shapes[0], np.uint8)
        self.inside: Planes = (self._inside(0), self._inside(1), self._inside(2))

    def _inside(self, index: int) -> Image:
        half = int(index > 0)
        area = self.planes[index][MARGIN : MARGIN + (self.height >> half), MARGIN : MARGIN + (self.width >> half)]
        return np.asarray(area, np.uint8)


class Compositor:
    """Draws the frames of one shot; ``frame`` leaves the picture in ``canvas.inside``, without the overlays."""

    def __init__(
        self, view: View, plates: Sequence[Plate], particles: Sequence[Particles], mouths: MouthPainter
    ) -> None:
        self.view = view
        self.canvas = Canvas(view.width, view.height)
        self._plates = list(plates)
        self._mouths = mouths
        self._particles: list[list[Particles]] = [[] for _ in range(len(self._plates) + 1)]
        for field in particles:
            nearer = (index for index, plate in enumerate(self._plates) if plate.depth > field.depth)
            self._particles[next(nearer, len(self._plates))].append(field)
        self._still = self._count_still()
        self._base: list[Image] | None = None

    def _count_still(self) -> int:
        """Return how many plates, from the far end, look the same in every frame of the shot."""
        count = 0
        for index, plate in enumerate(self._plates):
            moves = len({(pose.scale(plate.depth), pose.shift(plate.depth)) for pose in self.view.poses}) > 1
            if moves or not plate.motion.still or plate.mouths or self._particles[index]:
                break
            count += 1
        return count

    def frame(self, index: int, seconds: float) -> None:
        """Compose frame ``index``, ``seconds`` after the start."""
        pose = self.view.poses[index]
        placed = [self.place(plate, pose, seconds) for plate in self._plates]
        limits = self._limits(placed)
        first = 0
        if self._still:
            self._restore(placed, limits)
            first = self._still
        elif not self._plates or self._plates[0].keep is not None:
            for plane, value in zip(self.canvas.inside, (16, 128, 128), strict=True):
                plane[:] = value
        for number in range(first, len(self._plates)):
            self._fall(number, pose, seconds, limits[number])
            self._draw(self._plates[number], placed[number], limits[number])
            self._mouths.draw(self.canvas.inside, self._plates[number], placed[number], index)
        self._fall(len(self._plates), pose, seconds, self.view.height)

    def _restore(self, placed: Sequence[Placed], limits: Sequence[int]) -> None:
        """Bring back the plates that never change; paint them at the first frame."""
        if self._base is None:
            for plane, value in zip(self.canvas.inside, (16, 128, 128), strict=True):
                plane[:] = value
            for number in range(self._still):
                self._draw(self._plates[number], placed[number], self.view.height)
            self._base = [plane.copy() for plane in self.canvas.inside]
            return
        limit = limits[self._still - 1]
        for half, plane, base in zip((0, 1, 1), self.canvas.inside, self._base, strict=True):
            rows = (limit + half) >> half
            np.copyto(plane[:rows], base[:rows])

    def place(self, plate: Plate, pose: Pose, seconds: float) -> Placed:
        """Return where ``plate`` is for a pose of the camera."""
        view, motion = self.view, plate.motion
        scale, shift = pose.scale(plate.depth), pose.shift(plate.depth)
        left, top = plate.left + motion.drift * seconds, plate.top
        if motion.period:
            window_left = (view.width / 2) * (1 - 1 / scale) + shift[0] * view.unit / scale
            start = window_left - 2 * PHASES * plate.ratio
            left = start - (start - left) % motion.period
        if motion.sway:
            top += motion.sway * math.sin(seconds * 2.4 + motion.phase)
        x = (left - view.width / 2) * scale + view.width / 2 - shift[0] * view.unit
        y = (top - view.height / 2) * scale + view.height / 2 - shift[1] * view.unit
        return Placed(x, y, plate.ratio * scale)

    def _limits(self, placed: Sequence[Placed]) -> list[int]:
        """Return for each plate the row from which nearer ones hide it."""
        limits, limit = [0] * len(placed), self.view.height
        for number in range(len(placed) - 1, -1, -1):
            plate, place = self._plates[number], placed[number]
            limits[number] = limit
            if plate.solid < plate.height:
                limit = min(limit, max(0, math.ceil(place.y + plate.solid * place.factor) + 2))
        return limits

    def _fall(self, number: int, pose: Pose, seconds: float, limit: int) -> None:
        for field in self._particles[number]:
            x, y = pose.shift(field.depth)
            field.draw(self.canvas.inside, seconds, (x * self.view.unit, y * self.view.unit), limit)

    def _draw(self, plate: Plate, place: Placed, limit: int) -> None:
        if limit <= 0:
            return
        draw = self._shifted if abs(place.factor - 1) < 1e-6 else self._enlarged
        draw(plate, place, limit, 0)
        draw(plate, place, (limit + 1) >> 1, 1)

    def _shifted(self, plate: Plate, place: Placed, limit: int, half: int) -> None:
        """Draw the luma plane, or (``half`` = 1) the chroma planes, of a plate at its own size."""
        width, x, y = self.view.width >> half, place.x / (1 + half), place.y / (1 + half)
        sources = plate.planes[1:] if half else plate.planes[:1]
        height_here, width_here = sources[0].shape
        x0, y0 = max(0, math.floor(x)), max(0, math.floor(y))
        x1, y1 = min(width, math.ceil(x + width_here)), min(limit, math.ceil(y + height_here))
        solid = y1 if plate.keep is not None else y0
        if plate.keep is not None and plate.solid < plate.height:
            solid = min(y1, max(y0, math.ceil(y + plate.solid / (1 + half)) + 1))
        if x1 <= x0 or y1 <= y0:
            return
        targets = self.canvas.inside[1:] if half else self.canvas.inside[:1]
        if solid > y0:
            assert plate.keep is not None
            size = (x1 - x0, solid - y0)
            middle = (x0 - x + (size[0] - 1) / 2, y0 - y + (size[1] - 1) / 2)
            picture, through = self._room(size)
            cv2.getRectSubPix(plate.keep[half], size, middle, through)
            for source, target in zip(sources, targets, strict=True):
                cv2.getRectSubPix(source, size, middle, picture)
                _blend(target[y0:solid, x0:x1], picture, through)
        if y1 > solid:
            size = (x1 - x0, y1 - solid)
            middle = (x0 - x + (size[0] - 1) / 2, solid - y + (size[1] - 1) / 2)
            for source, target in zip(sources, targets, strict=True):
                cv2.getRectSubPix(source, size, middle, target[solid:y1, x0:x1])

    def _enlarged(self, plate: Plate, place: Placed, limit: int, half: int) -> None:
        """Draw the luma plane, or the chroma planes, of a plate enlarged by ``place.factor``."""
        factor = place.factor
        x, y, width = place.x / (1 + half), place.y / (1 + half), self.view.width >> half
        sources = plate.planes[1:] if half else plate.planes[:1]
        height_here, width_here = sources[0].shape
        left, x0 = _origin(x, factor, PHASES >> half)
        top, y0 = _origin(y, factor, PHASES >> half)
        right = min(width_here, math.ceil((width - x) / factor) + 1)
        bottom = min(height_here, math.ceil((limit - y) / factor) + 1)
        if right <= left or bottom <= top or x0 >= width or y0 >= limit:
            return
        size = round((right - left) * factor), round((bottom - top) * factor)
        if size[0] < 1 or size[1] < 1:
            return
        targets = self.canvas.planes[1:] if half else self.canvas.planes[:1]
        area = np.s_[y0 + MARGIN : y0 + MARGIN + size[1], x0 + MARGIN : x0 + MARGIN + size[0]]
        if plate.keep is None:
            for source, target in zip(sources, targets, strict=True):
                _resize(source[top:bottom, left:right], target[area], factor)
            return
        hidden = min(bottom, max(top, (plate.solid >> half) + 2))
        rows = round((hidden - top) * factor) if hidden < bottom else size[1]
        picture, through = self._room(size)
        if rows:
            _resize(plate.keep[half][top:hidden, left:right], through[:rows], factor)
        for source, target in zip(sources, targets, strict=True):
            _resize(source[top:bottom, left:right], picture, factor)
            part = target[area]
            if rows:
                _blend(part[:rows], picture[:rows], through[:rows])
            if rows < size[1]:
                np.copyto(part[rows:], picture[rows:])

    def _room(self, size: tuple[int, int]) -> tuple[Image, Image]:
        return self.canvas.picture[: size[1], : size[0]], self.canvas.keep[: size[1], : size[0]]


def _blend(target: Image, picture: Image, keep: Image) -> None:
    """Lay ``picture``, multiplied by its alpha already, over ``target``."""
    cv2.multiply(target, keep, target, scale=1 / 255)
    cv2.add(target, picture, target)


def _resize(source: Image, target: Image, factor: float) -> None:
    """Enlarge by exactly ``factor`` (given as such, and not by the size, OpenCV samples with it) into ``target``."""
    cv2.resize(source, None, target, factor, factor, cv2.INTER_LINEAR)


def _origin(corner: float, factor: float, phases: int) -> tuple[int, int]:
    """Return the plate pixel to start from and the output pixel where it belongs, with the least error."""
    last = max(phases, math.floor(-corner / factor))
    first = max(0, last - min(phases, int((MARGIN - 4) / factor)))
    best, error = last, 1.0
    for candidate in range(last, first - 1, -1):
        place = corner + candidate * factor
        off = abs(place - round(place))
        if off < error:
            best, error = candidate, off
            if off < 0.04:
                break
    return best, round(corner + best * factor)
