"""Measuring finished files: packets against known faults."""

from __future__ import annotations

from fractions import Fraction

import pytest
from clips import Clips

from app.media.qc import PacketCheck, packet_check


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
