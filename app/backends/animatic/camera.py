"""How the camera of an animatic moves: eased, a little late to start, and smaller the closer the shot.

A camera that travels (track, crane, push) shows parallax: what is near moves more. One that turns on its tripod (pan,
tilt) moves everything alike; a pan gets a little parallax nevertheless, as from a short slider, since it gives depth.
"""

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
    """Where the camera is in one frame; lengths in pixels of a 1080×1920 frame.

    ``zoom``, ``x``, ``y``: it has come nearer, and stands further right and down; planes follow by their depth.
    ``lens``, ``turn_x``, ``turn_y``: its lens is longer, and it looks further right and down; all planes follow alike.
    """

    zoom: float = REST_ZOOM
    x: float = 0.0
    y: float = 0.0
    lens: float = 1.0
    turn_x: float = 0.0
    turn_y: float = 0.0

    def scale(self, depth: float) -> float:
        """Return how much larger than at rest a plane at ``depth`` is."""
        return (1 + (self.zoom - 1) * depth) * self.lens

    def shift(self, depth: float) -> tuple[float, float]:
        """Return how far left and up of the frame's middle the middle of a plane at ``depth`` is seen."""
        return self.x * depth * self.lens + self.turn_x, self.y * depth * self.lens + self.turn_y


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


def _push(eased: float, reach: float) -> Pose:
    """Return a way forward to the eye line."""
    zoom = 1.01 + 0.17 * reach * eased
    return Pose(zoom, 0.0, EYE_LINE * (zoom - 1))


def _pan(way: float, reach: float) -> Pose:
    """Return a turn to the side, ``way`` from −1 to 1."""
    return Pose(1.02, 58 * reach * way, 0.0, 1.07, 34 * reach * way)


def _tilt(way: float, reach: float) -> Pose:
    """Return a turn down, ``way`` from −1 to 1."""
    return Pose(1.0, 0.0, 14 * reach * way, 1.10, 0.0, 84 * reach * way)


def _crane(eased: float, reach: float) -> Pose:
    """Return a rise, looking a little down at its end."""
    way = 1 - 2 * eased
    return Pose(1.05 - 0.05 * eased, 0.0, 44 * reach * way, 1.09, 0.0, 62 * reach * way)


def _track(eased: float, reach: float, seconds: float) -> Pose:
    """Return a walk alongside: sideways, with the step in it."""
    return Pose(1.06, 100 * reach * (2 * eased - 1), 5 * reach * math.sin(seconds * 2 * math.pi * 1.7))


def _handheld(seconds: float, reach: float, seed: int) -> Pose:
    """Return the unrest of a camera on a shoulder: slow breath, quick nerves."""
    phase = seed % 97
    x = 13 * math.sin(1.9 * seconds + phase) + 5 * math.sin(4.7 * seconds + 2.1 * phase) + 2 * math.sin(11.3 * seconds)
    y = 10 * math.sin(2.3 * seconds + 1.3 * phase) + 4 * math.sin(5.9 * seconds + phase) + 2 * math.sin(13.1 * seconds)
    strength = 0.5 + reach / 2
    return Pose(1.02, x * strength * 0.5, y * strength * 0.3, 1.04, x * strength * 0.5, y * strength * 0.7)


Move = Callable[[float, float, float], Pose]
MOVES: MappingProxyType[str, Move] = MappingProxyType(
    {
        "push_in": lambda eased, reach, _: _push(eased, reach),
        "pull_out": lambda eased, reach, _: _push(1 - eased, reach),
        "pan_left": lambda eased, reach, _: _pan(1 - 2 * eased, reach),
        "pan_right": lambda eased, reach, _: _pan(2 * eased - 1, reach),
        "tilt_up": lambda eased, reach, _: _tilt(1 - 2 * eased, reach),
        "tilt_down": lambda eased, reach, _: _tilt(2 * eased - 1, reach),
        "track": _track,
        "crane_up": lambda eased, reach, _: _crane(eased, reach),
    }
)
