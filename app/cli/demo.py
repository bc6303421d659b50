"""`reelroom up --demo`: two projects and a team, so that the first page is alive."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.accounts.models import Membership, Team
from app.accounts.permissions import Role
from app.accounts.schemas import SYSTEM
from app.cli.options import tell
from app.cli.production import Production
from app.episodes import service as episodes
from app.jobs import wishing
from app.projects import service as projects
from app.projects.models import Project
from app.projects.schemas import ProjectInput
from app.scripts.formats.decode import decode
from app.scripts.formats.episodes import split_episodes
from app.shots import service as shots
from app.shots.importing import import_project

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SHOT = "mountains-and-seas-e01-05.zh.txt"
PLANNED = "salt-ledger-e01.fountain"
TEAM = "Reelroom demo"
PEOPLE = (
    ("Lin Zhiyao", "writer@demo.example", Role.WRITER, "zh"),
    ("Zhou Mu", "director@demo.example", Role.DIRECTOR, "en"),
    ("Ada Okoye", "producer@demo.example", Role.PRODUCER, "en"),
)


async def load_demo() -> None:
    """Load the demonstration once: a second time says that it is there already."""
    production = await Production.open()
    try:
        async with production.database.transaction() as session:
            if await session.scalar(select(Team.id).where(Team.name == TEAM)):
                tell("The demonstration is loaded already.")
                return
            passwords = await _people(session)
            await _shot_project(session, production)
            await _planned_project(session)
        _say(passwords)
    finally:
        await production.close()


async def _people(session: AsyncSession) -> dict[str, str]:
    """Make the team; on a fresh installation the producer is the owner, and administrates it too."""
    fresh = not await accounts.is_set_up(session)
    team = await accounts.make_team(session, TEAM)
    passwords = {}
    for name, email, role, locale in PEOPLE:
        password = secrets.token_urlsafe(9)
        user = await accounts.make_user(session, name=name, email=email, password=password, locale=locale)
        leads = role is Role.PRODUCER
        user.is_owner = fresh and leads
        session.add(Membership(team_id=team.id, user_id=user.id, role=Role.ADMIN if leads else role))
        passwords[f"{name}, {role.value}, {email}"] = password
    await session.flush()
    return passwords


async def _project(session: AsyncSession, name: str) -> Project:
    team = await session.scalar(select(Team).where(Team.name == TEAM))
    assert team is not None
    text = decode((SAMPLES / name).read_bytes())  # a small file of our own
    found = split_episodes(text)
    given = ProjectInput(title=found.title, language="zh" if found.language == "zh" else "en", style=found.style)
    project = await projects.create(session, SYSTEM, team.id, given)
    await import_project(session, SYSTEM, project, text, name=name)
    return project


async def _shot_project(session: AsyncSession, production: Production) -> None:
    """The first episode is shot as animatics: the workers begin when this is committed."""
    project = await _project(session, SHOT)
    first = (await episodes.of_project(session, project.id))[0]
    rows = await shots.of_episode(session, first.id, dropped=False)
    await wishing.wish(session, production.registry, SYSTEM, project, first, rows)


async def _planned_project(session: AsyncSession) -> None:
    await _project(session, PLANNED)


def _say(passwords: dict[str, str]) -> None:
    tell("The demonstration is loaded. Its people and their passwords, shown this once:")
    for who, password in passwords.items():
        tell(f"  {who}: {password}")
    tell("Episode 1 of 《点睛》 is being shot as animatics now: watch its board fill.")
