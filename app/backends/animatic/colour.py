"""From R'G'B' to the planes an encoder eats: BT.709, limited range, 8 bits, with the grade in the same step."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from app.backends.animatic.layers import Grade, Image

Matrix = NDArray[np.float32]

FLASHBACK = Grade(saturation=0.34, warmth=0.42, contrast=0.90, lift=0.05)
# ITU-R BT.709-6 §3, 8-bit limited range, as rows Y, Cb, Cr over R, G, B and 1
BT709: Matrix = np.array(
    [
        [0.18259, 0.61423, 0.06201, 16.0],
        [-0.10064, -0.33857, 0.43922, 128.0],
        [0.43922, -0.39894, -0.04027, 128.0],
    ],
    np.float32,
)


def matrix(*grades: Grade | None) -> Matrix:
    """Return the 3×4 matrix that grades R'G'B' and turns it into Y'CbCr; grades apply one after the other."""
    return reduce(_graded, (grade for grade in grades if grade is not None), BT709)


def _graded(base: Matrix, grade: Grade) -> Matrix:
    """Return ``base`` followed by ``grade``, which is affine in Y'CbCr: contrast turns about middle grey."""
    scale = np.array([grade.contrast, grade.contrast * grade.saturation, grade.contrast * grade.saturation], np.float32)
    turned = base * scale[:, None]
    middle = np.array([126.0, 128.0, 128.0], np.float32)
    turned[:, 3] = (base[:, 3] - middle) * scale + middle
    turned[:, 3] += np.array([110 * grade.lift, -22 * grade.warmth, 14 * grade.warmth], np.float32)
    return turned.astype(np.float32)


def luma(rgb: Image, to_yuv: Matrix) -> Image:
    """Return the luma plane of ``rgb``, shape (h, w)."""
    return np.asarray(cv2.transform(rgb, to_yuv[:1]), np.uint8)


def chroma(rgb: Image, to_yuv: Matrix) -> tuple[Image, Image]:
    """Return the Cb and Cr planes of ``rgb`` at its own size."""
    return np.asarray(cv2.transform(rgb, to_yuv[1:2]), np.uint8), np.asarray(cv2.transform(rgb, to_yuv[2:]), np.uint8)


def halved(plane: Image) -> Image:
    """Return a plane of even size at half its width and height, each pixel the mean of four."""
    height, width = plane.shape[:2]
    return np.asarray(cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
