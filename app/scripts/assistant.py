"""Proposals of text models: asked for within a budget, shown, and accepted or dismissed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.chat import Question, TextModels
from app.core import clock
from app.core.db import lock_for_transaction, nudge
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _, current_locale
from app.core.money import Money
from app.episodes.models import Episode
from app.events import service as events
from app.money.schemas import Hold
from app.projects.models import Project
from app.scripts import assistant_money, repository
from app.scripts.assistant_answers import CONTRACTS
from app.scripts.models import Proposal

STEP = "assistant.ask"
NUDGE_AGAIN = timedelta(seconds=30)
LONGEST_INSTRUCTION = 500
LONGEST_TASK = 4000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a proposal is asked about: the ``task`` and ``content`` for the model, and the text as it is ``before``."""

    kind: str
    subject_id: UUID
    wish: str
    task: str
    content: str
    before: str
    instruction: str = ""
    place: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


async def ask(
    session: AsyncSession, models: TextModels, actor: Actor, project: Project, episode: Episode, wanted: Wanted
) -> Proposal:
    """Set money aside and have a worker ask; the same question that is being asked already is returned.

    Raises ``Conflict`` when no text model is configured, or saying why the project has no money for it; ``Invalid``
    when the text is too long for every model.
    """
    if not models:
        message = _("No text model is configured. The owner of the installation can set one up.")
        raise Conflict("assistant.not_configured", message)
    await lock_for_transaction(session, f"assistant.{wanted.subject_id}")
    asked = {"task": wanted.task, "content": wanted.content, "context": dict(wanted.context)}
    for row in await repository.asking(session, wanted.subject_id, wanted.kind):
        if {key: row.question.get(key) for key in asked} == asked:
            return row
    row = _proposal(actor, project, episode, wanted)
    row.question = {**asked, "locale": current_locale()}
    session.add(row)
    await session.flush()
    opened = await assistant_money.open_try(session, models, project, row, question_of(row))
    if isinstance(opened, Hold):
        raise Conflict(opened.code, opened.message)
    if opened is None:
        message = _("This text is too long for every text model that is configured. Choose a shorter part of it.")
        raise Invalid("assistant.too_long", message)
    await _audit(session, actor, row, "assistant.asked", wish=row.wish)
    await tell(session, row)
    nudge(session, STEP, row.id)
    return row


def _proposal(actor: Actor, project: Project, episode: Episode, wanted: Wanted) -> Proposal:
    return Proposal(
        project_id=project.id,
        episode_id=episode.id,
        kind=wanted.kind,
        subject_id=wanted.subject_id,
        wish=wanted.wish,
        instruction=wanted.instruction,
        before=wanted.before,
        place=wanted.place,
        answer={},
        applied={},
        cost_micros=0,
        currency=project.currency,
        asked_by=actor.id,
        asked_by_name=actor.name,
        asked_role=actor.role_in(project.team_id, project.id),
        due_at=clock.now() + NUDGE_AGAIN,
    )


def most(models: TextModels, characters: int) -> Money | None:
    """Return what asking the first text model about so many characters costs at most; None without one."""
    if not models:
        return None
    longest = Question("x" * LONGEST_TASK, "海" * (characters + LONGEST_INSTRUCTION), CONTRACTS["breakdown"])
    return models.usable[0].cap(longest)


def question_of(row: Proposal) -> Question:
    """Return what a proposal asks a text model."""
    asked = row.question
    return Question(asked["task"], asked["content"], CONTRACTS[row.kind], asked["context"])


async def get(session: AsyncSession, project_id: UUID, proposal_id: UUID) -> Proposal:
    """Return a proposal of this very project."""
    row = await session.get(Proposal, proposal_id)
    if row is None or row.project_id != project_id:
        raise NotFound("assistant.unknown", _("There is no such proposal in this project."))
    return row


async def page(
    session: AsyncSession,
    project_id: UUID,
    *,
    episode_id: UUID | None = None,
    states: Sequence[str] = (),
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Proposal]:
    """Return proposals of a project, or of one of its episodes, newest first."""
    return await repository.page(
        session, project_id, episode_id=episode_id, states=states, before=before, limit=min(limit, 201)
    )


async def open_about(session: AsyncSession, subject_id: UUID, kind: str) -> Proposal | None:
    """Return the newest proposal about something that is being asked for, or waits for a decision."""
    return await repository.open_of(session, subject_id, kind)


async def decidable(session: AsyncSession, project_id: UUID, proposal_id: UUID, kinds: Sequence[str]) -> Proposal:
    """Return a proposal of some kinds, locked, that waits for a decision; raise ``NotFound`` or ``Conflict``."""
    row = await of_kinds(session, project_id, proposal_id, kinds)
    if row.state != "proposed":
        message = _("This proposal does not wait for a decision: it was decided already, or there is none yet.")
        raise Conflict("assistant.not_proposed", message, state=row.state)
    return row


async def of_kinds(session: AsyncSession, project_id: UUID, proposal_id: UUID, kinds: Sequence[str]) -> Proposal:
    """Return a proposal of some kinds, locked; raise ``NotFound``."""
    row = await repository.locked(session, proposal_id)
    if row is None or row.project_id != project_id or row.kind not in kinds:
        raise NotFound("assistant.unknown", _("There is no such proposal in this project."))
    return row


async def dismiss(session: AsyncSession, actor: Actor, row: Proposal) -> None:
    """Put a proposal aside; what was taken over of it stays."""
    await decide(session, actor, row, "dismissed")


async def decide(session: AsyncSession, actor: Actor, row: Proposal, state: str, **facts: Any) -> None:
    """Write down what somebody made of a proposal: "accepted", "dismissed", or "proposed" when they go back."""
    row.state = state
    row.decided_by, row.decided_by_name, row.decided_at = actor.id, actor.name, clock.now()
    await _audit(session, actor, row, f"assistant.{'reopened' if state == 'proposed' else state}", **facts)
    await session.flush()
    await tell(session, row)


async def tell(session: AsyncSession, row: Proposal) -> None:
    """Tell the pages that a proposal changed."""
    facts = {"proposal_id": str(row.id), "episode_id": str(row.episode_id), "state": row.state}
    await events.emit(session, "scripts.proposal_changed", row.project_id, **facts)


async def _audit(session: AsyncSession, actor: Actor, row: Proposal, action: str, **facts: Any) -> None:
    project = await session.get_one(Project, row.project_id)
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="proposal",
        subject_id=row.id,
        team_id=project.team_id,
        project_id=project.id,
        kind=row.kind,
        **facts,
    )
