"""Settings that only Kling has, checked before anything is sent (the fact sheets, china §2.3 and §2.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.backends.adapter import base64_of
from app.backends.base import Asset
from app.backends.capabilities import Frame
from app.backends.errors import BackendError, Fault, Kind
from app.backends.fit import FAULT_OF_ROLE

MOST_SHOTS = 6
SHOT_CHARACTERS = 512
CAMERA_TYPES = frozenset({"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"})
CAMERA_AXES = frozenset({"horizontal", "vertical", "pan", "tilt", "roll", "zoom"})
ORIENTATIONS = frozenset({"image", "video"})


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot of a sequence that is made in one piece."""

    seconds: int
    prompt: str


def invalid(field: str, message: str, fault: Fault = Fault.UNKNOWN) -> BackendError:
    """Return the refusal of a request that was not sent."""
    return BackendError(Kind.INVALID, message, field=field, fault=fault, charged=False)


def shots_in(extra: Mapping[str, Any], seconds: float) -> list[Shot]:
    """Return the setting ``shots``, empty without it; its seconds are whole, and together the take's."""
    told = extra.get("shots")
    if told is None:
        return []
    if not isinstance(told, list | tuple) or not 1 <= len(told) <= MOST_SHOTS:
        raise invalid("extra.shots", f"The shots are a list of 1 to {MOST_SHOTS}.")
    shots = [_shot(one) for one in told]
    together = sum(one.seconds for one in shots)
    if together != round(seconds):
        raise invalid("extra.shots", f"The shots last {together} s together, and the take {seconds:g} s.")
    return shots


def _shot(told: Any) -> Shot:
    seconds, prompt = (told.get("seconds"), told.get("prompt")) if isinstance(told, dict) else (None, None)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        raise invalid("extra.shots", "A shot has a whole number of seconds, 1 at least.")
    if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > SHOT_CHARACTERS:
        raise invalid("extra.shots", f"A shot has a prompt of 1 to {SHOT_CHARACTERS} characters.", Fault.PROMPT)
    if not all(letter.isprintable() for letter in prompt) or ";" in prompt:
        message = "A shot's prompt holds no line break, control character or semicolon: that ends a shot."
        raise invalid("extra.shots", message, Fault.PROMPT)
    return Shot(seconds, prompt.strip())


def elements_in(extra: Mapping[str, Any]) -> dict[str, str]:
    """Return the setting ``elements``: ids of the account's subject library by the name a prompt cites as ``@name``."""
    told = extra.get("elements", {})
    if not isinstance(told, dict) or not all(isinstance(one, str) and one for one in [*told, *told.values()]):
        raise invalid("extra.elements", "The elements are a table of element ids by name.")
    return told


def texts_in(extra: Mapping[str, Any], key: str, most: int) -> list[str]:
    """Return a setting that is a list of at most ``most`` texts, empty without it."""
    told = extra.get(key, [])
    if not isinstance(told, list | tuple) or len(told) > most or not all(isinstance(one, str) and one for one in told):
        raise invalid(f"extra.{key}", f"The setting {key!r} is a list of at most {most} texts.")
    return list(told)


def orientation_in(extra: Mapping[str, Any], seconds: float, elements: Mapping[str, str]) -> str:
    """Return whom the character of a performance faces like: "video", which serves every clip, or "image"."""
    told = extra.get("character_orientation", "video")
    if told not in ORIENTATIONS:
        raise invalid("extra.character_orientation", "The character is oriented as in the image or in the video.")
    if told == "image" and (seconds > 10 or elements):
        message = "A character is oriented as in the image for at most 10 s, and without elements."
        raise invalid("extra.character_orientation", message)
    return str(told)


def number_in(extra: Mapping[str, Any], key: str, low: float, high: float) -> float | None:
    """Return a setting that is a number within bounds, None without it."""
    told = extra.get(key)
    return None if told is None else _number(told, f"extra.{key}", low, high)


def _number(told: Any, field: str, low: float, high: float) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not low <= told <= high:
        raise invalid(field, f"The setting {field.partition('.')[2]!r} holds numbers from {low:g} to {high:g}.")
    return told


def camera_in(extra: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the setting ``camera_control``, None without it: exactly one axis of a "simple" move differs from 0."""
    told = extra.get("camera_control")
    if told is None:
        return None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind not in CAMERA_TYPES or set(told) != ({"type", "config"} if kind == "simple" else {"type"}):
        message = f"A camera move has a type ({', '.join(sorted(CAMERA_TYPES))}) and, if simple, a config."
        raise invalid("extra.camera_control", message)
    if kind != "simple":
        return {"type": kind}
    config = told["config"] if isinstance(told["config"], dict) else {}
    axes = {key: _number(value, "extra.camera_control", -10, 10) for key, value in config.items()}
    if set(axes) - CAMERA_AXES or sum(1 for value in axes.values() if value) != 1:
        message = f"A simple camera move has exactly one axis other than 0, of {', '.join(sorted(CAMERA_AXES))}."
        raise invalid("extra.camera_control", message)
    return {"type": kind, "config": axes}


async def raw_base64(asset: Asset, most_bytes: int) -> str:
    """Return an input as Kling takes it inline: base64 without a ``data:`` prefix, of at most ``most_bytes``."""
    size = asset.path.stat().st_size
    if size > most_bytes:
        message = f"The {asset.role} input is {size / 2**20:.1f} MB large, and {most_bytes // 2**20} MB is possible."
        raise invalid("assets", message, FAULT_OF_ROLE.get(asset.role, Fault.IMAGE))
    return await base64_of(asset)


def resolution(frame: Frame) -> str:
    """Return the name of a frame's resolution."""
    short = min(frame.width, frame.height)
    return "4k" if short >= 2160 else f"{short}p"


def aspect_ratio(frame: Frame) -> str:
    """Return a frame's shape, such as ``9:16``."""
    common = math.gcd(frame.width, frame.height)
    return f"{frame.width // common}:{frame.height // common}"
