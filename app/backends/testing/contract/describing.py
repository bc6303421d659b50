"""What a backend says of itself, and the plain good case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.backends.base import VideoBackend
from app.backends.errors import BackendError, Kind
from app.backends.testing.contract.subject import (
    Subject,
    check_artifact,
    context_for,
    names_in,
    sink_in,
    texts_in,
    through_json,
)

HARD_PROMPT = (
    '雨夜，灯塔下。林夏（哽咽）："你说过会回来的。"🌧️🗼\nShe says: "I\'m here" & waits — 100% still; <b>no</b> \\n.'
)


class DescribingContract:
    """Capabilities and estimates are data; a request becomes a video, and its prompt arrives whole."""

    async def test_models_are_data(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            assert isinstance(backend, VideoBackend)
            models = backend.models()
            assert models, "A backend offers at least one model."
            assert len({caps.model for caps in models}) == len(models), "A model's name is unique."
            for caps in models:
                assert caps.tasks, f"{caps.model} can do nothing."
                assert caps.local or backend.hosts, "A backend that is not local declares its hosts."
        if subject.fake:
            assert subject.fake.requests() == [], "Describing oneself needs no network."

    async def test_an_estimate_is_a_range_of_money(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            cost = backend.estimate(subject.request("A lighthouse."))
            assert 0 <= cost.low.micros <= cost.high.micros
            assert cost.low.currency == cost.high.currency
            assert not (subject.caps(backend).free and cost.high.micros), "What is free costs nothing."
        if subject.fake:
            assert subject.fake.requests() == [], "An estimate needs no network."

    async def test_a_request_becomes_a_video(self, subject: Subject, tmp_path: Path) -> None:
        async with subject.opened() as first:
            handle = await subject.submit(first)
            assert handle.backend == first.name
        async with subject.opened() as other:
            again = through_json(handle)
            assert again == handle, "A handle survives JSON."
            state = await subject.finished(other, again)
            assert state.outputs, f"{state.phase}: {state.error or state.raw_status}"
            sink = sink_in(tmp_path)
            artifact = await other.fetch(again, state.outputs[0], sink)
            check_artifact(artifact, sink)
            repeated = await other.fetch(again, state.outputs[0], sink_in(tmp_path, "again.mp4"))
            assert repeated.sha256 == artifact.sha256, "A fetch is safe to repeat."
        assert names_in(tmp_path) == ["again.mp4", "take.mp4"]

    async def test_the_prompt_arrives_whole(self, subject: Subject) -> None:
        server = subject.server
        async with subject.opened() as backend:
            await subject.submit(backend, HARD_PROMPT)
        (sent,) = [entry for entry in server.requests() if entry["creates"]]
        assert any(HARD_PROMPT in text for text in texts_in(sent["body"]))

    async def test_one_submit_is_one_create_and_one_poll_one_request(self, subject: Subject) -> None:
        server = subject.server
        async with subject.opened() as backend:
            handle = await subject.submit(backend)
            assert server.creates() == 1
            before = len(server.requests())
            await backend.poll(handle)
            assert len(server.requests()) == before + 1

    async def test_what_cannot_be_asked_is_not_sent(self, subject: Subject) -> None:
        server = subject.server
        async with subject.opened() as backend:
            good = subject.request("A lighthouse.")
            longest = subject.caps(backend).prompt_max
            for bad in (
                replace(good, prompt="灯" * (longest + 1)),
                replace(good, prompt="a\x00b\x1b[31m"),
                replace(good, model="no-such-model"),
                replace(good, extra={"no_such_setting": 1}),
            ):
                with pytest.raises(BackendError) as caught:
                    await backend.submit(bad, context_for(backend, good))
                assert caught.value.kind is Kind.INVALID
                assert caught.value.field, "An invalid request names the field at fault."
                assert not caught.value.outcome_unknown
        assert server.requests() == []
