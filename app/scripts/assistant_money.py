"""What proposals do with money: each try reserves its cap before it is asked, and is settled at what was charged."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.permissions import Role, allows
from app.backends.chat import ChatModel, Outcome, Question, TextModels
from app.core import clock
from app.core.i18n import _
from app.core.ids import new_id
from app.core.money import Money
from app.money import reserving
from app.money.schemas import Hold, Purchase, Rate, Spender
from app.projects.models import Project
from app.scripts import repository
from app.scripts.models import Proposal, ProposalTry


async def open_try(
    session: AsyncSession, models: TextModels, project: Project, row: Proposal, question: Question
) -> ProposalTry | Hold | None:
    """Set money aside for the next text model that was not tried; or say why there is none for any of them.

    None means that no model is left that the question fits into.
    """
    tried = {one.backend for one in await repository.tries(session, row.id)}
    held: Hold | None = None
    for model in models.usable:
        if model.name in tried or not model.fits(question):
            continue
        made = await _reserve(session, project, row, model, model.cap(question))
        if isinstance(made, ProposalTry):
            return made
        held = held or made
    return held


async def _reserve(
    session: AsyncSession, project: Project, row: Proposal, model: ChatModel, cap: Money
) -> ProposalTry | Hold:
    made = ProposalTry(
        id=new_id(),
        proposal_id=row.id,
        backend=model.name,
        model=model.model,
        currency=cap.currency,
        cap_micros=cap.micros,
    )
    purchase = Purchase(
        attempt_id=made.id,
        episode_id=row.episode_id,
        backend=model.name,
        model=model.model,
        spender=Spender(row.asked_by, row.asked_role),
        cap=cap,
        batch=cap,
        approved=cap if _approves(row.asked_role) else None,
    )
    told = await reserving.reserve(session, project, purchase)
    if isinstance(told, Hold):
        return _in_words(told, cap)
    if told.rate is not None:
        made.rate, made.rate_on = told.rate.rate, told.rate.on
        made.ledger_currency, made.cap_ledger_micros = told.amount.currency, told.amount.micros
    session.add(made)
    await session.flush()
    return made


async def close_try(session: AsyncSession, row: Proposal, one: ProposalTry, outcome: Outcome) -> None:
    """Write down what came of a try, and settle what it was charged: also when its answer was useless."""
    one.ended_at = clock.now()
    one.requests = outcome.requests
    one.tokens_read, one.tokens_written = outcome.usage.read, outcome.usage.written
    one.error = outcome.error.facts() if outcome.error else {}
    one.actual_micros = outcome.cost.micros
    booked = outcome.cost
    if one.rate is not None and one.rate_on is not None and one.ledger_currency is not None:
        booked = Rate(one.currency, one.ledger_currency, one.rate, one.rate_on).convert(outcome.cost)
        one.actual_ledger_micros = booked.micros
    if booked.micros:
        await reserving.settle(session, one.id, booked)
        row.cost_micros += booked.micros
    else:
        await reserving.release(session, one.id)
    await session.flush()


def _approves(role: str) -> bool:
    """Tell whether a role may agree to spending, so that it need not ask anybody."""
    return role in set(Role) and allows(role, "jobs.decide")


def _in_words(hold: Hold, cap: Money) -> Hold:
    """Return a hold in words that fit a proposal, which does not wait for anybody."""
    if hold.code != "money.approval":
        return hold
    words = _(
        "Asking a text model may cost %(amount)s here, and this project asks a producer about that much first. A "
        "producer can ask it, or raise the threshold under Budget."
    )
    return Hold(hold.code, words % {"amount": cap})
