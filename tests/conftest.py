"""Real services for every test: one PostgreSQL and one Valkey a run, one database a test, cloned from a template."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from redis import Redis
from sqlalchemy.ext.asyncio import AsyncSession
from tests_support import TEMPLATE, Services, configure

from app.accounts import service as accounts
from app.accounts import sessions
from app.accounts.models import Membership, User
from app.accounts.schemas import Actor
from app.backends.registry import Registry, parse_configs
from app.core.config import Settings
from app.core.db import Database
from app.core.migrate import upgrade
from app.embedded.postgres import Postgres
from app.embedded.valkey import Valkey
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.jobs.engine import Engine
from app.main import create_app
from app.media.storage import open_storage
from app.projects import service as projects
from app.projects.models import Project
from app.projects.schemas import ProjectInput

ROLES = ("writer", "director", "producer", "admin", "viewer")


@pytest.fixture(scope="session")
async def services() -> AsyncIterator[Services]:
    """PostgreSQL with a migrated template database, and Valkey."""
    folder = Path(tempfile.mkdtemp(prefix="reel-"))
    postgres, valkey = Postgres(folder, durable=False), Valkey(folder, durable=False)
    postgres.start()
    valkey.start()
    postgres.create_database(TEMPLATE)
    settings = configure(
        REELROOM_DATA_FOLDER=str(folder),
        REELROOM_ENVIRONMENT="test",
        REELROOM_SECRET_KEY="0123456789abcdef" * 4,
        REELROOM_LOG_LEVEL="WARNING",
        DATABASE_URL=postgres.url(TEMPLATE),
        REDIS_URL=valkey.url,
    )
    await upgrade(settings.sqlalchemy_url)
    yield Services(postgres, valkey, folder)
    valkey.stop()
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(services: Services, tmp_path: Path) -> Iterator[Settings]:
    """Settings of one test: a database and a media folder of its own."""
    name = f"test_{uuid4().hex[:12]}"
    services.postgres.create_database(name, TEMPLATE)
    with Redis.from_url(services.valkey.url) as redis:
        redis.flushall()
    yield configure(
        DATABASE_URL=services.postgres.url(name),
        REDIS_URL=services.valkey.url,
        REELROOM_DATA_FOLDER=str(tmp_path / "data"),
        REELROOM_STORAGE_URL=(tmp_path / "media").as_uri(),
    )
    services.postgres.drop_database(name)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The database of one test."""
    opened = Database(settings.sqlalchemy_url, pool_size=5)
    yield opened
    await opened.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """One transaction, committed at the end of the test."""
    async with database.transaction() as opened:
        yield opened


@pytest.fixture
async def engine(settings: Settings, database: Database, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine with the animatic backend, for running steps in this process."""
    made = Engine(
        database, Registry.load(parse_configs(settings.backends)), open_storage(settings.storage_url), tmp_path / "work"
    )
    yield made
    for name in made.registry.names():
        await made.registry.get(name).aclose()


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The web app, started."""
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@dataclass(frozen=True, slots=True)
class World:
    """A team with one person of each role, a second team, and a project with one empty episode."""

    team_id: UUID
    other_team_id: UUID
    actors: dict[str, Actor]
    cookies: dict[str, str]
    project: Project
    episode: Episode


async def make_person(session: AsyncSession, role: str, team_id: UUID, name: str) -> tuple[Actor, str]:
    """Return a member of a team and the secret of their session; the password hash is reckoned once a run."""
    user = User(
        name=name, email=f"{name.lower()}@reelroom.example", password_hash="", locale="en", colour=len(name) % 6 + 1
    )
    session.add(user)
    await session.flush()
    session.add(Membership(team_id=team_id, user_id=user.id, role=role))
    await session.flush()
    opened = await sessions.open_session(session, user, browser="Test", address="127.0.0.1")
    return opened.actor, opened.secret


@pytest.fixture
async def world(database: Database) -> World:
    """People and a project; ``stranger`` belongs to another team."""
    actors: dict[str, Actor] = {}
    cookies: dict[str, str] = {}
    async with database.transaction() as opened:
        team = await accounts.make_team(opened, "Night Shift")
        other = await accounts.make_team(opened, "Other House")
        for role in ROLES:
            actors[role], cookies[role] = await make_person(opened, role, team.id, role.capitalize())
        actors["stranger"], cookies["stranger"] = await make_person(opened, "admin", other.id, "Stranger")
        given = ProjectInput(title="精卫", language="zh", style="水墨，冷色")
        project = await projects.create(opened, actors["producer"], team.id, given)
        episode = await episodes.add(opened, project.id, title="那枚石子")
    return World(team.id, other.id, actors, cookies, project, episode)


@pytest.fixture
async def client(app: FastAPI, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, whose requests come from the same site."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url, headers=headers) as opened:
        yield opened


class Browsers:
    """A browser for each person of the world: ``browsers("director")``."""

    def __init__(self, app: FastAPI, base_url: str, world: World) -> None:
        self._app, self._base_url, self._world = app, base_url, world
        self._open: list[httpx.AsyncClient] = []

    def __call__(self, who: str = "") -> httpx.AsyncClient:
        """Return a browser signed in as ``who``, or as nobody."""
        opened = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app, raise_app_exceptions=False),
            base_url=self._base_url,
            headers={"sec-fetch-site": "same-origin"},
            cookies={"reelroom": self._world.cookies[who]} if who else None,
        )
        self._open.append(opened)
        return opened

    async def close(self) -> None:
        """Close every browser."""
        for opened in self._open:
            await opened.aclose()


@pytest.fixture
async def browsers(app: FastAPI, settings: Settings, world: World) -> AsyncIterator[Browsers]:
    """Browsers of the people of the world."""
    made = Browsers(app, settings.base_url, world)
    yield made
    await made.close()
