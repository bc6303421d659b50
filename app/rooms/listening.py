"""What PostgreSQL tells a web process: rooms that another transaction changed, people whose access changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.db import ACCESS_CHANNEL, Database
from app.rooms.service import CHANNEL

log = structlog.get_logger(__name__)

ALIVE_EVERY_S = 5.0
AGAIN_S = 0.5


class Listener:
    """Calls back with a room or a person; with None when the connection is new: something may have been missed."""

    def __init__(
        self, database: Database, room: Callable[[UUID | None], None], person: Callable[[UUID | None], None]
    ) -> None:
        self._database, self._room, self._person = database, room, person

    async def run(self) -> None:
        """Listen until cancelled, again after each loss of the connection."""
        while True:
            try:
                async with self._database.engine.connect() as connection:
                    await self._listen(connection)
            except (DBAPIError, OSError, TimeoutError) as error:
                log.warning("rooms.not_told", error=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, connection: AsyncConnection) -> None:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.add_listener(CHANNEL, lambda *event: self._room(UUID(event[3])))
        await raw.driver_connection.add_listener(ACCESS_CHANNEL, lambda *event: self._person(UUID(event[3])))
        self._room(None)
        self._person(None)
        while True:
            await connection.execute(text("select 1"))
            await connection.commit()
            await asyncio.sleep(ALIVE_EVERY_S)
