"""Projects: create, change, archive; and who may see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.access import demand
from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.frames import FrameRate
from app.core.i18n import _
from app.events import service as events
from app.projects import repository
from app.projects.models import Project
from app.projects.schemas import ProjectInput

SLOWEST, FASTEST = 10, 120


async def create(session: AsyncSession, actor: Actor, team_id: UUID, given: ProjectInput) -> Project:
    """Create a project in a team."""
    demand(actor, "projects.create", team_id)
    rate = parse_rate(given.rate)
    row = Project(
        team_id=team_id,
        title=given.title,
        language=given.language,
        style=given.style,
        width=given.width,
        height=given.height,
        rate_numerator=rate.numerator,
        rate_denominator=rate.denominator,
        created_by=actor.id,
    )
    session.add(row)
    await session.flush()
    _audit(session, actor, row, "projects.created", title=row.title)
    return row


async def get(session: AsyncSession, actor: Actor, project_id: UUID) -> Project:
    """Return a project the actor may see; any other does not exist for them."""
    row = await repository.visible(session, actor, project_id)
    if row is None:
        raise NotFound("projects.unknown", _("There is no such project, or it is not shared with you."))
    return row


async def some(session: AsyncSession, actor: Actor, ids: Collection[UUID | None]) -> Sequence[Project]:
    """Return those of some projects that the actor may see."""
    wanted = {each for each in ids if each is not None}
    return await repository.some(session, actor, wanted) if wanted else []


async def page(
    session: AsyncSession,
    actor: Actor,
    *,
    archived: bool = False,
    search: str = "",
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Project]:
    """Return visible projects, newest first."""
    return await repository.page(session, actor, archived=archived, search=search, before=before, limit=limit)


async def change(session: AsyncSession, actor: Actor, project: Project, given: ProjectInput) -> None:
    """Change a project; its format and rate are fixed once it has takes (``options['format_fixed']``)."""
    rate = parse_rate(given.rate)
    new = (given.width, given.height, rate)
    if new != (project.width, project.height, project.rate) and project.options.get("format_fixed"):
        message = _("The size and frame rate were fixed by the first take. Make a new project for another format.")
        raise Conflict("projects.format_fixed", message)
    style_changed = project.style != given.style
    project.title, project.language, project.style = given.title, given.language, given.style
    project.width, project.height = given.width, given.height
    project.rate_numerator, project.rate_denominator = rate.numerator, rate.denominator
    project.updated_at = clock.now()
    _audit(session, actor, project, "projects.changed", title=given.title)
    await events.emit(session, "projects.changed", project.id, style_changed=style_changed)


async def fix_format(session: AsyncSession, project: Project) -> None:
    """Fix size and rate, because the first take was made for them."""
    if not project.options.get("format_fixed"):
        project.options = {**project.options, "format_fixed": True}
        await session.flush()


async def choose_backend(session: AsyncSession, actor: Actor, project: Project, backend: str, model: str) -> None:
    """Choose where the project's takes are made from now on; what is under way stays where it is."""
    _audit(session, actor, project, "projects.backend_chosen", backend=backend, model=model)
    project.backend, project.model = backend, model
    await session.flush()


async def archive(session: AsyncSession, actor: Actor, project: Project, *, archived: bool) -> None:
    """Put a project away, or bring it back; nothing is deleted."""
    project.archived_at = clock.now() if archived else None
    _audit(session, actor, project, "projects.archived" if archived else "projects.restored")


def parse_rate(text: str) -> FrameRate:
    """Return the frame rate written as "24/1" or "24000/1001"; raises ``Invalid`` outside 10 to 120 frames a second."""
    numerator, _slash, denominator = text.partition("/")
    if int(denominator) and SLOWEST <= int(numerator) / int(denominator) <= FASTEST:
        return FrameRate(int(numerator), int(denominator))
    message = _("Choose a frame rate between %(slow)d and %(fast)d frames a second.")
    raise Invalid("projects.rate", message % {"slow": SLOWEST, "fast": FASTEST}, field="rate")


def _audit(session: AsyncSession, actor: Actor, project: Project, action: str, **facts: str) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="project",
        subject_id=project.id,
        team_id=project.team_id,
        project_id=project.id,
        **facts,
    )
