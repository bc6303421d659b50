"""What the tests of MiniMax share: accounts, requests, inputs and a running fake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.minimax import MiniMaxBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import FakeControl
from app.backends.testing.fake_minimax import MiniMaxFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "minimax-account-key-0123456789"
PRICE = {"currency": "CNY", "per_clip": {"6@768x1366": "2.00", "10@768x1366": "4.00"}, "per_second": "1.00"}
V1_MODELS = [
    {"like": name, "price": PRICE}
    for name in ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02", "T2V-01", "I2V-01", "S2V-01", "MiniMax-Hailuo-2.3-Fast")
]
LENGTH = {"v2": 4.0, "v1": 6.0}
MODEL = {"v2": "MiniMax-H3", "v1": "MiniMax-Hailuo-02"}


def config(profile: str, url: str, **options: Any) -> BackendConfig:
    port = urlsplit(url).port
    given = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{port}"], **options}
    if profile == "v1":
        given = {"models": V1_MODELS, **given}
    return BackendConfig("hailuo", "minimax", url, profile, SecretStr(KEY), options=given)


def account(profile: str, url: str, **options: Any) -> MiniMaxBackend:
    return MiniMaxBackend.from_config(config(profile, url, **options))


def wish(profile: str = "v2", prompt: str = "A lighthouse.", **changes: Any) -> GenRequest:
    facts: dict[str, Any] = {"task": Task.TEXT, "model": MODEL[profile], "prompt": prompt, "duration_frames": 96}
    return GenRequest(**(facts | {"rate": FrameRate(24), "width": 720, "height": 1280} | changes))


def picture(folder: Path, role: str, name: str = "") -> Asset:
    path = folder / f"{name or role}.jpg"
    Image.new("RGB", (48, 80), (200, 80, 40)).save(path)
    return Asset(role, "0" * 64, "image/jpeg", path)


@contextmanager
def running(profile: str) -> Iterator[tuple[MiniMaxFake, FakeControl]]:
    clip(144, 256, LENGTH[profile])  # Made before anybody waits for it: the clients here are impatient.
    fake = MiniMaxFake(profile, key=KEY)
    with serve(fake.app) as at:
        yield fake, FakeControl(at.url)
