"""Every provider that can be configured has a fake, and its backend buys from it as the registry of fakes says."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

from app.backends.base import GenRequest, Phase, VideoBackend
from app.backends.capabilities import Task
from app.backends.config import parse_configs
from app.backends.fit import fit_duration
from app.backends.testing.contract import FakeControl
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.backends.testing.fakes import FAKES, as_toml
from app.backends.testing.server import serve
from app.core.frames import FrameRate

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
ADAPTERS = tomllib.loads(PROJECT.read_text())["project"]["entry-points"]["reelroom.backends"]
WORKS_HERE = {"animatic"}
MOST_POLLS = 20


def test_every_kind_has_a_fake() -> None:
    assert {fake.kind for fake in FAKES.values()} == set(ADAPTERS) - WORKS_HERE


def load(place: str) -> object:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def wish(backend: VideoBackend) -> GenRequest:
    """Return a request for a few seconds from text, of the first model that makes them."""
    caps = next(caps for caps in backend.models() if Task.TEXT in caps.tasks)
    frames = round(fit_duration(caps, 4.0) * 24)
    return GenRequest(Task.TEXT, caps.model, "A lighthouse.", frames, FrameRate(24), width=720, height=1280)


@pytest.mark.parametrize("name", FAKES)
async def test_its_backend_buys_a_take_from_it(name: str, tmp_path: Path) -> None:
    fake = FAKES[name]
    with serve(load(fake.factory)(**fake.started_with(frozen=True))) as running:
        (config,) = parse_configs(as_toml({name: fake.entry(running.url)}))
        assert config.name == name
        backend = load(ADAPTERS[fake.kind]).from_config(config)
        request = wish(backend)
        handle = await backend.submit(request, context_for(backend, request))
        for _ in range(MOST_POLLS):
            state = await backend.poll(handle)
            if state.phase not in {Phase.QUEUED, Phase.RUNNING}:
                break
            FakeControl(running.url).advance(60)
        assert state.phase is Phase.SUCCEEDED
        sink = sink_in(tmp_path)
        check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
        await backend.aclose()
