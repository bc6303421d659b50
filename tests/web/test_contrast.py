"""Every text passes WCAG AA (4.5 to 1) on every ground it can stand on, in both themes."""

from __future__ import annotations

import math
import re
from itertools import product

import pytest

from app.web.assets import ROOT

Colour = tuple[float, float, float]
TEXTS = [
    "ink",
    "ink-2",
    "ink-3",
    "planned",
    "waiting",
    "generating",
    "review",
    "retake",
    "approved",
    "dropped",
    "stale",
    "failed",
    "held",
    "unknown",
]
GROUNDS = ["black", "ground", "panel", "raise", "lift"]
STATES = TEXTS[3:]


def _rules() -> dict[str, dict[str, str]]:
    css = (ROOT / "css" / "tokens.css").read_text()
    found = {}
    for theme, selector in (("dark", r":root, \.dark-room"), ("light", r':root\[data-theme="light"\]')):
        block = re.search(selector + r"[^{]*\{(.*?)\n  \}", css, re.DOTALL)
        assert block is not None
        found[theme] = dict(re.findall(r"--([\w-]+):\s*(oklch\([^)]*\))", block[1]))
    return {"dark": found["dark"], "light": {**found["dark"], **found["light"]}}


RULES = _rules()


def _linear(oklch: str) -> tuple[Colour, float]:
    """Return linear sRGB and alpha of an ``oklch()`` value."""
    numbers = re.findall(r"[\d.]+%?", oklch)
    light = float(numbers[0].rstrip("%")) / (100 if "%" in numbers[0] else 1)
    chroma, hue = float(numbers[1]), math.radians(float(numbers[2]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    l3 = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m3 = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s3 = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3,
        -1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3,
        -0.0041960863 * l3 - 0.7034186147 * m3 + 1.7076147010 * s3,
    )
    alpha = float(numbers[3]) if len(numbers) > 3 else 1.0
    return (_clip(rgb[0]), _clip(rgb[1]), _clip(rgb[2])), alpha


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _over(top: str, ground: Colour, share: float = 1.0) -> Colour:
    """Return ``top`` laid over ``ground``, blended as browsers do, in encoded sRGB."""
    colour, alpha = _linear(top)
    alpha *= share
    mixed = [alpha * _encoded(t) + (1 - alpha) * _encoded(g) for t, g in zip(colour, ground, strict=True)]
    return _decoded(mixed[0]), _decoded(mixed[1]), _decoded(mixed[2])


def _contrast(text: Colour, ground: Colour) -> float:
    bright, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _colour(theme: str, name: str) -> Colour:
    return _linear(RULES[theme][name])[0]


@pytest.mark.parametrize(("theme", "text", "ground"), list(product(("dark", "light"), TEXTS, GROUNDS[1:])))
def test_text_on_its_ground(theme: str, text: str, ground: str) -> None:
    assert _contrast(_colour(theme, text), _colour(theme, ground)) >= 4.5


@pytest.mark.parametrize(
    ("theme", "text", "wash"), list(product(("dark", "light"), ("ink", "ink-2", "ink-3"), ("hover", "press")))
)
def test_text_on_a_pressed_or_hovered_line(theme: str, text: str, wash: str) -> None:
    ground = _over(RULES[theme][wash], _colour(theme, "panel"))
    assert _contrast(_colour(theme, text), ground) >= 4.5


@pytest.mark.parametrize(("theme", "state"), list(product(("dark", "light"), STATES)))
def test_a_state_in_its_own_tint(theme: str, state: str) -> None:
    """A filled badge is its colour at 15 percent, a notice at 10."""
    tint = _over(RULES[theme][state], _colour(theme, "panel"), share=0.15)
    assert _contrast(_colour(theme, state), tint) >= 4.5
    assert _contrast(_colour(theme, "ink"), tint) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_primary_action_and_the_ring_of_focus(theme: str) -> None:
    assert _contrast(_colour(theme, "on-action"), _colour(theme, "action")) >= 7
    for ground in GROUNDS[1:]:
        assert _contrast(_colour(theme, "focus"), _colour(theme, ground)) >= 3
        assert _contrast(_colour(theme, "select"), _colour(theme, ground)) >= 3


@pytest.mark.parametrize("person", range(1, 7))
def test_the_letter_in_an_avatar(person: int) -> None:
    assert _contrast(_colour("dark", "on-person"), _colour("dark", f"p{person}")) >= 4.5


def test_the_measure_is_right() -> None:
    assert _contrast((1, 1, 1), (0, 0, 0)) == pytest.approx(21)
    assert _linear("oklch(62.8% .2577 29.23)")[0] == pytest.approx((1, 0, 0), abs=0.01)
