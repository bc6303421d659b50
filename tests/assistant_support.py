"""A project with a script and shots, text models that ask a fake, and steps that run in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from backends.chat_clients import entry, models, running
from fastapi import FastAPI

from app.backends.chat import TextModels
from app.backends.testing.fake_chat import ChatFake
from app.core import clock
from app.core.db import Database
from app.core.money import Money
from app.episodes.models import Episode
from app.jobs.accounting import faults
from app.money import service as money
from app.projects.models import Project
from app.scenes.models import Scene
from app.scripts import assistant_steps, script_help, service
from app.scripts.models import Proposal
from app.shots import importing
from app.shots import service as shots
from app.shots.models import Shot

SCRIPT = """1-1 日 外 东海之滨
人物：女娃，父亲
△海浪拍在黑色的礁石上，碎成白沫。
女娃：爹，海的那一边有什么？
父亲：没有人去过。
1-2 夜 内 木屋
人物：父亲
△父亲坐在灯下，数着手里的石子。
"""
PASSAGE = "△海浪拍在黑色的礁石上，碎成白沫。"
BETTER = "△巨浪劈开礁石。"


@dataclass
class Assisted:
    """An episode whose writers are helped by text models."""

    fake: ChatFake
    url: str
    database: Database
    world: Any
    models: TextModels
    made: list[TextModels] = field(default_factory=list)

    def configure(self, **entries: dict[str, Any]) -> TextModels:
        """Configure other text models."""
        self.models = models(**entries)
        self.made.append(self.models)
        return self.models

    def answer(self, *answers: Any) -> None:
        """Let the fake answer this next."""
        self.fake.answers.extend(one if isinstance(one, str) else json.dumps(one) for one in answers)

    async def budget(self, amount: str) -> None:
        """Give the project a budget."""
        async with self.database.transaction() as session:
            project = await session.get_one(Project, self.world.project.id)
            await money.set_budget(session, self.world.actors["producer"], project, None, Money.of(amount, "USD"))

    async def ask(self, passage: str = PASSAGE, *, who: str = "writer", wish: str = "hook", **more: Any) -> UUID:
        """Ask for another wording of a passage."""
        async with self.database.transaction() as session:
            project = await session.get_one(Project, self.world.project.id)
            episode = await session.get_one(Episode, self.world.episode.id)
            actor = self.world.actors[who]
            asked = await script_help.ask(
                session, self.models, actor, project, episode, passage=passage, wish=wish, **more
            )
            return asked.id

    async def work(self, proposal_id: UUID | str, steps: int = 4) -> Proposal:
        """Do what workers would, and return the proposal."""
        for _step in range(steps):
            await assistant_steps.run(self.database, self.models, UUID(str(proposal_id)))
        return await self.proposal(proposal_id)

    async def sweep(self, after: timedelta) -> int:
        """Do one sweep, some time from now."""
        with clock.turned(after):
            async with self.database.transaction() as session:
                return await assistant_steps.sweep(session)

    async def proposal(self, proposal_id: UUID | str) -> Proposal:
        """Return a proposal as it is now."""
        async with self.database.transaction() as session:
            return await session.get_one(Proposal, UUID(str(proposal_id)))

    async def position(self) -> money.Position:
        """Return where the project's money stands."""
        async with self.database.transaction() as session:
            return await money.position(session, await session.get_one(Project, self.world.project.id))

    async def book_faults(self) -> list[str]:
        """Return what is wrong with the books."""
        async with self.database.transaction() as session:
            return [one.words for one in await faults(session)]

    async def text(self) -> str:
        """Return the script as it is now."""
        async with self.database.transaction() as session:
            episode = await session.get_one(Episode, self.world.episode.id)
            return (await service.of_episode(session, episode)).text

    async def shots(self) -> list[Shot]:
        """Return the episode's shots in order."""
        async with self.database.transaction() as session:
            return list(await shots.of_episode(session, self.world.episode.id))

    async def scene(self, number: int = 0) -> Scene:
        """Return a scene of the episode."""
        async with self.database.transaction() as session:
            rows = await shots.scenes.of_episode(session, self.world.episode.id)
            return rows[number]


@pytest.fixture(scope="session")
def chat() -> Iterator[tuple[ChatFake, str]]:
    """A fake text model, serving on a free port."""
    with running() as started:
        yield started


@asynccontextmanager
async def _assisted(chat: tuple[ChatFake, str], database: Database, world: Any) -> AsyncIterator[Assisted]:
    fake, url = chat
    fake.answers.clear()
    fake.requests.clear()
    made = Assisted(fake, url, database, world, TextModels())
    made.configure(first=entry(url))
    async with database.transaction() as session:
        project = await session.get_one(Project, world.project.id)
        episode = await session.get_one(Episode, world.episode.id)
        project.currency = "USD"
        await importing.import_episode(session, world.actors["writer"], project, episode, SCRIPT, name="script")
    await made.budget("1")
    yield made
    for each in made.made:
        await each.aclose()


@pytest.fixture
async def assisted(chat: tuple[ChatFake, str], database: Database, world: Any) -> AsyncIterator[Assisted]:
    """An episode of two scenes, and one text model."""
    async with _assisted(chat, database, world) as made:
        yield made


@pytest.fixture
async def assisted_app(assisted: Assisted, app: FastAPI) -> FastAPI:
    """The web app with that text model."""
    app.state.text_models = assisted.models
    return app
