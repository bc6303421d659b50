"""Comparing two states of a script: a revision, a checkpoint or the text of now on either side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.episodes.models import Episode
from app.scripts import service
from app.scripts.differences import Difference, Row, SceneChange, changed_lines, compare, with_scene
from app.scripts.formats.revision_marks import RevisionMarks
from app.scripts.models import Revision, Script
from app.scripts.revision_words import title

AROUND = 2
NOW = "now"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison; ``revision`` is None for the text of now."""

    key: str
    text: str
    by: str
    at: datetime
    revision: Revision | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that stayed and are folded away."""

    lines: int


async def side(session: AsyncSession, script: Script, key: str) -> Side:
    """Return the state that ``key`` names: ``now``, or the id of a revision of this script."""
    if key == NOW:
        return Side(NOW, script.text, script.saved_by_name, script.updated_at)
    try:
        wanted = UUID(key)
    except ValueError as error:
        message = _("Compare revisions by their ids, or with “now”.")
        raise Invalid("scripts.compare_side", message, field="from") from error
    row = await service.revision(session, script, wanted)
    return Side(key, row.text, row.written_by_name or row.made_by_name, row.created_at, row)


async def between(before: Side, after: Side) -> Difference:
    """Return the difference of two sides, made in a thread."""
    return await asyncio.to_thread(compare, before.text, after.text)


def folded(scene: SceneChange) -> Iterator[Row | Gap]:
    """Yield the rows of a scene that changed and two around each, and gaps for the rest."""
    near = {
        at
        for index, row in enumerate(scene.rows)
        if row.kind != "same"
        for at in range(index - AROUND, index + AROUND + 1)
    }
    hidden = 0
    for index, row in enumerate(scene.rows):
        if index in near:
            if hidden:
                yield Gap(hidden)
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield Gap(hidden)


async def restore_scene(session: AsyncSession, actor: Actor, episode: Episode, revision_id: UUID, index: int) -> Script:
    """Bring one scene of a revision back, number ``index`` from 0 in it; the present text becomes a revision first."""
    script = await service.present(session, episode)
    kept = await service.revision(session, script, revision_id)
    difference = await asyncio.to_thread(compare, kept.text, script.text)
    try:
        text = with_scene(difference, index)
    except IndexError as error:
        message = _("That revision has no such scene: open the comparison again and choose from it.")
        raise NotFound("scripts.revision_scene_unknown", message) from error
    return await service.replace(session, actor, episode, text, name=_("one scene of %(name)s") % {"name": kept.name})


async def marks(script: Script, since: Revision) -> RevisionMarks:
    """Return the lines of the present text that changed since a revision, for a margin."""
    lines = await asyncio.to_thread(changed_lines, since.text, script.text)
    return RevisionMarks(title(since), since.colour, frozenset(lines))
