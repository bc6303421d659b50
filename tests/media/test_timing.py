"""Frame rates from the times of frames: exact, whatever clock the container keeps."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.timing import STANDARD_RATES, fit

FILM = Fraction(24000, 1001)
MILLISECOND = Fraction(1, 1000)


def stamps(rate: Fraction, count: int, tick: Fraction) -> list[int]:
    """Return when each frame begins, rounded to a clock."""
    return [round(n / rate / tick) for n in range(count)]


@given(st.sampled_from(STANDARD_RATES), st.integers(2, 300), st.integers(0, 5000))
def test_every_usual_rate_is_found_exactly_on_a_clock_of_milliseconds(rate: Fraction, count: int, start: int) -> None:
    times = [start + time for time in stamps(rate, count, MILLISECOND)]
    timing = fit(times, MILLISECOND, 0, [rate])
    assert (timing.rate, timing.frames, timing.variable) == (rate, count, False)
    assert timing.seconds == count / rate
    assert abs(timing.origin - start * MILLISECOND) <= MILLISECOND


def test_a_rate_is_found_when_the_container_claims_a_wrong_one() -> None:
    times = stamps(FILM, 100, Fraction(1, 24000))
    assert fit(times, Fraction(1, 24000), 1001, [Fraction(60), None]).rate == FILM


def test_a_decimal_rate_is_the_standard_one() -> None:
    times = stamps(Fraction(2997, 100), 90, Fraction(1, 90000))
    assert fit(times, Fraction(1, 90000), 3003, [Fraction(2997, 100)]).rate == Fraction(30000, 1001)


def test_the_order_of_decoding_does_not_matter() -> None:
    assert fit([0, 1536, 512, 1024], Fraction(1, 12288), 512, [Fraction(24)]).frames == 4


def test_a_long_first_frame_shifts_the_grid_but_is_one_frame() -> None:
    times = [0, *(263 + 512 * n for n in range(1, 48))]
    timing = fit(times, Fraction(1, 12288), 512, [Fraction(24)])
    assert (timing.rate, timing.frames, timing.variable) == (Fraction(24), 48, False)
    for place, time in enumerate(times):
        assert round((time * Fraction(1, 12288) - timing.origin) * 24) == place


def test_dropped_frames_make_a_variable_rate_at_the_usual_step() -> None:
    times = [1000 * n // 30 for n in range(90) if n % 10 != 4]
    timing = fit(times, MILLISECOND, 33, [Fraction(27)])
    assert (timing.rate, timing.frames, timing.variable) == (Fraction(30), 90, True)


def test_a_screen_recording_at_no_rate_gets_whole_frames() -> None:
    timing = fit([0, 130, 310, 450, 580, 720], MILLISECOND, 140, [])
    assert timing.variable
    assert timing.rate.denominator == 1
    assert timing.frames == round(timing.seconds * timing.rate)


@pytest.mark.parametrize(("claims", "last", "rate"), [([Fraction(25)], 40, 25), ([], 40, 25), ([None], 0, 1000)])
def test_a_single_frame_has_the_rate_it_claims(claims: list[Fraction | None], last: int, rate: int) -> None:
    timing = fit([7], MILLISECOND, last, claims)
    assert (timing.frames, timing.rate, timing.variable) == (1, Fraction(rate), False)


def test_a_regular_rate_nobody_uses_is_kept() -> None:
    timing = fit(stamps(Fraction(14), 40, MILLISECOND), MILLISECOND, 71, [Fraction(14)])
    assert (timing.rate, timing.frames, timing.variable) == (Fraction(14), 40, False)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=50), st.integers(0, 10**6))
def test_no_times_however_odd_are_too_much(times: list[int], last: int) -> None:
    timing = fit(times, MILLISECOND, last, [])
    assert timing.rate > 0
    assert timing.frames >= 1
