"""What the sandbox of ``probe`` runs: opens one file with PyAV and prints what it found as JSON.

``python -I -m app.media.probing FILE DEMUXER MOST_SECONDS MOST_SIDE MOST_FRAMES_A_SECOND``. It measures; ``probe``
judges. It stops early, naming a ``refusal``, where going on would cost more than it tells.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import Any

import av
import av.error

from app.media.timing import fit

_METADATA = ("creation_time", "encoder", "title", "comment", "description", "make", "model", "software", "aigc")
_LONGEST_VALUE = 2000
_DECODE_TRIES = 120


def measure(path: str, demuxer: str, most_seconds: int, most_side: int, most_rate: int) -> dict[str, Any]:
    """Return the facts of a video, or ``{"refusal": word, …}``."""
    try:
        with av.open(f"file:{path}", format=demuxer, metadata_errors="ignore") as container:
            video = next((s for s in container.streams.video if not s.disposition & s.disposition.attached_pic), None)
            if video is None:
                return {"refusal": "no_picture", "sound": bool(container.streams.audio)}
            if video.codec_context is None or not video.width:
                return {"refusal": "unreadable", "why": "no decoder for its pictures"}
            declared = container.duration / av.time_base if container.duration else 0.0
            if declared > most_seconds:
                return {"refusal": "too_long", "seconds": declared}
            if max(video.width, video.height) > most_side:
                return {"refusal": "too_big", "width": video.width, "height": video.height}
            return _facts(container, video, declared, most_seconds, most_seconds * most_rate)
    except av.error.FFmpegError as error:
        return {"refusal": "unreadable", "why": error.strerror or type(error).__name__}


def _facts(container: Any, video: Any, declared: float, most_seconds: int, most_frames: int) -> dict[str, Any]:
    audio = next(iter(container.streams.audio), None)
    seen = _Seen(video, audio)
    for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
        seen.take(packet)
        if seen.end > most_seconds + 1:
            return {"refusal": "too_long", "seconds": max(declared, seen.end)}
        if len(seen.times) > most_frames:
            return {"refusal": "odd_rate", "rate": most_frames / most_seconds}
    seen.flush()
    if seen.hollow:
        return {"refusal": "hollow", "frames": seen.hollow}
    if not seen.times or seen.first is None:
        return {"refusal": "no_frames", "packets": seen.packets}
    timing = fit(seen.times, video.time_base, seen.last_duration, (video.guessed_rate, video.average_rate))
    start = timing.origin - Fraction(container.start_time or 0, av.time_base)
    return {
        "container": container.format.name,
        "declared_seconds": declared,
        "end_seconds": seen.end,
        "declared_frames": video.frames,
        "packets": seen.packets,
        "rate": timing.rate.as_integer_ratio(),
        "frames": timing.frames,
        "seconds": timing.seconds.as_integer_ratio(),
        "variable": timing.variable,
        "start": start.as_integer_ratio(),
        "metadata": _metadata(container.metadata),
        "picture": _picture(video, seen.first),
        "sound": _sound(audio) if seen.heard else None,
    }


class _Seen:
    """What passed while reading the file once; the first picture is decoded, the others only counted."""

    def __init__(self, video: Any, audio: Any) -> None:
        self.video, self.audio = video, audio
        self.times: list[int] = []
        self.packets = self.hollow = self.last_duration = self.heard = 0
        self.end = 0.0
        self.first: Any = None
        self._latest = -(2**63)
        self._tries = 0
        video.codec_context.thread_count = 1

    def take(self, packet: Any) -> None:
        """Note one packet of the picture or the sound."""
        if packet.pts is None or not packet.size:
            return
        self.end = max(self.end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if packet.stream is not self.video:
            self.heard += 1
            return
        self.packets += 1
        self.hollow += not bytes(packet).lstrip(b"\0")
        if not packet.is_discard:
            self.times.append(packet.pts)
            if packet.pts > self._latest:
                self._latest, self.last_duration = packet.pts, packet.duration or 0
        if self.first is None and self._tries < _DECODE_TRIES:
            self._decode(packet)

    def flush(self) -> None:
        """Get the picture a decoder may still hold."""
        if self.first is None:
            self._decode(None)

    def _decode(self, packet: Any) -> None:
        self._tries += 1
        try:
            self.first = next(iter(self.video.decode(packet)), None)
        except av.error.FFmpegError:  # a damaged picture: perhaps the next is whole
            return


def _picture(video: Any, first: Any) -> dict[str, Any]:
    aspect = video.sample_aspect_ratio or Fraction(1)
    return {
        "index": video.index,
        "codec": video.codec_context.name,
        "width": first.width,
        "height": first.height,
        "aspect": aspect.as_integer_ratio() if aspect > 0 else (1, 1),
        "rotation": first.rotation,
        "pix_fmt": first.format.name,
        "matrix": int(first.colorspace),
        "transfer": int(first.color_trc),
        "range": int(first.color_range),
    }


def _sound(audio: Any) -> dict[str, Any]:
    context = audio.codec_context
    return {"index": audio.index, "codec": context.name, "channels": context.channels, "rate": context.sample_rate}


def _metadata(found: dict[str, str]) -> dict[str, str]:
    return {name.lower(): text[:_LONGEST_VALUE] for name, text in found.items() if name.lower() in _METADATA}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], sys.argv[2], *(int(text) for text in sys.argv[3:6]))))
