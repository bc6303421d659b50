"""What jobs do with money: reserve at a frozen rate, settle at the same one, and say beforehand what a batch does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core.money import Money
from app.episodes.models import Episode
from app.jobs.models import Attempt, Job
from app.jobs.wishing import Offer
from app.money import reserving
from app.money.reserving import Forecast, Purse
from app.money.schemas import Hold, Purchase, Rate, Spender
from app.projects.models import Project


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer, and what taking it would do to the budgets."""

    offer: Offer
    forecast: Forecast


async def reserve(purse: Purse, job: Job, attempt: Attempt) -> Hold | None:
    """Reserve the cap of a new attempt and freeze its exchange rate on it; or return why its job waits."""
    cap = Money(attempt.cap_micros, attempt.currency)
    told = await purse.reserve(purchase(job, attempt, cap))
    if isinstance(told, Hold):
        if told.code == "money.approval":  # the producer is shown what they agree to
            job.estimate_high_micros, job.currency = cap.micros, cap.currency
            job.estimate_low_micros = min(job.estimate_low_micros, cap.micros)
        return told
    if told.rate is not None:
        freeze(attempt, told.rate, told.amount)
    return None


def freeze(attempt: Attempt, rate: Rate, amount: Money) -> None:
    """Keep a rate on an attempt, with its cap in the project's currency."""
    attempt.rate, attempt.rate_on = rate.rate, rate.on
    attempt.ledger_currency, attempt.cap_ledger_micros = amount.currency, amount.micros


def purchase(job: Job, attempt: Attempt, cap: Money) -> Purchase:
    """Return what the ledger has to know about an attempt."""
    batch = cap if job.batch_micros is None else Money(max(job.batch_micros, cap.micros), cap.currency)
    return Purchase(
        attempt_id=attempt.id,
        episode_id=job.episode_id,
        backend=attempt.backend,
        model=attempt.model,
        spender=Spender(job.wished_by, job.wished_role),
        cap=cap,
        batch=batch,
        approved=None if job.approved_micros is None else Money(job.approved_micros, job.currency),
    )


async def quote(session: AsyncSession, actor: Actor, project: Project, episode: Episode, offer: Offer) -> Quote:
    """Return an offer in the project's currency, with the lines it would cross and why it would wait."""
    told = await reserving.forecast(
        session,
        project,
        episode.id,
        actor.role_in(project.team_id, project.id),
        offer.low,
        offer.high,
        dearest=offer.dearest,
    )
    return Quote(offer, told)
