"""A cancel tells the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.backends.base import CancelResult, Phase
from app.backends.capabilities import Cancel
from app.backends.testing.contract.subject import Subject, check_artifact, sink_in

HONEST = {
    Cancel.NONE: {CancelResult.UNSUPPORTED},
    Cancel.STOP: {CancelResult.CANCELLED},
    Cancel.BEST_EFFORT: {CancelResult.CANCELLED, CancelResult.ASKED, CancelResult.TOO_LATE},
}


class CancellingContract:
    """What was cancelled does not run on; what could not be is not claimed to be."""

    async def test_running_work_is_cancelled_or_said_not_to_be(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("stuck"))
            subject.server.advance(subject.done_s / 10)
            result = await backend.cancel(handle)
            assert result in HONEST[subject.caps(backend).cancel]
            state = await backend.poll(handle)
            again = await backend.cancel(handle)
        if result is CancelResult.CANCELLED:
            assert state.phase in {Phase.CANCELLED, Phase.LOST}
            assert again is CancelResult.CANCELLED, "To cancel twice is to cancel once."
        else:
            assert state.phase is not Phase.CANCELLED

    async def test_finished_work_is_left_alone(self, subject: Subject, tmp_path: Path) -> None:
        sink = sink_in(tmp_path)
        async with subject.opened() as backend:
            handle, state = await subject.ready(backend, "A lighthouse in the rain.")
            if subject.caps(backend).local:
                pytest.skip("a local render is done when it is fetched")
            assert await backend.cancel(handle) in {CancelResult.TOO_LATE, CancelResult.UNSUPPORTED}
            check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
