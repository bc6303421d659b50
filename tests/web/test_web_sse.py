"""Events published in Redis reach the pages that want them, and streams end when they should."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import StreamingResponse
from web_server import served
from web_site import PROJECT

from app.core.ids import new_id
from app.web.sse import Busy, channel, event_stream, published


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of the running Valkey."""
    client = Redis.from_url(valkey_url, decode_responses=True)
    yield client
    await client.aclose()


def _request(site: FastAPI, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "app": site, "headers": raw, "path": "/live/events", "query_string": b""})


async def _frames(response: StreamingResponse) -> AsyncIterator[dict[str, str]]:
    async with aclosing(response.body_iterator) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            for frame in _parsed(str(chunk)):
                yield frame


def _parsed(chunk: str) -> Iterator[dict[str, str]]:
    for frame in chunk.split("\n\n"):
        lines = [line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":")]
        if lines:
            yield dict(lines)


async def _publish(redis: Redis, name: str, payload: dict[str, Any], project: UUID = PROJECT) -> UUID:
    number = new_id()
    heard = await redis.publish(channel(project), published(name, number, payload))
    assert heard >= 1
    return number


async def test_an_event_arrives_with_its_number(site: FastAPI, redis: Redis) -> None:
    response = await event_stream(_request(site), redis, [channel(PROJECT)])
    assert response.media_type == "text/event-stream"
    frames = _frames(response)
    assert "retry" in await anext(frames)
    number = await _publish(redis, "takes.arrived", {"shot_id": "7", "title": "第三条\n新行"})
    frame = await anext(frames)
    assert frame["id"] == str(number)
    assert json.loads(frame["data"]) == {
        "name": "takes.arrived",
        "id": str(number),
        "payload": {"shot_id": "7", "title": "第三条\n新行"},
    }
    await frames.aclose()


async def test_only_what_is_wanted_passes(site: FastAPI, redis: Redis) -> None:
    response = await event_stream(
        _request(site), redis, [channel(PROJECT)], lambda event: event["name"] != "money.spent"
    )
    frames = _frames(response)
    await anext(frames)
    await _publish(redis, "money.spent", {})
    await _publish(redis, "takes.arrived", {})
    assert json.loads((await anext(frames))["data"])["name"] == "takes.arrived"
    await frames.aclose()


async def test_who_comes_back_is_told_to_look_again(site: FastAPI, redis: Redis) -> None:
    response = await event_stream(_request(site, last_event_id="01"), redis, [channel(PROJECT)])
    frames = _frames(response)
    await anext(frames)
    assert (await anext(frames))["event"] == "resync"
    await frames.aclose()


async def test_a_quiet_stream_gives_signs_of_life(site: FastAPI, redis: Redis) -> None:
    response = await event_stream(_request(site), redis, [channel(PROJECT)], heartbeat=0.01)
    chunks = [str(chunk) async for chunk in _first(response, 3)]
    assert chunks[1:] == [": alive\n\n", ": alive\n\n"]


async def _first(response: StreamingResponse, count: int) -> AsyncIterator[Any]:
    body = response.body_iterator
    for _ in range(count):
        yield await anext(body)  # type: ignore[call-overload]
    await body.aclose()  # type: ignore[union-attr]


async def test_a_stream_ends_when_the_process_closes(site: FastAPI, redis: Redis) -> None:
    response = await event_stream(_request(site), redis, [channel(PROJECT)])
    reading = asyncio.ensure_future(_all(response))
    await asyncio.sleep(0)
    site.state.streams.close()
    await asyncio.wait_for(reading, 10)
    assert site.state.streams.open == 0
    with pytest.raises(Busy):
        await event_stream(_request(site), redis, [channel(PROJECT)])


async def _all(response: StreamingResponse) -> list[Any]:
    return [chunk async for chunk in response.body_iterator]


async def test_there_is_an_end_to_how_many_are_open(site: FastAPI, redis: Redis) -> None:
    site.state.streams.most = 1
    response = await event_stream(_request(site), redis, [channel(PROJECT)])
    frames = _frames(response)
    await anext(frames)
    with pytest.raises(Busy):
        await event_stream(_request(site), redis, [channel(PROJECT)])
    await frames.aclose()
    await (await event_stream(_request(site), redis, [channel(PROJECT)])).body_iterator.aclose()  # type: ignore[union-attr]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_an_open_page_does_not_keep_the_server_from_stopping(valkey_url: str, told: signal.Signals) -> None:
    with served(valkey_url) as (url, server), httpx.stream("GET", f"{url}/live/events", timeout=30) as stream:
        chunks = stream.iter_text()
        assert next(chunks).startswith("retry:")
        server.send_signal(told)
        assert server.wait(30) == 0
        assert list(chunks) == []
