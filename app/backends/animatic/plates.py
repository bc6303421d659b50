"""Layers made ready to move: planar, premultiplied, cut to what the camera will ever see, and as few as possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from app.backends.animatic import colour
from app.backends.animatic.camera import Pose
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Image, Layer, MouthAnchor

ENLARGE = 1.05  # a zoomed plate is kept a little small, so that each enlargement can choose a phase (see compositor)
PHASES = 20  # plate pixels beyond its left and top edge among which that choice is made
SLACK = 4
SAME_DEPTH = 0.035
GAP = 48
LIFT = 280
OPAQUE = 250


@dataclass(frozen=True, slots=True)
class View:
    """The frame, and what the camera does during the whole shot."""

    width: int
    height: int
    poses: Sequence[Pose]
    seconds: float

    @property
    def unit(self) -> float:
        """Output pixels per pixel of a 1080×1920 drawing, so that it covers the frame."""
        return max(self.width / FRAME_WIDTH, self.height / FRAME_HEIGHT)

    @property
    def middle(self) -> float:
        """The row of a 1080×1920 drawing at the frame's middle: a wider frame looks higher, where the faces are."""
        unseen = 1 - self.height / (FRAME_HEIGHT * self.unit)
        return FRAME_HEIGHT / 2 - LIFT * unseen

    def zooms(self, depth: float) -> tuple[float, float]:
        """Return the least and the greatest enlargement of a plane at ``depth``."""
        values = [pose.scale(depth) for pose in self.poses]
        return min(values), max(values)

    def window(self, depth: float) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of what is ever seen of a plane at ``depth``, in output pixels at rest."""
        boxes = []
        for pose in self.poses:
            scale, shift = pose.scale(depth), pose.shift(depth)
            half_width, half_height = self.width / 2 / scale, self.height / 2 / scale
            middle_x = self.width / 2 + shift[0] * self.unit / scale
            middle_y = self.height / 2 + shift[1] * self.unit / scale
            boxes.append((middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height))
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass(frozen=True, slots=True)
class Motion:
    """How a plate moves by itself: bob and drift in output pixels (a second), and the width after which it repeats."""

    sway: float = 0.0
    phase: float = 0.0
    drift: float = 0.0
    period: float = 0.0

    @property
    def still(self) -> bool:
        """Whether only the camera moves it."""
        return not self.sway and not self.drift


@dataclass(slots=True)
class Plate:
    """One picture as planes: Y, Cb, Cr multiplied by alpha; ``keep`` is 255 − alpha at full and half size, or None.

    ``left``, ``top`` is its corner in output pixels with the camera at rest, ``ratio`` output pixels per plate pixel
    there. From the row ``solid`` down it hides everything behind it over the whole width of the frame.
    """

    planes: tuple[Image, Image, Image]
    keep: tuple[Image, Image] | None
    left: float
    top: float
    ratio: float
    depth: float
    motion: Motion = Motion()
    solid: int = 1 << 30
    mouths: list[MouthAnchor] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Its width in its own pixels, even."""
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        """Its height in its own pixels, even."""
        return int(self.planes[0].shape[0])


def plates(layers: Sequence[Layer], view: View, to_yuv: colour.Matrix) -> list[Plate]:
    """Return the plates of a shot from far to near; the first is opaque and covers the frame whenever a layer can."""
    made: list[Plate] = []
    for index, layer in enumerate(layers):
        plate = _plate(layer, view, to_yuv, backdrop=index == 0)
        if plate is None:
            continue
        joined = _joined(made[-1], plate) if made else None
        if joined is None:
            made.append(plate)
        else:
            made[-1] = joined
    return [_with_solid(piece, view) for plate in made for piece in _pieces(plate)]


def _plate(layer: Layer, view: View, to_yuv: colour.Matrix, *, backdrop: bool) -> Plate | None:
    """Return one layer as a plate, or None when no frame shows any of it."""
    unit, depth = view.unit, layer.depth
    natural = layer.scale * unit
    least, greatest = view.zooms(depth)
    ratio = 1 / least if greatest == least else max(natural, ENLARGE)
    motion = Motion(layer.sway * unit, layer.x * 0.011, layer.drift * unit)
    opaque = backdrop and layer.image.shape[2] == 3
    cut = _cut(layer, view, motion, (PHASES + SLACK) * ratio / natural, opaque=opaque)
    if cut is None:
        return None
    image, left, top = cut
    factor = natural / ratio
    size = _even(image.shape[1] * factor), _even(image.shape[0] * factor)
    made = _planes(image, size, to_yuv, opaque=opaque)
    if made is None:
        return None
    planes, keep = made
    scale_x, scale_y = size[0] / image.shape[1], size[1] / image.shape[0]
    mouths = []
    if layer.mouth is not None:
        x = layer.mouth.x - (left - _left(layer, view)) / natural
        y = layer.mouth.y - (top - _top(layer, view)) / natural
        mouths = [replace(layer.mouth, x=x * scale_x, y=y * scale_y, width=layer.mouth.width * scale_x)]
    plate = Plate(planes, keep, left, top, ratio, depth, motion, mouths=mouths)
    return _endless(plate, view) if layer.tile else plate


def _left(layer: Layer, view: View) -> float:
    natural = layer.scale * view.unit
    return (layer.x - FRAME_WIDTH / 2) * view.unit + view.width / 2 - int(layer.image.shape[1]) * natural / 2


def _top(layer: Layer, view: View) -> float:
    natural = layer.scale * view.unit
    return (layer.y - view.middle) * view.unit + view.height / 2 - int(layer.image.shape[0]) * natural / 2


def _even(size: float) -> int:
    return max(2, round(size / 2) * 2)


def _cut(layer: Layer, view: View, motion: Motion, border: float, *, opaque: bool) -> tuple[Image, float, float] | None:
    """Return the part of a layer's image that is ever seen, with its corner; padded where the image ends in view.

    ``border`` is the image pixels to keep around what is seen.
    """
    image, natural = layer.image, layer.scale * view.unit
    height, width = image.shape[:2]
    left, top = _left(layer, view), _top(layer, view)
    seen = view.window(layer.depth)
    travel = motion.drift * view.seconds
    x0 = (seen[0] - max(0.0, travel) - left) / natural - border
    x1 = (seen[2] - min(0.0, travel) - left) / natural + border
    y0 = (seen[1] - abs(motion.sway) - top) / natural - border
    y1 = (seen[3] + abs(motion.sway) - top) / natural + border
    if layer.tile:
        x0, x1 = 0.0, float(width)
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        return None
    columns = max(0, math.floor(x0)), min(width, math.ceil(x1))
    rows = max(0, math.floor(y0)), min(height, math.ceil(y1))
    part = image[rows[0] : rows[1], columns[0] : columns[1]]
    pad_x = (0, 0) if layer.tile else (columns[0] - math.floor(x0), math.ceil(x1) - columns[1])
    pad_y = rows[0] - math.floor(y0), math.ceil(y1) - rows[1]
    if not opaque:  # transparent: enough for a phase and a soft edge
        most = math.ceil(border)
        pad_x, pad_y = (min(pad_x[0], most), min(pad_x[1], most)), (min(pad_y[0], most), min(pad_y[1], most))
    part = _padded(part, pad_y, pad_x, opaque=opaque)
    return part, left + (columns[0] - pad_x[0]) * natural, top + (rows[0] - pad_y[0]) * natural


def _padded(image: Image, rows: tuple[int, int], columns: tuple[int, int], *, opaque: bool) -> Image:
    """Return ``image`` with margins: its edge repeated when it must cover the frame, transparent otherwise."""
    if not any((*rows, *columns)):
        return image
    if opaque:
        return np.asarray(cv2.copyMakeBorder(image, *rows, *columns, cv2.BORDER_REPLICATE), np.uint8)
    if image.shape[2] == 3:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2RGBA), np.uint8)
    return np.asarray(cv2.copyMakeBorder(image, *rows, *columns, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)), np.uint8)


def _planes(
    image: Image, size: tuple[int, int], to_yuv: colour.Matrix, *, opaque: bool
) -> tuple[tuple[Image, Image, Image], tuple[Image, Image] | None] | None:
    """Return an image's planes at ``size`` and what they keep of what is behind, or None when it is all transparent."""
    if opaque:
        rgb = _sized(np.ascontiguousarray(image), size)
        cb, cr = colour.chroma(colour.halved(rgb), to_yuv)
        return (colour.luma(rgb, to_yuv), cb, cr), None
    if image.shape[2] == 3:
        image = np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2RGBA), np.uint8)
    alpha = np.asarray(cv2.extractChannel(image, 3), np.uint8)
    if not alpha.any():
        return None
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2RGB), np.uint8)
    planes = [
        _sized(np.asarray(cv2.multiply(plane, alpha, scale=1 / 255), np.uint8), size)
        for plane in (colour.luma(rgb, to_yuv), *colour.chroma(rgb, to_yuv))
    ]
    keep = np.asarray(cv2.bitwise_not(_sized(alpha, size)), np.uint8)
    return (planes[0], colour.halved(planes[1]), colour.halved(planes[2])), (keep, colour.halved(keep))


def _sized(plane: Image, size: tuple[int, int]) -> Image:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    small = size[0] < plane.shape[1] * 0.7
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if small else cv2.INTER_LINEAR), np.uint8)


def _endless(plate: Plate, view: View) -> Plate:
    """Return a plate that repeats sideways, wide enough that one drawing of it fills the frame wherever it starts."""
    period = plate.width * plate.ratio
    window = view.window(plate.depth)
    need = window[2] - window[0] + period + 4 * PHASES * plate.ratio
    times = math.ceil(need / period)
    planes = tuple(np.ascontiguousarray(np.tile(plane, (1, times))) for plane in plate.planes)
    keep = plate.keep and (np.tile(plate.keep[0], (1, times)), np.tile(plate.keep[1], (1, times)))
    assert len(planes) == 3
    motion = replace(plate.motion, period=period)
    return replace(plate, planes=planes, keep=keep, motion=motion, mouths=[])


def _joined(below: Plate, above: Plate) -> Plate | None:
    """Return two plates that move alike as one, or None when they do not, or when that would not save work."""
    alike = abs(below.depth - above.depth) <= SAME_DEPTH and math.isclose(below.ratio, above.ratio, rel_tol=0.003)
    if not alike or below.motion.period or above.motion.period:
        return None
    if (below.motion != above.motion) and not (below.motion.still and above.motion.still):
        return None
    assert above.keep is not None
    x = round((above.left - below.left) / below.ratio / 2) * 2
    y = round((above.top - below.top) / below.ratio / 2) * 2
    if below.keep is None:
        return _onto_backdrop(below, above, x, y)
    box = min(0, x), min(0, y), max(below.width, x + above.width), max(below.height, y + above.height)
    area = (box[2] - box[0]) * (box[3] - box[1])
    if area > 1.1 * (below.width * below.height + above.width * above.height):
        return None
    return _united(below, above, (x, y), box)


def _onto_backdrop(below: Plate, above: Plate, x: int, y: int) -> Plate:
    """Paint ``above`` into the opaque plate ``below``."""
    for index, plane in enumerate(below.planes):
        _paint(plane, None, above, index, x, y)
    below.mouths += _moved(above.mouths, x, y)
    return below


def _united(below: Plate, above: Plate, at: tuple[int, int], box: tuple[int, int, int, int]) -> Plate:
    """Return a new plate of the size of ``box`` with both in it."""
    assert below.keep is not None
    width, height = box[2] - box[0], box[3] - box[1]
    planes = tuple(np.zeros((height >> half, width >> half), np.uint8) for half in (0, 1, 1))
    keep = np.full((height, width), 255, np.uint8), np.full((height // 2, width // 2), 255, np.uint8)
    for piece, x, y in ((below, -box[0], -box[1]), (above, at[0] - box[0], at[1] - box[1])):
        for index in (2, 1, 0):
            _paint(planes[index], keep[min(index, 1)] if index != 2 else None, piece, index, x, y)
    assert len(planes) == 3
    mouths = _moved(below.mouths, -box[0], -box[1]) + _moved(above.mouths, at[0] - box[0], at[1] - box[1])
    left, top = below.left + box[0] * below.ratio, below.top + box[1] * below.ratio
    return replace(below, planes=planes, keep=keep, left=left, top=top, mouths=mouths)


def _moved(mouths: Sequence[MouthAnchor], x: float, y: float) -> list[MouthAnchor]:
    return [replace(mouth, x=mouth.x + x, y=mouth.y + y) for mouth in mouths]


def _paint(plane: Image, keep: Image | None, piece: Plate, index: int, x: int, y: int) -> None:
    """Blend one plane of ``piece`` into ``plane`` at plate pixels ``x``, ``y``, clipped; ``keep`` follows if given."""
    assert piece.keep is not None
    half = int(index > 0)
    source, through = piece.planes[index], piece.keep[half]
    x, y = x >> half, y >> half
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(plane.shape[1], x + source.shape[1]), min(plane.shape[0], y + source.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = np.s_[y0 - y : y1 - y, x0 - x : x1 - x]
    target = plane[y0:y1, x0:x1]
    cv2.multiply(target, through[part], target, scale=1 / 255)
    cv2.add(target, source[part], target)
    if keep is not None:
        kept = keep[y0:y1, x0:x1]
        cv2.multiply(kept, through[part], kept, scale=1 / 255)


def _pieces(plate: Plate) -> list[Plate]:
    """Return a plate cut along its wide empty columns and rows, each piece trimmed, margins for a phase kept."""
    if plate.keep is None or plate.motion.period:
        return [plate]
    pieces = [plate]
    for axis in (0, 1, 0):
        pieces = [part for piece in pieces for part in _along(piece, axis)]
    return pieces


def _along(plate: Plate, axis: int) -> list[Plate]:
    """Return ``plate`` cut where at least ``GAP`` columns (axis 0) or rows (axis 1) in a row are empty."""
    assert plate.keep is not None
    filled = np.flatnonzero(np.asarray(cv2.reduce(plate.keep[0], axis, cv2.REDUCE_MIN)).ravel() < 255)
    if not len(filled):
        return []
    parts = []
    for run in np.split(filled, np.flatnonzero(np.diff(filled) > GAP) + 1):
        first = max(0, int(run[0]) - PHASES - SLACK) // 2 * 2
        last = min(plate.keep[0].shape[1 - axis], (int(run[-1]) + SLACK + 2) // 2 * 2)
        parts.append(_part(plate, axis, first, last))
    owners: list[list[MouthAnchor]] = [[] for _ in parts]
    for mouth in plate.mouths:
        place = mouth.x if axis == 0 else mouth.y
        starts = [(part.left - plate.left if axis == 0 else part.top - plate.top) / plate.ratio for part in parts]
        owner = max((index for index, start in enumerate(starts) if start <= place), default=0)
        shift = -starts[owner]
        owners[owner] += _moved([mouth], shift if axis == 0 else 0, shift if axis == 1 else 0)
    return [replace(part, mouths=mine) for part, mine in zip(parts, owners, strict=True)]


def _part(plate: Plate, axis: int, first: int, last: int) -> Plate:
    assert plate.keep is not None
    whole = np.s_[:, first:last] if axis == 0 else np.s_[first:last, :]
    half = np.s_[:, first // 2 : last // 2] if axis == 0 else np.s_[first // 2 : last // 2, :]
    y, cb, cr = plate.planes
    left = plate.left + first * plate.ratio * (axis == 0)
    top = plate.top + first * plate.ratio * (axis == 1)
    keep = plate.keep[0][whole], plate.keep[1][half]
    return replace(plate, planes=(y[whole], cb[half], cr[half]), keep=keep, left=left, top=top)


def _with_solid(plate: Plate, view: View) -> Plate:
    """Return the plate with the row found from which it hides the whole width of the frame down to its end."""
    if plate.keep is None:
        return replace(plate, solid=0)
    left, _, right, bottom = view.window(plate.depth)
    first, last = math.floor((left - plate.left) / plate.ratio), math.ceil((right - plate.left) / plate.ratio)
    reaches = plate.top + plate.height * plate.ratio - abs(plate.motion.sway) >= bottom
    if plate.motion.drift and not plate.motion.period:
        return plate
    if plate.motion.period:
        first, last = 0, plate.width
    if first < 0 or last > plate.width or not reaches:
        return plate
    hides = np.asarray(cv2.reduce(np.ascontiguousarray(plate.keep[0][:, first:last]), 1, cv2.REDUCE_MAX)).ravel()
    seen = math.ceil((bottom - plate.top) / plate.ratio) + 1
    open_rows = np.flatnonzero(hides[:seen] > 255 - OPAQUE)
    solid = (int(open_rows[-1]) + 3) // 2 * 2 + 2 if len(open_rows) else 0
    return replace(plate, solid=solid) if solid < plate.height else plate
