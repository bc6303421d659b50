"""Plain stages and shots for the animatic's tests: flat colours and dots whose place in a frame can be reckoned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.backends.animatic.layers import Layer, MouthAnchor, Stage
from app.backends.animatic.order import Order
from app.backends.animatic.render import Shot
from app.backends.base import ShotFacts
from app.core.frames import FrameRate
from app.media.speech import SpokenAudio
from app.media.voices import Voice

Rgba = tuple[int, int, int, int]
Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


@dataclass
class Hummer:
    """A voice that hums half a second for each word, so that tests need no engine and know its length."""

    spoken: int = 0

    def speak(self, text: str, voice: Voice, manner: str = "") -> SpokenAudio:
        self.spoken += 1
        seconds = 0.5 * len(text.split()) / voice.tempo
        time = np.arange(int(seconds * 24_000)) / 24_000
        return SpokenAudio(np.asarray(0.3 * np.sin(2 * np.pi * 220 * time), np.float32), 24_000)

    def close(self) -> None:
        """Hold nothing."""


def flat(width: int, height: int, colour: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a picture of one colour."""
    return np.full((height, width, len(colour)), colour, np.uint8)


def dot(x: float, y: float, depth: float, colour: Rgba = (255, 255, 255, 255), **more: float) -> Layer:
    """Return a disc of 60 pixels at a place of the 1080×1920 frame."""
    row, column = np.mgrid[0:80, 0:80]
    image = flat(80, 80, colour)
    image[..., 3] = np.clip(30.5 - np.hypot(column - 39.5, row - 39.5), 0, 1) * colour[3]
    return Layer(image, x, y, depth, **more)


def backdrop(colour: tuple[int, int, int] = (60, 60, 60), depth: float = 0.2) -> Layer:
    """Return an opaque layer as large as the art's contract asks for."""
    return Layer(flat(1340, 2380, colour), 540, 960, depth)


def face(speaker: str, x: float = 540, y: float = 800) -> Layer:
    """Return a plain figure with a mouth in its middle."""
    mouth = MouthAnchor(150, 150, 100, speaker, (220, 180, 150), (170, 90, 80))
    return Layer(flat(300, 300, (220, 180, 150, 255)), x, y, 1.0, mouth=mouth)


def shot(
    facts: ShotFacts,
    stage: Stage,
    *,
    frames: int = 24,
    width: int = 540,
    height: int = 960,
    sound: bool = True,
    fps: int = 24,
) -> Shot:
    """Return a shot of ``stage`` at half the usual size."""
    order = Order(facts, width, height, frames, FrameRate(fps), 5, sound)
    build: Callable[[ShotFacts, int, int, int], Stage] = lambda *_: stage  # noqa: E731
    return Shot(order, Hummer(), build)


def drawn(made: Shot, index: int) -> Planes:
    """Return a frame's planes."""
    order = made.order
    shapes = [(order.height >> half, order.width >> half) for half in (0, 1, 1)]
    y, cb, cr = (np.zeros(shape, np.uint8) for shape in shapes)
    made.frame(index, (y, cb, cr))
    return y, cb, cr


def composed(made: Shot, index: int) -> NDArray[np.uint8]:
    """Return a frame's luma before anything is written over it."""
    made._compositor.frame(index, index / made.order.fps)
    return made._compositor.canvas.inside[0].copy()


def centre(luma: NDArray[np.uint8], least: int = 140) -> tuple[float, float]:
    """Return where the bright spot of a picture is, in pixels, to a small share of one."""
    weight = np.clip(luma.astype(float) - least, 0, None)
    rows, columns = np.mgrid[0 : luma.shape[0], 0 : luma.shape[1]]
    return float((columns * weight).sum() / weight.sum()), float((rows * weight).sum() / weight.sum())
