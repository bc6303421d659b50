"""The contract suite over DashScope, in the forms its two newest families are asked in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.backends.base import GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.dashscope import DashScopeBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_dashscope import DashScopeFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "sk-dashscope-contract-0123456789"


class DialectContract(BackendContract):
    """What the families share."""

    model: ClassVar[str]
    profile: ClassVar[str] = ""

    def request(self, prompt: str) -> GenRequest:
        return GenRequest(Task.TEXT, self.model, prompt, 48, FrameRate(24), width=180, height=320)

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        clip(720, 1280, 2.0)  # Made before it is waited for: the fake stays silent as long as it renders.
        with serve(DashScopeFake(key=KEY).app) as running:
            port = urlsplit(running.url).port

            def make(url: str) -> DashScopeBackend:
                options = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{port}"]}
                key = SecretStr(KEY)
                return DashScopeBackend.from_config(
                    BackendConfig("under-test", "dashscope", url, self.profile, key, options=options)
                )

            yield Subject(
                make=make,
                request=self.request,
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={"moderation_image": "one code stands for every input; which one is not told"},
            )


class TestWan3(DialectContract):
    model = "wan3.0-video"


class TestWan3InSingapore(DialectContract):
    model = "wan3.0-video-prime"
    profile = "singapore"


class TestWan27(DialectContract):
    model = "wan2.7-t2v"
