"""What holds for every breakdown: nothing lost or doubled, shots of 2 to 15 s, the same plan for the same text."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.frames import FrameRate
from app.scripts.breakdown import break_down
from app.scripts.breakdown.model import EpisodePlan, ShotPlan
from app.scripts.formats import parse
from app.scripts.formats.ast import Kind, Speech
from app.scripts.formats.episodes import split_episodes
from app.scripts.formats.plain import plain

SAMPLES = Path(__file__).parents[2] / "samples"
DATA = Path(__file__).parent / "data"
RATE = FrameRate(24)
EPISODES = [
    pytest.param(episode.text, id=f"{path.name}-{episode.number}")
    for path in sorted(SAMPLES.glob("*"))
    for episode in split_episodes(path.read_text()).episodes
]
LINES = [
    line for name in ("fountain_lines.txt", "chinese_lines.txt") for line in (DATA / name).read_text().splitlines()
]

WORDS_ZH = st.text(alphabet="海风石子门手看走笑天地人来去，。！？", min_size=1, max_size=160)
WORDS_EN = st.lists(
    st.sampled_from(["the", "sea", "door", "she", "he", "looks", "walks", "now.", "Never.", "stone,", "hand", "rain"]),
    min_size=1,
    max_size=80,
)
NAMES_ZH, NAMES_EN = ("阿宁", "周姐", "沈屿"), ("NORA", "THEO", "IRIS")
ELEMENTS_ZH = st.one_of(
    WORDS_ZH.map(lambda words: f"△{words}"),
    st.tuples(st.sampled_from(NAMES_ZH), st.sampled_from(["", "（笑）", "（VO）", "OS"]), WORDS_ZH).map(
        lambda parts: f"{parts[0]}{parts[1]}：{parts[2]}"
    ),
)
ELEMENTS_EN = st.one_of(
    WORDS_EN.map(lambda words: "!" + " ".join(words) + "\n"),
    st.tuples(st.sampled_from(NAMES_EN), st.sampled_from(["", " (V.O.)", " (O.S.)", " ^"]), WORDS_EN).map(
        lambda parts: f"{parts[0]}{parts[1]}\n{' '.join(parts[2])}\n"
    ),
)
SCRIPTS = st.one_of(
    st.lists(ELEMENTS_ZH, min_size=1, max_size=12).map(lambda lines: "1-1 日 外 海边\n" + "\n".join(lines)),
    st.lists(ELEMENTS_EN, min_size=1, max_size=12).map(lambda lines: "INT. HALL - DAY\n\n" + "\n".join(lines)),
)


def shots_of(found: EpisodePlan) -> list[ShotPlan]:
    """Return all shots of a plan."""
    return [shot for scene in found.scenes for shot in scene.shots]


def bare(text: str) -> str:
    """Return the letters of a text, without signs and blanks."""
    return re.sub(r"[\W_]+", "", text)


def said(found: EpisodePlan) -> str:
    """Return all words said in a plan."""
    return "".join(bare(line.text) for shot in shots_of(found) for line in shot.dialogue)


def assert_sound(found: EpisodePlan, text: str) -> None:
    """Assert what holds for every plan."""
    for scene in found.scenes:
        assert scene.text == text[scene.source.start : scene.source.end]
        for shot in scene.shots:
            assert RATE.frames(2) <= shot.duration_frames <= RATE.frames(15)
            assert scene.source.start <= shot.source.start <= shot.source.end <= scene.source.end
            assert len(set(shot.characters)) == len(shot.characters)
    starts = [shot.source.start for shot in shots_of(found)]
    assert starts == sorted(starts)


@settings(max_examples=300, deadline=None)
@given(SCRIPTS)
def test_every_word_said_and_every_action_lands_in_exactly_one_shot(text: str) -> None:
    found = break_down(text, rate=RATE)
    script = parse(text)
    assert said(found) == "".join(bare(element.text) for element in script.elements if isinstance(element, Speech))
    acted = "".join(bare(element.text) for element in script.elements if element.kind is Kind.ACTION)
    assert "".join(bare(shot.action) for shot in shots_of(found)) == acted
    assert_sound(found, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(LINES), st.just(""), st.text(max_size=12)), max_size=16).map("\n".join))
def test_any_text_at_all_breaks_down(text: str) -> None:
    text = text.replace("\r", "\n")
    found = break_down(text, rate=RATE)
    assert len(found.scenes) == len(list(parse(text).scenes))
    assert_sound(found, text)


@pytest.mark.parametrize("text", EPISODES)
def test_a_sample_loses_no_word_and_no_action(text: str) -> None:
    found = break_down(text, rate=RATE)
    script = parse(text)
    assert said(found) == "".join(bare(plain(item.text)) for item in script.elements if isinstance(item, Speech))
    shown = Counter("".join(bare(shot.action) for shot in shots_of(found)))
    written = Counter("".join(bare(plain(item.text)) for item in script.elements if item.kind is Kind.ACTION))
    cues = "".join((written - shown).elements())
    assert not shown - written
    assert len(cues) <= 0.05 * len(bare(text)) + 20
    assert_sound(found, text)
    assert found == break_down(text, rate=RATE)


@pytest.mark.parametrize(
    ("name", "shots", "seconds"),
    [
        ("jingwei-e01.zh.txt", (18, 24), (80, 110)),
        ("salt-ledger-e01.fountain", (18, 26), (85, 115)),
        ("mountains-and-seas-e01-05.zh.txt", (30, 48), (120, 185)),
        ("second-signature-e01-03.fountain", (28, 40), (110, 160)),
    ],
)
def test_the_samples_come_to_their_lengths(name: str, shots: tuple[int, int], seconds: tuple[int, int]) -> None:
    for episode in split_episodes((SAMPLES / name).read_text()).episodes:
        found = shots_of(break_down(episode.text, rate=RATE))
        assert shots[0] <= len(found) <= shots[1]
        assert seconds[0] <= sum(RATE.seconds(shot.duration_frames) for shot in found) <= seconds[1]


def test_durations_are_whole_frames_of_the_rate() -> None:
    text = (SAMPLES / "jingwei-e01.zh.txt").read_text()
    slow, fast = (shots_of(break_down(text, rate=FrameRate(fps))) for fps in (24, 48))
    assert all(abs(2 * a.duration_frames - b.duration_frames) <= 1 for a, b in zip(slow, fast, strict=True))
