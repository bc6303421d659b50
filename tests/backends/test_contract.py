"""The contract suite over the /v1/videos dialect in its four profiles."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.backends.base import GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.openai_videos import OpenAIVideosBackend
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_openai_videos import OpenAIVideosFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "sk-reelroom-contract-0123456789"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret for deliveries").decode()
MODEL = {
    "model": "fake-video",
    "tasks": ["t2v", "i2v"],
    "duration_range": [1, 10],
    "duration_step": 1,
    "any_frame": True,
    "prompt_max": 500,
}
CLOUD_MODEL = {
    "model": "fake-video",
    "tasks": ["t2v", "i2v"],
    "durations": [4, 8, 12],
    "frames": ["720x1280", "1280x720"],
    "price": {"currency": "USD", "per_second": "0.10"},
    "prompt_max": 500,
}
NO_MODERATION = "a server of one's own does not moderate"
SELF_HOSTED = {"moderation_input": NO_MODERATION, "moderation_image": NO_MODERATION, "moderation_output": NO_MODERATION}


def request(prompt: str) -> GenRequest:
    return GenRequest(
        task=Task.TEXT,
        model="fake-video",
        prompt=prompt,
        duration_frames=48,
        rate=FrameRate(24),
        width=180,
        height=320,
    )


class ProfileContract(BackendContract):
    """What the four profiles share."""

    profile: ClassVar[str]
    key: ClassVar[str | None] = None
    webhook_secret: ClassVar[str] = ""
    model: ClassVar[dict[str, object]] = MODEL
    not_applicable: ClassVar[dict[str, str]] = {}

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        fake = OpenAIVideosFake(self.profile, key=self.key, webhook_secret=self.webhook_secret)
        with serve(fake.app) as running:
            port = urlsplit(running.url).port

            def make(url: str) -> OpenAIVideosBackend:
                options = {
                    "models": [self.model],
                    "self_hosted": True,
                    "read_timeout_s": 1.5,
                    "hosts": [f"localhost:{port}"],
                }
                return OpenAIVideosBackend.from_config(
                    BackendConfig(
                        name="under-test",
                        kind="openai_videos",
                        base_url=url,
                        profile=self.profile,
                        api_key=SecretStr(self.key) if self.key else None,
                        webhook_secret=SecretStr(self.webhook_secret) if self.webhook_secret else None,
                        options=options,
                    )
                )

            yield Subject(
                make=make,
                request=request,
                fake=FakeControl(running.url),
                secrets=tuple(one for one in (self.key, self.webhook_secret) if one),
                not_applicable=self.not_applicable,
            )


class TestCloud(ProfileContract):
    profile = "cloud"
    key = KEY
    webhook_secret = WEBHOOK_SECRET
    model = CLOUD_MODEL


class TestLiteLLM(ProfileContract):
    profile = "litellm"
    key = KEY
    model = MODEL | {"price": {"currency": "USD", "per_second": "0.10"}}


class TestVllm(ProfileContract):
    profile = "vllm"
    key = KEY
    not_applicable = SELF_HOSTED


class TestSglang(ProfileContract):
    profile = "sglang"
    not_applicable = SELF_HOSTED
