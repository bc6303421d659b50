"""Scripts that were sent and wait for a decision: kept for a day, a few a person, seen by that person only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core import clock
from app.core.errors import NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.scripts.formats.ast import ParseWarning
from app.scripts.formats.files import FileText
from app.scripts.models import Upload

KEPT_FOR = timedelta(days=1)
MOST_A_PERSON = 5


async def keep(
    session: AsyncSession, actor: Actor, project_id: UUID, file: FileText, *, name: str, episode_id: UUID | None = None
) -> Upload:
    """Keep a script until its sender has decided; the oldest of theirs give way."""
    assert actor.id is not None
    row = Upload(
        project_id=project_id,
        episode_id=episode_id,
        person_id=actor.id,
        name=clean_line(name, 80) or _("pasted text"),
        text=file.text,
        warnings=[[each.line, each.code, each.message] for each in file.warnings[:500]],
        expires_at=clock.now() + KEPT_FOR,
    )
    session.add(row)
    await session.flush()
    newest = (
        select(Upload.id).where(Upload.person_id == actor.id).order_by(Upload.id.desc()).limit(MOST_A_PERSON)
    ).scalar_subquery()
    await session.execute(delete(Upload).where(Upload.person_id == actor.id, Upload.id.not_in(newest)))
    return row


async def get(session: AsyncSession, actor: Actor, project_id: UUID, upload_id: UUID) -> Upload:
    """Return a script that this person sent to this project and has not decided about."""
    row = await session.get(Upload, upload_id)
    if row is None or row.project_id != project_id or row.person_id != actor.id or row.expires_at <= clock.now():
        message = _("This script is no longer kept here. It was imported, or sent more than a day ago: send it again.")
        raise NotFound("scripts.upload_unknown", message)
    return row


async def forget(session: AsyncSession, row: Upload) -> None:
    """Forget a script that was decided about."""
    await session.delete(row)
    await session.flush()


async def forget_old(session: AsyncSession) -> None:
    """Forget what nobody decided about within its day."""
    await session.execute(delete(Upload).where(Upload.expires_at <= clock.now()))


def warnings_of(row: Upload) -> tuple[ParseWarning, ...]:
    """Return what was doubtful in the file itself."""
    return tuple(ParseWarning(*each) for each in row.warnings)
