"""What is heard: speech that fits and is seen on the lips, beds by place and weather, peaks and loudness in bounds."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from animatic_stages import Hummer, backdrop, composed, face, shot

from app.backends.animatic import dialogue, sound
from app.backends.animatic.ambience import MAKERS, bed, beds
from app.backends.animatic.layers import Stage
from app.backends.base import CharacterLook, ShotFacts, SpokenLine
from app.media.ffmpeg import run
from app.media.loudness import integrated, limited
from app.media.speech import EspeakSpeech

RATE = dialogue.RATE


def talk(*lines: SpokenLine) -> ShotFacts:
    return ShotFacts(dialogue=lines)


def test_speeches_follow_one_another_inside_the_shot() -> None:
    said = dialogue.speak(talk(SpokenLine("A", "one two"), SpokenLine("B", "three")), 4.0, Hummer())
    assert [utterance.line.speaker for utterance in said] == ["A", "B"]
    assert said[0].start > 0.2
    assert said[0].end < said[1].start
    assert said[1].end < 4.0
    assert len(said[0].pcm) == round((said[0].end - said[0].start) * RATE)


def test_a_long_speech_is_hurried_by_a_third_at_most_and_then_faded() -> None:
    whole = dialogue.speak(talk(SpokenLine("A", "one two three four five six")), 9.0, Hummer())[0]
    hurried = dialogue.speak(talk(SpokenLine("A", "one two three four five six")), 2.8, Hummer())[0]
    assert whole.end - whole.start > hurried.end - hurried.start > (whole.end - whole.start) / 1.36
    assert hurried.end < 2.8
    cut = dialogue.speak(talk(SpokenLine("A", "one two three four five six")), 1.5, Hummer())[0]
    assert cut.end == pytest.approx(1.5, abs=0.001)
    assert np.abs(cut.pcm[-200:]).max() < 0.02
    assert np.abs(cut.pcm[-24_000:-12_000]).max() > 0.2


def test_a_speech_without_words_is_not_spoken() -> None:
    hummer = Hummer()
    assert dialogue.speak(talk(SpokenLine("A", "……"), SpokenLine("B", "")), 3.0, hummer) == []
    assert hummer.spoken == 0


def test_resampling_keeps_the_tone() -> None:
    time = np.arange(22_050) / 22_050
    tone = np.asarray(np.sin(2 * np.pi * 440 * time) * np.hanning(22_050), np.float32)
    spectrum = np.abs(np.fft.rfft(dialogue.resampled(tone, 22_050, RATE), RATE))
    assert int(spectrum.argmax()) == 440


def moving(facts: ShotFacts, speaker: str) -> list[bool]:
    made = shot(facts, Stage([backdrop(), face(speaker)]), frames=60)
    closed = composed(made, 0)
    return [not np.array_equal(closed, composed(made, index)) for index in range(60)]


def test_the_mouth_of_the_one_who_speaks_moves_while_they_do() -> None:
    moved = moving(talk(SpokenLine("MARA", "one two")), "MARA")
    assert not any(moved[:9])
    assert all(moved[12:32])
    assert not any(moved[40:])


@pytest.mark.parametrize("line", [SpokenLine("LIN", "one two"), SpokenLine("MARA", "one two", voice="VO")])
def test_no_mouth_moves_for_someone_else_or_for_a_voice_off(line: SpokenLine) -> None:
    assert not any(moving(talk(line), "MARA"))


@pytest.mark.parametrize(
    ("facts", "heard"),
    [
        (ShotFacts(place="东海之滨", interior="ext"), ("sea",)),
        (ShotFacts(place="ROOFTOP", interior="ext", action="Wind. He turns."), ("city", "wind")),
        (ShotFacts(place="风暴中的海", interior="ext", action="暴雨。"), ("sea", "storm")),
        (ShotFacts(place="LOBBY", interior="int", action="Rain sheets down the glass."), ("room", "rain outside")),
        (ShotFacts(place="竹林", interior="ext", time_of_day="夜"), ("crickets",)),
        (ShotFacts(place="somewhere", interior="ext"), ("wind",)),
        (ShotFacts(place="山洞", interior="int"), ("cave",)),
    ],
)
def test_a_place_and_its_weather_are_heard(facts: ShotFacts, heard: tuple[str, ...]) -> None:
    assert beds(facts) == heard


@pytest.mark.parametrize("name", [*MAKERS, "rain outside"])
def test_every_bed_is_quiet_and_the_same_each_time(name: str) -> None:
    one, two = (bed(name, 2 * RATE, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.shape == (2, 2 * RATE)
    assert -60 < integrated(one, RATE) < -24


@pytest.mark.parametrize(
    ("facts", "flashes"),
    [
        (ShotFacts(sound="雷声"), ()),
        (ShotFacts(sound="an unknown noise"), ()),
        (ShotFacts(action="A teacup breaks somewhere."), ()),
        (ShotFacts(action="一声鸟鸣。"), ()),
        (ShotFacts(sound="敲门声、电话铃声、钟声、枪声、心跳、脚步、落水"), ()),
        (ShotFacts(), (0.4,)),
    ],
)
def test_a_named_sound_is_heard_above_the_place(facts: ShotFacts, flashes: tuple[float, ...]) -> None:
    quiet = sound.mix(ShotFacts(interior="int"), [], (), 3 * RATE, 1)
    struck = sound.mix(facts, [], flashes, 3 * RATE, 1)
    assert np.abs(struck).max() > 3 * np.abs(quiet).max()


def test_a_mix_is_exactly_as_long_as_the_shot_level_and_the_same_each_time() -> None:
    facts = ShotFacts(
        place="海滨",
        interior="ext",
        characters=(CharacterLook("女娃"), CharacterLook("炎帝")),
        dialogue=(SpokenLine("女娃", "爹，海的那一边有什么？"), SpokenLine("炎帝", "有回不来的人。")),
    )
    speech = EspeakSpeech()
    try:
        said = dialogue.speak(facts, 4.5, speech)
    finally:
        speech.close()
    one, two = (sound.mix(facts, said, (1.0,), 216_000, 9) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.shape == (2, 216_000)
    assert integrated(one, RATE) == pytest.approx(-20, abs=3)
    assert np.abs(one).max() <= 10 ** (-2 / 20) + 1e-6
    assert np.abs(one[:, 0]).max() < 1e-3


def test_the_limiter_holds_peaks_and_leaves_the_rest() -> None:
    pcm = np.full((2, RATE), 0.1, np.float32)
    pcm[:, 24_000:24_050] = 3.0
    held = limited(pcm, RATE)
    assert np.abs(held).max() <= 10 ** (-2 / 20) + 1e-6
    assert held[0, 1000] == pytest.approx(0.1)
    assert held[0, -1] > 0.09


def test_loudness_agrees_with_ffmpeg(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    pcm = bed("storm", 4 * RATE, random) * np.linspace(0.3, 2, 4 * RATE, dtype=np.float32)
    path = tmp_path / "storm.wav"
    with wave.open(str(path), "w") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((pcm.T * 32767).astype("<i2").tobytes())
    told = run(["-i", str(path), "-af", "ebur128", "-f", "null", "-"], log_level="info")
    measured = float(re.findall(r"I:\s+(-[\d.]+) LUFS", told)[-1])
    assert integrated(pcm, RATE) == pytest.approx(measured, abs=0.2)
