"""Blocking: who stands where in the frame, how large, turned which way, in a given size and angle of shot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.backends.animatic.art.colour import Rgb, dice, number_of
from app.backends.animatic.art.figures.expression import Expression
from app.backends.animatic.art.figures.figure import Staging
from app.backends.animatic.art.figures.group import Spot
from app.backends.animatic.art.figures.rig import POSES
from app.backends.animatic.art.figures.skull import Turn
from app.backends.animatic.art.reading import Reading, Role


@dataclass(frozen=True, slots=True)
class Framing:
    """One size of shot: pixels to a half head, the row of the head (or of the feet in wide shots), the backing."""

    unit: float
    head: float = 0.0
    feet: float = 0.0
    zoom: float = 1.0
    blur: float = 0.0
    res: float = 1.0

    @property
    def wide(self) -> bool:
        """Whether the whole place shows behind whole figures."""
        return self.zoom <= 1.0


FRAMINGS: Mapping[str, Framing] = {
    "ELS": Framing(10.5, feet=1400),
    "LS": Framing(42, feet=1420),
    "FS": Framing(75, feet=1640),
    "MLS": Framing(108, head=480, zoom=1.3, blur=2.5),
    "MS": Framing(146, head=640, zoom=1.6, blur=6, res=0.9),
    "MCU": Framing(206, head=735, zoom=2.0, blur=10, res=0.78),
    "CU": Framing(326, head=845, zoom=2.5, blur=17, res=0.62),
    "ECU": Framing(600, head=880, zoom=3.2, blur=26, res=0.5),
    "INS": Framing(286, head=790, zoom=2.6, blur=17, res=0.62),
}

PAIRED = {1: (0.5,), 2: (0.29, 0.71), 3: (0.2, 0.52, 0.82), 4: (0.14, 0.38, 0.62, 0.86)}
SHRINK = {1: 1.0, 2: 0.88, 3: 0.74, 4: 0.62}


@dataclass(frozen=True, slots=True)
class Blocked:
    """One figure with its place and bearing."""

    role: Role
    spot: Spot
    staging: Staging


def screen_side(name: str, reading: Reading) -> int:
    """The side of the frame (-1 or 1) a character keeps through a scene, so that looks meet across cuts."""
    others = sorted(role.who.name for role in reading.roles)
    if len(others) > 1 and name in others:
        return -1 if others.index(name) % 2 == 0 else 1
    return -1 if number_of("side", name) % 2 == 0 else 1


def block(reading: Reading, seed: int, ground: float) -> list[Blocked]:
    """Place everyone who is in the picture; the farthest comes first."""
    framing = FRAMINGS[reading.size]
    roles = _seen(reading)
    count = min(4, len(roles))
    rng = dice("block", seed)
    jitter = float(rng.uniform(-14, 14))
    pair = _over_shoulder(reading, roles, framing, jitter) if count == 2 else None
    if pair is not None:
        return pair
    out = []
    ordered = sorted(roles[:4], key=lambda role: screen_side(role.who.name, reading)) if count > 1 else list(roles)
    for index, role in enumerate(ordered):
        out.append(_placed(reading, role, index, count, framing, ground, jitter))
    return sorted(out, key=lambda b: b.spot.depth)


def _over_shoulder(reading: Reading, roles: list[Role], framing: Framing, jitter: float) -> list[Blocked] | None:
    """One who speaks, seen past the shoulder of the one who listens; None when both or neither speak."""
    speaking = [role for role in roles if role.speaks]
    listening = [role for role in roles if not role.speaks]
    beings = [role.who.being for role in roles if role.who.being]
    if reading.size not in ("MS", "MCU") or len(speaking) != 1 or beings or reading.angle in ("low", "high"):
        return None
    side = screen_side(speaking[0].who.name, reading)
    staging = _bearing(reading, speaking[0], -side * 1.0, 2)
    spot = Spot(540 + side * 150 + jitter, framing.head + 10, framing.unit * 0.94, 1.0, framing.res)
    near = framing.unit * (1.62 if reading.size == "MS" else 1.3)
    back = Staging("stand", Turn(side * 26.0, 3), side * 14.0, back_view=True)
    shoulder = Spot(540 - side * 430, framing.head + near * 1.5, near, 1.42, 0.4)
    return [Blocked(speaking[0], spot, staging), Blocked(listening[0], shoulder, back)]


def is_group(role: Role) -> bool:
    """Whether a name stands for many people."""
    return bool(
        re.search(
            "们$|众$|群$|人马$|(?i:^(?:crowd|villagers|soldiers|guests|staff|everyone|all|voices)$)", role.who.name
        )
    )


def _seen(reading: Reading) -> list[Role]:
    """Close shots show the one who speaks, else the first; wider ones everybody."""
    roles = [role for role in reading.roles if role.who.being not in ("sea_eye", "dragon") and not is_group(role)]
    if reading.size in ("CU", "ECU", "INS") and len(roles) > 1:
        speaking = [role for role in roles if role.speaks]
        return (speaking or roles)[:1]
    if reading.size == "MCU" and len(roles) > 2:
        return [role for role in roles if role.speaks][:1] + [role for role in roles if not role.speaks][:1]
    return roles


def _placed(
    reading: Reading, role: Role, index: int, count: int, framing: Framing, ground: float, jitter: float
) -> Blocked:
    side = screen_side(role.who.name, reading)
    x = 1080 * PAIRED[count][index]
    if count == 1:
        x = 540 + side * {"ELS": 90, "LS": 70, "FS": 20, "MLS": 20, "MS": 34, "MCU": 40}.get(reading.size, 22) + jitter
    facing = (-side if count == 1 else (1 if x < 540 else -1)) * 1.0
    unit = framing.unit * SHRINK[count] * (1.12 if reading.angle == "low" else 0.92 if reading.angle == "high" else 1.0)
    staging = _bearing(reading, role, facing, count)
    pose_reach = role.who.figure.build.reach
    if framing.feet:
        feet = max(framing.feet, ground) if reading.size == "FS" else min(max(framing.feet, ground - 130), 1660)
        if reading.angle == "low" and reading.size == "FS":
            feet = 1760
        floor = 1 + (_floor(staging.pose) - 1 - 0.36) * pose_reach
        y = feet - floor * unit + (index % 2) * 8
    else:
        y = framing.head + (70 if reading.angle == "low" else -40 if reading.angle == "high" else 0)
        y += (1 - pose_reach) * unit * 1.6 if count > 1 else 0.0
        y += 0 if count == 1 else (90 if reading.size in ("MS", "MLS") else 40)
    return Blocked(role, Spot(x, y, unit, 1.0 + 0.02 * index, framing.res), staging)


def _floor(pose: str) -> float:
    return POSES[pose].floor


def _bearing(reading: Reading, role: Role, facing: float, count: int) -> Staging:
    """Pose, turn and expression for the angle of the shot."""
    size, pov = reading.size, reading.angle == "pov"
    yaw = 0.0 if pov else facing * (24 if count > 1 else 14 if size in ("CU", "ECU") else 19)
    pitch = {"low": -9.0, "high": 11.0, "pov": -2.0}.get(reading.angle, 2.0)
    pitch += {"cry": 5.0, "weary": 5.0, "wonder": -9.0}.get(role.mood, 0.0)
    held = role.held if size not in ("CU", "ECU") else ""
    pose = _pose(role, size, held)
    talks = role.speaks and size in ("CU", "MCU", "MS", "ECU")
    face: Expression = replace(role.face, gaze=0.0 if pov else facing * 0.35, mouth=0.0 if talks else role.face.mouth)
    wind = 0.0 if reading.interior else -facing * (0.9 if {"storm", "wind"} & reading.weather else 0.28)
    mirrored = facing > 0 and pose not in ("hold", "kneel_hold")
    return Staging(pose, Turn(yaw, pitch), yaw * 0.6, mirrored, face, wind, held=held)


UPRIGHT = frozenset({"sit", "sit_ground", "kneel", "walk", "run"})
"""Poses that a waist shot cannot show."""
CALMER = UPRIGHT | {"row", "throw", "fight", "lie"}
"""Poses that a close shot cannot show."""
CARRIED = {
    "phone": "phone",
    "staff": "staff",
    "cane": "cane",
    "suitcase": "walk",
    "umbrella": "staff",
    "lantern": "offer",
    "torch": "raise",
    "sword": "staff",
}
"""How a thing is carried by someone who only stands or walks."""


def _pose(role: Role, size: str, held: str) -> str:
    """The pose the words ask for, as far as this size of shot shows it."""
    pose = role.pose or _rest(role)
    if (size in ("CU", "ECU", "MCU") and pose in CALMER) or (size == "MS" and pose in UPRIGHT):
        pose = "stand"
    if held and pose in ("stand", "clasp", "walk"):
        pose = CARRIED.get(held, "hold")
    return ("lie" if size in ("ELS", "LS", "FS", "MLS") else "kneel") if pose == "lie" else pose


def _rest(role: Role) -> str:
    """How someone stands of whom nothing is said."""
    toss = number_of("rest", role.who.name) % 3
    if role.who.ancient:
        return "clasp" if role.who.female and toss else "stand"
    return "stand" if toss else ("crossed" if role.mood == "cold" else "stand")


def tint_of(reading: Reading, haze: Rgb) -> tuple[Rgb, float] | None:
    """How much air lies between the lens and the figures."""
    strength = {"ELS": 0.34, "LS": 0.14}.get(reading.size, 0.0)
    if "fog" in reading.weather:
        strength += 0.18
    return (haze, strength) if strength and not reading.interior else None
