"""What the tests of BigModel share: accounts, requests, pictures and a running fake."""

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
from app.backends.testing.clips import clip
from app.backends.testing.contract import FakeControl
from app.backends.testing.fake_zhipu import ZhipuFake
from app.backends.testing.server import serve
from app.backends.zhipu import ZhipuBackend
from app.core.frames import FrameRate

KEY = "bigmodel-id-0123456789.bigmodel-secret-9876543210"
PRICE = {"currency": "CNY", "per_request": "2.50"}
RELAYED = ("viduq1-text", "viduq1-image", "viduq1-start-end", "vidu2-image", "vidu2-start-end", "vidu2-reference")
MODELS = ["cogvideox-3", "cogvideox-flash", *({"like": name, "price": PRICE} for name in ("cogvideox-2", *RELAYED))]


def config(url: str, key: str = KEY, **options: Any) -> BackendConfig:
    given = {
        "self_hosted": True,
        "read_timeout_s": 1.5,
        "hosts": [f"localhost:{urlsplit(url).port}"],
        "models": MODELS,
        **options,
    }
    return BackendConfig("bigmodel", "zhipu", f"{url}/api/paas/v4", api_key=SecretStr(key), options=given)


def account(url: str, key: str = KEY, **options: Any) -> ZhipuBackend:
    return ZhipuBackend.from_config(config(url, key, **options))


def wish(prompt: str = "A lighthouse.", **changes: Any) -> GenRequest:
    facts: dict[str, Any] = {"task": Task.TEXT, "model": "cogvideox-3", "prompt": prompt, "duration_frames": 96}
    return GenRequest(**(facts | {"rate": FrameRate(24), "width": 720, "height": 1280} | changes))


def picture(folder: Path, role: str, kind: str = "png") -> Asset:
    path = folder / f"{role}.{kind}"
    Image.new("RGB", (48, 80), (200, 80, 40)).save(path)
    return Asset(role, "0" * 64, f"image/{kind}", path)


@contextmanager
def running() -> Iterator[tuple[ZhipuFake, FakeControl]]:
    clip(144, 256, 5.0)  # Made before anybody waits for it: the clients here are impatient.
    fake = ZhipuFake(key=KEY)
    with serve(fake.app) as at:
        yield fake, FakeControl(at.url)
