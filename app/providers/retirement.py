"""Models that their providers withdraw: owners are warned a month ahead, and told once when the day has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.registry import Offer, Registry
from app.core import clock
from app.events import service as events
from app.providers import repository

WARNED_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Retirements:
    """The models that are gone, and those that will be within a month."""

    gone: tuple[Offer, ...]
    soon: tuple[Offer, ...]

    def of(self, backend: str) -> Retirements:
        """Return those of one backend."""
        return Retirements(
            tuple(one for one in self.gone if one.backend == backend),
            tuple(one for one in self.soon if one.backend == backend),
        )


def retirements(registry: Registry) -> Retirements:
    """Return which models are withdrawn today, and which will be within a month."""
    today = clock.now().date()
    gone = tuple(one for one in registry.all_models() if one.caps.retired(today))
    coming = tuple(one for one in registry.all_models() if one.caps.retired(today + WARNED_BEFORE))
    return Retirements(gone, tuple(one for one in coming if one not in gone))


async def announce(session: AsyncSession, registry: Registry) -> int:
    """Emit ``providers.model_retired`` for each model that is gone and was not announced; return how many."""
    told = 0
    for one in retirements(registry).gone:
        day = one.caps.retires_on
        assert day is not None
        if await repository.note_retired(session, one.backend, one.caps.model, day) is not None:
            facts = {"backend": one.backend, "model": one.caps.model, "why": f"Withdrawn on {day.isoformat()}."}
            await events.emit(session, "providers.model_retired", None, **facts)
            told += 1
    return told
