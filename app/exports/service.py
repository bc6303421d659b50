"""Exports: asked for, refused with the list of what is missing, cancelled, listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import lock_for_transaction, nudge
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.episodes.models import Episode
from app.events import service as events
from app.exports import planning, repository
from app.exports.models import Deliverable, Export
from app.projects.models import Project
from app.scenes import service as scenes
from app.shots import service as shots
from app.shots.models import Shot
from app.takes import service as takes
from app.takes.models import Take

KINDS = ("final", "draft")
NUDGE_AGAIN = timedelta(seconds=60)


async def undecided(session: AsyncSession, episode: Episode) -> list[Shot]:
    """Return the shots that keep an episode from its final export: neither circled nor dropped by name."""
    rows = await shots.of_episode(session, episode.id, dropped=False)
    return [shot for shot in rows if shot.circled_take_id is None]


async def ask(session: AsyncSession, actor: Actor, project: Project, episode: Episode, kind: str) -> Export:
    """Ask for the export of an episode; one that is open already is returned, not made again.

    A final export is refused, with the list, until every shot has a circled take or is dropped by name. A draft takes
    circled or newest takes and carries a watermark.
    """
    if kind not in KINDS:
        raise Invalid("exports.kind", _("Choose a final export or a draft."), field="kind")
    await lock_for_transaction(session, f"exports.{episode.id}")
    if present := await repository.open_export(session, episode.id, kind):
        return present
    if kind == "final":
        await _refuse_undecided(session, episode)
    cut = await _snapshot(session, project, episode, draft=kind == "draft")
    if not cut["segments"]:
        raise Conflict("exports.nothing", _("There is nothing to export yet: no shot has a take. Generate first."))
    row = Export(
        project_id=project.id,
        episode_id=episode.id,
        kind=kind,
        cut=cut,
        asked_by=actor.id,
        asked_by_name=actor.name,
    )
    session.add(row)
    await session.flush()
    _audit(session, actor, project, row, "exports.asked", episode=episode.number, kind=kind)
    await tell(session, row)
    nudge(session, "exports.run", row.id, queue="media")
    return row


async def _refuse_undecided(session: AsyncSession, episode: Episode) -> None:
    waiting = await undecided(session, episode)
    if not waiting:
        return
    names = [shot.name for shot in waiting]
    message = _(
        "%(count)d shots have no circled take: %(names)s. Circle a take of each or drop it by name; "
        "a draft export is possible before that."
    )
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    raise Conflict("exports.undecided", message % {"count": len(names), "names": shown}, shots=names)


async def _snapshot(session: AsyncSession, project: Project, episode: Episode, *, draft: bool) -> dict[str, Any]:
    rows = await shots.of_episode(session, episode.id)
    by_scene = {scene.id: scene for scene in await scenes.of_episode(session, episode.id, omitted=True)}
    kept = [shot for shot in rows if shot.dropped_at is None]
    circled = await takes.by_ids(session, [shot.circled_take_id for shot in kept if shot.circled_take_id])
    chosen: dict[UUID, Take] = {
        shot.id: circled[shot.circled_take_id]
        for shot in kept
        if shot.circled_take_id in circled and shot.circled_take_id
    }
    if draft:
        rest = [shot.id for shot in kept if shot.id not in chosen]
        chosen |= await takes.newest_of(session, rest)
    return planning.snapshot(project, episode, by_scene, rows, chosen, draft=draft)


async def get(session: AsyncSession, project_id: UUID, export_id: UUID) -> Export:
    """Return an export of this very project."""
    row = await session.get(Export, export_id)
    if row is None or row.project_id != project_id:
        raise NotFound("exports.unknown", _("There is no such export in this project."))
    return row


async def page(
    session: AsyncSession,
    project_id: UUID,
    *,
    episode_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 30,
) -> Sequence[Export]:
    """Return a project's exports, newest first."""
    return await repository.page(session, project_id, episode_id=episode_id, before=before, limit=min(limit, 201))


async def deliverables(session: AsyncSession, export_ids: Sequence[UUID]) -> dict[UUID, list[Deliverable]]:
    """Return the files of some exports."""
    found: dict[UUID, list[Deliverable]] = {export_id: [] for export_id in export_ids}
    for row in await repository.deliverables(session, export_ids):
        found[row.export_id].append(row)
    return found


async def deliverable(session: AsyncSession, project_id: UUID, export_id: UUID, name: str) -> Deliverable:
    """Return one file of an export of this very project, by its name."""
    export = await get(session, project_id, export_id)
    for row in await repository.deliverables(session, [export.id]):
        if row.name == name:
            return row
    raise NotFound("exports.file_unknown", _("There is no such file in this export."))


async def cancel(session: AsyncSession, actor: Actor, export: Export) -> None:
    """Ask an export to stop; finished segments stay in the cache for the next one."""
    if export.state not in repository.OPEN:
        raise Conflict("exports.ended", _("This export has ended already, so there is nothing to cancel."))
    export.cancel_asked_at = clock.now()
    if export.state == "waiting":
        export.state, export.finished_at = "cancelled", clock.now()
    await session.flush()
    await tell(session, export)


async def nudge_due(session: AsyncSession) -> None:
    """Send a nudge for every open export that no worker is at: its message was lost, or its worker died."""
    now = clock.now()
    for row in await repository.due(session, now):
        row.lease_until = now + NUDGE_AGAIN if row.state == "waiting" else row.lease_until
        nudge(session, "exports.run", row.id, queue="media")


async def referenced_keys(session: AsyncSession) -> Sequence[str]:
    """Return every storage key exports refer to, for garbage collection."""
    return await repository.keys(session)


async def tell(session: AsyncSession, export: Export) -> None:
    """Tell the pages that an export changed."""
    await events.emit(
        session, "exports.changed", export.project_id, export_id=str(export.id), episode_id=str(export.episode_id)
    )


def _audit(session: AsyncSession, actor: Actor, project: Project, row: Export, action: str, **facts: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="export",
        subject_id=row.id,
        team_id=project.team_id,
        project_id=project.id,
        **facts,
    )
