"""The frame rate of a video from the times of its frames: one exact rate when a grid fits, variable otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

STANDARD_RATES = tuple(
    Fraction(*pair) if isinstance(pair, tuple) else Fraction(pair)
    for pair in (
        8,
        10,
        12,
        15,
        16,
        20,
        (24000, 1001),
        24,
        25,
        (30000, 1001),
        30,
        48,
        50,
        (60000, 1001),
        60,
        100,
        120,
        240,
    )
)
"""Frames a second that cameras, models and platforms use."""

_BAND = Fraction(6, 10)
"""How far apart, in frames, frames of a standard rate may lie about their places: coarse clocks, jitter of a phone."""

_NARROW_BAND = Fraction(1, 10)
"""The same for any other rate, which nothing but regularity speaks for; the clock's own coarseness comes on top."""

_SAME = Fraction(1, 5000)
"""Rates closer than this are one rate (29.97 and 30000/1001); 24 and 24000/1001 differ by 1/1000."""

_NEAR = Fraction(1, 50)
"""How near to a standard rate the usual step of a variable rate must be to take its name."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The rate, how many frames there are at that rate, how long they last (seconds), and whether the source varied.

    ``origin`` is when the first frame begins, in seconds: the beginning of the grid on which all frames lie best.
    """

    rate: Fraction
    frames: int
    seconds: Fraction
    variable: bool
    origin: Fraction


def fit(times: Sequence[int], tick: Fraction, last_duration: int, candidates: Iterable[Fraction | None]) -> Timing:
    """Return the timing of frames shown at ``times`` (in units of ``tick`` seconds, in any order, at least one).

    ``candidates`` are the rates the container claims, in order of trust; ``last_duration`` (ticks, 0 if unknown) is
    how long the last frame stays.
    """
    shown = sorted(times)
    first, steps = shown[0] * tick, [after - before for before, after in pairwise(shown)]
    claimed = [_standard(rate, _SAME) for rate in candidates if rate]
    if not any(steps):
        rate = next(iter(claimed), None) or Fraction(1) / max(tick, last_duration * tick)
        return Timing(rate, len(shown), len(shown) / rate, variable=False, origin=first)
    mean = Fraction(len(steps)) / ((shown[-1] - shown[0]) * tick)
    for rate in (*claimed, _standard(mean, _SAME)):
        offset = _offset(shown, tick * rate, _BAND if rate in STANDARD_RATES else _NARROW_BAND + tick * rate)
        if offset is not None:
            return Timing(rate, len(shown), len(shown) / rate, variable=False, origin=first + offset / rate)
    usual = max(1, median_low(steps))
    rate = _standard(1 / (usual * tick), _NEAR)
    if rate not in STANDARD_RATES:
        rate = Fraction(min(60, max(1, round(rate))))
    seconds = (shown[-1] - shown[0] + (last_duration or usual)) * tick
    return Timing(rate, max(1, round(seconds * rate)), seconds, variable=True, origin=first)


def _standard(rate: Fraction, within: Fraction) -> Fraction:
    """Return the standard rate within a relative distance of ``rate``, or ``rate`` itself."""
    nearest = min(STANDARD_RATES, key=lambda known: abs(known - rate))
    return nearest if abs(nearest - rate) <= within * rate else rate


def _offset(shown: Sequence[int], frames_per_tick: Fraction, band: Fraction) -> Fraction | None:
    """Return how many frames after the first the best grid begins, or None when the frames lie on no grid."""
    step, unit = frames_per_tick.as_integer_ratio()
    off = [(time - shown[0]) * step - place * unit for place, time in enumerate(shown)]
    least, most = min(off), max(off)
    return Fraction(least + most, 2 * unit) if most - least <= band * unit else None
