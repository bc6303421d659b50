"""How values are shown: time, length, money, size and language, the same in every template."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from markupsafe import Markup, escape

from app.core.frames import FrameRate
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.money import MICROS, Money

_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
MOMENTS = ("relative", "time", "date", "datetime")


def lang_of(text: object) -> str:
    """Return "zh" when ``text`` holds a Chinese character, else "en"; for ``lang`` attributes on people's words."""
    return "zh" if _HAN.search(str(text)) else "en"


def timecode(frame: int, rate: FrameRate) -> str:
    """Return ``frame`` as ``HH:MM:SS:FF`` at ``rate``."""
    return rate.timecode(frame)


def seconds(value: float | Fraction | Decimal) -> str:
    """Return a short length such as "4.5 s", one decimal at most."""
    text = f"{float(value):.1f}".removesuffix(".0")
    return _("%(seconds)s s") % {"seconds": text}


def duration(value: float | Fraction | Decimal) -> str:
    """Return a length as "1:28" or "1:02:03", seconds rounded to the nearest."""
    total = round(value)
    hours, minutes, rest = total // 3600, total // 60 % 60, total % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def money(value: Money | None) -> str:
    """Return an amount such as "¥3.10"; whole units lose their decimals ("¥412"), nothing is a dash."""
    if value is None:
        return "–"
    text = str(value)
    return text.removesuffix(".00") if value.micros % MICROS == 0 else text


def money_range(low: Money, high: Money) -> str:
    """Return "¥3.10 to 4.60", or one amount where both are equal; both in one currency."""
    if low == high:
        return money(low)
    return _("%(low)s to %(high)s") % {"low": money(low), "high": f"{Decimal(high.micros) / MICROS:.2f}"}


def size(value: int) -> str:
    """Return a number of bytes as people say it: "108 MB" (powers of 1000)."""
    if value < 1000:
        return ngettext("%(count)d byte", "%(count)d bytes", value) % {"count": value}
    power = min(4, int(math.log10(value) // 3))
    scaled = value / 1000**power
    if round(scaled) >= 1000 and power < 4:
        power, scaled = power + 1, scaled / 1000
    return f"{scaled:.0f} {' kMGT'[power]}B" if scaled >= 10 else f"{scaled:.1f} {' kMGT'[power]}B"


def number(value: int) -> str:
    """Return an integer with thousands apart: "6,000"."""
    return f"{value:,}"


def percent(part: float, whole: float = 1) -> int:
    """Return ``part`` of ``whole`` in percent, 0 to 100; 100 only when nothing is missing."""
    if whole <= 0:
        return 0
    return max(0, min(100, math.floor(100 * part / whole)))


def moment(value: datetime, style: str = "relative") -> Markup:
    """Return a ``<time>`` that the browser shows in the reader's zone; ``style`` is one of ``MOMENTS``."""
    if style not in MOMENTS:
        raise ValueError(f"A moment is shown as one of {', '.join(MOMENTS)}, not {style}.")
    utc = value.astimezone(UTC)
    plain = {"time": "%H:%M", "date": "%Y-%m-%d"}.get(style, "%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}" data-format="{}">{}</time>').format(
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"), style, utc.strftime(plain)
    )


def attributes(given: Mapping[str, Any]) -> Markup:
    """Return HTML attributes: ``hx_post`` becomes ``hx-post``, True a bare name; False and None are left out."""
    parts = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9:.-]*", name):
            raise ValueError(f"{name!r} is not the name of an attribute.")
        parts.append(name if value is True else f'{name}="{escape(value)}"')
    return Markup(" " + " ".join(parts)) if parts else Markup("")  # noqa: S704  # every value is escaped above


_CAPS = MappingProxyType(
    {"arrowleft": "←", "arrowright": "→", "arrowup": "↑", "arrowdown": "↓", "escape": "Esc", "mod": "Ctrl"}
)


def keycap(key: str) -> str:
    """Return a shortcut as it is shown: "Shift+ArrowLeft" is "Shift ←", "g w" is "G W"."""
    parts = re.split(r"(?<=.)[+ ](?=.)", key)
    return " ".join(_CAPS.get(part.lower(), part[:1].upper() + part[1:]) for part in parts)


def squeeze(text: str) -> str:
    """Return ``text`` with single spaces and none at its ends; for class lists put together from parts."""
    return " ".join(text.split())


def initial(name: str) -> str:
    """Return the one letter that stands for a person."""
    return name.strip()[:1].upper() or "?"
