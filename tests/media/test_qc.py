"""Measuring finished files: loudness against a known tone, packets against known faults."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from clips import Clips

from app.media.ffmpeg import FfmpegError
from app.media.qc import PacketCheck, loudness, packet_check


async def test_a_tone_at_minus_twenty_measures_minus_twenty(clips: Clips) -> None:
    """A 997 Hz tone on both sides has its peak level as its loudness (EBU Tech 3341, case 1)."""
    measured = await loudness(clips("minus_twenty.wav"))
    assert measured.integrated == pytest.approx(-20, abs=0.1)
    assert measured.true_peak == pytest.approx(-20, abs=0.2)


async def test_silence_is_as_quiet_as_can_be(clips: Clips) -> None:
    measured = await loudness(clips("silence.mp4"))
    assert (measured.integrated, measured.true_peak) == (-70, -math.inf)


async def test_a_file_without_sound_has_no_loudness(clips: Clips) -> None:
    with pytest.raises(FfmpegError):
        await loudness(clips("landscape_30_silent.mp4"))


async def test_a_good_file_counts_its_frames_and_seconds(clips: Clips) -> None:
    assert await packet_check(clips("portrait_24_sound.mp4")) == PacketCheck(48, True, Fraction(2), Fraction(2))
    assert await packet_check(clips("film_rate.mp4")) == PacketCheck(48, True, Fraction(1001, 500), None)


@pytest.mark.parametrize("name", ["variable.mp4", "fragments.mp4", "picture_later.mp4"])
async def test_pictures_that_do_not_follow_evenly_from_zero_are_seen(clips: Clips, name: str) -> None:
    assert not (await packet_check(clips(name))).uniform


async def test_sound_that_ends_early_is_seen(clips: Clips) -> None:
    check = await packet_check(clips("short_sound.mp4"))
    assert check.picture_seconds == 2
    assert check.sound_seconds is not None
    assert check.sound_seconds < 1
