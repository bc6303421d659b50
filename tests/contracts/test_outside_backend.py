"""A backend added by a package of its own keeps the contract, and is found by its entry point."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.backends.base import GenRequest, VideoBackend
from app.backends.capabilities import Task
from app.backends.registry import Registry, parse_configs
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "slate-key-0123456789"


class TestSlateFilms(BackendContract):
    @pytest.fixture
    def subject(self, slate_films: Path) -> Iterator[Subject]:
        fake = importlib.import_module("slate_films_fake").SlateFilmsFake(KEY)
        with serve(fake.app) as running:
            port = urlsplit(running.url).port

            def make(url: str) -> VideoBackend:
                registry = Registry.load(
                    parse_configs(f"""
                        [slate]
                        kind = "slate_films"
                        base_url = "{url}"
                        api_key = "{KEY}"
                        options = {{ self_hosted = true, read_timeout_s = 1.5, hosts = ["localhost:{port}"] }}
                    """)
                )
                return registry.get("slate")

            def request(prompt: str) -> GenRequest:
                return GenRequest(
                    Task.TEXT, "slate-1", prompt, duration_frames=96, rate=FrameRate(24), width=1080, height=1920
                )

            yield Subject(
                make=make,
                request=request,
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={"backward": "Slate Films tells no progress"},
            )
