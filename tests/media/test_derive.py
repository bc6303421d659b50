"""What is made from takes for review: seen frame by frame, heard, and gone when it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clips
from PIL import Image

from app.core.errors import Invalid
from app.media.derive import DERIVED_VERSION, KINDS, Derived, derive, derived_keys
from app.media.filters import fit_box
from app.media.keys import check_key
from app.media.probe import VideoFacts, probe
from app.media.qc import packet_check
from app.media.storage import StorageFull

AAC_FRAME = Fraction(1024, 48000)


async def derived(clips: Clips, name: str, folder: Path) -> tuple[VideoFacts, Derived]:
    """Probe a clip and derive everything from it, as a worker does."""
    facts = await probe(clips(name))
    return facts, await derive(clips(name), facts, folder)


def lumas(path: Path) -> list[float]:
    """Return the mean luma of each frame of a video."""
    with av.open(str(path)) as container:
        return [float(frame.to_ndarray()[: frame.height].mean()) for frame in container.decode(video=0)]


def picture(path: Path) -> Image.Image:
    """Return a picture, read whole."""
    with Image.open(path) as image:
        image.load()
        return image.copy()


def numbers(path: Path) -> list[int]:
    """Return the numbers of the frames of a counting clip, from their luma."""
    return [round((luma - 20) / 4) for luma in lumas(path)]


@pytest.mark.parametrize("name", ["film_rate.mp4", "film_rate.webm", "fragments.mp4", "picture_later.mp4"])
async def test_frame_n_of_the_proxy_is_frame_n_of_the_take(clips: Clips, tmp_path: Path, name: str) -> None:
    facts, made = await derived(clips, name, tmp_path)
    assert numbers(made.proxy) == list(range(48))
    check = await packet_check(made.proxy)
    assert (check.frames, check.uniform, check.picture_seconds) == (48, True, facts.rate.seconds(48))


async def test_a_variable_take_becomes_constant_and_holds_the_frame_that_was_shown(
    clips: Clips, tmp_path: Path
) -> None:
    facts, made = await derived(clips, "variable.mp4", tmp_path)
    kept = [n for n in range(48) if n % 7 != 3 and n % 11 != 5]
    assert numbers(made.proxy) == [max(n for n in kept if n <= shown) for shown in range(48)]
    assert (await packet_check(made.proxy)).picture_seconds == facts.rate.seconds(48)


async def test_the_proxy_can_be_stepped_through(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "portrait_24_sound.mp4", tmp_path)
    with av.open(str(made.proxy)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == [0, 12, 24, 36]
    assert all(packet.pts == packet.dts for packet in packets)
    data = made.proxy.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("name", "proxy", "poster", "tile"),
    [
        ("landscape_30_silent.mp4", (540, 304), (360, 202), (90, 50)),
        ("portrait_24_sound.mp4", (216, 384), (360, 640), (90, 160)),
        ("rotated.mp4", (180, 320), (360, 640), (90, 160)),
        ("anamorphic.mp4", (180, 320), (360, 640), (90, 160)),
        ("one_frame.mp4", (216, 384), (360, 640), (90, 160)),
    ],
)
async def test_every_shape_keeps_its_aspect(
    clips: Clips, tmp_path: Path, name: str, proxy: tuple[int, int], poster: tuple[int, int], tile: tuple[int, int]
) -> None:
    facts, made = await derived(clips, name, tmp_path)
    with av.open(str(made.proxy)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.sample_aspect_ratio) == (*proxy, Fraction(1))
    assert (made.width, made.height) == proxy
    assert picture(made.poster).size == poster
    assert (made.tile_width, made.tile_height) == tile
    assert picture(made.filmstrip).size == (tile[0] * made.tiles, tile[1])
    assert made.tiles == min(12, facts.frames)


async def test_a_clip_held_on_its_side_stands_upright(clips: Clips, tmp_path: Path) -> None:
    """The left half is red; turned counter-clockwise, red is below."""
    _facts, made = await derived(clips, "rotated.mp4", tmp_path)
    poster = picture(made.poster)
    red_below, blue_above = poster.getpixel((180, 600)), poster.getpixel((180, 40))
    assert isinstance(red_below, tuple)
    assert isinstance(blue_above, tuple)
    assert red_below[0] > 200 > 60 > red_below[2]
    assert blue_above[2] > 200 > 60 > blue_above[0]


async def test_a_silent_take_has_a_silent_proxy_and_no_waveform(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "landscape_30_silent.mp4", tmp_path)
    assert (await packet_check(made.proxy)).sound_seconds is None
    assert set(made.files()) == {"proxy", "poster", "filmstrip"}
    assert {path.name for path in tmp_path.iterdir()} == {"proxy.mp4", "poster.jpg", "filmstrip.jpg"}


@pytest.mark.parametrize("name", ["surround.mp4", "portrait_25_mono.mov", "short_sound.mp4", "picture_later.mp4"])
async def test_any_sound_becomes_stereo_as_long_as_the_picture(clips: Clips, tmp_path: Path, name: str) -> None:
    facts, made = await derived(clips, name, tmp_path)
    check = await packet_check(made.proxy)
    assert check.sound_seconds is not None
    assert abs(check.sound_seconds - facts.rate.seconds(facts.frames)) <= AAC_FRAME
    with av.open(str(made.proxy)) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.layout.name, context.sample_rate) == ("aac", "stereo", 48000)


async def test_the_centre_of_surround_is_heard_on_both_sides(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "surround.mp4", tmp_path)
    with av.open(str(made.proxy)) as container:
        sides = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    left, right = (float(np.abs(side).max()) for side in sides)
    assert left > 0.1
    assert right == pytest.approx(left, rel=0.05)


async def test_sound_stays_with_the_picture_when_that_begins_later(clips: Clips, tmp_path: Path) -> None:
    """The tone begins one second into the file, the picture half a second: half a second into the proxy it sounds."""
    _facts, made = await derived(clips, "picture_later.mp4", tmp_path)
    assert made.waveform is not None
    data = json.loads(made.waveform.read_text())["data"]
    first_loud = next(place for place, high in enumerate(data[1::2]) if high > 20)
    assert 48 <= first_loud <= 52


async def test_the_filmstrip_shows_the_middle_of_each_part_and_the_poster_a_third(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "film_rate.mp4", tmp_path)
    strip = np.asarray(picture(made.filmstrip).convert("L"), dtype=float)
    tiles = [strip[:, n * made.tile_width : (n + 1) * made.tile_width].mean() for n in range(made.tiles)]
    full_range = [(20 + 4 * frame - 16) * 255 / 219 for frame in range(48)]
    assert tiles == pytest.approx([full_range[4 * n + 1] for n in range(12)], abs=2.5)
    poster = np.asarray(picture(made.poster).convert("L"), dtype=float)
    assert poster.mean() == pytest.approx(full_range[16], abs=2)


async def test_the_waveform_is_a_known_format_and_a_picture_for_any_background(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "portrait_24_sound.mp4", tmp_path)
    assert made.waveform is not None
    assert made.waveform_image is not None
    peaks = json.loads(made.waveform.read_text())
    assert (peaks["version"], peaks["bits"], peaks["channels"]) == (2, 8, 1)
    assert peaks["length"] * 2 == len(peaks["data"]) == 400
    image = picture(made.waveform_image)
    assert (image.mode, image.size) == ("LA", (200, 96))
    assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("name", ["wide_colours.mp4", "wide_untagged.mp4"])
async def test_wide_colours_are_brought_to_what_a_browser_shows(clips: Clips, tmp_path: Path, name: str) -> None:
    """75 % HLG is the white of paper (ITU-R BT.2408): it must be bright, neither grey nor clipped."""
    _facts, made = await derived(clips, name, tmp_path)
    with av.open(str(made.proxy)) as container:
        stream = container.streams.video[0]
        assert (stream.pix_fmt, stream.color_trc, stream.colorspace) == ("yuv420p", 1, 1)
    assert 170 < lumas(made.proxy)[5] < 236


async def test_nothing_private_is_in_what_reviewers_get(clips: Clips, tmp_path: Path) -> None:
    _facts, made = await derived(clips, "private.mp4", tmp_path)
    assert b"secret place" not in made.proxy.read_bytes()
    assert b"+31.2" not in made.proxy.read_bytes()


def damaged(source: Path, target: Path, every: int) -> Path:
    """Return a copy of an MP4 in which every so-maniest picture after the first is rubbish."""
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    for position, size in places[every::every]:
        assert position is not None
        data[position + 4 : position + size] = (b"\xa5\x5a\xff" * size)[: size - 4]
    target.write_bytes(data)
    return target


async def test_a_badly_damaged_take_is_refused_and_leaves_nothing(clips: Clips, tmp_path: Path) -> None:
    source, folder = damaged(clips("fast_start.mp4"), tmp_path / "take.mp4", 3), tmp_path / "made"
    folder.mkdir()
    with pytest.raises(Invalid, match="too many of its pictures are damaged") as caught:
        await derive(source, await probe(source), folder)
    assert caught.value.code == "take.unreadable"
    assert list(folder.iterdir()) == []


async def test_a_take_with_half_of_the_frames_it_should_have_is_refused(clips: Clips, tmp_path: Path) -> None:
    facts = await probe(clips("portrait_24_sound.mp4"))
    with pytest.raises(Invalid, match="too many of its frames are missing"):
        await derive(clips("portrait_24_sound.mp4"), replace(facts, frames=96), tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_take_with_one_bad_picture_still_has_all_its_frames(clips: Clips, tmp_path: Path) -> None:
    source = damaged(clips("fast_start.mp4"), tmp_path / "take.mp4", 30)
    made = await derive(source, await probe(source), tmp_path)
    assert (await packet_check(made.proxy)).frames == 48


async def test_a_take_that_takes_too_long_is_stopped_and_leaves_nothing(clips: Clips, tmp_path: Path) -> None:
    facts = await probe(clips("portrait_24_sound.mp4"))
    with pytest.raises(Invalid, match="takes longer than"):
        await derive(clips("portrait_24_sound.mp4"), facts, tmp_path, timeout=0.001)
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_said_and_leaves_nothing(clips: Clips, tmp_path: Path) -> None:
    (tmp_path / "filmstrip.jpg").symlink_to("/dev/full")
    facts = await probe(clips("portrait_24_sound.mp4"))
    with pytest.raises(StorageFull):
        await derive(clips("portrait_24_sound.mp4"), facts, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_derived_file_has_a_key_of_its_version() -> None:
    keys = derived_keys("ab" * 32)
    assert set(keys) == set(KINDS)
    assert keys["proxy"] == f"proxy/{DERIVED_VERSION}/ab/{'ab' * 32}.mp4"
    assert len({check_key(key) for key in keys.values()}) == len(KINDS)


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [
        (Fraction(9, 16), (540, 960)),
        (Fraction(16, 9), (540, 304)),
        (Fraction(1), (540, 540)),
        (Fraction(1, 128), (8, 960)),
    ],
)
def test_a_box_is_filled_as_far_as_the_aspect_allows(aspect: Fraction, expected: tuple[int, int]) -> None:
    assert fit_box(aspect, (540, 960), (8192, 8192)) == expected
