"""What is written over the picture: slate, timecode, action, speech and titles, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from animatic_stages import backdrop, drawn, face, shot

from app.backends.animatic import labels, overlay
from app.backends.animatic.layers import Stage
from app.backends.animatic.text import Style, balanced, clean, fitted, lines, shortened
from app.backends.base import ShotFacts, SpokenLine

STYLE = Style(40)
TIMECODE = np.s_[92:112, 190:320]


def stage() -> Stage:
    return Stage([backdrop((90, 90, 90))])


def differs(one: np.ndarray, other: np.ndarray, rows: slice) -> bool:
    return bool(np.abs(one[rows].astype(int) - other[rows]).max() > 40)


def test_the_timecode_runs_with_every_frame() -> None:
    made = shot(ShotFacts(episode="1", scene="1", shot="1A"), stage(), frames=30)
    seen = [drawn(made, index)[0][TIMECODE].tobytes() for index in range(30)]
    assert len(set(seen)) == 30


def test_the_slate_names_the_shot_in_the_language_of_the_script() -> None:
    english = ShotFacts(episode="2", scene="3", shot="SH0040", take=2, size="MCU", angle="low", movement="pan_left")
    assert labels.numbers(english) == "EP 2  ·  SC 3  ·  SH0040  ·  TK 2"
    assert labels.setup(english) == "MCU · LOW ANGLE · PAN ←"
    chinese = ShotFacts(
        language="zh", episode="2", scene="2-1", shot="12", interior="ext", place="海滨", flashback=True
    )
    assert labels.numbers(chinese) == "第2集  ·  2-1场  ·  镜12  ·  第1条"
    assert labels.where(chinese) == "外 · 海滨 · 闪回"
    assert labels.setup(chinese) == "中景 · 平视 · 固定"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_set_up_has_its_words(language: str) -> None:
    for table in (labels.ANGLES, labels.MOVES, labels.INTERIORS):
        assert table["zh"].keys() == table["en"].keys()
    plain = labels.setup(ShotFacts(language=language, size="ELS", angle="overhead", movement="crane_up"))
    assert "_" not in plain


def test_a_speech_is_read_only_while_it_is_heard() -> None:
    facts = ShotFacts(dialogue=(SpokenLine("MARA", "one two three"), SpokenLine("LIN", "four five six")))
    made = shot(facts, stage(), frames=120)
    silent = shot(ShotFacts(), stage(), frames=120)
    (first, second), rows = made.timings, slice(640, 810)
    assert first.end < second.start
    assert (first.speaker, second.speaker) == ("MARA", "LIN")
    shown = [differs(drawn(made, index)[0], drawn(silent, index)[0], rows) for index in (3, 20, 60, 80, 118)]
    assert shown == [False, True, True, True, False]
    assert differs(drawn(made, 30)[0], drawn(made, 70)[0], rows)


def test_a_silent_shot_shows_its_speech_all_the_same() -> None:
    facts = ShotFacts(dialogue=(SpokenLine("MARA", "Against."),))
    made, bare = shot(facts, stage(), sound=False), shot(ShotFacts(), stage(), sound=False)
    assert made.sound() is None
    assert differs(drawn(made, 12)[0], drawn(bare, 12)[0], slice(640, 810))


def test_the_voice_that_is_not_in_the_picture_is_marked() -> None:
    inner, outer = (
        shot(ShotFacts(dialogue=(SpokenLine("LIN", "one two", voice=voice),)), stage()) for voice in ("", "O.S.")
    )
    assert differs(drawn(inner, 16)[0], drawn(outer, 16)[0], slice(640, 810))


def test_a_title_fades_in_and_the_action_stands() -> None:
    facts = ShotFacts(language="zh", card="三日后", action="画面全黑。")
    made, bare = shot(facts, stage(), frames=72), shot(ShotFacts(language="zh"), stage(), frames=72)
    title, action = slice(330, 520), slice(760, 810)
    early, mid = drawn(made, 0), drawn(made, 40)
    assert not differs(early[0], drawn(bare, 0)[0], title)
    assert differs(mid[0], drawn(bare, 40)[0], title)
    assert mid[0][title].max() > drawn(made, 8)[0][title].max()
    assert differs(early[0], drawn(bare, 0)[0], action)


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (720, 1280), (64, 64), (608, 1080)])
def test_overlays_keep_inside_any_frame(size: tuple[int, int]) -> None:
    facts = ShotFacts(
        language="zh",
        episode="1",
        scene="1-1",
        shot="SH0010",
        place="很长很长的地方" * 9,
        action="海浪拍岸。" * 30,
        card="未完待续",
    )
    paper = overlay.Paper(*size, 24.0, 48)
    said = overlay.subtitles([overlay.Spoken("女娃", "他们说海没有心。" * 12, 0.0, 2.0)], paper, size[1] // 2 * 2)
    patches = [
        overlay.slate(facts, paper).patch,
        overlay.caption(facts, paper),
        overlay.card(facts.card, paper, late=False),
    ]
    for patch in [*patches, *said]:
        assert patch is not None
        assert patch.x >= 0
        assert patch.x + patch.image.shape[1] <= size[0]
        assert patch.y + patch.image.shape[0] <= size[1] + size[1] % 2
    drawn(shot(facts, Stage([backdrop(), face("女娃")]), width=size[0], height=size[1]), 3)


def test_long_speech_is_shown_in_pieces_that_end_with_sentences() -> None:
    paper = overlay.Paper(1080, 1920, 24.0, 240)
    words = "Your father wrote it the night of the ferry. Nobody has opened it since. Nobody will, I think."
    patches = overlay.subtitles([overlay.Spoken("LIN", words, 0.0, 10.0)], paper, 1600)
    assert len(patches) >= 2
    assert [patch.last for patch in patches[:-1]] == [patch.first for patch in patches[1:]]
    assert (patches[0].first, patches[-1].last) == (0, 240)


@pytest.mark.parametrize(
    "words",
    [
        "他说：“你来了。”我没有回答，只是看着窗外的海，看了很久很久。",
        "A sentence of several words, and then some.",
        "Wwwwwwwwwwww" * 9,
    ],
)
def test_lines_fit_and_break_where_they_may(words: str) -> None:
    for broken in (lines(words, STYLE, 300), balanced(words, STYLE, 300)):
        assert "".join(broken).replace(" ", "") == words.replace(" ", "")
        assert all(STYLE.width(line) <= 300 or len(line) == 1 for line in broken)
        assert not any(line[0] in "，。、”,." for line in broken)
    assert len(balanced(words, STYLE, 300)) == len(lines(words, STYLE, 300))


def test_balanced_lines_are_of_a_length() -> None:
    broken = balanced("她把石子用力抛向海面，石子没有沉下去，消失了。", STYLE, 840)
    assert len(broken) == 2
    assert min(len(line) for line in broken) >= 9


def test_too_much_text_ends_in_an_ellipsis() -> None:
    broken = shortened(lines("word " * 60, STYLE, 300), 3, STYLE, 300)
    assert len(broken) == 3
    assert broken[-1].endswith("…")
    assert fitted("word " * 60, STYLE, 300).endswith("…")


def test_marks_and_control_characters_are_cleaned_away() -> None:
    assert clean("You misspelled *beloved*.\n\tYes\x00!") == "You misspelled beloved. Yes !"
    assert clean("snake_case and 2*3*4") == "snake_case and 2*3*4"
