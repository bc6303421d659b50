"""Scripts: the text of each episode, written in a room, read from there into a row, and its revisions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core.config import get_settings
from app.core.db import Database
from app.core.errors import Conflict, Invalid, NotFound, PayloadTooLarge
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode
from app.rooms import service as rooms
from app.rooms.document import Document
from app.rooms.models import Room
from app.rooms.schemas import Author
from app.scripts import history, reading
from app.scripts.colours import COLOURS
from app.scripts.models import Revision, Script
from app.scripts.reading import cleaned

KIND = "script"
READ_AFTER_S = 1.0
READ_AT_ONCE = 100
T = TypeVar("T")


async def of_episode(session: AsyncSession, episode: Episode) -> Script:
    """Return the script of an episode as it was last read from its room; an episode without one gets an empty one."""
    query = select(Script).where(Script.episode_id == episode.id)
    row: Script | None = await session.scalar(query)
    if row is None:
        # several people may open a fresh episode at the same moment: the first one makes the row
        await session.execute(insert(Script).values(episode_id=episode.id).on_conflict_do_nothing())
        row = (await session.scalars(query)).one()
    return row


async def room_of(session: AsyncSession, script: Script) -> Room:
    """Return the room in which a script is written; it is made once, with the text of then."""
    return await rooms.ensure(session, KIND, script.id, f"{KIND}-{script.id}", script.text)


async def project_of(session: AsyncSession, script_id: UUID) -> UUID | None:
    """Return the project that a script belongs to."""
    query = select(Episode.project_id).join(Script, Script.episode_id == Episode.id).where(Script.id == script_id)
    found: UUID | None = await session.scalar(query)
    return found


async def edit(session: AsyncSession, actor: Actor, episode: Episode, change: Callable[[Document], T]) -> T:
    """Change the text of an episode, or its marks, beside whoever is writing in it; everybody sees it at once.

    ``change`` gets the text as it is now, and what it returns is returned. Raises ``PayloadTooLarge`` when the text
    would be too large, and then nothing is changed.
    """
    script = await of_episode(session, episode)
    opened = await rooms.opened(session, await room_of(session, script))
    found = change(opened.document)
    refuse_too_large(opened.document.text)
    await rooms.write(session, opened.room, opened.document, Author(actor.id, actor.name))
    await reading.read(session, script, opened, Author(actor.id, actor.name))
    return found


async def save(session: AsyncSession, actor: Actor, episode: Episode, text: str, *, version: int) -> Script:
    """Save a text made from ``version``; raises ``Conflict`` when somebody changed it meanwhile, and saves nothing."""
    refuse_too_large(text)

    def change(document: Document) -> None:
        if row.version != version or document.text != row.text:
            raise Conflict("scripts.saved_meanwhile", _saved_meanwhile(row), version=row.version, text=row.text)
        document.replace(cleaned(text))

    row = await present(session, episode)
    await edit(session, actor, episode, change)
    return row


async def present(session: AsyncSession, episode: Episode) -> Script:
    """Return the script with all that was written in its room up to now; nobody else changes it until the end."""
    row = await of_episode(session, episode)
    await reading.read(session, row, await rooms.opened(session, await room_of(session, row)))
    return row


def _saved_meanwhile(row: Script) -> str:
    message = _("%(name)s saved this script while you were writing. Your text is still here: compare, then save again.")
    return message % {"name": row.saved_by_name or "?"}


async def replace(session: AsyncSession, actor: Actor, episode: Episode, text: str, *, name: str) -> Script:
    """Replace the text by an imported one; what was there before is kept as a revision."""
    row = await present(session, episode)
    if row.text.strip() and row.text != text:
        before = _("Before %(name)s") % {"name": name}
        await history.keep(session, row, name=clean_line(before, 80), kind="before", by=(actor.id, actor.name))
    await edit(session, actor, episode, lambda document: document.replace(cleaned(text)))
    return row


def refuse_too_large(text: str) -> None:
    """Raise ``PayloadTooLarge`` when a text is larger than scripts may be."""
    limit = get_settings().script_limit_kb
    if len(text.encode(errors="surrogatepass")) > limit * 1024:
        message = _("The script is larger than %(limit)d KiB. Split it into episodes.") % {"limit": limit}
        raise PayloadTooLarge("script.too_large", message)


async def read_due(database: Database, *, most_seconds: float = 0.5) -> int:
    """Read what was written in the rooms of scripts and not read for a second; return how many had something new."""
    read, until = 0, time.monotonic() + most_seconds
    async with database.transaction() as session:
        due = await rooms.dirty(session, KIND, seconds=READ_AFTER_S, limit=READ_AT_ONCE)
    for room in due:
        if time.monotonic() > until:
            break
        async with database.transaction() as session:
            if await rooms.try_lock(session, room.id):
                script = await session.get(Script, room.subject_id)
                if script is not None:
                    await reading.read(session, script, await rooms.opened(session, room))
                    read += 1
    return read


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
    row = await of_episode(session, episode)
    kept = await revision(session, row, revision_id)
    return await replace(session, actor, episode, kept.text, name=kept.name)
