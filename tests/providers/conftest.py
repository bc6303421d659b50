"""An owner, a server that speaks /v1/videos, and an account for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from app.accounts.models import User
from app.accounts.schemas import SYSTEM
from app.backends.testing.fake_openai_videos import OpenAIVideosFake
from app.backends.testing.server import serve
from app.providers import service
from app.providers.registry import LiveRegistry
from app.providers.schemas import AccountInput

KEY = "sk-very-secret-key-0001"
PRICE = {"currency": "USD", "per_second": "0.10"}
MODELS = [{"like": "openai-shape", "model": "video-1", "price": PRICE}]


@pytest.fixture
def videos() -> Iterator[tuple[OpenAIVideosFake, str]]:
    """A cloud-shaped server that wants the key, and its address."""
    fake = OpenAIVideosFake("cloud", models=("video-1",), key=KEY)
    with serve(fake.app) as running:
        yield fake, running.url


@pytest.fixture
def given(videos) -> AccountInput:
    """What an owner enters for that server."""
    _fake, url = videos
    options = {"self_hosted": True, "models": MODELS}
    return AccountInput(base_url=f"{url}/v1", profile="cloud", options=options, api_key=SecretStr(KEY))


@pytest.fixture
async def owner(database, world, browsers):
    """The browser of the installation's owner."""
    async with database.transaction() as session:
        await session.execute(update(User).where(User.id == world.actors["admin"].id).values(is_owner=True))
    return browsers("admin")


@pytest.fixture
async def studio(database, settings, given) -> str:
    """The name of an account for that server."""
    async with database.transaction() as session:
        await service.add(session, settings, SYSTEM, "studio", "openai_videos", given)
    return "studio"


@pytest.fixture
async def registry(settings, database) -> AsyncIterator[LiveRegistry]:
    """The registry of a process that looks for changes when it is told to."""
    made = LiveRegistry(settings, database)
    yield made
    await made.aclose()
