"""What the tests of the web layer share: a site in process, a Valkey, and a site in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright
from web_site import make_site

from app.embedded.valkey import Valkey

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
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def site() -> FastAPI:
    """An application with the web layer and a few routes."""
    return make_site()


@pytest.fixture
async def client(site: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client that behaves like a page of the site."""
    transport = ASGITransport(site)
    async with AsyncClient(transport=transport, base_url="http://testserver", headers=SAME_ORIGIN) as client:
        yield client


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running Valkey."""
    server = Valkey(tmp_path_factory.mktemp("valkey"), durable=False)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def site_url(valkey_url: str) -> Iterator[str]:
    """The address of the site, served by the server we ship with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    here = Path(__file__).parent
    environment = {**os.environ, "REELROOM_TEST_URL": url, "REELROOM_TEST_REDIS": valkey_url, "PYTHONPATH": str(here)}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--factory", "web_site:browser_site"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if "Started worker" in line:
            break
    else:
        pytest.fail("The site did not start:\n" + "".join(lines))
    with server.stdout, open(os.devnull, "w") as nowhere:  # noqa: PTH123  # a log nobody reads must not fill its pipe
        drain = subprocess.Popen(["cat"], stdin=server.stdout, stdout=nowhere)
        yield url
        server.terminate()
        server.wait(20)
        drain.wait(20)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium; without one the test is skipped, or fails under REQUIRE_BROWSER=1."""
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("browser: absent, and REQUIRE_BROWSER=1")
        pytest.skip("browser: absent")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
async def page(browser: Browser, site_url: str) -> AsyncIterator[Page]:
    """A page at 1280 px that must not complain in its console."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, base_url=site_url)
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: _note(message, complaints))
    yield opened
    await context.close()
    assert complaints == []


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    expected = "Failed to load resource: the server responded with a status of"  # refusals that a test provokes
    if message.type in {"error", "warning"} and not message.text.startswith(expected):
        complaints.append(message.text)
