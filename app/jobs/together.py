"""Steps that arrive together share a transaction, as databases commit in groups: what waits while one is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 64


class Together(Generic[Item, Result]):
    """Carries out ``do`` for as many items at once as have come while it was busy, at most ``MOST``.

    Where a group fails each of its items is done alone, so that nobody fails for another's sake: ``do`` has to leave
    nothing behind when it raises.
    """

    def __init__(self, do: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._do = do
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Return what became of an item; raises what doing it alone raised."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._go())
        return await future

    async def _go(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._take(group)
            except BaseException:
                for _item, future in group:
                    future.cancel()
                raise

    async def _take(self, group: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._do([item for item, _future in group])
        except Exception as error:  # noqa: BLE001  # it is raised where the item came from
            if len(group) > 1:
                for one in group:
                    await self._take([one])
                return
            if not group[0][1].done():
                group[0][1].set_exception(error)
            return
        for (_item, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)
