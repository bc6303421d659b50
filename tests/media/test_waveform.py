"""Peaks: every sample counts, long sounds get coarser, quiet ones stay quiet."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.media.waveform import SAMPLE_RATE, draw, find_peaks


def pcm(samples: list[int] | np.ndarray) -> bytes:
    """Return samples as the bytes ffmpeg writes."""
    return np.asarray(samples, dtype="<i2").tobytes()


def test_one_click_in_a_second_is_seen_where_it_is() -> None:
    samples = np.zeros(SAMPLE_RATE)
    samples[4000], samples[4001] = 32767, -32768
    peaks = find_peaks(pcm(samples))
    assert peaks.pairs.shape == (100, 2)
    assert peaks.pairs[50].tolist() == [-128, 127]
    assert np.count_nonzero(peaks.pairs) == 2


@pytest.mark.parametrize(("seconds", "pairs"), [(0, 1), (2, 200), (60, 6000), (600, 6000)])
def test_there_are_a_hundred_pairs_a_second_and_never_too_many(seconds: int, pairs: int) -> None:
    peaks = find_peaks(bytes(seconds * SAMPLE_RATE * 2))
    assert len(peaks.pairs) == pairs
    assert peaks.to_json()["length"] == pairs


def test_the_last_odd_samples_count() -> None:
    peaks = find_peaks(pcm([0] * 80 + [20000]) + b"\1")
    assert peaks.pairs[:, 1].tolist() == [0, 20000 >> 8]


def opaque_rows(loudness: int) -> int:
    """Return how many rows the picture of a steady sound fills."""
    image = Image.open(io.BytesIO(draw(find_peaks(pcm([loudness, -loudness] * 4000)))))
    return int((np.asarray(image)[:, 50, 1] > 0).sum())


def test_the_loudest_fills_the_picture_and_hiss_does_not() -> None:
    assert opaque_rows(30000) >= 90
    assert opaque_rows(10000) >= 90
    assert 2 <= opaque_rows(300) <= 12
