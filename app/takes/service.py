"""Takes: arriving, listed, played, deleted; their bytes never change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.errors import Conflict, NotFound
from app.core.i18n import _
from app.events import service as events
from app.projects import service as projects
from app.projects.models import Project
from app.shots import facts
from app.shots.models import Shot
from app.takes import repository
from app.takes.models import Take
from app.takes.schemas import Intake, Origin


async def arrive(session: AsyncSession, shot_id: UUID, intake: Intake, origin: Origin) -> Take:
    """Add a take to a shot under its next number; the same attempt never adds two."""
    shot = await session.get_one(Shot, shot_id, with_for_update=True)
    if origin.attempt_id is not None and (present := await repository.by_attempt(session, origin.attempt_id)):
        return present
    take = Take(
        project_id=shot.project_id,
        episode_id=shot.episode_id,
        shot_id=shot.id,
        number=await repository.last_number(session, shot.id) + 1,
        source=origin.source,
        backend=origin.backend,
        model=origin.model,
        attempt_id=origin.attempt_id,
        prompt=origin.prompt,
        seed=origin.seed,
        fingerprint=origin.fingerprint or dict(shot.fingerprint),
        source_text=origin.source_text or shot.source_text,
        provenance=origin.provenance,
        cost_micros=origin.cost.micros if origin.cost else 0,
        currency=origin.cost.currency if origin.cost else "",
        made_by=origin.made_by,
        made_by_name=origin.made_by_name,
        file_name=origin.file_name[:200],
        **_media_columns(intake),
    )
    session.add(take)
    await session.flush()
    await projects.fix_format(session, await session.get_one(Project, shot.project_id))
    await write_on_shot(session, shot.id, retake_note="")
    await events.emit(session, "takes.arrived", shot.project_id, shot_id=str(shot.id), take_id=str(take.id))
    return take


def _media_columns(intake: Intake) -> dict[str, object]:
    return {
        "sha256": intake.sha256,
        "key": intake.key,
        "content_type": intake.content_type,
        "bytes": intake.bytes,
        "width": intake.width,
        "height": intake.height,
        "rate_numerator": intake.rate.numerator,
        "rate_denominator": intake.rate.denominator,
        "frames": intake.frames,
        "has_audio": intake.has_audio,
        "proxy_key": intake.proxy_key,
        "poster_key": intake.poster_key,
        "filmstrip_key": intake.filmstrip_key,
        "filmstrip_tiles": intake.filmstrip_tiles,
        "waveform_key": intake.waveform_key,
    }


async def write_on_shot(session: AsyncSession, shot_id: UUID, **more: object) -> Shot:
    """Write on a shot what its takes mean for it: counts, the poster, and the fingerprint it stands by.

    The circled take stands for the shot, or the newest where none is circled.
    """
    takes = await repository.of_shot(session, shot_id)
    shot = await session.get_one(Shot, shot_id)
    circled_id = more.get("circled_take_id", shot.circled_take_id)
    circled = next((take for take in takes if take.id == circled_id), None)
    stands = circled or next((take for take in takes if take.verdict != "rejected"), None) or next(iter(takes), None)
    return await facts.note(
        session,
        shot_id,
        **{
            "take_count": len(takes),
            "undecided_takes": sum(take.verdict == "" for take in takes),
            "newest_take_number": takes[0].number if takes else None,
            "circled_take_id": circled.id if circled else None,
            "circled_take_number": circled.number if circled else None,
            "poster_key": stands.poster_key if stands else None,
            "made_from": dict(stands.fingerprint) if stands else {},
            "made_from_text": stands.source_text if stands else "",
            **{key: value for key, value in more.items() if key != "circled_take_id"},
        },
    )


async def get(session: AsyncSession, project_id: UUID, take_id: UUID) -> Take:
    """Return a take of this very project."""
    row = await session.get(Take, take_id)
    if row is None or row.project_id != project_id or row.deleted_at is not None:
        raise NotFound("takes.unknown", _("There is no such take in this project."))
    return row


async def of_shot(session: AsyncSession, shot_id: UUID) -> Sequence[Take]:
    """Return a shot's takes, newest first."""
    return await repository.of_shot(session, shot_id)


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Take]:
    """Return takes by id."""
    return {take.id: take for take in await repository.by_ids(session, ids)}


async def newest_of(session: AsyncSession, shot_ids: Sequence[UUID]) -> dict[UUID, Take]:
    """Return the newest take of each of some shots."""
    return {take.shot_id: take for take in await repository.newest(session, shot_ids)}


async def delete(session: AsyncSession, actor: Actor, take: Take) -> None:
    """Take a take out of every list; its number is never used again, and a circled take is un-circled first."""
    shot = await session.get_one(Shot, take.shot_id, with_for_update=True)
    if shot.circled_take_id == take.id:
        raise Conflict("takes.circled", _("This take is circled. Undo the circle first, then delete it."))
    take.deleted_at = clock.now()
    await session.flush()
    audit.record(
        session,
        "takes.deleted",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="take",
        subject_id=take.id,
        project_id=take.project_id,
        shot=shot.name,
        number=take.number,
    )
    await write_on_shot(session, take.shot_id)


async def accepted(session: AsyncSession, project_id: UUID) -> dict[UUID, tuple[int, float]]:
    """Return for each episode of a project how many takes are circled, and how many seconds they are together."""
    return await repository.circled_seconds(session, project_id)


async def referenced_keys(session: AsyncSession) -> Sequence[str]:
    """Return every storage key takes refer to, for garbage collection."""
    return await repository.keys(session)
