"""The scratch dialogue of a shot: every speech spoken, placed in time, and made to fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.backends.base import ShotFacts, SpokenLine
from app.media.speech import Speech
from app.media.voices import Voice, voice_for

Samples = NDArray[np.float32]

RATE = 48_000
LEAD, GAP, TAIL = 0.40, 0.24, 0.30
TIGHT_LEAD, TIGHT_GAP, TIGHT_TAIL = 0.12, 0.10, 0.08
FASTEST = 1.35
FADE = 0.18


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speech in its place: seconds from the start of the shot, and mono samples at 48 kHz.

    ``end`` never lies beyond the shot; what did not fit was faded out there.
    """

    line: SpokenLine
    start: float
    end: float
    pcm: Samples

    @property
    def seen(self) -> bool:
        """Whether the speaker's mouth moves: not for a voice that is off, over or inner."""
        return not self.line.voice


def speak(facts: ShotFacts, seconds: float, speech: Speech) -> list[Utterance]:
    """Return the shot's dialogue, spoken one after another within ``seconds``; raise ``SpeechError``.

    What is too long is spoken up to 1.35 times faster; if it is too long even then, the end of the shot fades it out.
    """
    lines = [line for line in facts.dialogue if any(letter.isalnum() for letter in line.text)]
    if not lines:
        return []
    looks = {look.name: f"{look.looks} {look.wardrobe}" for look in facts.characters}
    voices = [voice_for(line.speaker, looks.get(line.speaker, ""), line.voice_settings) for line in lines]
    spoken = _spoken(lines, voices, 1.0, speech)
    lead, gap, tail = LEAD, GAP, TAIL
    length = sum(len(pcm) for pcm in spoken) / RATE
    room = seconds - lead - tail - gap * (len(lines) - 1)
    if length > room:
        lead, gap, tail = TIGHT_LEAD, TIGHT_GAP, TIGHT_TAIL
        room = max(0.1, seconds - lead - tail - gap * (len(lines) - 1))
        if length > room:
            spoken = _spoken(lines, voices, min(FASTEST, length / room * 1.01), speech)
    return _placed(lines, spoken, lead, gap, seconds)


def _spoken(lines: Sequence[SpokenLine], voices: Sequence[Voice], faster: float, speech: Speech) -> list[Samples]:
    made = []
    for line, voice in zip(lines, voices, strict=True):
        audio = speech.speak(line.text, replace(voice, tempo=round(voice.tempo * faster, 3)), line.manner)
        made.append(resampled(audio.pcm, audio.rate, RATE))
    return made


def _placed(
    lines: Sequence[SpokenLine], spoken: Sequence[Samples], lead: float, gap: float, seconds: float
) -> list[Utterance]:
    """Lay the speeches one after another; what crosses the end of the shot is faded out before it."""
    placed, at = [], lead
    for line, pcm in zip(lines, spoken, strict=True):
        left = int((seconds - at) * RATE)
        if left <= int(FADE * RATE):
            break
        if len(pcm) > left:
            pcm = pcm[:left].copy()
            fade = int(FADE * RATE)
            pcm[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        placed.append(Utterance(line, at, at + len(pcm) / RATE, pcm))
        at += len(pcm) / RATE + gap
    return placed


def resampled(pcm: Samples, source: int, target: int) -> Samples:
    """Return ``pcm`` at another rate, by way of its spectrum; its ends must be near silence."""
    if source == target or not len(pcm):
        return pcm
    padded = -(-len(pcm) // source) * source  # whole seconds, so that both lengths are whole
    spectrum = np.fft.rfft(pcm, padded)
    wide = np.zeros(padded // source * target // 2 + 1, np.complex128)
    both = min(len(wide), len(spectrum))
    wide[:both] = spectrum[:both]
    whole = np.fft.irfft(wide, padded // source * target) * (target / source)
    return np.asarray(whole[: round(len(pcm) * target / source)], np.float32)


def mouths(utterances: Sequence[Utterance], frames: int, fps: float) -> Mapping[str, Sequence[float]]:
    """Return how far each speaker in the picture opens the mouth in each frame, 0 to 1, by the voice's loudness."""
    tracks: dict[str, Samples] = {}
    for said in utterances:
        if not said.seen or not len(said.pcm):
            continue
        track = tracks.setdefault(said.line.speaker, np.zeros(frames, np.float32))
        first, last = int(said.start * fps), min(frames, int(said.end * fps) + 1)
        edges = ((np.arange(first, last + 1) / fps - said.start) * RATE).clip(0, len(said.pcm)).astype(int)
        levels = np.array([_loudness(said.pcm[a:b]) for a, b in pairwise(edges)], np.float32)
        full = float(np.percentile(levels[levels > 0], 92)) if (levels > 0).any() else 1.0
        opened = np.clip((levels / full - 0.08) / 0.92, 0, 1) ** 0.8
        track[first:last] = np.maximum(track[first:last], _eased(opened))
    return {speaker: track.tolist() for speaker, track in tracks.items()}


def _loudness(pcm: Samples) -> float:
    return float(np.sqrt(np.mean(pcm**2))) if len(pcm) else 0.0


def _eased(levels: Samples) -> Samples:
    """Return levels that rise at once and fall over a frame or two, as jaws do."""
    eased, last = np.empty_like(levels), 0.0
    for index, level in enumerate(levels):
        last = max(float(level), last * 0.45)
        eased[index] = last
    return eased
