"""A list is read in steps, forwards and backwards, and nothing is skipped or shown twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, DateTime, MetaData, Row, Table, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.core.errors import Invalid
from app.core.ids import new_id
from app.web.paging import Page, asked, decode_cursor, encode_cursor, keyset, page_of

ITEMS = Table("paging_items", MetaData(), Column("at", DateTime(timezone=True)), Column("id", Uuid, primary_key=True))
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def connection(services: Any) -> AsyncIterator[AsyncConnection]:
    """A database with 23 rows, three of the same moment each."""
    services.postgres.create_database("paging")
    engine = create_async_engine(services.postgres.url("paging").replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as opened:
        await opened.run_sync(ITEMS.metadata.create_all)
        rows = [{"at": START + timedelta(hours=number // 3), "id": new_id()} for number in range(23)]
        await opened.execute(ITEMS.insert(), rows)
        yield opened
    await engine.dispose()
    services.postgres.drop_database("paging")


def _key(row: Row[tuple[datetime, UUID]]) -> tuple[datetime, UUID]:
    return row.at, row.id


async def _read(
    connection: AsyncConnection, *, after: str | None = None, before: str | None = None, descending: bool = False
) -> Page[Row[tuple[datetime, UUID]]]:
    wanted = asked(after, before, 5, 2)
    query = keyset(select(ITEMS.c.at, ITEMS.c.id), [ITEMS.c.at, ITEMS.c.id], wanted, descending=descending)
    return page_of((await connection.execute(query)).all(), wanted, _key)


@pytest.mark.parametrize("descending", [False, True])
async def test_forwards_and_back_again(connection: AsyncConnection, descending: bool) -> None:
    everything = (await connection.execute(select(ITEMS.c.at, ITEMS.c.id).order_by(ITEMS.c.at, ITEMS.c.id))).all()
    expected = list(reversed(everything)) if descending else list(everything)
    page = await _read(connection, descending=descending)
    assert page.previous is None
    seen = list(page.items)
    while page.next:
        page = await _read(connection, after=page.next, descending=descending)
        seen += page.items
    assert seen == expected
    back = list(page.items)
    while page.previous:
        page = await _read(connection, before=page.previous, descending=descending)
        back = list(page.items) + back
    assert back == expected
    assert page.previous is None
    assert page.next is not None


async def test_a_page_that_fits_has_no_neighbours(connection: AsyncConnection) -> None:
    wanted = asked(None, None, 100, 2)
    query = keyset(select(ITEMS.c.at, ITEMS.c.id), [ITEMS.c.at, ITEMS.c.id], wanted)
    page = page_of((await connection.execute(query)).all(), wanted, _key)
    assert (len(page.items), page.next, page.previous) == (23, None, None)


async def test_beyond_the_end_is_empty(connection: AsyncConnection) -> None:
    page = await _read(connection, after=encode_cursor((START + timedelta(days=99), new_id())))
    assert (list(page.items), page.next) == ([], None)


def test_a_cursor_gives_its_key_back() -> None:
    key = (START, new_id(), 7, "SH0010")
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("text", ["", "x", "!!!", "W10", "e30", "bnVsbA", "W251bGxd", "W3siZCI6MX1d", "A" * 4000])
def test_a_strange_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text)


@pytest.mark.parametrize(
    ("after", "before", "limit"), [(None, None, 0), (None, None, 501), ("WzFd", "WzFd", 10), ("WzFd", None, 10)]
)
def test_a_strange_wish_is_refused(after: str | None, before: str | None, limit: int) -> None:
    with pytest.raises(Invalid):
        asked(after, before, limit, 2)
