"""Probing takes: the facts of good ones, and a clear refusal for everything else people upload."""

from __future__ import annotations

import random
import shutil
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from clips import Clips
from PIL import Image

from app.core.errors import Invalid
from app.core.frames import FrameRate
from app.media import probe as probe_module
from app.media.probe import VideoFacts, probe
from app.media.sandbox import Limits

FILM = FrameRate(24000, 1001)

FACTS: dict[str, dict[str, Any]] = {
    "portrait_24_sound.mp4": {
        "codec": "h264",
        "pix_fmt": "yuv420p",
        "width": 216,
        "height": 384,
        "rotation": 0,
        "rate": FrameRate(24),
        "frames": 48,
        "duration": 2,
        "variable_rate": False,
        "has_audio": True,
        "audio_codec": "aac",
        "audio_channels": 1,
        "audio_rate": 48000,
    },
    "landscape_30_silent.mp4": {
        "width": 960,
        "height": 540,
        "rate": FrameRate(30),
        "frames": 30,
        "has_audio": False,
        "audio_channels": 0,
        "audio_index": -1,
    },
    "portrait_25_mono.mov": {"rate": FrameRate(25), "frames": 25, "audio_channels": 1, "audio_rate": 44100},
    "film_rate.mp4": {"rate": FILM, "frames": 48, "duration": Fraction(1001, 500), "variable_rate": False},
    "film_rate.webm": {"rate": FILM, "frames": 48, "duration": Fraction(1001, 500), "codec": "vp8"},
    "fragments.mp4": {"rate": FILM, "frames": 48, "variable_rate": False},
    "variable.mp4": {"rate": FrameRate(24), "frames": 48, "variable_rate": True},
    "rotated.mp4": {"width": 180, "height": 320, "rotation": 90},
    "surround.mp4": {"audio_channels": 6},
    "one_frame.mp4": {"rate": FrameRate(24), "frames": 1, "duration": Fraction(1, 24)},
    "anamorphic.mp4": {"width": 240, "pixel_aspect": Fraction(3, 4), "display_aspect": Fraction(9, 16)},
    "wide_colours.mp4": {"transfer": "hlg", "matrix": "bt2020nc", "pix_fmt": "yuv420p10le"},
    "picture_later.mp4": {"frames": 48, "rate": FrameRate(24), "start": Fraction(1, 2)},
}


@pytest.mark.parametrize("name", FACTS)
async def test_a_take_is_known_by_its_facts(clips: Clips, name: str) -> None:
    facts = await probe(clips(name))
    assert {field: getattr(facts, field) for field in FACTS[name]} == FACTS[name]
    assert VideoFacts.from_json(facts.to_json()) == facts


async def test_the_name_of_a_file_is_only_a_name(clips: Clips, tmp_path: Path) -> None:
    odd = tmp_path / "-i concat:etc|passwd %d 精卫.mp4"
    shutil.copyfile(clips("portrait_24_sound.mp4"), odd)
    assert (await probe(odd)).frames == 48


async def test_where_a_clip_was_filmed_is_not_noted(clips: Clips) -> None:
    facts = await probe(clips("private.mp4"))
    assert facts.metadata["title"] == "secret place"
    assert "location" not in facts.metadata


async def refusal(path: Path) -> Invalid:
    """Return why a file is refused."""
    with pytest.raises(Invalid) as caught:
        await probe(path)
    return caught.value


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "take.empty", "is empty"),
        (b"EXT. ROOFTOP - NIGHT\n", "take.not_video", "it is text"),
        ("外景 海边 夜\n".encode(), "take.not_video", "it is text"),
        (b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n", "take.not_video", "it is text"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "take.not_video", "it is text"),
        (b"\n<!DOCTYPE html><html>403 Forbidden</html>", "take.not_video", "a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "take.not_video", "a web page"),
        (b"%PDF-1.7\n" + bytes(50), "take.not_video", "a PDF document"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "take.not_video", "a picture"),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(50), "take.not_video", "sound without a picture"),
        (bytes(5000), "take.not_video", "something else"),
        (b"\0\0\0\x18ftypisom" + bytes(12), "take.truncated", "index at its end is missing"),
        (b"\x1a\x45\xdf\xa3", "take.truncated", "not whole"),
    ],
)
async def test_what_is_not_a_video_is_called_by_its_name(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    path = tmp_path / "take.mp4"
    path.write_bytes(content)
    refused = await refusal(path)
    assert refused.code == code
    assert words in refused.message


async def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "take.mp4"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(20_000_000))
    assert (await refusal(path)).details == {"found": "zip"}


async def test_a_picture_is_not_a_take(tmp_path: Path) -> None:
    path = tmp_path / "take.mp4"
    Image.new("RGB", (90, 160)).save(path, "PNG")
    assert "a picture" in (await refusal(path)).message


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("sound_only.m4a", "take.not_video", "sound without a picture"),
        ("cover.m4a", "take.not_video", "sound without a picture"),
        ("film.avi", "take.not_video", "Upload an MP4, MOV or WebM"),
        ("ten_hours.mp4", "take.too_long", "runs 10 h 00 min"),
        ("ten_hours.webm", "take.too_long", "Upload the part you need"),
        ("huge.mp4", "take.too_big_picture", "8256 × 64"),
        ("tiny.mp4", "take.too_big_picture", "32 × 32"),
        ("breakneck.mp4", "take.odd_rate", "1000.0 frames a second"),
    ],
)
async def test_a_video_out_of_bounds_is_refused(clips: Clips, name: str, code: str, words: str) -> None:
    refused = await refusal(clips(name))
    assert refused.code == code
    assert words in refused.message


@pytest.mark.parametrize("name", ["portrait_24_sound.mp4", "fast_start.mp4", "fragments.mp4", "film_rate.webm"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.97])
async def test_a_video_cut_anywhere_is_not_whole(clips: Clips, tmp_path: Path, name: str, share: float) -> None:
    data = clips(name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: int(len(data) * share)])
    assert (await refusal(path)).code == "take.truncated"


async def test_frames_an_index_names_but_nobody_sent_are_missed(clips: Clips, tmp_path: Path) -> None:
    """An ``mdat`` may say that it reaches to the end of the file, wherever that is: then only counting helps."""
    data = bytearray(clips("fast_start.mp4").read_bytes())
    size_at = data.index(b"mdat") - 4
    data[size_at : size_at + 4] = bytes(4)
    path = tmp_path / "take.mp4"
    path.write_bytes(data[: len(data) // 2])
    refused = await refusal(path)
    assert refused.code == "take.truncated"
    assert "of its frames are missing" in refused.message


async def test_a_webm_that_ends_before_its_length_is_not_whole(clips: Clips, tmp_path: Path) -> None:
    """A Segment may be of unknown size (all ones): then its declared duration tells."""
    data = bytearray(clips("film_rate.webm").read_bytes())
    size_at = data.index(b"\x18\x53\x80\x67") + 4
    data[size_at : size_at + 8] = b"\x01" + b"\xff" * 7
    path = tmp_path / "take.webm"
    path.write_bytes(data)
    assert (await probe(path)).frames == 48
    path.write_bytes(data[: len(data) // 4])
    refused = await refusal(path)
    assert refused.code == "take.truncated"
    assert "s early" in refused.message


def overwritten(source: Path, target: Path, filler: bytes) -> Path:
    """Return a copy of an MP4 whose pictures and sound are ``filler``, its index intact."""
    data = bytearray(source.read_bytes())
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = (filler * (end - start))[: end - start]
    target.write_bytes(data)
    return target


async def test_a_file_that_was_never_filled_is_not_whole(clips: Clips, tmp_path: Path) -> None:
    refused = await refusal(overwritten(clips("film_rate.mp4"), tmp_path / "take.mp4", b"\0"))
    assert refused.code == "take.truncated"
    assert "48 of its frames hold nothing" in refused.message


async def test_a_video_without_one_good_picture_is_refused(clips: Clips, tmp_path: Path) -> None:
    refused = await refusal(overwritten(clips("film_rate.mp4"), tmp_path / "take.mp4", b"\xa5\x5a\xff"))
    assert refused.code == "take.no_frames"


async def test_ten_hours_are_refused_without_decoding_any_of_them(clips: Clips, tmp_path: Path) -> None:
    refused = await refusal(overwritten(clips("ten_hours.mp4"), tmp_path / "take.mp4", b"\xa5\x5a\xff"))
    assert refused.code == "take.too_long"


async def test_a_file_of_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "take.mp4"
    with path.open("wb") as target:
        target.truncate(3 * 1024**3)
    refused = await refusal(path)
    assert refused.code == "take.too_large"
    assert "3.2 GB" in refused.message


@pytest.mark.parametrize(
    "limits",
    [Limits(20, 60 * 1024**2, 0, 60), Limits(20, 2 * 1024**3, 0, 0.001)],
    ids=["decoder crashes", "decoder never ends"],
)
async def test_what_becomes_of_the_decoder_is_only_a_refusal(
    clips: Clips, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    monkeypatch.setattr(probe_module, "LIMITS", limits)
    refused = await refusal(clips("portrait_24_sound.mp4"))
    assert refused.code == "take.unreadable"


@pytest.mark.parametrize("seed", range(10))
async def test_damaged_bytes_never_break_the_worker(clips: Clips, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(clips("fast_start.mp4" if seed % 2 else "film_rate.webm").read_bytes())
    for _ in range(40):
        data[chance.randrange(32, min(len(data), 4000))] = chance.randrange(256)
    path = tmp_path / "take"
    path.write_bytes(data)
    try:
        facts = await probe(path)
    except Invalid as refused:
        assert refused.code.startswith("take.")
    else:
        assert facts.frames > 0
