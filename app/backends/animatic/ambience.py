"""Beds of sound under a shot, made of shaped noise: which ones a place calls for, and how each is synthesised."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.backends.base import ShotFacts

Samples = NDArray[np.float32]
Random = np.random.Generator

RATE = 48_000
# Word boundaries for English, none for Chinese. Where and what the weather does, from the most telling to the least.
PLACES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("underwater", r"水下|海底|水中|\bunderwater|\bseabed|sea floor"),
        ("cave", r"山洞|洞穴|岩洞|地窖|\bcave|\bcavern|\bcellar|\btunnel"),
        ("car", r"车内|车里|轿车|马车|\bcar\b|\btaxi|\btruck|\bvan\b|\bbus\b"),
        ("city", r"街|巷|城市|古城|集市|广场|\bstreet|\balley|\bcity|\bmarket|\bsquare\b|\brooftop|屋顶|天台|\broad\b"),
        ("sea", r"海|沙滩|岸边|船|\bsea\b|\bocean|\bshore|\bbeach|\bboat|\bship\b|\bwaves?\b|\bpier\b|\bharbou?r\b"),
        ("forest", r"森林|树林|林中|竹林|\bforest|\bwoods?\b|\bjungle|\bgarden|花园|庭院"),
        ("wind", r"山|荒|沙漠|草原|雪|天空|悬崖|\bmountain|\bdesert|\bcliff|\bsky\b|\bfield|\bplain\b|\bsnow"),
    )
)
WEATHER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("storm", r"暴雨|风暴|暴风|雷雨|狂风|\bstorm|\bthunder|\btempest"),
        ("rain", r"雨|\brain"),
        ("wind", r"风|\bwind(?:s|y)?\b|\bgust|\bblizzard"),
        ("fire", r"火焰|大火|篝火|火光|燃烧|\bfire\b|\bflames?\b|\bburning|\bbonfire"),
    )
)
NIGHT = re.compile(r"夜|\bnight", re.IGNORECASE)


def beds(facts: ShotFacts) -> tuple[str, ...]:
    """Return the names of the beds that suit a shot; a plain interior has its room tone."""
    heard = [name for name, words in WEATHER if words.search(f"{facts.place} {facts.action} {facts.sound}")][:2]
    if "storm" in heard:
        heard = ["storm"]
    place = next((name for name, words in PLACES if words.search(facts.place)), "")
    if facts.interior == "int" or not (facts.interior or place or heard):
        place = place if place in ("cave", "car", "underwater") else "room"
        heard = [f"{name} outside" if name != "fire" else name for name in heard]
    elif not place:
        place = "wind"
    if place == "forest" and NIGHT.search(facts.time_of_day):
        place = "crickets"
    return tuple(dict.fromkeys([place, *heard]))


def bed(name: str, samples: int, random: Random) -> Samples:
    """Return a stereo bed, shape (2, samples), with peaks well under 1 and the level it should be heard at."""
    outside = name.endswith(" outside")
    made = MAKERS[name.removesuffix(" outside")](samples, random)
    return _muffled(made) if outside else made


def noise(samples: int, random: Random, low: float, high: float, slope: float = 0.0) -> Samples:
    """Return stereo noise between ``low`` and ``high`` hertz, falling ``slope`` dB an octave, at an RMS of 1."""
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    shape = 1 / (1 + (low / np.maximum(frequency, 1)) ** 4) / (1 + (frequency / high) ** 4)
    shape *= np.maximum(frequency, 20) ** (-slope / 6.02)
    spectrum = (random.standard_normal((2, len(frequency))) + 1j * random.standard_normal((2, len(frequency)))) * shape
    made = np.fft.irfft(spectrum, samples, axis=1)
    return np.asarray(made / np.sqrt(np.mean(made**2)), np.float32)


def swell(samples: int, random: Random, period: float, depth: float) -> Samples:
    """Return a slow, irregular rise and fall between 1 − ``depth`` and 1, about ``period`` seconds long."""
    t = np.arange(0, samples + RATE / 50, RATE / 50) / RATE
    phase = random.uniform(0, 2 * np.pi, 3)
    wave = np.sin(2 * np.pi * t / period + phase[0]) + 0.5 * np.sin(2 * np.pi * t / (period * 0.62) + phase[1])
    wave += 0.3 * np.sin(2 * np.pi * t / (period * 0.31) + phase[2])
    level = np.interp(np.arange(samples) / RATE, t, 1 - depth * (0.5 - wave / 3.6))
    return np.asarray(level, np.float32)


def decibels(value: float) -> float:
    """Return the factor of a level in dB."""
    return float(10 ** (value / 20))


def _room(samples: int, random: Random) -> Samples:
    return noise(samples, random, 60, 900, 4) * decibels(-47)


def _wind(samples: int, random: Random) -> Samples:
    low = noise(samples, random, 90, 520, 3) * swell(samples, random, 4.7, 0.75)
    whistle = noise(samples, random, 500, 1400, 5) * swell(samples, random, 2.9, 0.95) * 0.35
    return np.asarray((low + whistle) * decibels(-36), np.float32)


def _sea(samples: int, random: Random) -> Samples:
    wash = swell(samples, random, 6.3, 0.85)
    body = noise(samples, random, 70, 900, 3) * wash
    hiss = noise(samples, random, 1500, 7000, 2) * np.roll(wash, RATE // 3) ** 2 * 0.4
    return np.asarray((body + hiss) * decibels(-35), np.float32)


def _rain(samples: int, random: Random) -> Samples:
    hiss = noise(samples, random, 900, 9000, 1.5) * swell(samples, random, 7, 0.15)
    return np.asarray((hiss + noise(samples, random, 120, 500, 3) * 0.4) * decibels(-39), np.float32)


def _storm(samples: int, random: Random) -> Samples:
    gusts = noise(samples, random, 70, 600, 3) * swell(samples, random, 3.1, 0.7)
    return np.asarray(gusts * decibels(-33), np.float32) + _rain(samples, random) * np.float32(1.6)


def _fire(samples: int, random: Random) -> Samples:
    made = noise(samples, random, 50, 400, 4) * decibels(-42)
    for at in random.integers(0, max(1, samples - 2400), max(1, samples * 14 // RATE)):
        length = int(random.integers(120, 900))
        crackle = random.standard_normal(length) * np.exp(-np.arange(length) / (length * 0.18))
        side = random.uniform(0.3, 0.7)
        part = made[:, at : at + length]
        part += (crackle[: part.shape[1]] * np.array([[1 - side], [side]]) * decibels(-27)).astype(np.float32)
    return np.asarray(made, np.float32)


def _city(samples: int, random: Random) -> Samples:
    traffic = noise(samples, random, 50, 420, 5) * swell(samples, random, 5.3, 0.5)
    air = noise(samples, random, 400, 3000, 5) * 0.25
    return np.asarray((traffic + air) * decibels(-39), np.float32)


def _forest(samples: int, random: Random) -> Samples:
    made = noise(samples, random, 900, 5000, 3) * swell(samples, random, 4.1, 0.6) * decibels(-46)
    for at in random.integers(0, samples, max(1, samples // (RATE * 2))):
        chirp = bird(random) * decibels(-32)
        part = made[:, at : at + len(chirp)]
        part += (chirp[: part.shape[1]] * np.array([[0.7], [0.4]])).astype(np.float32)
    return np.asarray(made, np.float32)


def bird(random: Random) -> Samples:
    """Return a short bird call, mono, peaks at 1."""
    parts = []
    for _ in range(int(random.integers(2, 4))):
        t = np.arange(int(random.uniform(0.05, 0.12) * RATE)) / RATE
        start, bend = random.uniform(2600, 4200), random.uniform(-9000, 9000)
        tone = np.sin(2 * np.pi * (start * t + bend * t * t)) * np.sin(np.pi * t / t[-1])
        parts += [tone, np.zeros(int(0.05 * RATE))]
    return np.concatenate(parts).astype(np.float32)


def _crickets(samples: int, random: Random) -> Samples:
    t = np.arange(samples) / RATE
    trill = np.clip(np.sin(2 * np.pi * 31 * t), 0, 1) * (np.sin(2 * np.pi * 1.6 * t + random.uniform(0, 6)) > -0.2)
    tone = np.sin(2 * np.pi * 4300 * t) * trill * decibels(-49)
    return np.asarray(tone + noise(samples, random, 200, 1500, 4) * decibels(-48), np.float32)


def _cave(samples: int, random: Random) -> Samples:
    made = noise(samples, random, 40, 260, 5) * decibels(-42)
    for at in random.integers(0, samples, max(1, samples * 2 // (RATE * 3))):
        t = np.arange(RATE // 2) / RATE
        drop = np.sin(2 * np.pi * (900 * t + 1500 * t * t)) * np.exp(-t * 14) * decibels(-33)
        part = made[:, at : at + len(drop)]
        part += (drop[: part.shape[1]] * np.array([[0.6], [0.8]])).astype(np.float32)
    return np.asarray(made, np.float32)


def _underwater(samples: int, random: Random) -> Samples:
    return np.asarray(noise(samples, random, 30, 240, 4) * swell(samples, random, 5, 0.5) * decibels(-34), np.float32)


def _car(samples: int, random: Random) -> Samples:
    t = np.arange(samples) / RATE
    hum = np.asarray(sum(np.sin(2 * np.pi * 42 * n * t + n) / n for n in (1, 2, 3, 4)), np.float32)
    return np.asarray((hum * 0.4 + noise(samples, random, 40, 380, 5)) * decibels(-40), np.float32)


def _muffled(made: Samples) -> Samples:
    """Return a bed as heard through walls and windows."""
    spectrum = np.fft.rfft(made, axis=1)
    spectrum /= 1 + (np.fft.rfftfreq(made.shape[1], 1 / RATE) / 900) ** 2
    return np.asarray(np.fft.irfft(spectrum, made.shape[1], axis=1) * decibels(-4), np.float32)


Maker = Callable[[int, Random], Samples]
MAKERS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "room": _room,
        "wind": _wind,
        "sea": _sea,
        "rain": _rain,
        "storm": _storm,
        "fire": _fire,
        "city": _city,
        "forest": _forest,
        "crickets": _crickets,
        "cave": _cave,
        "underwater": _underwater,
        "car": _car,
    }
)
