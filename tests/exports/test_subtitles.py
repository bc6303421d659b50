"""Words keep to the script, break where they should, and appear on the right frame."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.frames import FrameRate
from app.exports import subtitles, typesetting
from app.exports.conform import conform
from app.exports.cut import Subtitle
from app.exports.styling import escape

LONG = (
    "你以为我守着这座山三百年，是为了等你回来？不。我守着它，是因为那场火之后，再没有人记得东海的水是什么颜色。"
    "如今你站在这里，穿着他的衣服，说着他的话，却连他的名字都不敢念出来！"
)
ENGLISH = (
    "I kept every page of that ledger, Mara. Every signature, every date, every lie you told the board; "
    "and tomorrow morning, when the doors open, they'll read it with their coffee."
)
SCRIPT_TEXT = st.text(
    st.sampled_from("甲乙丙火海。，！？“”‘’（）《》…—～ abc'-.,!?()AI1290%\n\t"), min_size=1, max_size=160
)


def cues_of(segment, text, frames=240, language="zh", path=Path(__file__)):
    words = segment(path, frames, subtitles=(Subtitle(0, frames, text, "甲"),))
    return subtitles.segment_cues(words, typesetting.layout(1080, 1920, language))


@given(SCRIPT_TEXT)
@settings(deadline=None, max_examples=300)
def test_cues_say_the_script_and_nothing_else(text):
    ems = 13.0
    parts = typesetting.units(text)
    assert typesetting.joined(parts) == " ".join(text.split())
    lines = typesetting.wrap(parts, ems)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(typesetting.text_width(line) <= ems for line in lines)


@pytest.mark.parametrize(("text", "language"), [(LONG, "zh"), (ENGLISH, "en")])
def test_a_long_speech_becomes_cues_of_two_lines_that_fill_its_time(segment, text, language):
    cues = cues_of(segment, text, language=language)
    gap = " " if language == "en" else ""
    assert gap.join(cue.text for cue in cues) == text
    assert len(cues) > 1
    assert all(1 <= len(cue.lines) <= 2 for cue in cues)
    assert cues[0].start_frame == 0
    assert cues[-1].end_frame == 240
    assert all(before.end_frame == after.start_frame for before, after in pairwise(cues))
    assert all(cue.text[-1] in "。？！，；.,;!" for cue in cues), "cues end where the sense allows"


def test_lines_never_begin_with_a_closing_mark_nor_end_with_an_opening_one(segment):
    for cue in cues_of(segment, "他说：“我在这里等了你三百年，一步也没有离开过《山海经》里的那座山。”（停顿）你信吗？"):
        for line in cue.lines:
            assert line[0] not in "，。！？、；：”’）》」』…"
            assert line[-1] not in "“‘（《「『"


def test_english_words_stay_whole(segment):
    words = set(ENGLISH.split())
    for cue in cues_of(segment, ENGLISH, language="en"):
        assert all(set(line.split()) <= words for line in cue.lines)


def test_a_word_wider_than_the_frame_is_cut_rather_than_lost(segment):
    (cue,) = cues_of(segment, "A" * 30)
    assert "".join(cue.lines) == "A" * 30
    assert len(cue.lines) == 2


def test_a_speech_with_fewer_frames_than_cues_stays_one_cue(segment):
    (cue,) = cues_of(segment, LONG, frames=2)
    assert cue.text == LONG


def test_a_long_card_is_set_smaller_until_it_fits():
    layout = typesetting.layout(1080, 1920, "zh")
    em, lines = subtitles.card_lines("东海之滨，" * 14, layout)
    assert em < layout.card_em
    assert len(lines) <= subtitles.CARD_LINES
    assert subtitles.card_lines("三年后\n东海", layout) == (layout.card_em, ("三年后", "东海"))


@pytest.mark.parametrize(
    "rate", [FrameRate(24000, 1001), FrameRate(30000, 1001), FrameRate(25), FrameRate(60)], ids=str
)
def test_times_are_the_nearest_millisecond_even_after_an_hour(segment, make_cut, rate, tmp_path):
    hour = rate.frames(3600)
    first = segment(Path(__file__), hour)
    cut = make_cut(first, segment(Path(__file__), 100, subtitles=(Subtitle(1, 99, "晚了。"),)), rate=rate)
    cues = subtitles.episode_cues(cut)
    for name, text in (("t.srt", subtitles.srt(cues, rate)), ("t.vtt", subtitles.vtt(cues, rate, "zh"))):
        (tmp_path / name).write_text(text, "utf-8")
        (line,) = pysubs2.load(str(tmp_path / name))
        assert line.start == round((hour + 1) * 1000 * rate.denominator / rate.numerator)
        assert line.end == round((hour + 99) * 1000 * rate.denominator / rate.numerator)


@pytest.mark.parametrize("rate", [FrameRate(24000, 1001), FrameRate(25), FrameRate(60)], ids=str)
def test_words_are_burned_on_exactly_their_frames(takes, segment, make_cut, cache, tmp_path, pictures, rate):
    take = takes.make("black.mp4", "-f", "lavfi", "-i", "color=black:s=64x64:r=60:d=1", "-c:v", "mpeg4", "-q:v", "2")
    spans = [(1, 2), (5, 8), (8, 9), (13, 29)]
    lines = tuple(Subtitle(start, end, "火") for start, end in spans)
    cut = make_cut(segment(take, 30, subtitles=lines), rate=rate)
    (done,) = conform(cut, cache, tmp_path, workers=1, cancelled=lambda: False, on_done=lambda _done, _total: None)
    shown = [bool((picture[200:260] > 180).any()) for picture in pictures(done.path)]
    assert shown == [any(start <= frame < end for start, end in spans) for frame in range(30)]


def test_braces_and_backslashes_are_words_not_commands(takes, segment, make_cut, cache, tmp_path, pictures):
    assert escape(r"{\b1}") == "\\{\\b1\\}"
    take = takes.make("black.mp4", "-f", "lavfi", "-i", "color=black:s=64x64:r=60:d=1", "-c:v", "mpeg4", "-q:v", "2")
    cut = make_cut(segment(take, 4, subtitles=(Subtitle(0, 4, r"{\fs0\alpha&HFF&}x\Ny"),)), width=540, height=960)
    (done,) = conform(cut, cache, tmp_path, workers=1, cancelled=lambda: False, on_done=lambda _done, _total: None)
    bright = (pictures(done.path)[1][600:760] > 200).any(axis=0).nonzero()[0]
    assert bright.max() - bright.min() > 200, "the whole line is shown, on one line"


def test_characters_without_a_drawing_are_found():
    assert typesetting.undrawable("火A，·🔥火") == ("🔥",)
