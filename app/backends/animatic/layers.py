"""What a drawn shot is made of: the contract between the art, which draws it, and the renderer, which moves it.

Positions are pixels of a frame 1080 wide and 1920 high, x to the right and y down; the renderer scales them for other
frame sizes. Colours are 8-bit R, G, B.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

FRAME_WIDTH = 1080
FRAME_HEIGHT = 1920


@dataclass(frozen=True, slots=True)
class MouthAnchor:
    """Where a moving mouth is drawn on a figure: its centre and width in pixels of the layer's image, before ``scale``.

    The art draws the closed mouth; the renderer opens it over that while ``speaker`` (a character's name) is heard.
    """

    x: float
    y: float
    width: float
    speaker: str
    skin: Colour
    lip: Colour


@dataclass(slots=True)
class Layer:
    """One picture of a shot, standing somewhere between the horizon and the lens.

    ``image`` is uint8 RGBA with straight alpha, shape (h, w, 4), or RGB, shape (h, w, 3), for an opaque backdrop.
    ``x``, ``y`` is where the image's centre stands when the camera is at rest. ``depth`` is the parallax: 0 is
    infinitely far and does not move with the camera, 1 is the subject's plane, more is nearer. An image must be larger
    than the frame (about 12 % on each side at depth 1) where its edge may not show. ``sway`` is a slow vertical bob,
    ± pixels. ``drift`` is pixels a second to the right; a layer with ``tile`` repeats sideways without end, so it may
    drift for ever (its image's left and right edges must meet).
    """

    image: Image
    x: float
    y: float
    depth: float = 1.0
    scale: float = 1.0
    sway: float = 0.0
    drift: float = 0.0
    tile: bool = False
    mouth: MouthAnchor | None = None


@dataclass(slots=True)
class ParticleField:
    """Rain, snow, embers, dust, spray or bubbles: one picture that repeats in both directions and moves every frame.

    ``image`` is uint8 RGBA (h, w, 4) whose opposite edges meet; 512 to 1080 pixels a side do. ``dx``, ``dy`` are its
    pixels a second (y down). It is drawn in front of the layers whose depth is at most ``depth``, between the rows
    ``top`` and ``bottom`` of the frame.
    """

    image: Image
    dx: float
    dy: float
    depth: float = 2.0
    top: float = 0.0
    bottom: float = float(FRAME_HEIGHT)


@dataclass(frozen=True, slots=True)
class Grade:
    """A colour grade of the whole picture: 1, 0, 1 and 0 leave it as it is.

    ``saturation`` and ``contrast`` multiply; ``warmth`` (−1 to 1) leans to blue or to orange; ``lift`` (−1 to 1)
    adds light.
    """

    saturation: float = 1.0
    warmth: float = 0.0
    contrast: float = 1.0
    lift: float = 0.0


@dataclass(slots=True)
class Stage:
    """A whole shot, drawn: its layers from far to near, what falls or floats through it, and its light.

    ``flashes`` are the seconds at which lightning strikes.
    """

    layers: list[Layer]
    particles: list[ParticleField] = field(default_factory=list)
    flashes: tuple[float, ...] = ()
    grade: Grade | None = None
