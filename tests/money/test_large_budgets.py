"""Budgets of more than two thousand units, which no longer fit 32 bits when they are counted in millionths."""

from __future__ import annotations

from app.core.money import Money
from app.money import service as money


async def test_a_large_budget_is_set_and_raised(session, world):
    project = await session.merge(world.project)
    for amount in (3_000, 9_000_000):
        limit = Money.of(amount, project.currency)
        await money.set_budget(session, world.actors["producer"], project, None, limit)
        assert (await money.position(session, project)).limit == limit.micros
