"""What both APIs of the fake demand of bodies, pictures and shots."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from app.backends.testing.faults import Refusal

SHORT_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}
SHRUNK = 4
RATIOS = ("16:9", "9:16", "1:1")
LONGEST_SHOT = 512


@dataclass(frozen=True, slots=True)
class Order:
    """What a create asks for: all its words, the shape and length of its video, with or without sound."""

    words: str
    resolution: str
    ratio: float
    seconds: float
    sound: bool

    @property
    def size(self) -> str:
        """The size of the result, a quarter of what the provider would make: a fake need not be sharp."""
        short = SHORT_SIDES[self.resolution] / SHRUNK
        width, height = (short * self.ratio, short) if self.ratio >= 1 else (short, short / self.ratio)
        return f"{round(width / 2) * 2}x{round(height / 2) * 2}"


def wrong(message: str, field: str) -> Refusal:
    """Return the refusal of a parameter."""
    return Refusal(400, "1201", message, field)


def known(fields: Any, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return an object's fields; refuse one that is unknown or missing."""
    if not isinstance(fields, dict):
        raise wrong("An object is expected", "body")
    for key in fields:
        if key not in set(allowed):
            raise wrong(f"Unknown parameter {key}", key)
    for key in required:
        if fields.get(key) in (None, "", [], {}):
            raise wrong(f"{key} is required", key)
    return fields


def one_of(fields: Mapping[str, Any], key: str, values: Iterable[Any], default: Any = None) -> Any:
    """Return a field that has one of a few values, of the same type."""
    value = fields.get(key, default)
    if not any(value == one and type(value) is type(one) for one in values):
        raise wrong(f"{key} value {value!r} is invalid", key)
    return value


def text(fields: Mapping[str, Any], key: str, longest: int) -> str:
    """Return a text of bounded length, empty when it is missing."""
    value = fields.get(key, "")
    if not isinstance(value, str) or len(value) > longest:
        raise wrong(f"{key} is too long", key)
    return value


def address(value: Any, key: str) -> None:
    """Refuse what the provider cannot fetch from the internet."""
    if not isinstance(value, str) or not re.match(r"https?://[^/]+\.[^/]+/", value):
        raise wrong(f"{key} is not a reachable url", key)


def inline(value: Any, key: str, most_bytes: int) -> bytes:
    """Return what raw base64 holds; a ``data:`` prefix is refused, as is too much."""
    try:
        content = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        content = b""
    if not content or len(content) > most_bytes:
        raise wrong(f"{key} is not a url or base64, or too large", key)
    return content


def picture(value: Any, key: str, most_bytes: int) -> float:
    """Return the ratio of a picture given as an address or raw base64; that of one not fetched counts as 9:16."""
    if isinstance(value, str) and value.startswith("http"):
        address(value, key)
        return 9 / 16
    try:
        with Image.open(io.BytesIO(inline(value, key, most_bytes))) as opened:
            width, height, kind = *opened.size, opened.format
    except UnidentifiedImageError:
        width, height, kind = 1, 1, None
    if kind not in {"JPEG", "PNG"} or min(width, height) < 300 or not 1 / 2.5 <= width / height <= 2.5:
        raise wrong(f"{key} is no jpg or png of at least 300 px, 1:2.5 to 2.5:1", key)
    return width / height


def ratio_of(name: str) -> float:
    """Return an aspect ratio as a number."""
    width, height = name.split(":")
    return int(width) / int(height)


def shots(listed: list[tuple[Any, Any, Any]], seconds: int, number: Callable[[Any], int | None]) -> None:
    """Refuse shots (index, seconds, words) that are not 1 to 6, in order, and together ``seconds`` long."""
    if not 1 <= len(listed) <= 6 or [one[0] for one in listed] != list(range(1, len(listed) + 1)):
        raise wrong("There are 1 to 6 shots, counted from 1", "multi_shot")
    lengths = [number(one[1]) or 0 for one in listed]
    if min(lengths) < 1 or sum(lengths) != seconds:
        raise wrong("The shots do not last as long as the video", "multi_shot")
    if any(not isinstance(one[2], str) or not 0 < len(one[2]) <= LONGEST_SHOT for one in listed):
        raise wrong("A shot has 1 to 512 characters", "multi_shot")


def whole(value: Any) -> int | None:
    """Return a whole number told as text, None for anything else."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[1-9]\d*", value) else None
