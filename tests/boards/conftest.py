"""The episode these tests work on, and a page of its director."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from browser_support import page_of
from playwright.async_api import Page
from shoot_support import shoot

__all__ = ["shoot"]


@pytest.fixture
async def page(shoot, world, services) -> AsyncIterator[Page]:
    """A director's page on a running server."""
    async with page_of(world.cookies["director"]) as opened:
        yield opened
