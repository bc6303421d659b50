"""Loudness by ITU-R BS.1770-4, and a limiter that keeps peaks below a ceiling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

SILENCE = -70.0


def integrated(pcm: Samples, rate: int) -> float:
    """Return the gated loudness of ``pcm``, shape (channels, samples), in LUFS; −70 for silence."""
    weighted = _weighted(pcm, rate)
    block, hop = int(0.4 * rate), int(0.1 * rate)
    if weighted.shape[1] < block:
        weighted = np.pad(weighted, ((0, 0), (0, block - weighted.shape[1])))
    sums = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=0))])
    starts = np.arange(0, weighted.shape[1] - block + 1, hop)
    power = (sums[starts + block] - sums[starts]) / block
    power = power[power > 10 ** ((SILENCE + 0.691) / 10)]
    if not len(power):
        return SILENCE
    gate = np.mean(power) * 10 ** (-10 / 10)
    return -0.691 + 10 * math.log10(float(np.mean(power[power > gate])))


def _weighted(pcm: Samples, rate: int) -> NDArray[np.float64]:
    """Return ``pcm`` after the K filter: a shelf of +4 dB above 1.5 kHz, and a high pass at 38 Hz."""
    size = pcm.shape[1]
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / rate) / rate)
    response = _biquad(_shelf(rate), z) * _biquad(_highpass(rate), z)
    return np.fft.irfft(np.fft.rfft(pcm, axis=1) * np.abs(response), size, axis=1)


def _biquad(coefficients: tuple[float, ...], z: NDArray[np.complex128]) -> NDArray[np.complex128]:
    b0, b1, b2, a1, a2 = coefficients
    return np.asarray((b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z))


def _shelf(rate: int) -> tuple[float, ...]:
    k = math.tan(math.pi * 1681.974450955533 / rate)
    high = 10 ** (3.999843853973347 / 20)
    middle, q = high**0.4996667741545416, 0.7071752369554196
    scale = 1 + k / q + k * k
    return (
        (high + middle * k / q + k * k) / scale,
        2 * (k * k - high) / scale,
        (high - middle * k / q + k * k) / scale,
        2 * (k * k - 1) / scale,
        (1 - k / q + k * k) / scale,
    )


def _highpass(rate: int) -> tuple[float, ...]:
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    scale = 1 + k / q + k * k
    return 1.0, -2.0, 1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale


def limited(pcm: Samples, rate: int, ceiling_db: float = -2.0) -> Samples:
    """Return ``pcm`` turned down around what would pass ``ceiling_db``, 5 ms ahead of it and back over 80 ms."""
    ceiling = 10 ** (ceiling_db / 20)
    peak = np.abs(pcm).max(axis=0)
    if not (peak > ceiling).any():
        return pcm
    step = rate // 1000
    blocks = -(-len(peak) // step)
    loudest = np.pad(peak, (0, blocks * step - len(peak))).reshape(blocks, step).max(axis=1)
    gain = np.minimum(1.0, ceiling / np.maximum(loudest, 1e-9))
    for shift in range(1, 6):  # ahead of the peak, and one block behind it
        gain[:-shift] = np.minimum(gain[:-shift], gain[shift:])
    gain[1:] = np.minimum(gain[1:], gain[:-1])
    back = 1.0
    for index, wanted in enumerate(gain):
        back = min(float(wanted), back + (1 - back) * 0.012)
        gain[index] = back
    places = (np.arange(blocks) + 0.5) * step
    smooth = np.interp(np.arange(len(peak)), places, gain)
    return np.asarray(np.clip(pcm * smooth, -ceiling, ceiling), np.float32)
