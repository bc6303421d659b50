"""Measuring a finished file: whether its packets are where they belong. It judges nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av


@dataclass(frozen=True, slots=True)
class PacketCheck:
    """What a file's packets say.

    ``uniform`` is true when the pictures begin at zero and follow one another at one step. Lengths are exact seconds;
    ``sound_seconds`` is None when there is no sound.
    """

    frames: int
    uniform: bool
    picture_seconds: Fraction
    sound_seconds: Fraction | None


async def packet_check(path: Path) -> PacketCheck:
    """Return what the packets of a file we made ourselves say, without decoding; raises ``av.error.FFmpegError``."""
    return await asyncio.to_thread(_packet_check, path)


def _packet_check(path: Path) -> PacketCheck:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        audio = next(iter(container.streams.audio), None)
        shown: list[tuple[int, int]] = []
        sound_end: Fraction | None = None
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            if packet.pts is None or packet.is_discard:
                continue
            if packet.stream is video:
                shown.append((packet.pts, packet.duration or 0))
            else:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                sound_end = max(sound_end or Fraction(0), end)
        shown.sort()
        steps = {after[0] - before[0] for before, after in pairwise(shown)}
        uniform = bool(shown) and shown[0][0] == 0 and len(steps) <= 1
        last = shown[-1][0] + shown[-1][1] if shown else 0
        return PacketCheck(len(shown), uniform, last * (video.time_base or Fraction(1)), sound_end)
