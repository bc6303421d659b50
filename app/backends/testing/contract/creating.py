"""A create is sent once, and its failures say whether something may have been created."""

from __future__ import annotations

import pytest

from app.backends.errors import BackendError, Fault, Kind
from app.backends.testing.contract.subject import Subject, dead_address


class CreatingContract:
    """Every way a create can fail."""

    @pytest.mark.parametrize(
        ("scenario", "kinds"),
        [
            ("401", {Kind.AUTH}),
            ("402", {Kind.QUOTA}),
            ("403", {Kind.AUTH, Kind.QUOTA}),
            ("429_no_money", {Kind.QUOTA}),
            ("invalid", {Kind.INVALID}),
        ],
    )
    async def test_a_refused_create_was_not_created(self, subject: Subject, scenario: str, kinds: set[Kind]) -> None:
        error = await subject.refused(subject.prompt(scenario))
        assert error.kind in kinds
        assert not error.outcome_unknown
        assert error.http_status
        assert subject.server.creates() == 1

    @pytest.mark.parametrize(("form", "least", "most"), [("seconds", 7, 7), ("date", 0, 7), ("bare", None, None)])
    async def test_too_many_requests_says_how_long(
        self, subject: Subject, form: str, least: float | None, most: float | None
    ) -> None:
        error = await subject.refused(subject.prompt(f"429={form}"))
        assert error.kind is Kind.RATE_LIMIT
        assert not error.outcome_unknown
        if least is None or most is None:
            assert error.retry_after is None
        else:
            assert error.retry_after is not None
            assert least <= error.retry_after <= most
        assert subject.server.creates() == 1

    @pytest.mark.parametrize(
        ("scenario", "fault"), [("moderation_input", Fault.PROMPT), ("moderation_image", Fault.IMAGE)]
    )
    async def test_moderation_says_whose_fault(self, subject: Subject, scenario: str, fault: Fault) -> None:
        error = await subject.refused(subject.prompt(scenario))
        assert error.kind is Kind.MODERATION
        assert error.fault is fault
        assert not error.outcome_unknown
        assert subject.server.creates() == 1

    async def test_a_retired_model_is_told_apart(self, subject: Subject) -> None:
        error = await subject.refused(subject.prompt("model_gone"))
        assert error.kind is Kind.PERMANENT
        assert error.model_gone
        assert not error.outcome_unknown

    @pytest.mark.parametrize(
        "scenario",
        ["500_before", "500_after", "503_warming", "drop_before", "drop_after", "hang_after", "html_create"],
    )
    async def test_a_lost_answer_is_an_unknown_outcome(self, subject: Subject, scenario: str) -> None:
        error = await subject.refused(subject.prompt(scenario))
        assert error.outcome_unknown
        assert error.kind is Kind.TRANSIENT
        assert subject.server.creates() == 1, "A create is never sent again."

    async def test_an_unreachable_provider_was_sent_nothing(self, subject: Subject) -> None:
        server = subject.server
        async with subject.opened(dead_address()) as backend:
            with pytest.raises(BackendError) as caught:
                await subject.submit(backend)
        assert server.creates() == 0
        assert caught.value.kind is Kind.TRANSIENT
        assert not caught.value.outcome_unknown
