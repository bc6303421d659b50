"""The database: one engine a process, one transaction a request or a worker step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, MetaData, Text, Uuid, any_, bindparam, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.core import clock
from app.core.ids import new_id
from app.core.queue import Nudge, send

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


ACCESS_CHANNEL = "reelroom_access"  # PostgreSQL's: whose access to something changed, told with the commit


class Base(DeclarativeBase):
    """The declarative base of every table; relations are queried, never loaded lazily."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text,
        UUID: Uuid,
    }


class Identified:
    """A row with a UUIDv7 key and the moment it was made."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Touched:
    """A row that remembers when it last changed."""

    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class Database:
    """The engine of one process, and its transactions."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Yield a session whose work is committed at the end, then send the nudges it left."""
        async with self._sessions() as session:
            async with session.begin():
                yield session
            await send(take_nudges(session))

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def nudge(session: AsyncSession, task: str, *arguments: Any, queue: str = "io", urgent: bool = False) -> None:
    """Send a Celery message once this transaction is committed; the rows stay the truth if it gets lost.

    An ``urgent`` one overtakes those that wait in its queue.
    """
    session.info.setdefault("nudges", []).append(Nudge(task, tuple(str(a) for a in arguments), queue, urgent))


def take_nudges(session: AsyncSession) -> list[Nudge]:
    """Return and clear the nudges a committed transaction left."""
    nudges: list[Nudge] = session.info.pop("nudges", [])
    return list(dict.fromkeys(nudges))


@event.listens_for(Session, "after_rollback")
def _forget_nudges(session: Session) -> None:
    session.info.pop("nudges", None)


def among(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Return that a column is one of some ids; however many they are, PostgreSQL prepares the statement once."""
    found: ColumnElement[bool] = any_(bindparam(None, list(ids), ARRAY(Uuid), unique=True)) == column
    return found


async def notify(session: AsyncSession, channel: str, message: str) -> None:
    """Tell everybody who listens on one of PostgreSQL's channels, when this transaction commits."""
    await session.execute(text("select pg_notify(:channel, :message)"), {"channel": channel, "message": message})


async def lock_for_transaction(session: AsyncSession, name: str) -> None:
    """Hold the advisory lock ``name`` until this transaction ends."""
    await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
