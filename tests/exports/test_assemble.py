"""An episode is delivered whole, right to the frame, or not at all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pysubs2
import pytest

from app.core.frames import FrameRate
from app.exports import labels
from app.exports.assemble import Progress, Stage, assemble
from app.exports.conform import FolderCache
from app.exports.cut import Fit, Subtitle
from app.exports.errors import DiskFull, ExportCancelled, ExportError


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


@pytest.mark.parametrize("rate", [FrameRate(24), FrameRate(25), FrameRate(30), FrameRate(24000, 1001)], ids=str)
def test_takes_of_mixed_size_rate_and_sound_join_exactly(takes, segment, make_cut, export, rate):
    cut = make_cut(
        segment(takes.portrait_with_sound(), rate.frames(5), 1),
        segment(takes.silent_landscape(), rate.frames(5), 2, fit=Fit.CONTAIN),
        segment(takes.mono_portrait(), rate.frames(5.67), 3, fade_out=True),
        rate=rate,
    )
    result = export(cut)
    with av.open(str(result.video)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.width, picture.height) == (180, 320)
        assert picture.average_rate == rate.fraction
        assert picture.frames == cut.total_frames == sum(rate.frames(seconds) for seconds in (5, 5, 5.67))
        assert (sound.sample_rate, sound.layout.name) == (48000, "stereo")
        lasts = sound.duration * sound.time_base
        assert abs(lasts - rate.seconds(cut.total_frames)) <= 1 / rate.fraction
    assert result.report["parameter_sets"] == 1
    assert abs(result.report["loudness"]["integrated_lufs"] + 16) <= 0.5
    assert result.report["loudness"]["true_peak_dbtp"] <= -1


def test_a_wide_picture_is_never_stretched(takes, segment, make_cut, export, pictures):
    wide = takes.silent_landscape()
    cut = make_cut(segment(wide, 24, 1), segment(wide, 24, 2, fit=Fit.CONTAIN), segment(wide, 90, 3))
    shown = pictures(export(cut).video)
    for frame, side, rows in ((100, 120 * 320 / 360, slice(90, 230)), (30, 120 * 180 / 640, slice(115, 205))):
        dark = shown[frame][rows, 30:150] < 60
        assert abs(int(dark[dark.shape[0] // 2].sum()) - side) <= 2
        assert abs(int(dark[:, dark.shape[1] // 2].sum()) - side) <= 2
    assert shown[30][20].max() < 40, "above a picture shown whole there is black"
    assert shown[100][20].min() > 200, "a picture that covers the frame leaves no bars"


def test_what_did_not_change_is_not_rendered_again(takes, segment, make_cut, export):
    take = takes.portrait_with_sound()
    cut = make_cut(*(segment(take, 30, n, in_frame=n, subtitles=(Subtitle(2, 20, "那场火", "甲"),)) for n in range(4)))
    assert export(cut).report["rendered_segments"] == 4
    assert export(cut).report["rendered_segments"] == 0
    edited = replace(cut.segments[3], subtitles=(Subtitle(2, 20, "那场雨", "甲"),))
    report = export(replace(cut, segments=(*cut.segments[:3], edited))).report
    assert (report["rendered_segments"], report["cached_segments"]) == (1, 3)


def test_the_same_segment_twice_is_rendered_once(takes, segment, make_cut, export):
    take = takes.counting(60)
    cut = make_cut(segment(take, 80, 1), segment(take, 20, 2), segment(take, 20, 3))
    assert export(cut).report["rendered_segments"] == 2


def test_the_files_carry_the_words_the_table_and_every_input(takes, segment, make_cut, export):
    spoken = (Subtitle(6, 40, "=HYPERLINK(1)，是你放的！", "精卫"), Subtitle(48, 90, "<b>&不是我</b>", "少年"))
    cut = make_cut(
        segment(takes.counting(120), 96, 1, subtitles=spoken, provenance={"backend": "animatic", "prompt": "海"}),
        segment(takes.silent_landscape(), 48, 2, card="三年后", take_number=3),
        project="精卫：填海/“终”",
        episode=7,
        provenance={"revision": "r1"},
    )
    result = export(cut)
    out = result.video.parent
    assert files_below(out) == sorted(
        ["manifest.json", "shots.csv", *(f"精卫-填海-终-e07.{ending}" for ending in ("mp4", "srt", "vtt"))]
    )
    lines = pysubs2.load(str(result.srt))
    assert [line.plaintext for line in lines] == ["=HYPERLINK(1)，是你放的！", "＜b>&不是我＜/b>", "三年后"]
    assert [(line.start, line.end) for line in lines] == [(250, 1667), (2000, 3750), (4000, 6000)]
    assert "<v 少年>&lt;b&gt;&amp;不是我&lt;/b&gt;" in result.vtt.read_text("utf-8")
    assert result.csv.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(result.csv.read_text("utf-8-sig"))))
    assert [row["start"] for row in rows] == ["00:00:00:00", "00:00:04:00"]
    manifest = json.loads(result.manifest.read_text("utf-8"))
    assert [shot["take_sha256"] for shot in manifest["shots"]] == [one.source_sha256 for one in cut.segments]
    assert manifest["shots"][0]["provenance"] == {"backend": "animatic", "prompt": "海"}
    assert manifest["provenance"] == {"revision": "r1"}
    assert {output["name"] for output in manifest["outputs"]} == {
        path.name for path in (result.video, result.srt, result.vtt, result.csv)
    }
    assert labels.read_aigc(result.video).ReservedCode1 == manifest["fingerprint"]


def test_progress_is_told_stage_by_stage(takes, segment, make_cut, export):
    seen: list[Progress] = []
    take = takes.counting(60)
    export(make_cut(segment(take, 30, 1), segment(take, 30, 2, in_frame=30)), seen.append)
    assert list(dict.fromkeys(one.stage for one in seen)) == list(Stage)
    for stage in Stage:
        steps = [one for one in seen if one.stage is stage]
        assert [one.done for one in steps] == sorted(one.done for one in steps)
        assert steps[-1].done == steps[-1].total


def test_a_damaged_take_is_named_and_nothing_is_delivered(takes, segment, make_cut, export, tmp_path):
    cut = make_cut(segment(takes.counting(60), 48, 1), segment(takes.broken(), 100, 2))
    with pytest.raises(ExportError, match="SH0020") as caught:
        export(cut)
    assert caught.value.code == "export.segment_failed"
    assert caught.value.details["shot_id"] == "shot-2"
    assert not (tmp_path / "out").exists()


def test_a_failed_export_goes_on_where_it_stopped(takes, segment, make_cut, cache, tmp_path):
    def one_by_one(cut):
        return assemble(cut, tmp_path / "out", cache, lambda _one: None, lambda: False, workers=1)

    good = segment(takes.counting(60), 48, 1)
    with pytest.raises(ExportError, match="SH0020"):
        one_by_one(make_cut(good, segment(takes.broken(), 100, 2)))
    report = one_by_one(make_cut(good, segment(takes.counting(60), 20, 2))).report
    assert report["cached_segments"] == 1


def test_a_take_that_is_gone_or_was_changed_is_named(takes, segment, make_cut, export, tmp_path):
    take = tmp_path / "take.mp4"
    take.write_bytes(takes.counting(60).read_bytes())
    cut = make_cut(segment(take, 48))
    take.write_bytes(takes.counting(61).read_bytes())
    with pytest.raises(ExportError, match="SH0010") as changed:
        export(cut)
    take.unlink()
    with pytest.raises(ExportError, match="SH0010") as gone:
        export(cut)
    assert (changed.value.code, gone.value.code) == ("export.source_changed", "export.source_missing")


def test_a_cancelled_export_stops_in_the_middle_of_a_render(takes, segment, make_cut, tmp_path):
    take = takes.make("long.mp4", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=24:d=20", "-c:v", "mpeg4", "-q:v", "5")
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 4

    cut = make_cut(segment(take, 480, 1), segment(take, 479, 2), width=2160, height=3840)
    with pytest.raises(ExportCancelled):
        assemble(cut, tmp_path / "deep" / "out", FolderCache(tmp_path / "cache"), lambda _one: None, cancelled)
    assert not (tmp_path / "deep").exists()
    assert files_below(tmp_path / "cache") == []


def test_an_export_cancelled_at_the_end_leaves_the_last_one_alone(takes, segment, make_cut, cache, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "shots.csv").write_text("the last export", "utf-8")
    at: list[Stage] = []
    with pytest.raises(ExportCancelled):
        assemble(
            make_cut(segment(takes.counting(60), 48)),
            out,
            cache,
            lambda progress: at.append(progress.stage),
            lambda: Stage.CHECK in at,
        )
    assert files_below(out) == ["shots.csv"]
    assert (out / "shots.csv").read_text("utf-8") == "the last export"


class LendingCache(FolderCache):
    """A cache that keeps copies elsewhere and lends back the very file it was given."""

    def put(self, key: str, path: Path) -> Path:
        copy = path.with_name(f"{path.name}.copy")
        copy.write_bytes(path.read_bytes())
        super().put(key, copy)
        return path


def test_a_cache_may_lend_back_what_it_was_given(takes, segment, make_cut, tmp_path):
    cut = make_cut(segment(takes.portrait_with_sound(), 48))
    cache = LendingCache(tmp_path / "cache")
    runs = [assemble(cut, tmp_path / "out", cache, lambda _one: None, lambda: False).report for _run in range(2)]
    assert [one["rendered_segments"] for one in runs] == [1, 0]


class FullCache(FolderCache):
    """A cache on a disk without room."""

    def put(self, key: str, path: Path) -> Path:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_and_leaves_nothing(takes, segment, make_cut, tmp_path):
    cut = make_cut(segment(takes.counting(60), 48))
    with pytest.raises(DiskFull) as caught:
        assemble(cut, tmp_path / "out", FullCache(tmp_path / "cache"), lambda _one: None, lambda: False)
    assert caught.value.code == "export.disk_full"
    assert not (tmp_path / "out").exists()


def test_a_draft_is_marked_on_every_frame_and_shares_no_segment(takes, segment, make_cut, export, pictures):
    plain = takes.make("grey.mp4", "-f", "lavfi", "-i", "color=gray:s=180x320:r=24:d=4", "-c:v", "mpeg4", "-q:v", "2")
    cut = make_cut(segment(plain, 96))
    clean = pictures(export(cut).video)
    result = export(replace(cut, draft=True))
    assert result.report["rendered_segments"] == 1
    for final, marked in zip(clean, pictures(result.video), strict=True):
        difference = np.abs(final[100:].astype(int) - marked[100:].astype(int)) > 12
        assert 0.01 < difference.mean() < 0.25, "words all over the picture, and the picture still to be seen"
        for part in np.array_split(difference, 3):
            assert part.any()


def test_a_full_hd_episode_carries_label_subtitle_and_card(takes, segment, make_cut, export, pictures):
    take = takes.make("hd.mp4", "-f", "lavfi", "-i", "color=gray:s=720x1280:r=24:d=4", "-c:v", "mpeg4", "-q:v", "2")
    spoken = (Subtitle(24, 60, "那场火，是你放的！"),)
    cut = make_cut(segment(take, 84, subtitles=spoken, card="三年后"), width=1080, height=1920)
    result = export(cut)
    shown = pictures(result.video)
    assert shown[0].shape == (1920, 1080)
    assert result.report["visible_label"] == {"text": "AI生成", "frames": 48}
    subtitle, card = (slice(1300, 1520), slice(500, 700))
    bright = {frame: (shown[frame][subtitle] > 220).any() for frame in (23, 24, 59, 60)}
    assert bright == {23: False, 24: True, 59: True, 60: False}
    assert (shown[70][card] > 220).any()
    assert not (shown[40][1540:] > 220).any(), "the bottom fifth belongs to the platform"
    assert not (shown[83][190:320] > 220).any(), "the label is shown for three seconds"
