"""A lost answer is found again, where the provider can be asked; where it cannot, the backend does not pretend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.backends.base import Adoptable, GenRequest, Recoverable, SubmitContext, VideoBackend, recovery_of
from app.backends.capabilities import Recover
from app.backends.errors import BackendError
from app.backends.testing.contract.subject import Subject, context_for
from app.core import clock


def recoverable(subject: Subject, backend: VideoBackend) -> Recoverable:
    """Return the backend as one that finds lost answers; the test is skipped where it cannot."""
    found = recovery_of(backend, subject.request("A lighthouse.").model)
    if found is None:
        pytest.skip("the provider cannot be asked about a lost answer")
    return found


async def lose(subject: Subject, backend: VideoBackend, scenario: str) -> tuple[GenRequest, SubmitContext]:
    """Submit a request whose answer gets lost, and return what was submitted."""
    request = subject.request(subject.prompt(scenario))
    context = context_for(backend, request)
    with pytest.raises(BackendError) as caught:
        await backend.submit(request, context)
    assert caught.value.outcome_unknown
    return request, context


class RecoveringContract:
    """After a lost answer: the work, or the proof that there is none, or the admission that nobody can tell."""

    async def test_recovery_is_promised_only_where_there_is_one(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            for caps in backend.models():
                promised = caps.recover in {Recover.CLIENT_ID, Recover.LIST}
                assert (recovery_of(backend, caps.model) is not None) == promised
                if caps.recover is Recover.WEBHOOK_TAG:
                    assert caps.webhook
                    assert isinstance(backend, Adoptable), "Deliveries tell an id: the backend must go on from it."

    @pytest.mark.parametrize("scenario", ["500_after", "drop_after", "hang_after"])
    async def test_created_work_is_found(self, subject: Subject, scenario: str) -> None:
        async with subject.opened() as backend:
            recoverable(subject, backend)
            request, context = await lose(subject, backend, scenario)
        async with subject.opened() as other:
            handle = await recoverable(subject, other).find(request, context)
            assert handle is not None
            assert handle.attempt_id == context.attempt_id
            state = await subject.finished(other, handle)
            assert state.outputs
        assert subject.server.creates() == 1

    @pytest.mark.parametrize("scenario", ["500_before", "drop_before"])
    async def test_work_that_was_never_created_is_proven_absent_in_time(self, subject: Subject, scenario: str) -> None:
        async with subject.opened() as backend:
            finder = recoverable(subject, backend)
            request, context = await lose(subject, backend, scenario)
            try:
                assert await finder.find(request, context) is None
            except BackendError as early:
                assert early.outcome_unknown
                assert early.retry_after, "It says when it can be told."
            with clock.turned(timedelta(hours=1)):
                assert await finder.find(request, context) is None
        assert subject.server.creates() == 1

    async def test_work_that_another_attempt_owns_is_never_taken(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            finder = recoverable(subject, backend)
            request, context = await lose(subject, backend, "drop_after")
            handle = await finder.find(request, context)
            assert handle is not None
            owned = replace(context, known_remote_ids=frozenset({handle.remote_id}))
            with clock.turned(timedelta(hours=1)):
                assert await finder.find(request, owned) is None

    async def test_work_of_another_prompt_is_never_taken(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            finder = recoverable(subject, backend)
            await subject.submit(backend, "Another shot of the same length and size.")
            request, context = await lose(subject, backend, "drop_before")
            with clock.turned(timedelta(hours=1)):
                assert await finder.find(request, context) is None
