"""Static files have an address that changes with them, and nothing else of the disk is served."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.web.assets import Assets


async def test_an_address_with_its_hash_is_kept_for_a_year(client: AsyncClient) -> None:
    url = Assets().url("css/tokens.css")
    hashed = await client.get(url)
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashed.headers["content-type"].startswith("text/css")
    bare = await client.get("/static/css/tokens.css")
    assert bare.headers["cache-control"] == "no-cache"
    old = await client.get("/static/css/tokens.css?v=000000000000")
    assert old.headers["cache-control"] == "no-cache"
    again = await client.get(url, headers={"If-None-Match": hashed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_the_bytes_are_the_same_compressed_or_not(client: AsyncClient, encoding: str) -> None:
    answer = await client.get("/static/css/parts.css", headers={"Accept-Encoding": encoding})
    assert answer.content == (Assets().root / "css" / "parts.css").read_bytes()
    assert answer.headers.get("content-encoding", "identity") == encoding


@pytest.mark.parametrize(
    "path",
    [
        "",
        "css",
        "package.json",
        "package-lock.json",
        "js/dom.js",
        "node_modules/htmx.org/package.json",
        "css/../package.json",
        "css/%2e%2e/package.json",
        "..%2f..%2fpyproject.toml",
        "css/..%2f..%2f..%2fetc/hostname",
    ],
)
async def test_nothing_else_is_served(client: AsyncClient, path: str) -> None:
    assert (await client.get(f"/static/{path}")).status_code == 404


def test_a_changed_file_gets_another_address(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    sheet = tmp_path / "css" / "a.css"
    sheet.write_text("a {}")
    watched, kept = Assets(tmp_path, watch=True), Assets(tmp_path)
    before, held = watched.url("css/a.css"), kept.url("css/a.css")
    sheet.write_text("b { color: red }")
    stamp = sheet.stat().st_mtime_ns + 1
    os.utime(sheet, ns=(stamp, stamp))
    assert watched.url("css/a.css") != before
    assert kept.url("css/a.css") == held


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "secret.css").write_text("secret")
    (tmp_path / "static" / "css" / "link.css").symlink_to(tmp_path / "secret.css")
    with pytest.raises(FileNotFoundError):
        Assets(tmp_path / "static").get("css/link.css")
