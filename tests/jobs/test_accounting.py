"""The books are proved against the attempts, and each way in which they can be wrong is found."""

from __future__ import annotations

import pytest
from assistant_support import assisted, chat
from sqlalchemy import delete, text, update

from app.jobs.accounting import faults
from app.jobs.models import Attempt
from app.money import service as money
from app.money.models import LedgerBalance, LedgerEntry
from app.scripts.models import ProposalTry

__all__ = ["assisted", "chat"]


async def _faults(bought) -> list[str]:
    async with bought.engine.database.transaction() as session:
        return [one.words for one in await faults(session)]


async def _change(bought, statement) -> None:
    """Do to the rows what the database itself would refuse."""
    async with bought.engine.database.transaction() as session:
        await session.execute(text("ALTER TABLE ledger_entries DISABLE TRIGGER USER"))
        await session.execute(statement)
        await session.execute(text("ALTER TABLE ledger_entries ENABLE TRIGGER USER"))


async def test_kept_balances_that_differ_from_the_entries_are_found(bought):
    await bought.budget("10")
    await bought.run(await bought.wish(), seconds=60)
    async with bought.engine.database.transaction() as session:
        assert await money.untrue_balances(session) == []
        await session.execute(update(LedgerBalance).values(spent_micros=LedgerBalance.spent_micros + 1))
        ((project_id, _role),) = await money.untrue_balances(session)
    assert project_id == bought.project_id


async def test_the_books_balance_while_jobs_run_fail_and_wait_for_a_person(bought):
    await bought.budget("10")
    for scenario in ("", "moderation_output", "drop_after", "stuck"):
        await bought.run(await bought.wish(scenario), seconds=60)
    assert await _faults(bought) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (delete(LedgerEntry).where(LedgerEntry.kind == "settle"), "Settled 0"),
        (delete(LedgerEntry).where(LedgerEntry.kind == "release"), "still reserved"),
        (update(LedgerEntry).where(LedgerEntry.kind == "reserve").values(amount_micros=1), "Reserved 1"),
        (update(Attempt).values(state="running"), "before it ended"),
        (update(Attempt).values(cap_micros=0), "costs nothing"),
        (delete(Attempt), "does not exist"),
    ],
)
async def test_what_does_not_fit_is_found(bought, change, words):
    await bought.budget("10")
    await bought.run(await bought.wish(), seconds=60)
    assert await _faults(bought) == []
    await _change(bought, change)
    (found,) = await _faults(bought)
    assert words in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (delete(LedgerEntry).where(LedgerEntry.kind == "settle"), "Settled 0"),
        (delete(LedgerEntry).where(LedgerEntry.kind == "release"), "still reserved"),
        (update(ProposalTry).values(ended_at=None), "before it ended"),
        (update(ProposalTry).values(cap_micros=ProposalTry.cap_micros + 1), "its cap is"),
        (delete(ProposalTry), "does not exist"),
    ],
)
async def test_proposals_are_proved_too(assisted, change, words):
    row = await assisted.work(await assisted.ask())
    assert row.state == "proposed" and await assisted.book_faults() == []
    async with assisted.database.transaction() as session:
        await session.execute(text("ALTER TABLE ledger_entries DISABLE TRIGGER USER"))
        await session.execute(change)
        await session.execute(text("ALTER TABLE ledger_entries ENABLE TRIGGER USER"))
    (found,) = await assisted.book_faults()
    assert words in found
