"""How the camera of an animatic moves: eased, a little late to start, and smaller the closer the shot."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from app.backends.animatic.layers import FRAME_HEIGHT

REACH = MappingProxyType(
    {"ELS": 1.0, "LS": 1.0, "FS": 0.95, "MLS": 0.9, "MS": 0.85, "MCU": 0.75, "CU": 0.65, "ECU": 0.55, "INS": 0.6}
)
EYE_LINE = -0.06 * FRAME_HEIGHT  # a push goes to the faces, a little above the middle
REST_ZOOM = 1.02


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is in one frame: a zoom about the frame's centre, and a shift in pixels of a 1080×1920 frame."""

    zoom: float = REST_ZOOM
    x: float = 0.0
    y: float = 0.0


def path(movement: str, size: str, frames: int, fps: float, seed: int) -> list[Pose]:
    """Return a pose for each of ``frames``; a movement nobody knows stands still."""
    reach = REACH.get(size, 0.85)
    if movement == "handheld":
        return [_handheld(index / fps, reach, seed) for index in range(frames)]
    move = MOVES.get(movement)
    if move is None:
        return [Pose()] * frames
    return [move(_eased(index / max(1, frames - 1)), reach, index / fps) for index in range(frames)]


def _eased(progress: float) -> float:
    """Return 0 to 1 with rest at both ends, as an operator moves: a hold of 4 %, then a smooth start and stop."""
    t = min(1.0, max(0.0, (progress - 0.04) / 0.92))
    return t * t * (3 - 2 * t)


def _zoomed(zoom: float) -> Pose:
    """Return a zoom about the eye line."""
    return Pose(zoom, 0.0, EYE_LINE * (zoom - 1))


def _track(eased: float, reach: float, seconds: float) -> Pose:
    """Return a walk alongside: sideways, with the step in it."""
    return Pose(1.06, 100 * reach * (2 * eased - 1), 5 * reach * math.sin(seconds * 2 * math.pi * 1.7))


def _handheld(seconds: float, reach: float, seed: int) -> Pose:
    """Return the unrest of a camera on a shoulder: slow breath, quick nerves."""
    phase = seed % 97
    x = 13 * math.sin(1.9 * seconds + phase) + 5 * math.sin(4.7 * seconds + 2.1 * phase) + 2 * math.sin(11.3 * seconds)
    y = 10 * math.sin(2.3 * seconds + 1.3 * phase) + 4 * math.sin(5.9 * seconds + phase) + 2 * math.sin(13.1 * seconds)
    return Pose(1.05, x * (0.5 + reach / 2), y * (0.5 + reach / 2))


Move = Callable[[float, float, float], Pose]
MOVES: MappingProxyType[str, Move] = MappingProxyType(
    {
        "push_in": lambda eased, reach, _: _zoomed(1.01 + 0.17 * reach * eased),
        "pull_out": lambda eased, reach, _: _zoomed(1.01 + 0.17 * reach * (1 - eased)),
        "pan_left": lambda eased, reach, _: Pose(1.06, 92 * reach * (1 - 2 * eased)),
        "pan_right": lambda eased, reach, _: Pose(1.06, 92 * reach * (2 * eased - 1)),
        "tilt_up": lambda eased, reach, _: Pose(1.06, 0.0, 110 * reach * (1 - 2 * eased)),
        "tilt_down": lambda eased, reach, _: Pose(1.06, 0.0, 110 * reach * (2 * eased - 1)),
        "track": _track,
        "crane_up": lambda eased, reach, _: Pose(1.10 - 0.06 * eased, 0.0, 130 * reach * (1 - 2 * eased)),
    }
)
