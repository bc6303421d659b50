"""Frames are integers, with a rational rate; seconds are only ever derived."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class FrameRate:
    """A rational number of frames a second, such as 24/1 or 24000/1001."""

    numerator: int
    denominator: int = 1

    def __post_init__(self) -> None:
        if self.numerator <= 0 or self.denominator <= 0:
            raise ValueError(f"A frame rate is positive, not {self.numerator}/{self.denominator}.")

    @property
    def fraction(self) -> Fraction:
        """Frames a second, exactly."""
        return Fraction(self.numerator, self.denominator)

    def frames(self, seconds: Fraction | float | int) -> int:
        """Return the number of whole frames nearest to ``seconds``."""
        return round(Fraction(seconds) * self.fraction)

    def seconds(self, frames: int) -> Fraction:
        """Return how long ``frames`` last, exactly."""
        return frames / self.fraction

    def timecode(self, frame: int) -> str:
        """Return ``HH:MM:SS:FF``, counted at the rounded rate without dropping."""
        base = round(self.fraction)
        seconds, rest = divmod(frame, base)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
