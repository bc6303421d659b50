"""What a take is: measured in a sandbox, judged here, refused with a reason and what to do.

Refusals are ``Invalid`` with the codes take.empty, take.not_video, take.truncated, take.too_large, take.too_long,
take.too_big_picture, take.no_frames, take.odd_rate and take.unreadable.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.core.errors import Invalid
from app.core.frames import FrameRate
from app.core.i18n import _
from app.media import sandbox
from app.media.sniff import MATROSKA, MP4, sniff, wholeness

MOST_BYTES = 2 * 1024**3
MOST_SECONDS = 600
MOST_SIDE = 8192
LEAST_SIDE = 64
MOST_RATE = 240
"""The bounds of a take: 2 GiB, ten minutes, 64 to 8192 pixels a side, 240 frames a second."""

LIMITS = sandbox.Limits(cpu_seconds=20, memory_bytes=2 * 1024**3, file_bytes=0, wall_seconds=60)
"""What one probe may use; a normal take needs a hundredth of it."""

_SHORT_BY = 1.0
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
_TRANSFERS = {16: "pq", 18: "hlg"}
_FULL_RANGE = 2
_FRACTIONS = ("duration", "pixel_aspect", "start")


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video is.

    ``width`` and ``height`` are pixels after rotation (``rotation`` is counter-clockwise degrees, a multiple of 90;
    ffmpeg applies it by itself), ``pixel_aspect`` is a pixel's width by its height, after rotation. ``frames`` counts
    frames at ``rate`` (for a variable source, once made constant). ``duration`` is seconds; ``start`` is how many
    seconds after the beginning of the file the picture begins. ``matrix`` is ffmpeg's name, a guess by size when the
    file has none; ``transfer`` is "sdr", "pq" or "hlg". Without sound ``audio_*`` are "" and 0, the index -1.
    """

    container: str
    codec: str
    width: int
    height: int
    rate: FrameRate
    frames: int
    duration: Fraction
    variable_rate: bool
    rotation: int
    pixel_aspect: Fraction
    pix_fmt: str
    matrix: str
    transfer: str
    full_range: bool
    has_audio: bool
    audio_codec: str
    audio_channels: int
    audio_rate: int
    start: Fraction
    video_index: int
    audio_index: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def display_aspect(self) -> Fraction:
        """Width by height as shown."""
        return Fraction(self.width, self.height) * self.pixel_aspect

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON-able values; exact numbers become text such as "24000/1001"."""
        exact = {name: str(getattr(self, name)) for name in ("rate", *_FRACTIONS)}
        return asdict(self) | exact

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> VideoFacts:
        """Return the facts that ``to_json`` wrote."""
        rate = FrameRate(*Fraction(found["rate"]).as_integer_ratio())
        return cls(**{**found, **{name: Fraction(found[name]) for name in _FRACTIONS}, "rate": rate})


async def probe(path: Path) -> VideoFacts:
    """Return the facts of a take; raise ``Invalid`` with a reason when it is not one."""
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise Invalid("take.empty", _("The file is empty. Export the video again and upload the new file."))
    if size > MOST_BYTES:
        raise Invalid(
            "take.too_large",
            _("The file has %(size)s GB; a take may have 2 GB. Export it with a lower bit rate and upload that.")
            % {"size": f"{size / 1e9:.1f}"},
            size=size,
        )
    demuxer = await asyncio.to_thread(sniff, path)
    if demuxer not in (MP4, MATROSKA):
        raise _not_video(demuxer)
    whole = await asyncio.to_thread(wholeness, path, demuxer)
    if not whole.has_index:
        raise _truncated(_("the index at its end is missing"))
    if whole.missing_bytes:
        raise _truncated(_("the last %(count)s bytes are missing") % {"count": whole.missing_bytes})
    return _judge(await _measure(path, demuxer), demuxer)


async def _measure(path: Path, demuxer: str) -> dict[str, Any]:
    bounds = map(str, (MOST_SECONDS, MOST_SIDE, MOST_RATE))
    command = [sys.executable, "-I", "-m", "app.media.probing", str(path), demuxer, *bounds]
    done = await sandbox.run(command, LIMITS)
    if done.out_of_time:
        return {"refusal": "unreadable", "why": _("reading it takes too long")}
    if done.code != 0:
        return {"refusal": "unreadable", "why": _("the decoder gave up on it")}
    found: dict[str, Any] = json.loads(done.output)
    return found


def colours(matrix: int, transfer: int, width: int, height: int) -> tuple[str, str]:
    """Return the matrix and the transfer of a picture as ``VideoFacts`` names them, from ITU-T H.273's numbers.

    A matrix that is not given is guessed from the stored size, or, for high dynamic range, is that of ITU-R BT.2100.
    """
    named = _TRANSFERS.get(transfer, "sdr")
    if named != "sdr":
        return _MATRICES.get(matrix, "bt2020nc"), named
    return _MATRICES.get(matrix) or ("bt709" if width >= 1280 or height >= 720 else "smpte170m"), named


def _judge(found: dict[str, Any], demuxer: str) -> VideoFacts:
    if "refusal" in found:
        raise _refusal(found)
    lacking = found["declared_frames"] - found["packets"]
    if lacking > 0:
        raise _truncated(_("%(count)s of its frames are missing") % {"count": lacking})
    if demuxer == MATROSKA and found["declared_seconds"] - found["end_seconds"] > _SHORT_BY:
        raise _truncated(
            _("it ends %(count)s s early") % {"count": _one(found["declared_seconds"] - found["end_seconds"])}
        )
    rate = Fraction(*found["rate"])
    if rate > MOST_RATE:
        raise _odd_rate(float(rate))
    picture = found["picture"]
    if min(picture["width"], picture["height"]) < LEAST_SIDE or max(picture["width"], picture["height"]) > MOST_SIDE:
        raise _bad_size(picture["width"], picture["height"])
    return _facts(found, picture, rate)


def _facts(found: dict[str, Any], picture: dict[str, Any], rate: Fraction) -> VideoFacts:
    rotation = round(picture["rotation"] / 90) * 90 % 360
    size, aspect = (picture["width"], picture["height"]), Fraction(*picture["aspect"])
    width, height = size if rotation % 180 == 0 else size[::-1]
    matrix, transfer = colours(picture["matrix"], picture["transfer"], *size)
    sound = found["sound"] or {"codec": "", "channels": 0, "rate": 0, "index": -1}
    return VideoFacts(
        container=found["container"],
        codec=picture["codec"],
        width=width,
        height=height,
        rate=FrameRate(*rate.as_integer_ratio()),
        frames=found["frames"],
        duration=Fraction(*found["seconds"]),
        variable_rate=found["variable"],
        rotation=rotation,
        pixel_aspect=aspect if rotation % 180 == 0 else 1 / aspect,
        pix_fmt=picture["pix_fmt"],
        matrix=matrix,
        transfer=transfer,
        full_range=picture["range"] == _FULL_RANGE or picture["pix_fmt"].startswith("yuvj"),
        has_audio=found["sound"] is not None,
        audio_codec=sound["codec"],
        audio_channels=sound["channels"],
        audio_rate=sound["rate"],
        start=Fraction(*found["start"]),
        video_index=picture["index"],
        audio_index=sound["index"],
        metadata=found["metadata"],
    )


def _refusal(found: dict[str, Any]) -> Invalid:
    match found["refusal"]:
        case "no_picture":
            return _not_video("sound" if found["sound"] else "unknown")
        case "too_long":
            return _too_long(found["seconds"])
        case "too_big":
            return _bad_size(found["width"], found["height"])
        case "hollow":
            return _truncated(_("%(count)s of its frames hold nothing") % {"count": found["frames"]})
        case "odd_rate":
            return _odd_rate(found["rate"])
        case "no_frames":
            return Invalid(
                "take.no_frames",
                _("No picture in this video can be decoded. Export it again as an H.264 MP4 and upload that."),
            )
    return Invalid(
        "take.unreadable",
        _("This video cannot be read (%(why)s). Export it again as an H.264 MP4 and upload that.")
        % {"why": found["why"]},
        why=found["why"],
    )


def _not_video(word: str) -> Invalid:
    names = {
        "zip": _("a ZIP archive"),
        "archive": _("an archive"),
        "pdf": _("a PDF document"),
        "image": _("a picture"),
        "sound": _("sound without a picture"),
        "other_video": _("a video of another kind"),
        "html": _("a web page"),
        "text": _("text"),
    }
    found = names.get(word, _("something else"))
    return Invalid(
        "take.not_video",
        _("This file is not a video: it is %(found)s. Upload an MP4, MOV or WebM.") % {"found": found},
        found=word,
    )


def _truncated(why: str) -> Invalid:
    message = _("The video is not whole: %(why)s. Download or copy it again and upload it once more.")
    return Invalid("take.truncated", message % {"why": why})


def _too_long(seconds: float) -> Invalid:
    hours, minutes = divmod(round(seconds / 60), 60)
    message = _("The video runs %(hours)s h %(minutes)s min; a take runs 10 minutes at most. Upload the part you need.")
    return Invalid("take.too_long", message % {"hours": hours, "minutes": f"{minutes:02d}"}, seconds=seconds)


def _bad_size(width: int, height: int) -> Invalid:
    message = _(
        "The picture has %(width)s × %(height)s pixels; a side may have %(least)s to %(most)s. "
        "Export it at 1080 × 1920 and upload that."
    )
    words = {"width": width, "height": height, "least": LEAST_SIDE, "most": MOST_SIDE}
    return Invalid("take.too_big_picture", message % words, width=width, height=height)


def _odd_rate(rate: float) -> Invalid:
    message = _("The video claims %(rate)s frames a second; %(most)s are the most. Export it at 24, 25 or 30.")
    return Invalid("take.odd_rate", message % {"rate": _one(rate), "most": MOST_RATE}, rate=rate)


def _one(number: float) -> str:
    return f"{number:.1f}"
