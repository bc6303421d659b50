"""What stands behind a near figure: the same place, closer and out of focus, as one picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from app.backends.animatic.art.brush import blurred, to_bytes
from app.backends.animatic.art.colour import Array
from app.backends.animatic.art.scenery import MARGIN_X, MARGIN_Y
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

RES = 0.42


def flatten(layers: Sequence[Layer], left: float, top: float, zoom: float, res: float = RES) -> Array:
    """Look at layers through an enlarging window with its corner at (left, top); float RGB of a backdrop's shape."""
    width = round((FRAME_WIDTH + 2 * MARGIN_X) * res)
    height = round((FRAME_HEIGHT + 2 * MARGIN_Y) * res)
    out = np.zeros((height, width, 3), np.float32)
    for layer in layers:
        h, w = layer.image.shape[:2]
        k = layer.scale * zoom * res
        x = (layer.x - w * layer.scale / 2 - left) * zoom * res
        y = (layer.y - h * layer.scale / 2 - top) * zoom * res
        image = layer.image
        if k < 0.6:
            image = np.asarray(cv2.resize(image, None, fx=k, fy=k, interpolation=cv2.INTER_AREA), np.uint8)
            k = 1.0
        matrix = np.array([[k, 0, x], [0, k, y]], np.float32)
        border = cv2.BORDER_REPLICATE if image.shape[2] == 3 else cv2.BORDER_CONSTANT
        moved = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border)
        colour = moved[..., :3].astype(np.float32) * np.float32(1 / 255)
        if image.shape[2] == 3:
            out = colour
            continue
        alpha = moved[..., 3:].astype(np.float32) * np.float32(1 / 255)
        out += (colour - out) * alpha
    return out


def behind(
    layers: Sequence[Layer],
    horizon: float,
    zoom: float,
    blur: float,
    eye: float = 820.0,
    shift: float = 0.0,
    dark: float = 1.0,
) -> Layer:
    """The place behind a near figure: enlarged about its horizon, which comes to the row ``eye``, and blurred."""
    left = 540 + shift - (540 + MARGIN_X) / zoom
    top = horizon - (eye + MARGIN_Y) / zoom
    picture = flatten(layers, left, top, zoom)
    picture = blurred(picture, max(0.4, blur * RES))
    return as_backdrop(picture * np.float32(dark))


def as_backdrop(picture: Array, depth: float = 0.35) -> Layer:
    """A picture of a backdrop's shape as a layer."""
    scale = (FRAME_WIDTH + 2 * MARGIN_X) / picture.shape[1]
    return Layer(to_bytes(picture), FRAME_WIDTH / 2, FRAME_HEIGHT / 2, depth, scale)
