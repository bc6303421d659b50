"""Where the joints of a figure are. Units are half heads; the head's centre is the origin, y grows down.

Index 0 is the arm or leg on the picture's left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.backends.animatic.art.brush import Point


@dataclass(frozen=True, slots=True)
class Build:
    """Proportions: ``reach`` shortens everything below the chin (children), the rest are half widths."""

    reach: float = 1.0
    shoulders: float = 1.62
    waist: float = 1.05
    hips: float = 1.2
    stout: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Joints of both arms and legs before the build is applied; ``front`` says which arms lie before the body."""

    elbows: tuple[Point, Point] = ((-1.84, 4.75), (1.84, 4.75))
    wrists: tuple[Point, Point] = ((-1.8, 7.1), (1.8, 7.1))
    knees: tuple[Point, Point] = ((-0.72, 10.5), (0.72, 10.5))
    ankles: tuple[Point, Point] = ((-0.66, 13.9), (0.66, 13.9))
    front: tuple[bool, bool] = (False, False)
    seat: float = 7.0
    lean: float = 0.0
    floor: float = 14.35
    kneeling: bool = False


POSES: Mapping[str, Pose] = {
    "stand": Pose(),
    "hold": Pose(((-1.88, 4.7), (1.88, 4.7)), ((-0.62, 5.2), (0.62, 5.2)), front=(True, True)),
    "offer": Pose(((-1.84, 4.75), (2.15, 4.5)), ((-1.8, 7.1), (0.8, 5.0)), front=(False, True)),
    "chest": Pose(((-1.84, 4.75), (2.1, 4.6)), ((-1.8, 7.1), (0.35, 3.7)), front=(False, True)),
    "phone": Pose(((-1.84, 4.75), (2.35, 4.3)), ((-1.8, 7.1), (0.98, 1.15)), front=(False, True)),
    "raise": Pose(((-1.84, 4.75), (2.85, 1.0)), ((-1.8, 7.1), (2.6, -1.7)), front=(False, True)),
    "raise_both": Pose(((-2.85, 1.0), (2.85, 1.0)), ((-2.5, -1.6), (2.5, -1.6)), front=(True, True)),
    "point": Pose(((-1.84, 4.75), (2.9, 3.0)), ((-1.8, 7.1), (4.6, 2.5)), front=(False, True)),
    "reach": Pose(((-1.84, 4.75), (2.5, 3.9)), ((-1.8, 7.1), (3.4, 4.7)), front=(False, True)),
    "throw": Pose(
        ((-2.6, 3.4), (2.6, 0.9)),
        ((-3.6, 2.6), (3.9, -0.9)),
        ((-0.9, 10.3), (1.0, 10.4)),
        ((-1.5, 13.8), (1.5, 13.9)),
        (False, True),
        lean=0.12,
    ),
    "bound": Pose(((-2.05, 4.6), (2.05, 4.6)), ((-1.2, 6.4), (1.2, 6.4))),
    "crossed": Pose(((-2.1, 4.7), (2.1, 4.7)), ((0.75, 4.35), (-0.75, 4.75)), front=(True, True)),
    "clasp": Pose(((-2.0, 4.8), (2.0, 4.8)), ((-0.16, 6.0), (0.16, 6.1)), front=(True, True)),
    "staff": Pose(((-1.84, 4.75), (2.4, 4.4)), ((-1.8, 7.1), (2.15, 4.0)), front=(False, True)),
    "cane": Pose(((-1.84, 4.75), (2.0, 4.7)), ((-1.8, 7.1), (2.0, 6.7)), front=(False, True)),
    "walk": Pose(
        ((-2.15, 4.6), (1.9, 4.8)),
        ((-1.75, 6.9), (2.3, 6.9)),
        ((-0.55, 10.4), (0.95, 10.4)),
        ((-1.15, 13.6), (1.35, 13.9)),
        lean=0.05,
    ),
    "run": Pose(
        ((-2.3, 4.2), (2.0, 4.6)),
        ((-1.0, 4.9), (3.0, 6.2)),
        ((0.55, 9.6), (1.5, 10.4)),
        ((-1.5, 12.1), (2.6, 13.7)),
        (True, False),
        lean=0.22,
    ),
    "lie": Pose(((-1.9, 4.8), (2.2, 4.6)), ((-1.9, 7.1), (2.6, 6.6))),
    "kneel": Pose(
        ((-1.95, 4.8), (1.95, 4.8)),
        ((-0.85, 6.6), (0.85, 6.6)),
        ((-1.2, 9.2), (1.2, 9.2)),
        ((-1.3, 9.9), (1.3, 9.9)),
        (True, True),
        floor=10.1,
        kneeling=True,
    ),
    "kneel_hold": Pose(
        ((-1.95, 4.6), (1.95, 4.6)),
        ((-0.6, 5.3), (0.6, 5.3)),
        ((-1.2, 9.2), (1.2, 9.2)),
        ((-1.3, 9.9), (1.3, 9.9)),
        (True, True),
        floor=10.1,
        kneeling=True,
    ),
    "sit": Pose(
        ((-1.84, 4.75), (1.84, 4.75)),
        ((-0.9, 6.9), (0.9, 6.9)),
        ((-1.25, 8.3), (1.25, 8.3)),
        ((-1.0, 11.2), (1.0, 11.2)),
        (True, True),
        floor=11.6,
    ),
    "sit_ground": Pose(
        ((-1.95, 4.8), (1.95, 4.8)),
        ((-1.2, 7.0), (1.2, 7.0)),
        ((-1.9, 8.6), (1.9, 8.6)),
        ((-0.8, 9.5), (0.8, 9.5)),
        (True, True),
        floor=9.9,
        kneeling=True,
    ),
    "row": Pose(
        ((-1.7, 4.6), (2.2, 4.4)),
        ((0.6, 6.1), (1.6, 6.4)),
        ((-1.2, 9.0), (1.2, 9.0)),
        ((-1.2, 9.6), (1.2, 9.6)),
        (True, True),
        floor=9.8,
        kneeling=True,
        lean=0.06,
    ),
    "brace": Pose(
        ((-2.2, 4.3), (2.2, 4.3)),
        ((0.9, 5.2), (1.3, 3.6)),
        ((-1.2, 10.2), (1.3, 10.2)),
        ((-1.5, 13.8), (1.6, 13.8)),
        (True, True),
        lean=0.1,
    ),
    "fight": Pose(
        ((-2.4, 3.7), (2.7, 3.2)),
        ((-1.2, 3.0), (4.1, 1.6)),
        ((-1.2, 10.2), (1.3, 10.3)),
        ((-1.9, 13.8), (1.9, 13.9)),
        (True, True),
        lean=0.1,
    ),
}


@dataclass(frozen=True, slots=True)
class Rig:
    """A pose fitted to a build: every joint where it is drawn."""

    build: Build
    pose: Pose
    yaw: float
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    wrists: tuple[Point, Point]
    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    ankles: tuple[Point, Point]
    floor: float
    neck: Point

    def at(self, x: float, y: float) -> Point:
        """Fit a point of the average figure's trunk (x is of the average half width) to this one."""
        return self.fit(x, y)

    def fit(self, x: float, y: float) -> Point:
        """Fit any point below the chin: shorter for children, leaning with the pose, turned with the body."""
        turn = float(np.cos(np.radians(self.yaw)))
        down = y if y < 1 else 1 + (y - 1 - min(0.36, (y - 1) * 0.45)) * self.build.reach
        span = 1.0 if y < 1.6 else self.build.reach**0.5
        sway = -self.pose.lean * max(0.0, y - 1.0)
        return x * span * (0.55 + 0.45 * turn) + sway, down


def rig(build: Build, pose: Pose, yaw: float, mirrored: bool = False) -> Rig:
    """Fit a pose to a build, seen from ``yaw`` degrees; ``mirrored`` swaps the picture's left and right."""
    blank = Rig(build, pose, yaw, *((((0.0, 0.0), (0.0, 0.0)),) * 6), 0.0, (0.0, 0.0))
    broad = build.shoulders / 1.62

    def pair(points: tuple[Point, Point], wide: float = 1.0) -> tuple[Point, Point]:
        left, right = points
        if mirrored:
            left, right = (-right[0], right[1]), (-left[0], left[1])
        (ax, ay), (bx, by) = blank.fit(left[0] * wide, left[1]), blank.fit(right[0] * wide, right[1])
        return (ax, ay), (bx, by)

    shoulder = build.shoulders
    return Rig(
        build,
        pose,
        yaw,
        pair(((-shoulder, 2.2), (shoulder, 2.2))),
        pair(pose.elbows, broad),
        pair(pose.wrists, 0.5 + 0.5 * broad),
        pair(((-build.hips * 0.55, pose.seat), (build.hips * 0.55, pose.seat))),
        pair(pose.knees),
        pair(pose.ankles),
        blank.fit(0, pose.floor)[1],
        blank.fit(0, 1.5),
    )
