"""Words and choices that pages use for projects."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.frames import FrameRate
from app.core.i18n import _
from app.projects.schemas import FORMATS


def format_choices(formats: Sequence[str]) -> list[tuple[str, str]]:
    """Return formats as options of a select, with their sizes."""
    named = [(name, f"{name.removesuffix('-720')}  {FORMATS[name][0]}×{FORMATS[name][1]}") for name in formats]
    return [*named, ("other", _("Another size"))]


def rate_choices(rates: Sequence[str]) -> list[tuple[str, str]]:
    """Return frame rates as options of a select."""
    found = []
    for rate in rates:
        numerator, _slash, denominator = rate.partition("/")
        found.append((rate, rate_word(FrameRate(int(numerator), int(denominator)))))
    return found


def rate_word(rate: FrameRate) -> str:
    """Return a rate as people say it: "24 fps", "23.976 fps"."""
    return f"{float(rate.fraction):.3f}".rstrip("0").rstrip(".") + " fps"
