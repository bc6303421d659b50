"""Each promise about the finished file is held by the check, and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exports import atoms, labels
from app.exports.check import check
from app.exports.conform import conform
from app.exports.errors import ExportError
from app.exports.processes import run
from app.exports.table import shots_csv


@pytest.fixture
def finished(takes, segment, make_cut, export, cache, tmp_path):
    """Return a cut, its segments, its video and its label, all as they should be."""
    cut = make_cut(segment(takes.portrait_with_sound(), 96, 1), segment(takes.counting(60), 24, 2))
    video = export(cut).video
    segments = conform(cut, cache, tmp_path, workers=1, cancelled=lambda: False, on_done=lambda _done, _total: None)
    return cut, segments, video, labels.read_aigc(video)


def failures(cut, segments, video, label):
    with pytest.raises(ExportError) as caught:
        check(cut, segments, video, label, cancelled=lambda: False)
    assert caught.value.code == "export.check_failed"
    return caught.value.details["failures"]


def remade(video, folder, *arguments):
    """Copy a finished episode through ffmpeg, its label kept."""
    copy = folder / "remade.mp4"
    keep = ("-map_metadata", "0", "-movflags", "use_metadata_tags+faststart")
    run(["-i", str(video), *keep, "-c", "copy", *arguments, str(copy)], folder, lambda: False)
    return copy


def test_what_is_right_passes(finished):
    report = check(*finished, cancelled=lambda: False)
    assert (report["frames"], report["parameter_sets"], report["fast_start"]) == (120, 1, True)


def test_a_missing_shot_is_found(finished):
    cut, *rest = finished
    longer = replace(cut, segments=(*cut.segments, cut.segments[1]))
    assert {"frame_count", "sound_length"} <= set(failures(longer, *rest))


def test_another_size_is_found(finished):
    cut, *rest = finished
    assert "size" in failures(replace(cut, height=322), *rest)


def test_a_join_that_cannot_be_cut_at_is_found(finished):
    cut, *rest = finished
    first, second = cut.segments
    moved = (replace(first, frames=90), replace(second, frames=30))
    assert failures(replace(cut, segments=moved), *rest) == ["segment_starts"]


def test_segments_of_two_encoders_are_found(finished):
    cut, segments, *rest = finished
    mixed = (replace(segments[0], parameters=b"other"), segments[1])
    assert failures(cut, mixed, *rest) == ["parameter_sets"]


def test_sound_at_another_loudness_is_found(finished, tmp_path):
    cut, segments, video, label = finished
    quiet = remade(video, tmp_path, "-c:a", "aac", "-af", "volume=-6dB")
    assert failures(cut, segments, quiet, label) == ["loudness"]
    loud = remade(video, tmp_path, "-c:a", "aac", "-af", "volume=20dB")
    assert set(failures(cut, segments, loud, label)) == {"loudness", "true_peak"}


def test_sound_shorter_than_the_picture_is_found(finished, tmp_path):
    cut, segments, video, label = finished
    short = remade(video, tmp_path, "-c:a", "aac", "-af", "atrim=end=3")
    assert "sound_length" in failures(cut, segments, short, label)


def test_pictures_out_of_step_are_found(finished, tmp_path):
    cut, segments, video, label = finished
    uneven = remade(video, tmp_path, "-bsf:v", "setts=pts=PTS+if(eq(PTS\\,50000)\\,7\\,0)")
    assert "even_timing" in failures(cut, segments, uneven, label)


def test_an_index_at_the_end_is_found(finished, tmp_path):
    cut, segments, video, label = finished
    slow = remade(video, tmp_path, "-movflags", "use_metadata_tags")
    assert not atoms.starts_fast(slow)
    assert failures(cut, segments, slow, label) == ["fast_start"]


def test_another_label_is_found(finished):
    cut, segments, video, label = finished
    with pytest.raises(ExportError) as caught:
        check(cut, segments, video, replace(label, ProduceID="other"), cancelled=lambda: False)
    assert caught.value.code == "export.label_missing"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x00", b"\x00\x00\x00\x08free\x00\x00\xff\xffmoov", b"no boxes here"]
)
def test_a_file_that_is_no_mp4_has_no_label(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(ExportError) as caught:
        labels.read_aigc(path)
    assert caught.value.code == "export.label_missing"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "  =1"])
def test_the_table_runs_nothing(takes, segment, make_cut, start):
    name, text = f"{start}名", f"{start}话"
    cut = make_cut(replace(segment(takes.counting(60), 24, shot_name=name, scene=name), card=text))
    cells = shots_csv(cut).splitlines()[1].split(",")
    assert cells[1] == f"'{name}"
    assert cells[2] == f"'{name}"
    assert f"'{text}" in cells
