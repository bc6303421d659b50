"""The episode these tests work on, and the app as a server for a real browser."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from browser_support import chromium, note_complaint
from playwright.async_api import Page
from shoot_support import shoot
from tests_support import configure

from app.embedded import fleet
from app.embedded.processes import wait_until

__all__ = ["shoot"]


def answers(url: str) -> bool:
    """Tell whether a server answers."""
    try:
        return httpx.get(f"{url}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
async def page(shoot, world, services) -> AsyncIterator[Page]:
    """A director's page on a running server; it must not complain in its console."""
    async with served(world) as opened:
        yield opened


@asynccontextmanager
async def served(world) -> AsyncIterator[Page]:
    """Start a web server, and lend a director's page on it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = configure(REELROOM_PORT=str(port))
    server = subprocess.Popen(
        fleet.web_program(settings), env=fleet.environment_of(settings), cwd=fleet.ROOT, stdout=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: answers(settings.base_url), 60)
        async with chromium() as browser:
            context = await browser.new_context(viewport={"width": 1280, "height": 800}, base_url=settings.base_url)
            await context.add_cookies(
                [{"name": "reelroom", "value": world.cookies["director"], "url": settings.base_url}]
            )
            opened = await context.new_page()
            complaints: list[str] = []
            opened.on("pageerror", lambda error: complaints.append(str(error)))
            opened.on("console", lambda message: note_complaint(message, complaints))
            yield opened
            assert complaints == []
    finally:
        server.terminate()
        server.wait(30)
        configure(REELROOM_PORT="8400")
