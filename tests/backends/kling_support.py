"""An account and a fake that the tests of Kling share, with inputs of every role."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, GenRequest, SubmitContext
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError
from app.backends.kling import KlingBackend
from app.backends.kling.account import KlingAccount
from app.backends.testing.contract import FakeControl
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_kling import KlingFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "kling-key-0123456789abcdef"
ACCESS_KEY, SECRET_KEY = "AK-reelroom-0123456789", "SK-reelroom-9876543210"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret for deliveries of kling").decode()
PRICE = {"currency": "USD", "per_second": "0.10"}
MODELS: dict[str, list[Any]] = {
    "new": [
        *("kling-3.0", "kling-3.0-turbo", "motion-control/kling-3.0"),
        {"like": "kling-3.0-omni", "price": PRICE},
    ],
    "old": [
        *("kling-v3", "kling-v2-6", "kling-v2-5-turbo"),
        *({"like": name, "price": PRICE} for name in ("kling-v3-omni", "kling-v1-6", "motion-control")),
        *({"like": name, "price": PRICE} for name in ("avatar", "video-extend")),
    ],
}
NEW = GenRequest(Task.TEXT, "kling-3.0", "A lighthouse.", 120, FrameRate(24), width=720, height=1280)
OLD = replace(NEW, model="kling-v3")


@dataclass(frozen=True)
class Rig:
    """A fake with an account at it."""

    fake: KlingFake
    control: FakeControl
    account: KlingAccount

    async def sent(self, wish: GenRequest, **context: Any) -> dict[str, Any]:
        """Submit a wish, and return the create that arrived, without our id in its body."""
        before = self.control.creates()
        await self.account.submit(wish, self.context(wish, **context))
        create = [entry for entry in self.control.requests() if entry["creates"]][before]
        options = create["body"].get("options", create["body"])
        assert options.pop("external_task_id")
        return create

    async def refused(self, wish: GenRequest) -> BackendError:
        """Submit a wish and return the error it must end in."""
        try:
            await self.account.submit(wish, self.context(wish))
        except BackendError as error:
            return error
        raise AssertionError("It was not refused.")

    def context(self, wish: GenRequest, **changes: Any) -> SubmitContext:
        """Return the surroundings of a new attempt."""
        return replace(context_for(self.account, wish), **changes)


def account_at(url: str, profile: str, **changes: Any) -> KlingAccount:
    options = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{urlsplit(url).port}"]}
    options |= {"models": MODELS[profile], **changes.pop("options", {})}
    settings = {"api_key": SecretStr(KEY), "webhook_secret": SecretStr(WEBHOOK_SECRET), **changes}
    return KlingBackend.from_config(BackendConfig("kling", "kling", url, profile, options=options, **settings))


@asynccontextmanager
async def rigged(profile: str, *, options: dict[str, Any] | None = None, **arguments: Any) -> AsyncIterator[Rig]:
    """Give a fake and an account of a profile."""
    fake = KlingFake(key=KEY, webhook_secret=WEBHOOK_SECRET, **arguments)
    with serve(fake.app) as running:
        account = account_at(running.url, profile, options=options or {})
        try:
            yield Rig(fake, FakeControl(running.url), account)
        finally:
            await account.aclose()


def picture(folder: Path, role: str, size: tuple[int, int] = (450, 800), name: str = "") -> Asset:
    path = folder / f"{name or role}.jpg"
    Image.new("RGB", size, (200, 80, 40)).save(path)
    return Asset(role=role, sha256="0" * 64, mime="image/jpeg", path=path)


def media(folder: Path, role: str, mime: str, url: str | None = None, size: int = 1000) -> Asset:
    path = folder / f"{role}.bin"
    path.write_bytes(b"x" * size)
    return Asset(role=role, sha256="0" * 64, mime=mime, path=path, url=url)


def inline(asset: Asset) -> dict[str, Any]:
    """Return what the fake logs of an input that travelled as raw base64."""
    text = base64.b64encode(asset.path.read_bytes())
    return {"characters": len(text), "sha256": hashlib.sha256(text).hexdigest()}
