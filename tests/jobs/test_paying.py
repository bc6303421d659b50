"""Money in the engine: frozen exchange rates, budgets by role, thresholds that ask a producer, warning lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.errors import NotFound
from app.core.money import Money
from app.episodes import service as episodes
from app.events.models import OutboxEvent
from app.jobs import approving, attempts, buying, paying, service, wishing
from app.jobs.models import Attempt
from app.money import rates, reserving, rules
from app.money import service as money
from app.money.models import LedgerEntry
from app.projects.models import Project
from app.shots.models import Shot

PRICE = 100_000  # two seconds at five cents, in micro-dollars


async def enter(bought, rate: str, days_ago: int = 0, base: str = "USD") -> None:
    """Enter what a dollar is worth in yuan."""
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        on = clock.now().date() - timedelta(days=days_ago)
        await rates.set_rate(session, bought.actor, project.team_id, base=base, quote="CNY", rate=Decimal(rate), on=on)


async def in_yuan(bought, limit: str = "10") -> None:
    """Give the project another currency than the provider's prices."""
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        project.currency = "CNY"
        await money.set_budget(session, bought.actor, project, None, Money.of(limit, "CNY"))


async def ask(bought, **amounts: str | None) -> None:
    """Set above which price a producer is asked."""
    given = {"single": None, "batch": None, **amounts}
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        values = {name: Money.of(each, "USD") if each else None for name, each in given.items()}
        await rules.change(session, bought.actor, project, lines=[50, 80, 100], **values)


async def ledger(bought) -> list[tuple[str, int, str]]:
    """Return every entry of the project."""
    async with bought.engine.database.transaction() as session:
        rows = (await session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))).all()
        return [(row.kind, row.amount_micros, row.currency) for row in rows]


async def told_lines(bought) -> list[tuple[bool, int]]:
    """Return the lines whose crossing was told: whether of the episode, and the percentage."""
    async with bought.engine.database.transaction() as session:
        query = select(OutboxEvent).where(OutboxEvent.name == "money.line_crossed").order_by(OutboxEvent.id)
        return [(e.payload["episode_id"] is not None, e.payload["percent"]) for e in await session.scalars(query)]


async def test_without_a_rate_the_job_is_held_and_goes_on_when_one_is_entered(bought):
    await in_yuan(bought)
    job = await bought.run(job_id := await bought.wish())
    assert (job.state, job.reason_code) == ("waiting", "money.currency")
    assert "Exchange rates" in job.reason and bought.creates() == {}
    await enter(bought, "7.1234567891", base="XCR")
    assert (await bought.run(job_id)).reason_code == "money.currency"
    await enter(bought, "7")
    assert (await bought.run(job_id, seconds=60)).state == "done"


async def test_a_price_is_reserved_and_settled_at_the_rate_of_its_day(bought):
    await in_yuan(bought)
    await enter(bought, "9.99", days_ago=5)
    await enter(bought, "7.0000001", days_ago=2)
    job_id = await bought.wish()
    await buying.advance(bought.engine, job_id)
    await enter(bought, "5")
    await bought.run(job_id, seconds=60)
    (attempt,) = await bought.attempts(job_id)
    ceiled = 700_001  # 100,000 times 7.0000001 is 700,000.01: rounded up
    assert (attempt.rate, attempt.ledger_currency) == (Decimal("7.0000001"), "CNY")
    assert attempt.rate_on == clock.now().date() - timedelta(days=2)
    assert (attempt.cap_micros, attempt.actual_micros, attempt.currency) == (PRICE, PRICE, "USD")
    assert (attempt.cap_ledger_micros, attempt.actual_ledger_micros) == (ceiled, ceiled)
    assert sorted(await ledger(bought)) == [(k, ceiled, "CNY") for k in ("release", "reserve", "settle")]
    assert ((await bought.position()).reserved, (await bought.position()).spent) == (0, ceiled)


async def test_what_costs_nothing_frees_the_whole_reservation(bought):
    await in_yuan(bought)
    await enter(bought, "7")
    await bought.run(job_id := await bought.wish("moderation_output"), seconds=40)
    (attempt,) = await bought.attempts(job_id)
    assert (attempt.actual_micros, attempt.actual_ledger_micros) == (0, 0)
    assert ((await bought.position()).reserved, (await bought.position()).spent) == (0, 0)


async def test_one_currency_freezes_nothing(bought):
    await bought.budget("1")
    await bought.run(job_id := await bought.wish(), seconds=60)
    (attempt,) = await bought.attempts(job_id)
    assert (attempt.rate, attempt.cap_ledger_micros, attempt.actual_ledger_micros) == (None, None, None)


async def test_ending_an_attempt_twice_moves_money_once(bought):
    await bought.budget("1")
    await bought.run(job_id := await bought.wish(), seconds=60)
    (attempt,) = await bought.attempts(job_id)
    before = await ledger(bought)
    async with bought.engine.database.transaction() as session:
        await reserving.release(session, attempt.id)
        await reserving.settle(session, attempt.id, Money(PRICE, "USD"))
    assert await ledger(bought) == before


async def test_a_role_may_reserve_up_to_its_budget_and_then_asks_a_producer(bought, world):
    await bought.budget("10")
    bought.actor = world.actors["director"]
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        await money.set_role_budget(session, world.actors["producer"], project, "director", Money.of("0.15", "USD"))
    assert (await bought.run(await bought.wish(), seconds=60)).state == "done"
    job = await bought.run(await bought.wish("ok"))
    assert (job.state, job.reason_code) == ("waiting", "money.over_role_budget")
    assert "Ask a producer" in job.reason
    bought.actor = world.actors["producer"]
    assert (await bought.run(await bought.wish("queue=1"), seconds=60)).state == "done"
    async with bought.engine.database.transaction() as session:
        by_role = await money.role_positions(session, await session.get_one(Project, bought.project_id))
    assert {role: at.spent for role, at in by_role.items()} == {"director": PRICE, "producer": PRICE}


async def test_above_a_threshold_one_generation_waits_for_a_producer(bought):
    await bought.budget("10")
    await ask(bought, single="0.05")
    job = await bought.run(job_id := await bought.wish())
    assert (job.state, job.reason_code) == ("waiting", "money.approval")
    assert bought.creates() == {}
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        (row,) = await approving.waiting(session, project.id)
        assert (row.shots, row.amount, row.wished_by_name) == (1, Money(PRICE, "USD"), "Producer")
        assert await approving.approve(session, bought.actor, project, row.batch_id) == 1
    assert (await bought.run(job_id, seconds=60)).state == "done"


async def test_an_approval_covers_the_price_that_was_shown_and_no_more(bought):
    await bought.budget("10")
    await ask(bought, single="0.05")
    await bought.run(job_id := await bought.wish())
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        (row,) = await approving.waiting(session, project.id)
        await approving.approve(session, bought.actor, project, row.batch_id)
        job = await service.get(session, project.id, job_id)
        job.approved_micros = PRICE - 1  # as if the price had risen since
    assert (await bought.run(job_id)).reason_code == "money.approval"


async def test_declined_jobs_are_cancelled_with_the_reason(bought):
    await bought.budget("10")
    await ask(bought, batch="0.05")
    job = await bought.run(job_id := await bought.wish())
    assert job.reason_code == "money.approval"
    async with bought.engine.database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        await approving.decline(session, bought.actor, project, job.batch_id, "Use the animatic first")
        with pytest.raises(NotFound):
            await approving.approve(session, bought.actor, project, job.batch_id)
    job = await bought.run(job_id)
    assert (job.state, job.reason_code) == ("cancelled", "jobs.declined")
    assert job.reason == "Declined by Producer: Use the animatic first"
    assert (await bought.shot()).status == "planned" and bought.creates() == {}


async def test_a_line_is_told_once_when_reservations_cross_it(bought):
    await bought.budget("0.25")
    await bought.run(await bought.wish(), seconds=60)
    assert await told_lines(bought) == []
    await bought.run(await bought.wish("ok"), seconds=60)
    assert await told_lines(bought) == [(False, 50), (False, 80)]
    await bought.budget("0.35")  # two thirds are used of it: 50 stays crossed, 80 can be crossed anew
    await bought.run(await bought.wish("queue=1"), seconds=60)
    assert await told_lines(bought) == [(False, 50), (False, 80), (False, 80)]


async def test_before_a_batch_the_lines_it_would_cross_are_said(bought):
    await bought.budget("0.12")
    async with bought.engine.database.transaction() as session:
        project, shot = await session.get_one(Project, bought.project_id), await session.get_one(Shot, bought.shot_id)
        episode = await episodes.get(session, project.id, shot.episode_id)
        limit = Money.of("0.08", "USD")
        offer = await wishing.offer(session, bought.engine.registry, project, episode, [shot])
        quote = await paying.quote(session, bought.actor, project, episode, offer)
        assert [(line.episode_id, line.percent) for line in quote.forecast.lines] == [(None, 80)]
        assert quote.forecast.hold is None and not quote.forecast.asks
        await money.set_budget(session, bought.actor, project, episode.id, limit)
        quote = await paying.quote(session, bought.actor, project, episode, offer)
        assert quote.forecast.hold is not None and quote.forecast.hold.code == "money.over_budget"
    assert await told_lines(bought) == []


@pytest.mark.parametrize(
    "change",
    [
        update(LedgerEntry).values(amount_micros=1),
        update(LedgerEntry).values(episode_id=None),
        delete(LedgerEntry),
        text("truncate ledger_entries"),
    ],
    ids=["amount", "episode", "delete", "truncate"],
)
async def test_the_database_refuses_to_change_the_ledger(bought, change):
    await bought.budget("1")
    await bought.run(await bought.wish(), seconds=60)
    before = await ledger(bought)
    with pytest.raises(IntegrityError, match="only ever added to"):
        async with bought.engine.database.transaction() as session:
            await session.execute(change)
    assert await ledger(bought) == before and len(before) == 3


async def test_without_its_guard_the_ledger_could_be_changed(bought):
    await bought.budget("1")
    await bought.run(await bought.wish(), seconds=60)
    async with bought.engine.database.transaction() as session:
        await session.execute(text("alter table ledger_entries disable trigger ledger_entries_append_only"))
        await session.execute(update(LedgerEntry).values(amount_micros=1))
    assert {amount for _kind, amount, _currency in await ledger(bought)} == {1}


async def test_a_project_that_is_deleted_takes_its_ledger_along(bought):
    await bought.budget("1")
    await bought.run(await bought.wish(), seconds=60)
    async with bought.engine.database.transaction() as session:
        await session.execute(text("delete from episodes"))
    assert len(await ledger(bought)) == 3
    async with bought.engine.database.transaction() as session:
        await session.execute(text("delete from projects"))
    assert await ledger(bought) == []


async def test_an_amount_is_booked_at_the_frozen_rate_whatever_is_entered_later():
    attempt = Attempt(currency="USD", rate=Decimal("7.1"), rate_on=clock.now().date(), ledger_currency="CNY")
    assert attempts.in_ledger(attempt, 3) == Money(22, "CNY")
