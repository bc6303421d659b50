"""Storage keys: the layout, and nothing that could leave the store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.media.keys import check_key, check_prefix, derived_key, is_original, original_key

HASH = "ab" * 32


def test_an_original_is_found_by_its_hash() -> None:
    assert original_key(HASH) == f"sha256/ab/ab/{HASH}"
    assert is_original(original_key(HASH))


@pytest.mark.parametrize("wrong", ["", "ab", HASH.upper(), HASH[:-1] + "/", HASH + "\n", "../" + HASH[3:]])
def test_what_is_not_a_hash_gives_no_key(wrong: str) -> None:
    with pytest.raises(Invalid, match="not a storage key"):
        original_key(wrong)


def test_a_derived_key_names_kind_version_and_input() -> None:
    assert derived_key("proxy", 3, HASH, ".mp4") == f"proxy/3/ab/{HASH}.mp4"
    assert derived_key("waveform-image", 1, original_key(HASH), ".png") == f"waveform-image/1/ab/{HASH}.png"
    assert not is_original(derived_key("proxy", 3, HASH, ".mp4"))


@pytest.mark.parametrize(
    ("kind", "version", "source", "suffix"),
    [
        ("sha256", 1, HASH, ".mp4"),
        ("Proxy", 1, HASH, ".mp4"),
        ("../proxy", 1, HASH, ".mp4"),
        ("proxy", -1, HASH, ".mp4"),
        ("proxy", 1, "../../etc/passwd", ".mp4"),
        ("proxy", 1, f"sha256/cd/ab/{HASH}", ".mp4"),
        ("proxy", 1, "", ".mp4"),
        ("proxy", 1, HASH, "mp4"),
        ("proxy", 1, HASH, ".mp4/.."),
    ],
)
def test_a_derived_key_takes_no_path_from_anybody(kind: str, version: int, source: str, suffix: str) -> None:
    with pytest.raises(Invalid):
        derived_key(kind, version, source, suffix)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "proxy",
        "a/../b",
        "a//b",
        "a/b/",
        "a/./b",
        "a\\b/c",
        "a/b\0",
        "a/b\n",
        "A/b",
        "a/.b",
        "a/" + "b" * 300,
    ],
)
def test_a_key_that_could_leave_the_store_is_refused(key: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_key(key)
    assert caught.value.code == "storage.bad_key"


@given(st.text())
def test_no_accepted_key_climbs_or_hides(text: str) -> None:
    try:
        key = check_key(f"proxy/{text}")
    except Invalid:
        return
    assert all(part and not part.startswith(".") and part.isascii() for part in key.split("/"))


def test_a_prefix_is_whole_segments_or_nothing() -> None:
    assert check_prefix("") == ""
    assert check_prefix("proxy/1") == "proxy/1"
    for wrong in ("..", "proxy/", "/proxy", "proxy/.."):
        with pytest.raises(Invalid):
            check_prefix(wrong)
