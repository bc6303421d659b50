"""A project whose takes are bought from the fake paid provider, and steps that run in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.backends.config import BackendConfig
from app.backends.registry import Registry
from app.backends.testing.fake_paid import PaidFake
from app.backends.testing.paid import FakePaidBackend
from app.backends.testing.server import serve
from app.core import clock
from app.core.money import Money
from app.episodes.models import Episode
from app.jobs import buying, fetching, following, recovering, sweep, wishing
from app.jobs.engine import Engine
from app.jobs.models import Attempt, Job
from app.jobs.polling import Poller
from app.money import service as money
from app.projects.models import Project
from app.scenes.models import Scene
from app.shots import facts
from app.shots.models import Shot


@dataclass
class Bought:
    """One shot of a paid project, the provider it is bought from, and the engine that buys."""

    fake: PaidFake
    engine: Engine
    actor: Any
    shot_id: UUID
    project_id: UUID
    skipped: float = 0.0

    async def wish(self, scenario: str = "") -> UUID:
        """Wish for a take whose prompt carries a scenario of the fake."""
        async with self.engine.database.transaction() as session:
            shot = await session.get_one(Shot, self.shot_id)
            shot.action = f"A stone on a palm. {f'[[fake:{scenario}]]' if scenario else ''}"
            await facts.refresh_all(session, [shot])
            project = await session.get_one(Project, self.project_id)
            episode = await session.get_one(Episode, shot.episode_id)
            jobs = await wishing.wish(session, self.engine.registry, self.actor, project, episode, [shot])
            return jobs[0].id

    async def budget(self, amount: str) -> None:
        """Give the project a budget."""
        async with self.engine.database.transaction() as session:
            project = await session.get_one(Project, self.project_id)
            await money.set_budget(session, self.actor, project, None, Money.of(amount, "USD"))

    async def job(self, job_id: UUID) -> Job:
        """Return the job as it is now."""
        async with self.engine.database.transaction() as session:
            return await session.get_one(Job, job_id)

    async def attempts(self, job_id: UUID) -> list[Attempt]:
        """Return the job's attempts."""
        async with self.engine.database.transaction() as session:
            return list((await session.scalars(select(Attempt).where(Attempt.job_id == job_id))).all())

    async def shot(self) -> Shot:
        """Return the shot as it is now."""
        async with self.engine.database.transaction() as session:
            return await session.get_one(Shot, self.shot_id)

    async def position(self) -> money.Position:
        """Return where the project's money stands."""
        async with self.engine.database.transaction() as session:
            return await money.position(session, await session.get_one(Project, self.project_id))

    async def run(self, job_id: UUID, *, seconds: float = 0) -> Job:
        """Do what workers and the sweeper would within ``seconds`` from now, ten seconds at a time."""
        for _step in range(max(1, int(seconds // 10))):
            self.fake.clock.advance(10 if seconds else 0)
            await self.step(job_id)
        return await self.job(job_id)

    async def step(self, job_id: UUID) -> None:
        """Make everything due, and do it once."""
        self.skipped += 200
        with clock.turned(timedelta(seconds=self.skipped)):
            await buying.advance(self.engine, job_id)
            await sweep.sweep(self.engine)
            await Poller(self.engine).drain()
            for attempt in await self.attempts(job_id):
                await buying.submit(self.engine, attempt.id)
                await recovering.recover(self.engine, attempt.id)
                await fetching.fetch(self.engine, attempt.id)
                job = await self.job(job_id)
                if job.cancel_asked_at is not None:
                    await following.cancel(self.engine, attempt.id)

    def creates(self) -> dict[str, int]:
        """Return how many create requests each attempt sent, by the provider's own count."""
        return dict(self.fake.ledger()["creates"])


@pytest.fixture
def recover() -> bool:
    """Whether the provider can look up a lost answer."""
    return False


@pytest.fixture
def fake(recover: bool) -> Iterator[tuple[PaidFake, str]]:
    """The fake provider, serving on a free port."""
    made = PaidFake(recover=recover)
    with serve(made.app) as running:
        yield made, running.url


@pytest.fixture
async def bought(
    fake: tuple[PaidFake, str], engine: Engine, world, recover: bool, tmp_path: Path
) -> AsyncIterator[Bought]:
    """A shot of two seconds in a project that buys from the fake, without a budget yet."""
    provider, url = fake
    config = BackendConfig(
        name="paid",
        kind="fake_paid",
        base_url=url,
        api_key=SecretStr("fake-paid-key"),
        options={"recover": recover, "poll_min_s": 1.0, "deadline_s": 1e6},
    )
    backend = FakePaidBackend.from_config(config)
    paid = replace(engine, registry=Registry([backend]))
    async with engine.database.transaction() as session:
        project = await session.get_one(Project, world.project.id)
        project.backend, project.model, project.currency = "paid", "paid-fast", "USD"
        project.width, project.height = 180, 320
        scene = Scene(project_id=project.id, episode_id=world.episode.id, position=0, number="1", heading="INT. ROOM")
        session.add(scene)
        await session.flush()
        shot = Shot(
            project_id=project.id, episode_id=world.episode.id, scene_id=scene.id, name="SH0010", position=0,
            duration_frames=48, characters=[], dialogue=[], derived={}, made_from={}, stale_parts=[], conflicts={},
            take_count=0, undecided_takes=0, job_state="", retake_note="", size="MS", angle="eye", movement="static",
            action="", card="", sound="", transition_out="", flashback=False, directions="",
        )  # fmt: skip
        session.add(shot)
        await session.flush()
        shot_id = shot.id
    shop = Bought(provider, paid, world.actors["producer"], shot_id, world.project.id)
    yield shop
    if shop.engine.registry is not paid.registry:
        await shop.engine.registry.aclose()
    await backend.aclose()
