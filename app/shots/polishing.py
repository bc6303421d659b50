"""Polishing what a shot is asked with: better directions, which a director takes over or not."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.backends.chat import TextModels
from app.core.errors import Conflict
from app.core.i18n import _
from app.episodes.models import Episode
from app.projects.models import Project
from app.scripts import assistant, assistant_prompts
from app.scripts.assistant import Wanted
from app.scripts.models import Proposal
from app.shots import service
from app.shots.models import Shot
from app.shots.schemas import ShotInput

KIND = "directions"
LONGEST = 8000


async def ask(
    session: AsyncSession, models: TextModels, actor: Actor, project: Project, episode: Episode, shot: Shot
) -> Proposal:
    """Ask for better directions of a shot, from its prompt and what a retake was asked for; raises ``Conflict``."""
    service.refuse_locked(shot)
    prompt, note = shot.prompt[: LONGEST // 2], shot.retake_note[: LONGEST // 4]
    task, content = assistant_prompts.directions(prompt, shot.directions, note)
    wanted = Wanted(KIND, shot.id, "polish", task, content, shot.directions)
    return await assistant.ask(session, models, actor, project, episode, wanted)


async def accept(session: AsyncSession, actor: Actor, shot: Shot, row: Proposal) -> None:
    """Make the proposed directions the shot's; raises ``Conflict`` when somebody changed them meanwhile."""
    await session.refresh(shot, with_for_update=True)
    if shot.directions != row.before:
        message = _("Somebody changed the directions since this was proposed, so nothing was replaced. Ask again.")
        raise Conflict("assistant.directions_changed", message)
    await service.edit(session, shot, ShotInput(directions=row.text))
    await assistant.decide(session, actor, row, "accepted", name=shot.name)
