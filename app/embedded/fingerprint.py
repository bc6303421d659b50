"""What a database holds, as figures that are equal exactly when the contents are: rows and a digest for each table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

TABLES = text("select tablename from pg_tables where schemaname = 'public' order by tablename")


@dataclass(frozen=True, slots=True)
class TableFigures:
    """The number of rows of a table, and a digest of them that does not depend on their order."""

    rows: int
    digest: str


@asynccontextmanager
async def connected(url: str, *, isolation: str = "REPEATABLE READ") -> AsyncIterator[AsyncConnection]:
    """Yield a connection in one transaction; figures and a dump of its snapshot speak of the same moment."""
    engine = create_async_engine(url, poolclass=pool.NullPool, isolation_level=isolation)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def export_snapshot(connection: AsyncConnection) -> str:
    """Return the name of the connection's snapshot, which pg_dump can share while the transaction is open."""
    return str((await connection.execute(text("select pg_export_snapshot()"))).scalar_one())


async def figures(connection: AsyncConnection) -> dict[str, TableFigures]:
    """Return the figures of every table, by name."""
    await connection.execute(text("set local timezone = 'UTC'"))
    found = {}
    for name in (await connection.execute(TABLES)).scalars():
        table = '"' + name.replace('"', '""') + '"'
        query = f"select count(*), coalesce(sum(hashtextextended(each::text, 0)::numeric), 0)::text from {table} each"  # noqa: S608
        rows, digest = (await connection.execute(text(query))).one()
        found[name] = TableFigures(int(rows), str(digest))
    return found
