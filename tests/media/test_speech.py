"""Scratch voices: two languages, steady voices, manners that are heard, and a process that may die."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest

from app.media.loudness import integrated
from app.media.speech import EspeakSpeech, Speech, SpokenAudio
from app.media.voices import Voice, language_of, manner_of, voice_for

ENGLISH, CHINESE = "You set that fire, three years ago.", "三年前的那场火，是你放的。"


@pytest.fixture(scope="module")
def speech() -> Iterator[EspeakSpeech]:
    made = EspeakSpeech()
    yield made
    made.close()


def loudness(audio: SpokenAudio) -> float:
    return integrated(np.stack([audio.pcm, audio.pcm]), audio.rate)


@pytest.mark.parametrize("line", [ENGLISH, CHINESE])
def test_a_line_is_spoken_at_an_even_loudness_without_silence_around_it(speech: EspeakSpeech, line: str) -> None:
    assert isinstance(speech, Speech)
    audio = speech.speak(line, Voice())
    assert 1.0 < audio.seconds < 5.0
    assert np.abs(audio.pcm).max() <= 1.0
    assert loudness(audio) == pytest.approx(-20, abs=1.5)
    assert np.abs(audio.pcm[: audio.rate // 10]).max() > 0.01


def test_the_same_words_give_the_same_samples_in_another_process(speech: EspeakSpeech) -> None:
    other = EspeakSpeech()
    try:
        again = other.speak(CHINESE, Voice("f2", female=True))
    finally:
        other.close()
    assert np.array_equal(again.pcm, speech.speak(CHINESE, Voice("f2", female=True)).pcm)


def test_voices_differ_and_chinese_is_not_read_as_english(speech: EspeakSpeech) -> None:
    man, woman = (speech.speak(ENGLISH, voice) for voice in (Voice("m2"), Voice("f4", female=True, pitch=70)))
    assert not np.array_equal(man.pcm[:4000], woman.pcm[:4000])
    assert speech.speak("海", Voice()).seconds < 1.0


@pytest.mark.parametrize(("manner", "change"), [("耳语", -7), ("whispering", -7), ("怒吼", 4), ("shouting", 4)])
def test_a_manner_is_heard(speech: EspeakSpeech, manner: str, change: float) -> None:
    plain, told = speech.speak(ENGLISH, Voice()), speech.speak(ENGLISH, Voice(), manner)
    assert loudness(told) - loudness(plain) == pytest.approx(change, abs=2)


def test_a_faster_tempo_is_shorter(speech: EspeakSpeech) -> None:
    usual = speech.speak(ENGLISH, Voice()).seconds
    assert speech.speak(ENGLISH, replace(Voice(), tempo=1.35)).seconds < usual * 0.85


def test_marks_without_words_are_silence(speech: EspeakSpeech) -> None:
    assert speech.speak("……", Voice()).seconds < 0.1


def test_quotes_newlines_and_control_characters_do_no_harm(speech: EspeakSpeech) -> None:
    assert speech.speak('He said: "no"\n<break time="9s"/>\0 [[aa]] {"x"}', Voice()).seconds < 8
    assert speech.speak(ENGLISH, Voice("m4")).seconds > 1


def test_the_voice_comes_back_after_its_process_died() -> None:
    before = {child.pid for child in psutil.Process().children()}
    speech = EspeakSpeech()
    try:
        speech.speak(ENGLISH, Voice())
        (child,) = [child for child in psutil.Process().children() if child.pid not in before]
        child.kill()
        psutil.wait_procs([child], timeout=10)
        assert speech.speak(CHINESE, Voice()).seconds > 1
    finally:
        speech.close()
    assert {child.pid for child in psutil.Process().children()} == before


@pytest.mark.parametrize(
    ("name", "description", "female"),
    [
        ("女娃", "", True),
        ("炎帝", "", False),
        ("林晚", "", True),
        ("顾沉", "", False),
        ("MARA VOSS", "30, grey coat", True),
        ("ADRIAN VOSS", "35, her brother", False),
        ("QUINN", "a woman in her fifties", True),
        ("QUINN", "an old man", False),
    ],
)
def test_a_voice_fits_what_is_known_of_the_character(name: str, description: str, female: bool) -> None:
    voice = voice_for(name, description)
    assert voice.female is female
    assert voice == voice_for(name, description)


def test_a_child_sounds_higher_and_an_elder_lower_than_the_same_person_grown() -> None:
    child, grown, elder = (voice_for("小满", looks) for looks in ("十二岁的女孩", "二十五岁的女子", "七十岁的老妇"))
    assert child.pitch > grown.pitch > elder.pitch
    assert elder.tempo < grown.tempo
    assert voice_for("SAM", "9, freckles").pitch > voice_for("SAM", "30, freckles").pitch


def test_settings_win_over_words() -> None:
    voice = voice_for("女娃", "", {"gender": "male", "pitch": 20, "tempo": 1.2, "variant": "m7"})
    assert (voice.female, voice.pitch, voice.tempo, voice.variant) == (False, 20, 1.2, "m7")
    assert voice_for("女娃", "", {"pitch": "high", "tempo": True}) == replace(voice_for("女娃", "high"))


def test_the_language_is_told_by_the_words() -> None:
    assert [language_of(words) for words in (ENGLISH, CHINESE, "OK，走。")] == ["en", "zh", "zh"]
    assert manner_of("(beat)") == manner_of("")
