"""A fetch brings whole video from declared places, or nothing at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.backends.base import OutputRef
from app.backends.errors import BackendError, Kind
from app.backends.testing.contract.subject import Subject, check_artifact, names_in, sink_in


class FetchingContract:
    """Every way a download can go wrong leaves no file behind."""

    async def refused_fetch(self, subject: Subject, prompt: str, folder: Path, max_bytes: int = 10**8) -> BackendError:
        """Fetch the result of ``prompt`` and return the error it must end in, having left nothing."""
        async with subject.opened() as backend:
            handle, state = await subject.ready(backend, prompt)
            with pytest.raises(BackendError) as caught:
                await backend.fetch(handle, state.outputs[0], sink_in(folder, max_bytes=max_bytes))
        assert names_in(folder) == [], "Nothing half-made is left."
        return caught.value

    @pytest.mark.parametrize("scenario", ["html", "html_as_mp4", "empty", "short", "truncated"])
    async def test_what_is_no_whole_video_is_refused(self, subject: Subject, scenario: str, tmp_path: Path) -> None:
        error = await self.refused_fetch(subject, subject.prompt(scenario), tmp_path)
        assert error.kind is Kind.TRANSIENT

    @pytest.mark.parametrize("scenario", ["redirect_private", "redirect_undeclared", "redirect_loop"])
    async def test_only_declared_places_are_visited(self, subject: Subject, scenario: str, tmp_path: Path) -> None:
        error = await self.refused_fetch(subject, subject.prompt(scenario), tmp_path)
        assert error.kind is Kind.PERMANENT
        assert not [entry for entry in subject.server.requests() if entry["path"].startswith("/__cdn")]

    async def test_a_declared_place_gets_no_key(self, subject: Subject, tmp_path: Path) -> None:
        sink = sink_in(tmp_path)
        async with subject.opened() as backend:
            handle, state = await subject.ready(backend, subject.prompt("redirect_declared"))
            check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
        visits = [entry for entry in subject.server.requests() if entry["path"].startswith("/__cdn")]
        assert len(visits) == 1
        assert not any(secret in str(visits) for secret in subject.secrets)

    async def test_an_address_that_has_run_out_is_told(self, subject: Subject, tmp_path: Path) -> None:
        error = await self.refused_fetch(subject, subject.prompt("url_expired"), tmp_path)
        assert error.kind is Kind.EXPIRED

    async def test_more_bytes_than_allowed_are_refused(self, subject: Subject, tmp_path: Path) -> None:
        subject.prompt("too_large")
        error = await self.refused_fetch(subject, "A lighthouse.", tmp_path, max_bytes=1000)
        assert error.kind is Kind.INVALID

    async def test_a_fetch_that_is_called_off_leaves_nothing(self, subject: Subject, tmp_path: Path) -> None:
        async def called_off(_: float) -> None:
            raise asyncio.CancelledError

        async with subject.opened() as backend:
            handle, state = await subject.ready(backend, "A lighthouse in the rain.")
            with pytest.raises(asyncio.CancelledError):
                await backend.fetch(handle, state.outputs[0], replace(sink_in(tmp_path), progress=called_off))
        assert names_in(tmp_path) == []

    async def test_what_is_not_done_cannot_be_fetched(self, subject: Subject, tmp_path: Path) -> None:
        async with subject.opened() as backend:
            handle = await subject.submit(backend, subject.prompt("stuck"))
            with pytest.raises(BackendError):
                await backend.fetch(handle, OutputRef(), sink_in(tmp_path))
        assert names_in(tmp_path) == []
