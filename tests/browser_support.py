"""A real Chromium for tests, and what its pages may complain of."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright
from tests_support import configure

from app.embedded import fleet
from app.embedded.processes import wait_until

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Lend a browser; without one the test is skipped, or fails under REQUIRE_BROWSER=1."""
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("browser: absent, and REQUIRE_BROWSER=1")
        pytest.skip("browser: absent")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        await started.close()


def note_complaint(message: ConsoleMessage, complaints: list[str]) -> None:
    """Keep what a page says is wrong, but for the refusals that a test provokes."""
    expected = "Failed to load resource: the server responded with a status of"
    if message.type in {"error", "warning"} and not message.text.startswith(expected):
        complaints.append(message.text)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def page_of(cookie: str, *, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """Lend a page of whoever has a session's cookie, on a running server; it must not complain in its console."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = configure(REELROOM_PORT=str(port))
    server = subprocess.Popen(
        fleet.web_program(settings), env=fleet.environment_of(settings), cwd=fleet.ROOT, stdout=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: _answers(settings.base_url), 60)
        async with chromium() as browser:
            context = await browser.new_context(viewport={"width": width, "height": height}, base_url=settings.base_url)
            await context.add_cookies([{"name": "reelroom", "value": cookie, "url": settings.base_url}])
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
