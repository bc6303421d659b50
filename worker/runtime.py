"""One event loop, one engine and one set of HTTP clients a process: Celery has no asyncio tasks of its own.

The loop runs in a thread of its own, so that the threads of an I/O worker share it and a prefork child has one. It is
made on first use, after any fork.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from app.backends.chat import TextModels
from app.core.config import get_settings
from app.core.db import Database
from app.jobs.engine import Engine
from app.media.storage import open_storage
from app.providers.registry import LiveRegistry

T = TypeVar("T")

SWITCH_SECONDS = 0.0005  # the many threads of a worker only wait: whoever wakes gives the loop its turn back at once

_lock = threading.Lock()
_current: Runtime | None = None


class Runtime:
    """The event loop of this process and what its steps share."""

    def __init__(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reelroom-loop", daemon=True)
        self._thread.start()
        self.engine = self.run(open_engine())
        self.text_models = TextModels.load(get_settings().text_models)

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step to its end and return its result; when the caller is interrupted the step is cancelled."""
        future = asyncio.run_coroutine_threadsafe(step, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Close what the steps shared, and the loop."""
        self.run(close_engine(self.engine))
        self.run(self.text_models.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._runner.close()


async def open_engine() -> Engine:
    """Return the engine of this process, from its settings and from what owners configured."""
    settings = get_settings()
    database = Database(settings.sqlalchemy_url, pool_size=8)
    return Engine(
        database=database,
        registry=await LiveRegistry.open(settings, database),
        storage=open_storage(settings.storage_url),
        work_folder=Path(settings.data_folder) / "work",
    )


async def close_engine(engine: Engine) -> None:
    """Close an engine's backends and database."""
    await engine.registry.aclose()
    await engine.database.close()


def current() -> Runtime:
    """Return the runtime of this process, made on first use."""
    global _current
    with _lock:
        if _current is None:
            _current = Runtime()
        return _current


def run(step: Coroutine[Any, Any, T]) -> T:
    """Run one step on this process's event loop."""
    return current().run(step)


def close() -> None:
    """Close the runtime, if there is one."""
    global _current
    with _lock:
        if _current is not None:
            _current.close()
            _current = None
