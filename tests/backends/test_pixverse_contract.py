"""The contract suite over PixVerse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pixverse_support import KEY, WISH, backend_at

from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_pixverse import PixVerseFake
from app.backends.testing.server import serve


class TestPixVerse(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        with serve(PixVerseFake(key=KEY).app) as running:
            yield Subject(
                make=lambda url: backend_at(url, place=running.url),
                request=lambda prompt: replace(WISH, prompt=prompt, duration_frames=48),
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={
                    "backward": "PixVerse tells no progress",
                    "moderation_image": "PixVerse has codes for refused words and results, and none for pictures",
                },
            )
