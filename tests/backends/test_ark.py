"""The contract suite over Ark Seedance, in China and abroad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.backends.ark import ArkBackend
from app.backends.base import GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_ark import ArkFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "ark-contract-key-0123456789"


class RegionContract(BackendContract):
    """What the regions share."""

    profile: ClassVar[str] = ""
    vendor: ClassVar[str]
    version: ClassVar[str]

    def request(self, prompt: str) -> GenRequest:
        model = f"{self.vendor}-seedance-{self.version}"
        return GenRequest(Task.TEXT, model, prompt, 96, FrameRate(24), width=496, height=864)

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        clip(496, 864, 4.0)  # Made before it is waited for: the fake stays silent as long as it renders.
        with serve(ArkFake(key=KEY, vendor=self.vendor).app) as running:
            port = urlsplit(running.url).port

            def make(url: str) -> ArkBackend:
                options = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{port}"]}
                key = SecretStr(KEY)
                return ArkBackend.from_config(
                    BackendConfig("under-test", "ark", f"{url}/api/v3", self.profile, key, options=options)
                )

            yield Subject(
                make=make,
                request=self.request,
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={"unsigned_webhook": "Ark signs nothing: the secret of the address is the proof"},
            )


class TestChina(RegionContract):
    vendor = "doubao"
    version = "2-0-260128"


class TestGlobal(RegionContract):
    profile = "global"
    vendor = "dreamina"
    version = "2-0-mini-260615"
