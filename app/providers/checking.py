"""Testing a backend's connection: one harmless request, outside any transaction, as it is configured now."""

from __future__ import annotations

import asyncio

from app.backends.base import Checkable, VideoBackend
from app.backends.config import BackendConfig
from app.backends.errors import BackendError
from app.backends.registry import make
from app.core.config import Settings
from app.core.db import Database
from app.core.i18n import _
from app.providers import service
from app.providers.schemas import Checked

LONGEST_SECONDS = 30.0


async def try_connection(database: Database, settings: Settings, name: str) -> Checked:
    """Test a backend and keep what was found; raise ``NotFound``, ``Conflict`` when its key cannot be read."""
    async with database.transaction() as session:
        config = await service.config(session, settings, name)
    checked = await check(config)
    async with database.transaction() as session:
        await service.note_check(session, name, checked)
    return checked


async def check(config: BackendConfig) -> Checked:
    """Ask the provider of a backend something harmless, and return what came of it."""
    backends, problems = make([config])
    if problems:
        return Checked(False, problems[0].message)
    try:
        return await _ask(backends[0])
    finally:
        await backends[0].aclose()


async def _ask(backend: VideoBackend) -> Checked:
    if all(caps.local for caps in backend.models()):
        return Checked(True, _("It works on this machine: there is nothing to connect to."))
    if not isinstance(backend, Checkable):
        words = _(
            "This provider has nothing harmless to ask. To try it, buy its cheapest generation: "
            "reelroom backends check %(name)s --spend MAX."
        )
        return Checked(None, words % {"name": backend.name})
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return Checked(True, await backend.check())
    except BackendError as error:
        return Checked(False, error.message)
    except TimeoutError:
        return Checked(False, _("The provider did not answer within %(n)s s.") % {"n": f"{LONGEST_SECONDS:.0f}"})
