"""A Seedance account and its fake, that the tests of Ark share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from app.backends.ark import ArkBackend
from app.backends.base import GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.testing.contract.subject import FakeControl
from app.backends.testing.fake_ark import ArkFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "ark-test-key-12345678"
MINI = "doubao-seedance-2-0-mini-260615"
WISH = GenRequest(Task.TEXT, MINI, "女主推门而入", 120, FrameRate(24), width=720, height=1280)


def backend_at(url: str, *, profile: str = "", **options: Any) -> ArkBackend:
    options = {"self_hosted": True, "read_timeout_s": 1.5} | options
    base = f"{url}/api/v3" if url else ""
    return ArkBackend.from_config(BackendConfig("seedance", "ark", base, profile, SecretStr(KEY), options=options))


@contextmanager
def server() -> Iterator[tuple[ArkFake, FakeControl]]:
    fake = ArkFake(key=KEY)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url)
