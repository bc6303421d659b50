"""The sound of a shot: its dialogue, the place under it and what happens in it, mixed to about −20 LUFS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.backends.animatic.ambience import bed, beds
from app.backends.animatic.dialogue import RATE, Utterance
from app.backends.animatic.hits import hits
from app.backends.base import ShotFacts
from app.media.loudness import limited

Samples = NDArray[np.float32]

EDGE = 0.03
SIDES = (0.0, -0.14, 0.14, -0.07, 0.07)
ECHOES = ((0.031, 0.30), (0.047, 0.24), (0.071, 0.17), (0.103, 0.12), (0.149, 0.08))


def mix(
    facts: ShotFacts, utterances: Sequence[Utterance], flashes: tuple[float, ...], samples: int, seed: int
) -> Samples:
    """Return the shot's sound at 48 kHz, shape (2, ``samples``), peaks below −2 dBFS; the same for the same input."""
    random = np.random.default_rng(seed)
    made = np.zeros((2, samples), np.float32)
    for name in beds(facts):
        made += bed(name, samples, random)
    for hit in hits(facts, samples / RATE, flashes, random):
        _lay(made, hit.pcm, hit.at, 0.0)
    speakers = list(dict.fromkeys(said.line.speaker for said in utterances))
    for said in utterances:
        side = SIDES[speakers.index(said.line.speaker) % len(SIDES)] if said.seen and len(speakers) > 1 else 0.0
        pcm = said.pcm if said.seen else _inner(said.pcm)
        _lay(made, pcm, said.start, side)
    edge = min(samples // 4, int(EDGE * RATE))
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    made[:, :edge] *= ramp
    made[:, samples - edge :] *= ramp[::-1]
    return limited(made, RATE)


def _lay(made: Samples, pcm: Samples, at: float, side: float) -> None:
    """Add mono ``pcm`` from the second ``at`` on, ``side`` (−1 left to 1 right) of the middle."""
    first = max(0, round(at * RATE))
    length = min(len(pcm), made.shape[1] - first)
    if length > 0:
        made[0, first : first + length] += pcm[:length] * np.float32(1 - max(0.0, side))
        made[1, first : first + length] += pcm[:length] * np.float32(1 + min(0.0, side))


def _inner(pcm: Samples) -> Samples:
    """Return a voice that is not in the picture: closer, rounder, with a little room around it."""
    tail = int(ECHOES[-1][0] * RATE)
    made = np.pad(pcm, (0, tail)) * np.float32(0.9)
    for delay, level in ECHOES:
        start = int(delay * RATE)
        made[start : start + len(pcm)] += pcm * np.float32(level)
    return np.asarray(made, np.float32)
