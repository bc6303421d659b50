"""A team with writers who are signed in, and scripts whose rooms have the names that a trial wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.accounts import sessions
from app.accounts.access import cookie_name
from app.accounts.models import Membership
from app.accounts.schemas import SYSTEM
from app.core.config import Settings
from app.core.db import Database
from app.episodes.models import Episode
from app.projects import service as projects
from app.projects.schemas import ProjectInput
from app.rooms import service as rooms
from app.scripts import service as scripts


@dataclass(frozen=True, slots=True)
class RoomsWorld:
    """What stands ready: a ``Cookie`` header's value for each writer, and the script of each room by its name."""

    cookies: Sequence[str]
    scripts: dict[str, UUID]


async def make_world(settings: Settings, names: Sequence[str], *, writers: int = 1) -> RoomsWorld:
    """Make a project with an empty script in a room of each name, and writers with a session each."""
    database = Database(settings.sqlalchemy_url, pool_size=1)
    try:
        async with database.transaction() as session:
            team = await accounts.make_team(session, "Rooms")
            cookies = [await _writer(session, team.id, number) for number in range(writers)]
            given = ProjectInput(title="Rooms", language="zh", style="")
            project = await projects.create(session, SYSTEM, team.id, given)
            made = {name: await _room(session, project.id, number, name) for number, name in enumerate(names, 1)}
    finally:
        await database.close()
    return RoomsWorld(cookies, made)


async def _writer(session: AsyncSession, team_id: UUID, number: int) -> str:
    email, password = f"writer-{number}@reelroom.example", "correct horse battery"
    user = await accounts.make_user(session, name=f"Writer {number}", email=email, password=password, locale="en")
    session.add(Membership(team_id=team_id, user_id=user.id, role="writer"))
    await session.flush()
    opened = await sessions.open_session(session, user, browser="Trial", address="127.0.0.1")
    return f"{cookie_name()}={opened.secret}"


async def _room(session: AsyncSession, project_id: UUID, number: int, name: str) -> UUID:
    episode = Episode(project_id=project_id, number=number, title="")
    session.add(episode)
    await session.flush()
    script = await scripts.of_episode(session, episode)
    await rooms.ensure(session, scripts.KIND, script.id, name, "")
    return script.id
