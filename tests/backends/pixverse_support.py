"""A backend and a fake that the tests of PixVerse share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, GenRequest, SubmitContext
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError
from app.backends.pixverse import PixVerseBackend
from app.backends.testing.contract import FakeControl
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_pixverse import PixVerseFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "pixverse-key-0123456789abcdef"
WISH = GenRequest(Task.TEXT, "v6", "A lighthouse.", 120, FrameRate(24), width=720, height=1280)


def backend_at(url: str, *, place: str = "", key: str = KEY, **options: Any) -> PixVerseBackend:
    hosts = [f"localhost:{urlsplit(place or url).port}"]
    options = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": hosts, **options}
    return PixVerseBackend.from_config(
        BackendConfig("pixverse", "pixverse", url, api_key=SecretStr(key), options=options)
    )


@dataclass(frozen=True)
class Rig:
    """A fake with a backend at it."""

    fake: PixVerseFake
    control: FakeControl
    backend: PixVerseBackend

    def context(self, wish: GenRequest = WISH) -> SubmitContext:
        """Return the surroundings of a new attempt."""
        return context_for(self.backend, wish)

    async def sent(self, wish: GenRequest) -> dict[str, Any]:
        """Submit a wish and return the create that arrived."""
        before = self.control.creates()
        await self.backend.submit(wish, self.context(wish))
        return [entry for entry in self.control.requests() if entry["creates"]][before]

    async def refused(self, wish: GenRequest) -> BackendError:
        """Submit a wish and return the error it must end in."""
        try:
            await self.backend.submit(wish, self.context())
        except BackendError as error:
            return error
        raise AssertionError("It was not refused.")


@asynccontextmanager
async def rigged(**arguments: Any) -> AsyncIterator[Rig]:
    """Give a fake and a backend."""
    fake = PixVerseFake(key=KEY, **arguments)
    with serve(fake.app) as running:
        backend = backend_at(running.url)
        try:
            yield Rig(fake, FakeControl(running.url), backend)
        finally:
            await backend.aclose()


def picture(folder: Path, role: str, name: str = "") -> Asset:
    path = folder / f"{name or role}.jpg"
    Image.new("RGB", (450, 800), (200, 80, 40)).save(path)
    return Asset(role=role, sha256="0" * 64, mime="image/jpeg", path=path)
