"""Whether what is kept of each script agrees: its room's log and snapshot, the text, and whose line is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.db import Database
from app.episodes.models import Episode
from app.rooms import service as rooms
from app.rooms.document import Document
from app.scripts.models import Script
from app.scripts.reading import cleaned
from app.scripts.service import KIND


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A script whose parts do not agree, and what is wrong, for the person who looks after the installation."""

    script_id: UUID
    project_id: UUID
    episode: int
    found: str


async def disagreements(database: Database, project_id: UUID | None = None) -> tuple[int, list[Disagreement]]:
    """Return how many scripts were looked at, of one project or of all, and what does not agree in them."""
    query = select(Script.id, Episode.project_id, Episode.number).join(Episode, Script.episode_id == Episode.id)
    if project_id is not None:
        query = query.where(Episode.project_id == project_id)
    async with database.transaction() as session:
        listed = (await session.execute(query.order_by(Episode.project_id, Episode.number))).all()
    found = []
    for script_id, of_project, number in listed:
        found += [Disagreement(script_id, of_project, number, words) for words in await _faults(database, script_id)]
    return len(listed), found


async def _faults(database: Database, script_id: UUID) -> Sequence[str]:
    async with database.transaction() as session:
        script = await session.get(Script, script_id)
        room = None if script is None else await rooms.of_subject(session, KIND, script_id)
        if script is None or room is None:
            return []  # deleted meanwhile, or nobody ever wrote in it: the text is all there is
        try:
            opened = await rooms.opened(session, room)
            together = Document([rooms.folded(opened)]) if opened.log else Document()
        except ValueError as error:
            return [f"its room's log cannot be read: {error}"]
        await session.refresh(room)
        await session.refresh(script)
        faults = []
        if together.text != opened.document.text:
            faults.append("folding its log would change the text")
        if room.dirty_since is None and cleaned(opened.document.text) != script.text:
            faults.append("the log amounts to another text than the one that was read from it")
        lines = sum(int(str(count)) for count, _by, _name in script.authorship)
        if script.authorship and lines != script.text.count("\n") + 1:
            faults.append(f"{lines} lines have an author, and there are {script.text.count(chr(10)) + 1}")
        return faults
