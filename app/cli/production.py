"""The main job without a browser, through the same services and workers: import, generate, circle, export."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.accounts.models import Membership, Team, User
from app.accounts.permissions import Role
from app.accounts.schemas import SYSTEM
from app.backends.registry import Registry
from app.core.config import get_settings
from app.core.db import Database
from app.core.errors import Conflict
from app.core.ids import new_id
from app.episodes.models import Episode
from app.exports import service as exports
from app.exports.models import Export
from app.jobs import wishing
from app.jobs.models import Job
from app.media.storage import Storage, open_storage
from app.projects import service as projects
from app.projects.models import Project
from app.projects.schemas import ProjectInput
from app.providers.registry import LiveRegistry
from app.review import service as review
from app.scripts.formats.episodes import ProjectScript
from app.shots import service as shots
from app.shots.importing import import_project
from app.takes import service as takes

TEAM = "Productions"
LOOK_EVERY = 0.4
ENDED = frozenset({"done", "failed", "refused", "cancelled", "unknown"})

OnProgress = Callable[[float, float], None]


class Production:
    """The database, backends and store of one production run."""

    def __init__(self, database: Database, registry: Registry, storage: Storage) -> None:
        self.database, self.registry, self.storage = database, registry, storage

    @classmethod
    async def open(cls) -> Self:
        """Return what the settings and the owners of this installation configured."""
        settings = get_settings()
        database = Database(settings.sqlalchemy_url, pool_size=4)
        return cls(database, await LiveRegistry.open(settings, database), open_storage(settings.storage_url))

    async def close(self) -> None:
        """Close what is open."""
        await self.registry.aclose()
        await self.database.close()

    async def read_in(self, found: ProjectScript, text: str, *, name: str, rate: str) -> tuple[Project, list[Episode]]:
        """Import a script into the project of its title, made when it is not there, and break it down."""
        async with self.database.transaction() as session:
            project = await _project(session, found, name=name, rate=rate)
            imported = await import_project(session, SYSTEM, project, text, name=name)
            return project, [one.episode for one in imported]

    async def generate(self, project: Project, episode: Episode, on_progress: OnProgress) -> int:
        """Generate what has no take or a stale one, and wait; raises ``Conflict`` naming the shots that failed."""
        async with self.database.transaction() as session:
            rows = await shots.of_episode(session, episode.id, dropped=False)
            wanted = [row for row in rows if row.locked_at is None and (not row.take_count or row.stale_parts)]
            wished = await wishing.wish(session, self.registry, SYSTEM, project, episode, wanted) if wanted else []
            ids = [job.id for job in wished]
        await self._wait_for_jobs(ids, on_progress)
        return len(rows)

    async def _wait_for_jobs(self, ids: Sequence[UUID], on_progress: OnProgress) -> None:
        while True:
            async with self.database.transaction() as session:
                rows = (await session.scalars(select(Job).where(Job.id.in_(ids)))).all()
            done = sum(1.0 if job.state in ENDED else (job.progress or 0.0) for job in rows)
            on_progress(done, float(len(ids)))
            held = [job for job in rows if job.state == "waiting" and job.reason_code]
            if held:
                raise Conflict(held[0].reason_code, f"Generation waits: {held[0].reason}")
            if all(job.state in ENDED for job in rows):
                break
            await asyncio.sleep(LOOK_EVERY)
        failed = [job for job in rows if job.state != "done"]
        if failed:
            raise Conflict("produce.failed", f"{len(failed)} shots could not be generated: {failed[0].reason}")

    async def circle_newest(self, episode: Episode) -> None:
        """Circle the newest take of every shot, as a director would with the first usable one."""
        async with self.database.transaction() as session:
            rows = await shots.of_episode(session, episode.id, dropped=False)
            newest = await takes.newest_of(session, [row.id for row in rows])
            for row in rows:
                take = newest.get(row.id)
                if take is not None and row.circled_take_id != take.id and row.locked_at is None:
                    await review.circle(session, SYSTEM, take)

    async def export(self, project: Project, episode: Episode, on_progress: OnProgress) -> Export:
        """Export an episode and wait; raises ``Conflict`` with why when it fails."""
        async with self.database.transaction() as session:
            asked = await exports.ask(session, SYSTEM, project, episode, "final")
        while True:
            async with self.database.transaction() as session:
                row = await exports.get(session, project.id, asked.id)
            on_progress(row.progress, 1.0)
            if row.state not in ("waiting", "active"):
                break
            await asyncio.sleep(LOOK_EVERY)
        if row.state != "done":
            raise Conflict(row.error_code or "produce.export", row.error or "The export was cancelled.")
        return row

    async def write_out(self, export: Export, folder: Path) -> list[Path]:
        """Copy the files of an export into a folder, all at the end, so that nothing is ever half written."""
        async with self.database.transaction() as session:
            files = (await exports.deliverables(session, [export.id]))[export.id]
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        workshop = folder / f".produce-{new_id()}"
        await asyncio.to_thread(workshop.mkdir)
        try:
            for file in files:
                async with self.storage.local(file.key) as path:
                    await asyncio.to_thread(shutil.copyfile, path, workshop / file.name)
            for file in files:
                await asyncio.to_thread((workshop / file.name).replace, folder / file.name)
        finally:
            await asyncio.to_thread(shutil.rmtree, workshop, ignore_errors=True)
        return [folder / file.name for file in files]


async def _project(session: AsyncSession, found: ProjectScript, *, name: str, rate: str) -> Project:
    team = await session.scalar(select(Team).where(Team.name == TEAM))
    if team is None:
        team = await accounts.make_team(session, TEAM)
        for owner in await session.scalars(select(User).where(User.is_owner)):
            session.add(Membership(team_id=team.id, user_id=owner.id, role=Role.ADMIN))
    title = found.title or name
    present: Project | None = await session.scalar(
        select(Project).where(Project.team_id == team.id, Project.title == title, Project.archived_at.is_(None))
    )
    if present is not None:
        return present
    language = "zh" if found.language == "zh" else "en"
    given = ProjectInput(title=title[:120], language=language, style=found.style[:2000], rate=rate)
    return await projects.create(session, SYSTEM, team.id, given)
