"""A real web server and real browsers with the live editor open, one for each person who is asked for."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from browser_support import chromium, note_complaint
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, expect
from tests_support import configure

from app.core.config import Settings
from app.embedded import fleet
from app.embedded.processes import kill_group, wait_until
from app.embedded.readiness import page_answers

TEXT = """() => [...document.querySelectorAll(".cm-content > .cm-line")].map((line) => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll(".remote-caret, .cm-widgetBuffer, .cm-placeholder").forEach((one) => one.remove());
    return copy.textContent;
}).join("\\n")"""
READS = f"(wanted) => ({TEXT})() === wanted"


@dataclass
class Desk:
    """One person's browser with the script of the episode open."""

    page: Page
    context: BrowserContext
    address: str

    async def text(self) -> str:
        """What the editor shows, without carets."""
        found: str = await self.page.evaluate(TEXT)
        return found

    async def reads(self, wanted: str) -> None:
        """Wait until the editor shows exactly this."""
        await self.page.wait_for_function(READS, arg=wanted, timeout=20_000)

    async def shows(self, words: str) -> None:
        """Wait until the state over the text says this."""
        await expect(self.page.locator("[data-saved]")).to_contain_text(words, timeout=20_000)

    async def open(self, *, query: str = "") -> None:
        """Open the script and wait until one can write."""
        await self.page.goto(self.address + query)
        await expect(self.page.locator("#editor-desk")).to_have_attribute("data-state", "ready", timeout=20_000)

    async def end(self) -> None:
        """Put the caret behind the last character."""
        await self.page.locator(".cm-content").focus()
        await self.page.keyboard.press("Control+End")

    async def line(self, number: int, *, end: bool = False) -> None:
        """Put the caret at the beginning or the end of a line, from 1."""
        await self.page.locator(".cm-content").focus()
        await self.page.keyboard.press("Control+Home")
        for _one in range(number - 1):
            await self.page.keyboard.press("ArrowDown")
        await self.page.keyboard.press("End" if end else "Home")

    async def type(self, text: str) -> None:
        """Type as a person does: ``\\n`` is the Enter key."""
        for number, part in enumerate(text.split("\n")):
            if number:
                await self.page.keyboard.press("Enter")
            await self.page.keyboard.type(part)

    async def paste(self, text: str) -> None:
        """Paste plain text where the caret is."""
        await self.page.locator(".cm-content").evaluate(
            """(place, text) => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                const given = { clipboardData: data, bubbles: true, cancelable: true };
                place.dispatchEvent(new ClipboardEvent("paste", given));
            }""",
            text,
        )

    async def ime(self) -> CDPSession:
        """A session that composes words as an input method does."""
        return await self.context.new_cdp_session(self.page)


@pytest.fixture
async def served(settings: Settings, world) -> AsyncIterator[Settings]:
    """A running web server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = configure(REELROOM_PORT=str(port))
    server = subprocess.Popen(
        fleet.web_program(served),
        env=fleet.environment_of(served),
        cwd=fleet.ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert wait_until(page_answers(served), 60)
        yield served
    finally:
        kill_group(server.pid)
        server.wait()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all desks of a test."""
    async with chromium() as started:
        yield started


Desks = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def desks(browser: Browser, served: Settings, world) -> AsyncIterator[Desks]:
    """Open the script as somebody: ``await desks("writer")``; their consoles must stay clean."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_as(person: str, *, width: int = 1280, quiet: bool = False, **options: object) -> Desk:
            context = await browser.new_context(
                viewport={"width": width, "height": 800}, base_url=served.base_url, **options
            )
            stack.push_async_callback(context.close)
            cookie = world.cookies[person]
            await context.add_cookies([{"name": "reelroom", "value": cookie, "url": served.base_url}])
            page = await context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            if not quiet:
                page.on("console", lambda message: note_complaint(message, complaints))
            desk = Desk(page, context, f"/projects/{world.project.id}/episodes/{world.episode.id}/script")
            await desk.open()
            return desk

        yield open_as
    assert complaints == []
