"""What the tests of the web layer share: a site in process, a Valkey, and a site in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from browser_support import chromium, note_complaint
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from playwright.async_api import Browser, Page
from web_server import served
from web_site import make_site

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
def valkey_url(services: Any) -> str:
    """The address of the running Valkey."""
    return str(services.valkey.url)


@pytest.fixture(scope="session")
def site_url(valkey_url: str) -> Iterator[str]:
    """The address of the site for browsers."""
    with served(valkey_url) as (url, _server):
        yield url


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with chromium() as started:
        yield started


@pytest.fixture
async def page(browser: Browser, site_url: str) -> AsyncIterator[Page]:
    """A page at 1280 px that must not complain in its console."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, base_url=site_url)
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: note_complaint(message, complaints))
    yield opened
    await context.close()
    assert complaints == []
