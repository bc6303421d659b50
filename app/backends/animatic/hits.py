"""Single sounds a script asks for: recognised by words in both languages, synthesised, laid at a moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.backends.animatic.ambience import RATE, Random, Samples, bird, decibels
from app.backends.base import ShotFacts

BREAKABLE = r"(?:glass|cup|teacup|bulb|bottle|window|mirror|vase|plate)"


@dataclass(frozen=True, slots=True)
class Hit:
    """A sound, mono, and the second at which it starts."""

    pcm: Samples
    at: float


def hits(facts: ShotFacts, seconds: float, flashes: tuple[float, ...], random: Random) -> list[Hit]:
    """Return the single sounds of a shot: what 【音效】 names, what the action makes heard, thunder after lightning."""
    makers = [maker for pattern, maker in SOUNDS if pattern.search(facts.sound)]
    if facts.sound and not makers:
        makers = [_whoosh]
    makers += [maker for pattern, maker in SOUNDS if maker not in makers and pattern.search(facts.action)]
    thunder = [Hit(_thunder(random), flash + 0.35) for flash in flashes if flash + 0.35 < seconds]
    if thunder:
        makers = [maker for maker in makers if maker is not _thunder]
    placed = [Hit(make(random), seconds * 0.5 * (place + 0.4) / len(makers)) for place, make in enumerate(makers)]
    return placed + thunder


def _time(seconds: float) -> Samples:
    return np.asarray(np.arange(int(seconds * RATE)) / RATE, np.float32)


def _filtered(random: Random, seconds: float, low: float, high: float) -> Samples:
    """Return noise between two frequencies with its peak at 1."""
    frequency = np.fft.rfftfreq(int(seconds * RATE), 1 / RATE)
    shape = 1 / (1 + (low / np.maximum(frequency, 1)) ** 4) / (1 + (frequency / high) ** 4)
    spectrum = (random.standard_normal(len(frequency)) + 1j * random.standard_normal(len(frequency))) * shape
    made = np.fft.irfft(spectrum, int(seconds * RATE))
    return np.asarray(made / np.abs(made).max(), np.float32)


def _at(made: Samples, level: float) -> Samples:
    return np.asarray(made * decibels(level), np.float32)


def _thunder(random: Random) -> Samples:
    t = _time(2.6)
    roll = _filtered(random, 2.6, 25, 160) * np.exp(-t * 1.3) * (1 - np.exp(-t * 25))
    crack = _filtered(random, 2.6, 200, 2500) * np.exp(-t * 9) * 0.45
    return _at(roll + crack, -11)


def _glass(random: Random) -> Samples:
    t = _time(0.9)
    made = _filtered(random, 0.9, 2500, 12000) * np.exp(-t * 16)
    for pitch in random.uniform(2200, 7600, 9):
        start = random.uniform(0, 0.15)
        made += np.sin(2 * np.pi * pitch * t) * np.exp(-np.abs(t - start) * 22) * (t > start) * 0.16
    return _at(made, -14)


def _knock(random: Random) -> Samples:
    t = _time(0.9)
    made = np.zeros_like(t)
    for start in (0.0, 0.22, 0.44):
        after = np.maximum(t - start, 0)
        made += np.sin(2 * np.pi * 165 * after) * np.exp(-after * 42) * (t >= start)
    return _at(made + 0.15 * _filtered(random, 0.9, 400, 2000) * np.abs(made), -15)


def _door(random: Random) -> Samples:
    t = _time(0.8)
    thud = np.sin(2 * np.pi * 72 * t) * np.exp(-t * 13)
    return _at(thud + 0.4 * _filtered(random, 0.8, 150, 1800) * np.exp(-t * 20), -14)


def _ring(_random: Random) -> Samples:
    t = _time(1.5)
    trill = np.sin(2 * np.pi * (1060 * t + 6 * np.sin(2 * np.pi * 22 * t)))
    return _at(trill * ((t % 0.75) < 0.45), -27)


def _bell(_random: Random) -> Samples:
    t = _time(2.4)
    made = np.zeros_like(t)
    for ratio, decay, level in ((0.5, 1.2, 0.5), (1, 1.6, 1), (1.19, 2.2, 0.6), (2.01, 3.1, 0.4), (2.74, 5, 0.25)):
        made += level * np.sin(2 * np.pi * 392 * ratio * t) * np.exp(-t * decay)
    return _at(made / 2.75, -17)


def _blast(random: Random) -> Samples:
    t = _time(1.8)
    body = _filtered(random, 1.8, 30, 400) * np.exp(-t * 3.2)
    return _at(body + 0.6 * _filtered(random, 1.8, 300, 6000) * np.exp(-t * 18), -10)


def _heart(_random: Random) -> Samples:
    t = _time(2.0)
    made = np.zeros_like(t)
    for start in (0.0, 0.28, 1.0, 1.28):
        after = np.maximum(t - start, 0)
        made += np.sin(2 * np.pi * 52 * after) * np.exp(-after * 16) * (t >= start)
    return _at(made, -11)


def _steps(random: Random) -> Samples:
    t = _time(2.2)
    grit = _filtered(random, 2.2, 150, 1500)
    envelope = sum((np.exp(-np.maximum(t - start, 0) * 34) * (t >= start) for start in (0.0, 0.55, 1.1, 1.65)), 0 * t)
    return _at(grit * envelope, -21)


def _splash(random: Random) -> Samples:
    t = _time(1.1)
    spray = _filtered(random, 1.1, 700, 6000) * np.exp(-t * 5) * (1 - np.exp(-t * 60))
    plunge = np.sin(2 * np.pi * (260 * t - 90 * t * t)) * np.exp(-t * 14) * 0.6
    return _at(spray + plunge, -20)


def _bird(random: Random) -> Samples:
    return _at(np.concatenate([bird(random), np.zeros(RATE // 6, np.float32), bird(random)]), -17)


def _whoosh(random: Random) -> Samples:
    t = _time(0.9)
    return _at(_filtered(random, 0.9, 250, 2600) * np.sin(np.pi * t / 0.9) ** 3, -17)


Maker = Callable[[Random], Samples]
SOUNDS: tuple[tuple[re.Pattern[str], Maker], ...] = tuple(
    (re.compile(words, re.IGNORECASE), maker)
    for words, maker in (
        (r"雷声|雷鸣|惊雷|打雷|\bthunder", _thunder),
        (
            rf"(?:玻璃|杯|瓶|镜|瓷|灯泡|碗).{{0,6}}(?:碎|裂|爆)|{BREAKABLE}\b.{{0,24}}\b(?:break|shatter|burst|smash)",
            _glass,
        ),
        (r"敲门|叩门|\bknock", _knock),
        (
            r"(?:门|大门).{0,4}(?:砰|撞开|摔|关上|推开)|摔门|\bdoors?\b.{0,16}\b(?:slam|bang|open|burst)|\bslams?\b",
            _door,
        ),
        (r"电话|手机响|铃声|来电|\bphone (?:ring|buzz)|\bringtone|\brings\b", _ring),
        (r"钟声|敲钟|\bbells?\b|\bchime", _bell),
        (r"枪|爆炸|轰|\bgun(?:shot|fire)?\b|\bexplo|\bblast\b|\bboom\b", _blast),
        (r"心跳|\bheart ?beat", _heart),
        (r"脚步|\bfootstep", _steps),
        (r"落水|入水|水花|石子.{0,4}水|\bsplash", _splash),
        (r"鸟鸣|鸟叫|啼|\bbird(?:song| cr| call)", _bird),
        (r"风声|呼啸|刀|剑|\bwhoosh|\bswish", _whoosh),
    )
)
