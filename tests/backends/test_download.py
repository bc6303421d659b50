"""A download is whole, of the right kind, from declared places, or leaves nothing."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from backend_clients import KEY, answering, client
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from app.backends.download import boxes_are_whole, sniff
from app.backends.errors import BackendError, Kind
from app.backends.guard import HostPolicy
from app.backends.testing.clips import clip
from app.backends.testing.contract.subject import names_in, sink_in
from app.backends.testing.server import serve


async def test_a_redirect_keeps_the_key_at_home(tmp_path: Path) -> None:
    seen: dict[str, str | None] = {}
    app = FastAPI()

    @app.get("/video")
    async def video(request: Request) -> Response:
        seen["home"] = request.headers.get("authorization")
        return RedirectResponse(f"http://localhost:{request.url.port}/elsewhere?sig=1", 307)

    @app.get("/elsewhere")
    async def elsewhere(request: Request) -> Response:
        seen["elsewhere"] = request.headers.get("authorization")
        return Response(clip(64, 64, 1.0), media_type="application/octet-stream")

    with serve(app) as running:
        port = httpx.URL(running.url).port
        one = client(running.url, HostPolicy.of(running.url, [f"localhost:{port}"], self_hosted=True))
        artifact = await one.download("/video", sink_in(tmp_path))
        await one.aclose()
    assert artifact.mime == "video/mp4"
    assert seen == {"home": f"Bearer {KEY.get_secret_value()}", "elsewhere": None}


@pytest.mark.parametrize(
    ("content", "mime", "headers"),
    [
        (b"\x00" * 4000, "video/mp4", {}),
        (b"ftyp", "video/mp4", {}),
        (b'{"error": "gone"}', "application/json", {}),
        (None, "text/plain", {}),
        (None, "image/png", {}),
        (None, "video/mp4", {"content-encoding": "gzip"}),
    ],
)
async def test_what_is_no_video_leaves_no_file(
    content: bytes | None, mime: str, headers: dict[str, str], tmp_path: Path
) -> None:
    body = clip(64, 64, 1.0) if content is None else content
    with serve(answering([], lambda: Response(body, media_type=mime, headers=headers))) as running:
        one = client(running.url)
        with pytest.raises(BackendError) as caught:
            await one.download("/videos", sink_in(tmp_path))
        await one.aclose()
    assert caught.value.kind is Kind.TRANSIENT
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "kind"), [(404, Kind.EXPIRED), (410, Kind.EXPIRED), (401, Kind.AUTH), (503, Kind.TRANSIENT)]
)
async def test_a_fetch_answered_with_a_status(status: int, kind: Kind, tmp_path: Path) -> None:
    with serve(answering([], lambda: JSONResponse({}, status))) as running:
        one = client(running.url)
        with pytest.raises(BackendError) as caught:
            await one.download("/videos", sink_in(tmp_path))
        await one.aclose()
    assert caught.value.kind is kind


async def test_a_fetch_may_replace_what_an_earlier_one_left(tmp_path: Path) -> None:
    sink = sink_in(tmp_path)
    sink.path.with_name("take.mp4.part").write_bytes(b"half")
    with serve(answering([], lambda: Response(clip(64, 64, 1.0), media_type="video/mp4"))) as running:
        one = client(running.url)
        first = await one.download("/videos", sink)
        again = await one.download("/videos", sink)
        await one.aclose()
    assert first == again
    assert names_in(tmp_path) == ["take.mp4"]


async def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []

    async def listen(progress: float) -> None:
        told.append(progress)

    sink = sink_in(tmp_path)
    large = clip(64, 64, 1.0) + b"\x00\x40\x00\x00free" + b"\x00" * (0x400000 - 8)
    with serve(answering([], lambda: Response(large, media_type="video/mp4"))) as running:
        one = client(running.url)
        await one.download("/videos", type(sink)(sink.path, sink.max_bytes, listen))
        await one.aclose()
    assert told == sorted(told)
    assert len(told) >= 4
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3" + b"\x00" * 12, "video/webm"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 12, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 8, "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<!doctype html><", ""),
        (b"%PDF-1.7 ftypisom", ""),
    ],
)
def test_media_is_known_by_its_first_bytes(head: bytes, mime: str) -> None:
    assert sniff(head) == mime


def test_a_video_cut_anywhere_is_seen_to_be_cut(tmp_path: Path) -> None:
    whole = clip(64, 64, 1.0)
    path = tmp_path / "one.mp4"
    path.write_bytes(whole)
    assert boxes_are_whole(path)
    for length in (0, 4, 20, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert not boxes_are_whole(path)


@pytest.mark.parametrize("place", ["http://[::1", "http://host:99999999/x", "//", "http:///x", "ftp://localhost/x"])
async def test_a_redirect_to_nonsense_is_refused(place: str, tmp_path: Path) -> None:
    with serve(answering([], lambda: Response(status_code=302, headers={"location": place}))) as running:
        one = client(running.url)
        with pytest.raises(BackendError):
            await one.download("/videos", sink_in(tmp_path))
        await one.aclose()
    assert names_in(tmp_path) == []
