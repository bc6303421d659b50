"""The contract suite over both of Kling's APIs, and over the older pair of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from kling_support import ACCESS_KEY, KEY, NEW, OLD, SECRET_KEY, WEBHOOK_SECRET, account_at
from pydantic import SecretStr

from app.backends.base import GenRequest, VideoBackend
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_kling import KlingFake
from app.backends.testing.server import serve


class KlingContract(BackendContract):
    """What the profiles share."""

    profile: ClassVar[str]
    wish: ClassVar[GenRequest]
    key: ClassVar[str] = KEY
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        fake = KlingFake(key=KEY, access_key=ACCESS_KEY, secret_key=SECRET_KEY, webhook_secret=WEBHOOK_SECRET)
        with serve(fake.app) as running:
            options = {"hosts": [f"localhost:{urlsplit(running.url).port}"], **self.settings}

            def make(url: str) -> VideoBackend:
                return account_at(url, self.profile, api_key=SecretStr(self.key), options=options)

            yield Subject(
                make=make,
                request=lambda prompt: replace(self.wish, prompt=prompt, duration_frames=72),
                fake=FakeControl(running.url),
                secrets=(self.key, WEBHOOK_SECRET),
                not_applicable={"backward": "Kling tells no progress"},
            )


class TestNew(KlingContract):
    profile = "new"
    wish = NEW


class TestOld(KlingContract):
    profile = "old"
    wish = OLD


class TestOldWithSignedTokens(KlingContract):
    profile = "old"
    wish = OLD
    key = SECRET_KEY
    settings: ClassVar[dict[str, Any]] = {"access_key": ACCESS_KEY}
