"""Values are shown the same everywhere, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from app.core.i18n import speaking
from app.core.money import Money
from app.web import formats
from app.web.status import STATUSES, status_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("精卫", "zh"),
        ("E01 那枚石子", "zh"),
        ("The Salt Ledger", "en"),
        ("", "en"),
        ("「quoted」", "zh"),
        ("Café", "en"),
    ],
)
def test_the_language_of_words(text: str, language: str) -> None:
    assert formats.lang_of(text) == language


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0:00"), (88, "1:28"), (59.6, "1:00"), (3723, "1:02:03"), (Fraction(5, 2), "0:02")]
)
def test_lengths(value: float, shown: str) -> None:
    assert formats.duration(value) == shown


def test_short_lengths_are_said_in_both_languages() -> None:
    assert [formats.seconds(v) for v in (4.5, 4, Fraction(1, 3))] == ["4.5 s", "4 s", "0.3 s"]
    with speaking("zh"):
        assert formats.seconds(4.5) == "4.5 秒"


def test_money_and_ranges() -> None:
    low, high = Money.of("3.10", "CNY"), Money.of("4.60", "CNY")
    assert (formats.money(low), formats.money(Money.of(412, "CNY")), formats.money(None)) == ("¥3.10", "¥412", "–")
    assert formats.money_range(low, high) == "¥3.10 to 4.60"
    assert formats.money_range(low, low) == "¥3.10"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (108_000_000, "108 MB"),
        (999_999, "1.0 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes(value: int, shown: str) -> None:
    assert formats.size(value) == shown


def test_percent_never_claims_the_end_too_early() -> None:
    assert [formats.percent(p, 200) for p in (0, 1, 199, 200, 300)] == [0, 0, 99, 100, 100]
    assert formats.percent(1, 0) == 0


def test_a_moment_is_utc_for_machines() -> None:
    here = datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    assert formats.moment(here, "datetime") == (
        '<time datetime="2026-11-25T01:30:00Z" data-format="datetime">2026-11-25 01:30</time>'
    )
    with pytest.raises(ValueError, match="relative, time, date, datetime"):
        formats.moment(datetime.now(UTC), "soon")


def test_attributes_are_escaped_and_named_with_dashes() -> None:
    given = {"hx_post": "/a?b=1&c=2", "data_text": '"><script>', "autofocus": True, "hidden": False, "title": None}
    assert formats.attributes(given) == (' hx-post="/a?b=1&amp;c=2" data-text="&#34;&gt;&lt;script&gt;" autofocus')
    with pytest.raises(ValueError, match="not the name of an attribute"):
        formats.attributes({'x" onclick="y': "1"})


@pytest.mark.parametrize(
    ("key", "cap"),
    [("c", "C"), ("Shift+ArrowLeft", "Shift ←"), ("g w", "G W"), ("Ctrl+k", "Ctrl K"), ("/", "/"), ("Space", "Space")],
)
def test_keys_are_shown_as_on_the_keyboard(key: str, cap: str) -> None:
    assert formats.keycap(key) == cap


def test_every_state_has_a_look_of_its_own_kind() -> None:
    css = {status.css for status in STATUSES.values()}
    assert css <= {
        f"s-{name}"
        for name in [
            "planned",
            "waiting",
            "generating",
            "review",
            "retake",
            "approved",
            "stale",
            "held",
            "failed",
            "unknown",
            "dropped",
        ]
    }
    assert status_of("circled").word == "Circled"
    with speaking("zh"):
        assert status_of("circled").word != "Circled"
    with pytest.raises(KeyError):
        status_of("wonderful")
