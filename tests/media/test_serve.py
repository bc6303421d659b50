"""Signed links, byte ranges and headers, as browsers and players ask for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.errors import Forbidden
from app.media.serve import (
    Answer,
    ByteRange,
    RangeNotSatisfiable,
    answer,
    content_disposition,
    content_type,
    entity_tag,
    link_expiry,
    parse_range,
    safe_file_name,
    sign,
    verify,
)

KEY = "proxy/1/ab/" + "ab" * 32 + ".mp4"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECRET = "a long server secret"


def token(**changes: str) -> str:
    """Return a link for the key that works until one o'clock."""
    facts = {"key": KEY, "secret": SECRET, "scope": "session 7"} | changes
    return sign(facts["key"], secret=facts["secret"], expires_at=NOON + timedelta(hours=1), scope=facts["scope"])


def test_a_link_works_for_its_key_and_session() -> None:
    with clock.turned(NOON):
        verify(KEY, token(), secret=SECRET, scope="session 7")


def test_a_link_expires() -> None:
    with clock.turned(NOON + timedelta(hours=1)), pytest.raises(Forbidden) as caught:
        verify(KEY, token(), secret=SECRET, scope="session 7")
    assert caught.value.code == "media.link_expired"


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "zz.zz",
        token(key=KEY.replace("proxy", "poster")),
        token(scope="session 8"),
        token(secret="another secret"),
        token(key=KEY[1:], scope="session 7" + KEY[0]),
        "f" + token(),
        token()[:-1],
        token().upper(),
    ],
)
def test_a_link_of_another_key_session_or_secret_is_refused(forged: str) -> None:
    with clock.turned(NOON), pytest.raises(Forbidden) as caught:
        verify(KEY, forged, secret=SECRET, scope="session 7")
    assert caught.value.code == "media.bad_link"


def test_links_of_one_half_hour_are_the_same_so_that_posters_stay_cached() -> None:
    with clock.turned(NOON + timedelta(minutes=1)):
        first = link_expiry()
    with clock.turned(NOON + timedelta(minutes=29)):
        second = link_expiry()
    assert first == second == NOON + timedelta(hours=1, minutes=30)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=100-199", ByteRange(100, 200)),
        ("bytes=900-99999", ByteRange(900, 1000)),
        ("bytes=-100", ByteRange(900, 1000)),
        ("bytes=-99999", ByteRange(0, 1000)),
        ("bytes = 5 - 9", ByteRange(5, 10)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,5-6", None),
        ("frames=0-10", None),
        ("bytes=--5", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_ranges_as_the_standard_reads_them(header: str | None, expected: ByteRange | None) -> None:
    assert parse_range(header, 1000) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=1000-", 1000), ("bytes=-0", 1000), ("bytes=0-", 0)])
def test_a_range_beyond_the_end_is_answered_416(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range(header, size)
    assert caught.value.status == 416
    assert caught.value.details == {"size": size}


@given(st.text(max_size=30), st.integers(0, 10_000))
def test_a_range_never_leaves_the_file(text: str, size: int) -> None:
    try:
        part = parse_range(f"bytes={text}", size)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part.start < part.end <= size


def test_a_player_gets_the_part_it_asks_for() -> None:
    part = answer(KEY, 1000, range_header="bytes=100-199")
    assert (part.status, part.start, part.end) == (206, 100, 200)
    assert part.headers["Content-Range"] == "bytes 100-199/1000"
    assert part.headers["Content-Length"] == "100"
    assert part.headers["Content-Type"] == "video/mp4"


def test_a_whole_file_says_that_parts_may_be_asked_for() -> None:
    whole = answer(KEY, 1000)
    assert (whole.status, whole.start, whole.end, whole.headers["Content-Length"]) == (200, 0, 1000, "1000")
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "Content-Disposition" not in whole.headers


def test_what_the_browser_has_is_not_sent_again() -> None:
    tag = entity_tag(KEY, 1000)
    assert answer(KEY, 1000, if_none_match=f'"other", W/{tag}').status == 304
    assert answer(KEY, 1001, if_none_match=tag).status == 200


def test_a_download_goes_on_only_while_the_file_is_the_same() -> None:
    def resumed(if_range: str) -> Answer:
        return answer(KEY, 1000, range_header="bytes=500-", if_range=if_range)

    assert resumed(entity_tag(KEY, 1000)).status == 206
    assert resumed('"another"').status == 200


def test_only_known_types_are_named_so_that_no_upload_runs_in_a_browser() -> None:
    original = "sha256/ab/ab/" + "ab" * 32
    assert answer(original, 10, media_type="video/quicktime").headers["Content-Type"] == "video/quicktime"
    served = answer(original, 10, media_type="text/html").headers
    assert served["Content-Type"] == "application/octet-stream"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert content_type("page.html") == content_type("drawing.svg") == "application/octet-stream"
    assert content_type("EPISODE.MP4") == "video/mp4"


def test_a_chinese_name_reaches_new_and_old_clients() -> None:
    header = content_disposition("精卫填海 第1集.mp4")
    assert header.startswith("attachment; filename=\"_ _1_.mp4\"; filename*=UTF-8''")
    assert header.endswith("%E7%B2%BE%E5%8D%AB%E5%A1%AB%E6%B5%B7%20%E7%AC%AC1%E9%9B%86.mp4")
    assert header.isascii()


def test_a_plain_name_is_sent_plainly() -> None:
    assert content_disposition("salt-ledger e01.mp4") == 'attachment; filename="salt-ledger e01.mp4"'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("C:\\takes\\one.mp4", "C-takes-one.mp4"),
        ("a\r\nSet-Cookie: x.mp4", "aSet-Cookie- x.mp4"),
        ('the "best" take?.mp4', "the -best- take-.mp4"),
        ("\u202egnp.mp4", "gnp.mp4"),
        (" . ", "reelroom"),
        ("", "reelroom"),
    ],
)
def test_a_name_is_made_safe(name: str, expected: str) -> None:
    assert safe_file_name(name) == expected


def test_a_long_name_keeps_its_suffix_and_whole_characters() -> None:
    safe = safe_file_name("海" * 100 + ".mp4")
    assert safe.endswith("海.mp4")
    assert len(safe.encode()) <= 120


@given(st.text(max_size=200))
def test_no_name_breaks_the_header(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert not set("\r\n\0/\\") & set(header)
    assert header.count('"') == 2
