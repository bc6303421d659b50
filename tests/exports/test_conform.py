"""A segment shows the right frames of its take, in the right shape and colours, whatever the take is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import av
import numpy as np
import pytest

from app.core.errors import Invalid
from app.core.frames import FrameRate
from app.exports.conform import FolderCache, conform
from app.exports.cut import Cut, Fit, Subtitle, slug
from app.exports.errors import DiskFull, ExportError
from app.exports.processes import run
from app.exports.segments import frame_ticks, plan, timescale
from app.media.derive import derive
from app.media.ffmpeg import FfmpegError
from app.media.probe import probe


@pytest.fixture
def conformed(cache, tmp_path):
    """Return a function that conforms a cut and returns its segments."""

    def done(cut: Cut):
        return conform(cut, cache, tmp_path, workers=2, cancelled=lambda: False, on_done=lambda _done, _total: None)

    return done


def test_a_trimmed_take_shows_exactly_its_frames(takes, segment, make_cut, conformed, numbers):
    (done,) = conformed(make_cut(segment(takes.counting(120), 50, in_frame=31)))
    assert numbers(done.path) == list(range(31, 81))


def test_a_short_take_holds_its_last_picture(takes, segment, make_cut, conformed, numbers):
    (done,) = conformed(make_cut(segment(takes.counting(60), 90, in_frame=20)))
    assert numbers(done.path) == [*range(20, 60), *[59] * 50]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("24", FrameRate(24000, 1001), list(range(96))),
        ("24000/1001", FrameRate(24000, 1001), list(range(96))),
        ("30", FrameRate(24), [n * 30 // 24 for n in range(96)]),
        ("25", FrameRate(25), list(range(96))),
        ("12", FrameRate(24), [n // 2 for n in range(96)]),
        ("60", FrameRate(30), [2 * n for n in range(96)]),
    ],
)
def test_another_rate_keeps_the_pace(takes, segment, make_cut, conformed, numbers, source, target, expected):
    (done,) = conformed(make_cut(segment(takes.counting(240, source), 96), rate=target))
    found = numbers(done.path)
    assert all(abs(one - right) <= 1 for one, right in zip(found, expected, strict=True))
    assert found == sorted(found)
    if source in (str(target.numerator), str(target)):
        assert found == expected


def test_a_variable_rate_is_shown_in_its_own_time(takes, segment, make_cut, conformed, numbers):
    take = takes.counting(60, "24", "-vf", "setpts='if(lt(N,30),N*2,60+(N-30)*4)/24/TB'", "-fps_mode", "vfr")
    (done,) = conformed(make_cut(segment(take, 180)))
    found = numbers(done.path)
    assert abs(found[30] - 15) <= 1
    assert abs(found[120] - 45) <= 1
    assert found == sorted(found)


def test_a_segment_beyond_the_end_of_its_take_is_refused_by_name(takes, segment, make_cut, conformed):
    with pytest.raises(ExportError, match="SH0010"):
        conformed(make_cut(segment(takes.counting(60), 10, in_frame=70)))


def test_a_phone_held_upright_stays_upright(takes, segment, make_cut, conformed, pictures, tmp_path):
    lying = takes.make(
        "lying.mp4",
        *("-f", "lavfi", "-i", "color=black:s=320x180:r=24:d=1,drawbox=0:0:160:180:white:fill", "-c:v", "libx264"),
    )
    upright = tmp_path / "upright.mp4"
    run(["-display_rotation", "-90", "-i", str(lying), "-c", "copy", str(upright)], tmp_path, lambda: False)
    (done,) = conformed(make_cut(segment(upright, 100)))
    picture = pictures(done.path)[90]
    assert picture.shape == (320, 180)
    assert picture[20:150].mean() > 200
    assert picture[170:300].mean() < 40


def test_pixels_that_are_not_square_are_made_so(takes, segment, make_cut, conformed, pictures):
    square = "color=white:s=360x240:r=24:d=1,drawbox=x=150:y=80:w=60:h=80:color=black:t=fill,setsar=4/3"
    take = takes.make("anamorphic.mp4", "-f", "lavfi", "-i", square, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    (done,) = conformed(make_cut(segment(take, 100, fit=Fit.CONTAIN)))
    dark = pictures(done.path)[90][120:200] < 60
    across, down = int(dark[40].sum()), int(dark[:, 90].sum())
    assert abs(across - down) <= 2
    assert abs(across - 80 * 180 / 480) <= 2


@pytest.mark.parametrize(
    ("name", "tags", "filters"),
    [
        ("tagged-601", "smpte170m", "scale=out_color_matrix=smpte170m:out_range=tv"),
        ("tagged-709-full", "bt709", "scale=out_color_matrix=bt709:out_range=pc"),
    ],
)
def test_colours_are_the_same_however_a_take_stores_them(takes, segment, make_cut, conformed, name, tags, filters):
    rgb = (200, 60, 30)
    source = "color=0x{:02x}{:02x}{:02x}:s=180x320:r=24:d=1,format=rgb24".format(*rgb)
    full = "pc" if "full" in name else "tv"
    take = takes.make(
        f"{name}.mp4",
        *("-f", "lavfi", "-i", source, "-vf", f"{filters},format=yuv420p", "-c:v", "libx264", "-qp", "4"),
        *("-colorspace", tags, "-color_primaries", tags, "-color_trc", tags, "-color_range", full),
    )
    (done,) = conformed(make_cut(segment(take, 100)))
    with av.open(str(done.path)) as container:
        frame = list(container.decode(video=0))[90]
        assert (frame.colorspace, frame.color_range) == (1, 1)
        y, u, v = (float(np.frombuffer(memoryview(plane), np.uint8)[40]) for plane in frame.planes)
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    shown = (luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue)
    assert all(abs(channel * 255 - wanted) <= 5 for channel, wanted in zip(shown, rgb, strict=True))


def test_high_dynamic_range_is_brought_down(takes, segment, make_cut, conformed, pictures):
    take = takes.make(
        "hdr.mkv",
        *("-f", "lavfi", "-i", "gradients=s=180x320:r=24:d=1:c0=black:c1=white:x0=0:y0=0:x1=0:y1=319:n=2"),
        *("-vf", "format=yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=error"),
        *("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-color_range", "tv"),
    )
    (done,) = conformed(make_cut(segment(take, 100)))
    column = pictures(done.path)[90][:, 150]
    assert column.max() > 190
    assert column.min() < 25


@pytest.mark.parametrize("tags", ["colorspace=bt2020nc:color_primaries=bt2020", "colorspace=unknown"])
@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
async def test_the_episode_shows_what_the_director_circled(
    takes, segment, make_cut, conformed, pictures, tmp_path, tags, transfer
):
    take = takes.make(
        "wide.mp4",
        *("-f", "lavfi", "-i", "gradients=s=180x320:r=24:d=1:c0=black:c1=white:y0=0:y1=319:n=2:speed=0.00001"),
        *("-vf", f"format=yuv420p10le,setparams={tags}:color_trc={transfer}:range=limited", "-c:v", "libx264"),
    )
    reviewed = await derive(take, await probe(take), tmp_path)
    (done,) = await asyncio.to_thread(conformed, make_cut(segment(take, 20)))
    circled, delivered = (pictures(film)[10] for film in (reviewed.proxy, done.path))
    clear_of_words = np.s_[len(circled) // 4 : len(circled) * 7 // 10]
    assert circled.shape == delivered.shape
    assert np.abs(circled[clear_of_words].mean(axis=1) - delivered[clear_of_words].mean(axis=1)).max() <= 3
    assert np.ptp(circled[clear_of_words]) > 60


def test_a_picture_in_the_file_beside_the_film_is_not_the_film(takes, segment, make_cut, conformed, numbers, tmp_path):
    cover, take = tmp_path / "cover.png", tmp_path / "with-cover.mp4"
    run(["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", str(cover)], tmp_path, lambda: False)
    both = ["-i", str(cover), "-i", str(takes.counting(60)), "-map", "0", "-map", "1", "-c", "copy"]
    run([*both, "-disposition:v:0", "attached_pic", str(take)], tmp_path, lambda: False)
    (done,) = conformed(make_cut(segment(take, 40)))
    assert numbers(done.path) == list(range(40))


def test_a_fade_ends_in_black_and_leaves_the_words(takes, segment, make_cut, conformed, pictures):
    white = takes.make("white.mp4", "-f", "lavfi", "-i", "color=white:s=64x64:r=24:d=2", "-c:v", "mpeg4", "-q:v", "2")
    (done,) = conformed(make_cut(segment(white, 96, fade_out=True, subtitles=(Subtitle(80, 96, "终"),))))
    shown = pictures(done.path)
    assert shown[83][100:200].min() > 200
    assert shown[95][100:200].max() < 60
    assert (shown[95][200:260] > 180).any()


def test_words_the_take_shows_itself_are_not_burned_again(takes, segment, make_cut, conformed, pictures):
    black = takes.make("black.mp4", "-f", "lavfi", "-i", "color=black:s=64x64:r=60:d=1", "-c:v", "mpeg4", "-q:v", "2")
    words = {"subtitles": (Subtitle(0, 20, "那场火"),), "card": "三年后"}
    burned, plain = conformed(make_cut(segment(black, 100, 1), segment(black, 20, 2, burn_words=False, **words)))
    again, _last = conformed(make_cut(segment(black, 100, 1), segment(black, 20, 2, **words)))
    assert not (pictures(plain.path)[10] > 100).any()
    assert again.path == burned.path
    assert (pictures(_last.path)[10] > 180).any()


def test_a_spoilt_cache_is_noticed(takes, segment, make_cut, conformed, numbers):
    cut = make_cut(segment(takes.counting(60), 30))
    (first,) = conformed(cut)
    first.path.write_bytes(first.path.read_bytes()[:2000])
    (second,) = conformed(cut)
    assert second.rendered
    assert numbers(second.path) == list(range(30))


def test_everything_the_picture_depends_on_changes_its_name(takes, segment, make_cut):
    one = segment(takes.counting(120), 80)
    still = make_cut(segment(takes.counting(60), 100, 9), one)
    keys = {plan(still)[1].key}
    variants = [
        {"in_frame": 1},
        {"frames": 79},
        {"fade_out": True},
        {"fit": Fit.CONTAIN},
        {"card": "三年后"},
        {"subtitles": (Subtitle(0, 9, "火"),)},
        {"subtitles": (Subtitle(0, 10, "火"),)},
        {"source_sha256": "0" * 64},
    ]
    for change in variants:
        keys.add(plan(make_cut(still.segments[0], segment(takes.counting(120), **({"frames": 80} | change))))[1].key)
    for change in ({"rate": FrameRate(25)}, {"width": 182}, {"height": 322}, {"draft": True}):
        keys.add(plan(make_cut(*still.segments, **change))[1].key)
    keys.add(plan(make_cut(one))[0].key)
    assert len(keys) == 1 + len(variants) + 4 + 1
    renamed = segment(takes.counting(120), 80, shot_name="other", scene="9", take_number=7, provenance={"a": 1})
    assert plan(make_cut(still.segments[0], renamed, title="other", produce_id="other"))[1].key in keys


@pytest.mark.parametrize(
    "rate",
    [FrameRate(24), FrameRate(25), FrameRate(30), FrameRate(60), FrameRate(24000, 1001), FrameRate(37, 2)],
    ids=str,
)
def test_a_frame_is_a_whole_number_of_ticks(rate):
    assert frame_ticks(rate) * rate.fraction == timescale(rate)


def test_a_full_disk_is_recognised_in_what_ffmpeg_says(tmp_path):
    with pytest.raises(DiskFull):
        run(["-f", "lavfi", "-i", "testsrc2=d=2", "-f", "rawvideo", "/dev/full"], tmp_path, lambda: False)
    with pytest.raises(FfmpegError):
        run(["-i", "nothing-here.mp4", "-f", "null", "-"], tmp_path, lambda: False)


def test_a_killed_worker_leaves_no_ffmpeg_behind(tmp_path):
    pipe = tmp_path / "pictures"
    os.mkfifo(pipe)
    program = (
        "import sys; from pathlib import Path; from app.exports.processes import run;"
        "run(['-f', 'lavfi', '-i', 'testsrc2=s=640x360', '-f', 'rawvideo', sys.argv[1]], Path(sys.argv[2]), bool)"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(pipe), str(tmp_path)])
    with pipe.open("rb") as pictures_made:
        assert pictures_made.read(1000)
        worker.kill()
        worker.wait()
        rest = pictures_made.read(200_000_000)
    assert len(rest) < 200_000_000, "the pipe ends, because nobody writes to it any more"


def test_ffmpeg_is_told_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://hidden-word")
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *given, **more: started.append(more.get("env", {})) or popen(*given, **more)
    )
    run(["-f", "lavfi", "-i", "color=d=0.1", "-f", "null", "-"], tmp_path, lambda: False)
    assert "hidden-word" not in str(started)


def test_a_take_cannot_make_ffmpeg_read_the_network_or_other_files(segment, make_cut, conformed, takes, tmp_path):
    playlist = tmp_path / "take.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile '{takes.counting(60)}'\n", "utf-8")
    with pytest.raises(ExportError, match="SH0010"):
        conformed(make_cut(segment(playlist, 10)))


@pytest.mark.parametrize(
    "wrong",
    [{"width": 181}, {"height": 9000}, {"rate": FrameRate(120)}, {"segments": ()}],
    ids=["odd", "huge", "fast", "empty"],
)
def test_a_cut_that_cannot_be_conformed_is_refused(takes, segment, make_cut, wrong):
    segments = wrong.pop("segments", (segment(takes.counting(60), 10),))
    with pytest.raises(Invalid) as caught:
        make_cut(*segments, **wrong)
    assert caught.value.code == "export.cut_invalid"


@pytest.mark.parametrize(
    "wrong",
    [{"frames": 0}, {"in_frame": -1}, {"subtitles": (Subtitle(3, 11, "火"),)}, {"subtitles": (Subtitle(3, 3, "火"),)}],
)
def test_a_segment_that_cannot_be_shown_is_refused_by_name(takes, segment, make_cut, wrong):
    with pytest.raises(Invalid, match="SH0010"):
        make_cut(segment(takes.counting(60), **({"frames": 10} | wrong)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("精卫：填海/“终”", "精卫-填海-终"),
        ("../../etc/passwd", "etc-passwd"),
        ("The Salt Ledger", "The-Salt-Ledger"),
        ("。。。", "episode"),
        (" .hidden\n", "hidden"),
    ],
)
def test_any_title_makes_a_safe_file_name(name, expected):
    assert slug(name) == expected
    assert len(slug(name * 99).encode()) <= 120


def test_a_folder_cache_never_shows_half_a_file(tmp_path):
    cache = FolderCache(tmp_path / "cache")
    part = tmp_path / "part"
    part.write_bytes(b"whole")
    assert cache.put("segment/1/aa/x.mp4", part).read_bytes() == b"whole"
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["x.mp4"]
    assert cache.get("segment/1/aa/y.mp4") is None
