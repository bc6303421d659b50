"""Uploaded bytes become text, or are refused with a reason."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid, PayloadTooLarge
from app.scripts.formats.decode import LIMIT_BYTES, decode

TEXT = "1-1 日 内 客厅\n阿宁：好。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_usual_encoding_of_a_chinese_script_is_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_utf_16_of_both_orders_is_read() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


def test_line_ends_become_newlines() -> None:
    assert decode(b"a\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        b"PK\x03\x04" + b"x" * 50,
        b"%PDF-1.7 text",
        b"\x7fELF" + b"x" * 50,
        b"\x00\x00\x00\x20ftypisom",
        gzip.compress(TEXT.encode()),
        b"text with a \x00 in it",
        b"\x01\x02\x03\x04\x05\x06" * 40,
        b"\xff\xff\xff",
    ],
    ids=["png", "zip", "pdf", "elf", "mp4", "gzip", "zero", "controls", "no encoding"],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        decode(data)
    assert refused.value.code == "script.binary"
    assert "plain text" in refused.value.message


@pytest.mark.parametrize("data", [b"", b"  \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_script_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        decode(data)
    assert refused.value.code == "script.empty"


def test_a_script_above_the_limit_is_refused_and_one_at_the_limit_is_read() -> None:
    assert len(decode(b"a" * LIMIT_BYTES)) == LIMIT_BYTES
    with pytest.raises(PayloadTooLarge) as refused:
        decode(b"a" * (LIMIT_BYTES + 1))
    assert refused.value.code == "script.too_large"


def test_a_stray_control_character_is_replaced() -> None:
    assert decode(b"INT. HOUSE - DAY\x07\n") == "INT. HOUSE - DAY\ufffd\n"


@given(st.binary(max_size=200))
def test_any_bytes_become_clean_text_or_a_refusal(data: bytes) -> None:
    try:
        text = decode(data)
    except Invalid:
        return
    assert "\x00" not in text and "\r" not in text
    assert text.encode()
