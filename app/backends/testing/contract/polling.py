"""A poll is one look at the truth: nothing is guessed, nothing unknown is called work in progress."""

from __future__ import annotations

import pytest

from app.backends.base import Phase
from app.backends.errors import BackendError, Kind
from app.backends.testing.contract.subject import Subject


class PollingContract:
    """Every way work can go, or fail to go."""

    async def test_work_is_seen_to_wait_and_to_run(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("stuck"))
            seen = [await backend.poll(handle)]
            subject.server.advance(10 * subject.done_s)
            seen.append(await backend.poll(handle))
        assert seen[0].phase in {Phase.QUEUED, Phase.RUNNING}
        assert seen[1].phase is Phase.RUNNING, "Stuck work runs until its deadline, however long that is."
        assert all(state.outputs == () for state in seen)

    async def test_a_failure_is_told_with_its_reason(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("fail"))
            state = await subject.finished(backend, handle)
        assert state.phase is Phase.FAILED
        assert state.error is not None
        assert state.error.kind is not Kind.MODERATION
        assert state.error.message

    async def test_a_refusal_of_the_result_is_moderation(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("moderation_output"))
            state = await subject.finished(backend, handle)
        assert state.phase is Phase.REFUSED
        assert state.error is not None
        assert state.error.kind is Kind.MODERATION
        assert state.error.message

    async def test_a_status_nobody_knows_is_not_progress(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("unknown_status"))
            state = await subject.finished(backend, handle)
        assert state.phase is Phase.UNRECOGNISED
        assert state.raw_status, "It says what the provider said."
        assert state.outputs == ()

    async def test_progress_may_go_backwards(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("backward"))
            for _ in range(4):
                state = await backend.poll(handle)
                assert state.phase in {Phase.QUEUED, Phase.RUNNING}
                assert state.progress is None or 0 <= state.progress <= 1
                subject.server.advance(subject.done_s / 30)

    async def test_fields_nobody_knows_are_passed_over(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            await subject.ready(backend, subject.prompt("extra_fields"))

    @pytest.mark.parametrize("scenario", ["poll_500", "poll_drop", "poll_429"])
    async def test_a_poll_that_fails_can_be_repeated(self, subject: Subject, scenario: str) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt(scenario))
            before = len(subject.server.requests())
            with pytest.raises(BackendError) as caught:
                await backend.poll(handle)
            assert len(subject.server.requests()) == before + 1, "The backend itself does not repeat it."
            state = await subject.finished(backend, handle)
        assert caught.value.kind is (Kind.RATE_LIMIT if scenario == "poll_429" else Kind.TRANSIENT)
        assert (caught.value.retry_after is not None) == (scenario == "poll_429")
        assert state.phase is Phase.SUCCEEDED
        assert subject.server.creates() == 1

    async def test_work_the_provider_has_forgotten_is_lost(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("lost"))
            try:
                lost = (await backend.poll(handle)).phase is Phase.LOST
            except BackendError as error:
                lost = error.kind in {Kind.NOT_FOUND, Kind.EXPIRED}
        assert lost

    async def test_a_restart_is_survived_or_told(self, subject: Subject) -> None:
        server = subject.server
        async with subject.opened() as backend:
            handle = await subject.submit(backend)
            server.restart()
            phase = (await backend.poll(handle)).phase
        assert (phase is Phase.LOST) == (not server.jobs())
