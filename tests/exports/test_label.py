"""An episode without its AI label is never delivered."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.exports import assemble as assemble_module
from app.exports import labels, mux, segments
from app.exports.conform import conform
from app.exports.errors import ExportError
from app.exports.processes import run

ALLOWED = {chr(code) for code in (0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))}


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (720, 1280), (1920, 1080), (1080, 1080)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_glyph_is_a_twentieth_of_the_short_side_high(
    takes, segment, make_cut, cache, tmp_path, pictures, width, height, language
):
    take = takes.make("white.mp4", "-f", "lavfi", "-i", "color=white:s=64x64:r=24:d=0.5", "-c:v", "mpeg4", "-q:v", "2")
    cut = make_cut(segment(take, 3), width=width, height=height, language=language)
    (done,) = conform(cut, cache, tmp_path, workers=1, cancelled=lambda: False, on_done=lambda _done, _total: None)
    picture = pictures(done.path)[1]
    label = labels.visible_label(cut)
    assert "AI" in label.text
    assert "生成" in label.text
    glyphs = glyph_heights(picture[label.top - 8 : label.top + 2 * label.em, label.left - 4 :], len("AI生成"))
    assert min(glyphs) >= min(width, height) / 20
    assert label.top >= height * (0.1 if height > width else 0.04)


def glyph_heights(picture, count):
    """Measure the last ``count`` bright shapes that stand side by side on the label's dark box."""
    dark = picture < 120
    rows, columns = dark.any(axis=1).nonzero()[0], dark.any(axis=0).nonzero()[0]
    box = picture[rows.min() + 2 : rows.max() - 1, columns.min() + 2 : columns.max() - 1] > 150
    edges = np.flatnonzero(np.diff(np.concatenate([[0], box.any(axis=0).astype(int), [0]])))
    shapes = [box[:, left:right] for left, right in edges.reshape(-1, 2)]
    return [int(np.ptp(shape.any(axis=1).nonzero()[0])) + 1 for shape in shapes][-count:]


def test_the_metadata_has_seven_texts_of_allowed_characters(takes, segment, make_cut, export):
    result = export(make_cut(segment(takes.counting(60), 48), producer='山海 "工作室"', produce_id="E 01\\x"))
    found = labels.read_aigc(result.video)
    values = json.loads(found.json())
    assert list(values) == [
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    ]
    assert values["Label"] == "1"
    assert values["ContentPropagator"] == values["ContentProducer"]
    assert values["PropagateID"] == values["ProduceID"]
    assert all(set(value) <= ALLOWED for value in values.values())


def test_a_plain_name_stands_in_the_metadata_as_it_is():
    assert labels.aigc("001191330101MA27WPYJ18xliu1", "E01-1").ContentProducer == "001191330101MA27WPYJ18xliu1"


def test_a_copy_that_lost_its_metadata_is_found_out(takes, segment, make_cut, export, tmp_path):
    video = export(make_cut(segment(takes.counting(60), 48))).video
    copy = tmp_path / "copy.mp4"
    run(["-i", str(video), "-c", "copy", str(copy)], tmp_path, lambda: False)
    with pytest.raises(ExportError) as caught:
        labels.read_aigc(copy)
    assert caught.value.code == "export.label_missing"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[]",
        '{"Label":"1"}',
        '{"Label":1,"ContentProducer":"a","ProduceID":"b","ReservedCode1":"",'
        '"ContentPropagator":"a","PropagateID":"b","ReservedCode2":""}',
    ],
)
def test_half_a_label_is_no_label(takes, tmp_path, value):
    video = tmp_path / "half.mp4"
    tag = ["-movflags", "use_metadata_tags", "-metadata", f"AIGC={value}"]
    run(["-i", str(takes.counting(60)), "-c", "copy", *tag, str(video)], tmp_path, lambda: False)
    with pytest.raises(ExportError) as caught:
        labels.read_aigc(video)
    assert caught.value.code == "export.label_missing"


def test_a_label_wrapped_by_another_producer_is_read(takes, tmp_path):
    label = labels.aigc("someone", "1")
    video = tmp_path / "wrapped.mp4"
    tag = ["-movflags", "use_metadata_tags", "-metadata", f'AIGC={{"AIGC":{label.json()}}}']
    run(["-i", str(takes.counting(60)), "-c", "copy", *tag, str(video)], tmp_path, lambda: False)
    assert labels.read_aigc(video) == label


def test_without_the_metadata_nothing_is_delivered(takes, segment, make_cut, export, tmp_path, monkeypatch):
    monkeypatch.setattr(mux, "AIGC_KEY", "comment")
    with pytest.raises(ExportError) as caught:
        export(make_cut(segment(takes.counting(60), 48)))
    assert caught.value.code == "export.label_missing"
    assert not (tmp_path / "out").exists()


def test_without_the_words_on_the_picture_nothing_is_delivered(takes, segment, make_cut, export, tmp_path, monkeypatch):
    monkeypatch.setattr(segments.labels, "draw_label", lambda *_arguments: None)
    with pytest.raises(ExportError, match="picture") as caught:
        export(make_cut(segment(takes.counting(60), 48)))
    assert caught.value.code == "export.label_missing"
    assert not (tmp_path / "out").exists()


def test_words_that_go_too_soon_do_not_count(takes, segment, make_cut, export, monkeypatch):
    monkeypatch.setattr(labels, "SHOWN_SECONDS", 1)
    with pytest.raises(ExportError, match="two seconds"):
        export(make_cut(segment(takes.counting(100), 96)))


def test_it_is_the_check_that_stops_an_unlabelled_episode(takes, segment, make_cut, export, monkeypatch):
    cut = make_cut(segment(takes.counting(60), 48))
    honest = export(cut).report
    monkeypatch.setattr(segments.labels, "draw_label", lambda *_arguments: None)
    monkeypatch.setattr(assemble_module, "check", lambda *_arguments, **_more: dict(honest))
    assert export(cut).video.exists()


def test_words_over_two_short_shots_are_seen(takes, segment, make_cut, export):
    take = takes.counting(100)
    cut = make_cut(*(segment(take, 20, n, in_frame=20 * n) for n in range(5)))
    assert export(cut).report["visible_label"]["frames"] == 48


def test_an_episode_shorter_than_the_label_says_so(takes, segment, make_cut, export):
    report = export(make_cut(segment(takes.counting(60), 24))).report
    assert "export.shorter_than_label" in {one["code"] for one in report["warnings"]}
