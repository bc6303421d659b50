"""Several accounts at the fake paid provider, and wishes for many shots at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select

from app.backends.config import BackendConfig, Limits
from app.backends.registry import Registry
from app.backends.testing.paid import FakePaidBackend
from app.episodes.models import Episode
from app.jobs import buying, wishing
from app.jobs.models import Attempt, Job
from app.projects.models import Project
from app.shots import facts
from app.shots.models import Shot
from tests.jobs.conftest import Bought


@dataclass
class Market:
    """The shot's project, whose takes can be bought from several accounts."""

    bought: Bought
    registry: Registry

    async def shots(self, number: int, text: str = "A stone on a palm, number") -> list[UUID]:
        """Make shots like the first one, and return their ids."""
        async with self.bought.engine.database.transaction() as session:
            first = await session.get_one(Shot, self.bought.shot_id)
            columns = [one.key for one in Shot.__table__.columns if one.key not in ("id", "created_at", "updated_at")]
            same = {key: getattr(first, key) for key in columns}
            made = [
                Shot(**{**same, "name": f"SH1{position:04}", "position": position, "action": f"{text} {position}."})
                for position in range(1, number + 1)
            ]
            session.add_all(made)
            await session.flush()
            await facts.refresh_all(session, made)
            return [shot.id for shot in made]

    async def wish(self, shots: Sequence[UUID], backend: str = "", model: str = "") -> list[UUID]:
        """Wish for a take of each shot."""
        async with self.bought.engine.database.transaction() as session:
            project = await session.get_one(Project, self.bought.project_id)
            rows = [await session.get_one(Shot, one) for one in shots]
            episode = await session.get_one(Episode, rows[0].episode_id)
            jobs = await wishing.wish(
                session, self.registry, self.bought.actor, project, episode, rows, backend=backend, model=model
            )
            return [job.id for job in jobs]

    async def advance(self, jobs: Sequence[UUID]) -> None:
        """Do what the nudges of these jobs would."""
        for job_id in jobs:
            await buying.advance(self.bought.engine, job_id)

    async def jobs(self) -> list[Job]:
        """Return every job, oldest first."""
        async with self.bought.engine.database.transaction() as session:
            return list(await session.scalars(select(Job).order_by(Job.id)))

    async def attempts(self) -> list[Attempt]:
        """Return every attempt, oldest first."""
        async with self.bought.engine.database.transaction() as session:
            return list(await session.scalars(select(Attempt).order_by(Attempt.id)))


def open_market(bought: Bought, url: str, accounts: dict[str, dict[str, Any]]) -> Market:
    """Return a market of these accounts by name, each with what its configuration says besides."""
    configs = [
        BackendConfig(
            name,
            "fake_paid",
            said.get("base_url", url),
            api_key=SecretStr(said.get("api_key", "fake-paid-key")),
            account=said.get("account", ""),
            region=said.get("region", ""),
            limits=said.get("limits", Limits()),
            options={"poll_min_s": 1.0, "deadline_s": 1e6, **said.get("options", {})},
        )
        for name, said in accounts.items()
    ]
    registry = Registry([FakePaidBackend.from_config(config) for config in configs], configs=configs)
    bought.engine = replace(bought.engine, registry=registry)
    return Market(bought, registry)
