"""A real Chromium for tests, and what its pages may complain of."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, async_playwright

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
