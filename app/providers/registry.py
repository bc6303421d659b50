"""The registry of one process, which follows what owners change without a restart, and breaks nothing that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from weakref import WeakSet

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.backends.base import VideoBackend
from app.backends.config import BackendConfig
from app.backends.registry import Problem, Registry, make
from app.core.config import Settings
from app.core.db import Database
from app.providers import repository
from app.providers.assembling import configured, of_setting

log = structlog.get_logger(__name__)
LOOK_EVERY_SECONDS = 3.0


@dataclass(slots=True, eq=False)
class _Lent:
    """A backend and the tasks that asked for it: each holds it until it ends."""

    backend: VideoBackend
    holders: WeakSet[asyncio.Task[Any]] = field(default_factory=WeakSet)

    @property
    def in_use(self) -> bool:
        return any(not task.done() for task in self.holders)


class LiveRegistry(Registry):
    """A registry that is made anew when the tables change; whoever asked for a backend keeps it to the task's end.

    A backend whose configuration stays as it is stays too, with its connections. One that is replaced or gone is closed
    once no task holds it. One that could not be made anew goes on for what runs, and gets no new work.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        wanted = of_setting(settings)
        backends, problems = make(wanted)
        super().__init__(backends, problems, wanted)
        self._settings, self._database = settings, database
        self._lent = {backend.name: _Lent(backend) for backend in backends}
        self._replaced: list[_Lent] = []
        self._stamp = ""
        self._looking = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, settings: Settings, database: Database) -> Self:
        """Return the registry of this process as the tables are now, looking for changes every few seconds.

        While the database cannot be reached it holds the backends of the setting only.
        """
        made = cls(settings, database)
        await made._look()
        made._following = asyncio.create_task(made._follow())
        return made

    def get(self, name: str) -> VideoBackend:
        """Return a backend by its configured name, for as long as the present task runs; raise ``NotFound``."""
        backend = super().get(name)
        try:
            task = asyncio.current_task()
        except RuntimeError:  # nothing runs, so nothing can be closed meanwhile
            task = None
        if task is not None:
            self._lent[name].holders.add(task)
        return backend

    async def refresh(self) -> None:
        """Take up what has changed in the tables, and close what was replaced and is idle."""
        async with self._looking:
            async with self._database.transaction() as session:
                stamp = await repository.stamp(session)
                found = await configured(session, self._settings) if stamp != self._stamp else None
            if found is not None:
                self._adopt(*found)
                self._stamp = stamp
            await self._close_idle()

    async def aclose(self) -> None:
        """Close every backend, and look no more."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        for lent in (*self._lent.values(), *self._replaced):
            await lent.backend.aclose()

    def _adopt(self, wanted: Iterable[BackendConfig], unreadable: Iterable[Problem]) -> None:
        fresh = {config.name: config for config in wanted}
        changed = [one for name, one in fresh.items() if name not in self._lent or self._configs.get(name) != one]
        made, problems = make(changed)
        problems = [*problems, *unreadable]
        lent = {backend.name: _Lent(backend) for backend in made}
        stay = (set(fresh) - {one.name for one in changed}) | {problem.backend for problem in problems}
        lent |= {name: self._lent[name] for name in stay & set(self._lent)}
        self._replaced += [one for name, one in self._lent.items() if lent.get(name) is not one]
        self._lent = {name: lent[name] for name in [*fresh, *lent] if name in lent}
        self._backends = {name: one.backend for name, one in self._lent.items()}
        self._configs, self.problems = fresh, tuple(problems)
        if changed:
            log.info("providers.reloaded", changed=[one.name for one in changed])

    async def _close_idle(self) -> None:
        idle = [one for one in self._replaced if not one.in_use]
        self._replaced = [one for one in self._replaced if one.in_use]
        for lent in idle:
            await lent.backend.aclose()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            await self._look()

    async def _look(self) -> None:
        try:
            await self.refresh()
        except (SQLAlchemyError, OSError) as error:
            log.warning("providers.not_refreshed", error=str(error))
