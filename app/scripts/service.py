"""Scripts: the text of each episode, saved without lost updates, and its revisions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core.config import get_settings
from app.core.errors import Conflict, Invalid, NotFound, PayloadTooLarge
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode
from app.events import service as events
from app.scripts import history
from app.scripts.colours import COLOURS
from app.scripts.models import Revision, Script


async def of_episode(session: AsyncSession, episode: Episode, *, for_update: bool = False) -> Script:
    """Return the script of an episode; an episode without one gets an empty script."""
    query = select(Script).where(Script.episode_id == episode.id)
    query = query.with_for_update() if for_update else query
    row: Script | None = await session.scalar(query)
    if row is None:
        # several people may open a fresh episode at the same moment: the first one makes the row
        await session.execute(insert(Script).values(episode_id=episode.id).on_conflict_do_nothing())
        row = (await session.scalars(query)).one()
    return row


async def save(session: AsyncSession, actor: Actor, episode: Episode, text: str, *, version: int) -> Script:
    """Save a text made from ``version``; raises ``Conflict`` when somebody saved meanwhile, and then saves nothing."""
    limit = get_settings().script_limit_kb
    if len(text.encode(errors="surrogatepass")) > limit * 1024:
        message = _("The script is larger than %(limit)d KiB. Split it into episodes.") % {"limit": limit}
        raise PayloadTooLarge("script.too_large", message)
    row = await of_episode(session, episode, for_update=True)
    if row.version != version:
        message = _(
            "%(name)s saved this script while you were writing. Your text is still here: compare, then save again."
        )
        raise Conflict(
            "scripts.saved_meanwhile", message % {"name": row.saved_by_name or "?"}, version=row.version, text=row.text
        )
    return await _write(session, actor, episode, row, _normalised(text))


async def replace(session: AsyncSession, actor: Actor, episode: Episode, text: str, *, name: str) -> Script:
    """Replace the text by an imported one; what was there before is kept as a revision."""
    row = await of_episode(session, episode, for_update=True)
    if row.text.strip() and row.text != text:
        before = _("Before %(name)s") % {"name": name}
        await history.keep(session, row, name=clean_line(before, 80), kind="before", by=(actor.id, actor.name))
    return await _write(session, actor, episode, row, _normalised(text))


async def _write(session: AsyncSession, actor: Actor, episode: Episode, row: Script, text: str) -> Script:
    if row.text != text:
        await history.checkpoint(session, row)
        row.text, row.version = text, row.version + 1
        row.saved_by, row.saved_by_name = actor.id, actor.name
        await session.flush()
        await events.emit(
            session, "scripts.text_changed", episode.project_id, episode_id=str(episode.id), version=row.version
        )
    return row


async def make_revision(
    session: AsyncSession, actor: Actor, script: Script, *, name: str, colour: str = "", note: str = ""
) -> Revision:
    """Keep the present text as a named, immutable revision, with a colour of the standard sequence and a note."""
    name = clean_line(name, 80)
    if not name:
        raise Invalid("scripts.revision_name", _("Give the revision a name."), field="name")
    if colour and colour not in COLOURS:
        message = _("That is not a colour of revisions: choose one of the list, or none.")
        raise Invalid("scripts.revision_colour", message, field="colour")
    by = (actor.id, actor.name)
    return await history.keep(session, script, name=name, kind="named", by=by, colour=colour, note=note.strip()[:1000])


async def revisions(
    session: AsyncSession, script: Script, *, before: int | None = None, limit: int = 200, kinds: Sequence[str] = ()
) -> Sequence[Revision]:
    """Return a script's revisions, newest first, of some kinds, below the number ``before`` where one is given."""
    query = select(Revision).where(Revision.script_id == script.id)
    if kinds:
        query = query.where(Revision.kind.in_(kinds))
    if before is not None:
        query = query.where(Revision.number < before)
    return (await session.scalars(query.order_by(Revision.number.desc()).limit(limit))).all()


async def revision(session: AsyncSession, script: Script, revision_id: UUID) -> Revision:
    """Return a revision of this very script."""
    row = await session.get(Revision, revision_id)
    if row is None or row.script_id != script.id:
        raise NotFound("scripts.revision_unknown", _("There is no such revision of this script."))
    return row


async def restore(session: AsyncSession, actor: Actor, episode: Episode, revision_id: UUID) -> Script:
    """Bring a revision's text back; the present text becomes a revision first."""
    row = await of_episode(session, episode, for_update=True)
    kept = await revision(session, row, revision_id)
    return await replace(session, actor, episode, kept.text, name=kept.name)


def _normalised(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
