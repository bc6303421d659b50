"""Asking: a try is claimed, asked outside any transaction, and recorded; a lost worker is noticed by the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.chat import Outcome, Question, TextModels
from app.backends.chat.catalogue import Usage
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.db import Database, nudge
from app.core.i18n import _, speaking
from app.core.money import Money
from app.money.schemas import Hold
from app.projects.models import Project
from app.scripts import assistant, assistant_money, repository
from app.scripts.assistant_answers import Answer, text_of
from app.scripts.models import Proposal, ProposalTry

log = structlog.get_logger(__name__)
SLACK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A try that this worker has to itself: of which proposal, of whom, and what."""

    proposal_id: UUID
    try_id: UUID
    backend: str
    currency: str
    question: Question


async def run(database: Database, models: TextModels, proposal_id: UUID) -> None:
    """Ask the text model whose turn it is, once; a second worker finds the try taken and leaves."""
    async with database.transaction() as session:
        claim = await _claim(session, models, proposal_id)
    if claim is None:
        return
    model = models.get(claim.backend)
    outcome = await model.ask(claim.question) if model is not None else _not_here(claim)
    async with database.transaction() as session:
        await _record(session, models, claim, outcome)


async def _claim(session: AsyncSession, models: TextModels, proposal_id: UUID) -> _Claim | None:
    row = await repository.locked(session, proposal_id)
    if row is None or row.state != "asking" or row.lease_until is not None:
        return None
    one = await _open_try(session, row)
    if one is None:
        return None
    model = models.get(one.backend)
    row.lease_until = row.due_at = clock.now() + SLACK + timedelta(seconds=model.longest_s if model else 0)
    return _Claim(row.id, one.id, one.backend, one.currency, assistant.question_of(row))


async def _open_try(session: AsyncSession, row: Proposal) -> ProposalTry | None:
    return next((one for one in await repository.tries(session, row.id) if one.ended_at is None), None)


async def _record(session: AsyncSession, models: TextModels, claim: _Claim, outcome: Outcome) -> None:
    """Write down what a try came to; one that the sweep gave up meanwhile is settled already, and stays so."""
    row = await repository.locked(session, claim.proposal_id)
    one = await _open_try(session, row) if row is not None else None
    if row is None or row.state != "asking" or one is None or one.id != claim.try_id:
        log.warning("assistant.too_late", proposal_id=str(claim.proposal_id), backend=claim.backend)
        return
    await assistant_money.close_try(session, row, one, outcome)
    row.backend, row.model = one.backend, one.model
    row.lease_until = None
    with speaking(str(row.question.get("locale", "en"))):
        if isinstance(outcome.value, Answer):
            row.state, row.due_at = "proposed", None
            row.answer, row.text = outcome.value.model_dump(mode="json"), text_of(outcome.value)
        elif outcome.refused:
            _end(row, "refused", "assistant.refused", _refusal(outcome))
        else:
            await _pass_on(session, models, row, claim.question)
    await session.flush()
    await assistant.tell(session, row)


async def _pass_on(session: AsyncSession, models: TextModels, row: Proposal, question: Question) -> None:
    """Let the next text model be asked; without one the proposal has failed, and says what each said."""
    project = await session.get_one(Project, row.project_id)
    opened = await assistant_money.open_try(session, models, project, row, question)
    if isinstance(opened, ProposalTry):
        row.due_at = clock.now() + assistant.NUDGE_AGAIN
        nudge(session, assistant.STEP, row.id)
    elif isinstance(opened, Hold):
        _end(row, "failed", opened.code, opened.message)
    else:
        said = [f"{one.backend}: {one.error.get('message', '')}" for one in await repository.tries(session, row.id)]
        words = _("No text model gave an answer that can be used. %(said)s Ask again, or write it yourself.")
        _end(row, "failed", "assistant.unanswered", words % {"said": " ".join(said)})


def _refusal(outcome: Outcome) -> str:
    words = _("The text model's provider turned this text down. Change the text, or write it yourself.")
    said = outcome.error.message if outcome.error else ""
    return f"{words} {said}".strip()


def _end(row: Proposal, state: str, code: str, words: str) -> None:
    row.state, row.error_code, row.error = state, code, words
    row.due_at = row.lease_until = None


def _not_here(claim: _Claim) -> Outcome:
    """Return the outcome of a model that this worker does not know: nothing was sent."""
    error = BackendError(Kind.PERMANENT, f"The text model {claim.backend} is not configured for this worker.")
    return Outcome(Money(0, claim.currency), Usage(), 0, error=error)


async def sweep(session: AsyncSession) -> int:
    """Nudge what no worker has taken up, and give up what a lost worker left; return how many were due."""
    now = clock.now()
    rows = await repository.due(session, now)
    for row in rows:
        if row.lease_until is None:
            row.due_at = now + assistant.NUDGE_AGAIN
            nudge(session, assistant.STEP, row.id)
        else:
            await _give_up(session, row)
    return len(rows)


async def _give_up(session: AsyncSession, row: Proposal) -> None:
    """Fail a proposal whose worker was lost: nobody knows what was charged, so its try counts as the most."""
    one = await _open_try(session, row)
    if one is not None:
        error = BackendError(Kind.TRANSIENT, "The worker that asked was lost.", outcome_unknown=True)
        lost = Outcome(Money(one.cap_micros, one.currency), Usage(), 1, error=error)
        await assistant_money.close_try(session, row, one, lost)
        row.backend, row.model = one.backend, one.model
    with speaking(str(row.question.get("locale", "en"))):
        words = _("The worker that asked was lost, and its answer with it; it counts as paid. Ask again.")
    _end(row, "failed", "assistant.lost", words)
    await session.flush()
    await assistant.tell(session, row)
