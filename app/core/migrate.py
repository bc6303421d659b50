"""Migrations from code: which revision a database has, which the code wants, and the way between."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import pool, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database address as SQLAlchemy takes it."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    return config


def wanted_revision() -> str:
    """Return the newest revision the code knows."""
    head = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"))).get_current_head()
    return head or ""


async def current_revision(url: str) -> str | None:
    """Return the revision of the database, or None when it was never migrated."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return str((await connection.execute(text("select version_num from alembic_version"))).scalar_one())
    except ProgrammingError:
        return None
    finally:
        await engine.dispose()


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to ``revision``."""
    await asyncio.to_thread(command.upgrade, alembic_config(url), revision)


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to ``revision``."""
    await asyncio.to_thread(command.downgrade, alembic_config(url), revision)
