"""Verdicts: circle, retake, reject, approve, object; append-only, each signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.events import service as events
from app.review.models import Verdict
from app.shots.models import Shot
from app.takes import service as takes
from app.takes.models import Take

REASONS = ("face", "hands", "motion", "continuity", "light", "text", "lip_sync", "other")
LONGEST_NOTE = 1000


async def circle(session: AsyncSession, actor: Actor, take: Take) -> None:
    """Choose a take for the episode; circling one un-circles the other, and a pending retake is answered by it."""
    shot = await _locked_shot(session, take)
    if shot.circled_take_id == take.id:
        return
    if shot.circled_take_id is not None:
        before = (await takes.by_ids(session, [shot.circled_take_id]))[shot.circled_take_id]
        before.verdict = ""
        _add(session, actor, before, "uncircle", note="")
    take.verdict = "circled"
    await _decided(session, actor, take, "circle", circled_take_id=take.id, retake_note="")


async def uncircle(session: AsyncSession, actor: Actor, take: Take) -> None:
    """Undo a circle: the take waits for a verdict again."""
    shot = await _locked_shot(session, take)
    if shot.circled_take_id != take.id:
        raise Conflict("review.not_circled", _("This take is not circled any more. Look again."))
    take.verdict = ""
    await _decided(session, actor, take, "uncircle", circled_take_id=None)


async def ask_retake(session: AsyncSession, actor: Actor, take: Take, note: str, reasons: Sequence[str] = ()) -> None:
    """Ask for another take, with a note that goes into the next prompt."""
    note = _checked(note, reasons, need_note=True)
    shot = await _locked_shot(session, take)
    more: dict[str, Any] = {"circled_take_id": None} if shot.circled_take_id == take.id else {}
    take.verdict = "retake"
    await _decided(
        session,
        actor,
        take,
        "retake",
        note=note,
        reasons=reasons,
        retake_note=note,
        retake_count=shot.retake_count + 1,
        **more,
    )


async def reject(session: AsyncSession, actor: Actor, take: Take, note: str = "", reasons: Sequence[str] = ()) -> None:
    """Put a take aside for good; its bytes and its verdict stay."""
    note = _checked(note, reasons, need_note=False)
    shot = await _locked_shot(session, take)
    if shot.circled_take_id == take.id:
        raise Conflict("review.circled", _("This take is circled. Undo the circle first, then reject it."))
    take.verdict = "rejected"
    await _decided(session, actor, take, "reject", note=note, reasons=reasons)


async def reconsider(session: AsyncSession, actor: Actor, take: Take) -> None:
    """Take a rejection or a retake request back: the take waits for a verdict again."""
    await _locked_shot(session, take)
    if take.verdict not in ("rejected", "retake"):
        raise Conflict("review.nothing_to_undo", _("There is no rejection or retake to take back on this take."))
    was_retake, take.verdict = take.verdict == "retake", ""
    await _decided(session, actor, take, "reconsider", **({"retake_note": ""} if was_retake else {}))


async def next_undecided(session: AsyncSession, episode_id: UUID, *, after: int = -1) -> tuple[Shot, int] | None:
    """Return the next shot in order, from behind a position round to it again, that has a take to decide about.

    That is a take without a verdict, newer than the circled one if there is one; its number comes with the shot.
    """
    newer = Take.number > func.coalesce(Shot.circled_take_number, 0)
    query = (
        select(Shot, func.max(Take.number))
        .join(Take, Take.shot_id == Shot.id)
        .where(Shot.episode_id == episode_id, Shot.dropped_at.is_(None), Shot.locked_at.is_(None))
        .where(Take.verdict == "", Take.deleted_at.is_(None), newer)
        .group_by(Shot.id)
        .order_by(Shot.position <= after, Shot.position)
        .limit(1)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def of_shot(session: AsyncSession, shot_id: UUID) -> Sequence[Verdict]:
    """Return all verdicts on a shot's takes, newest first (at most 200)."""
    query = select(Verdict).where(Verdict.shot_id == shot_id).order_by(Verdict.id.desc()).limit(200)
    return (await session.scalars(query)).all()


async def _decided(
    session: AsyncSession,
    actor: Actor,
    take: Take,
    kind: str,
    *,
    note: str = "",
    reasons: Sequence[str] = (),
    **on_shot: Any,
) -> None:
    _add(session, actor, take, kind, note=note, reasons=reasons)
    await session.flush()
    shot = await takes.write_on_shot(session, take.shot_id, **on_shot)
    audit.record(
        session,
        f"review.{kind}",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="take",
        subject_id=take.id,
        project_id=take.project_id,
        shot=shot.name,
        number=take.number,
    )
    await events.emit(session, "review.decided", take.project_id, shot_id=str(shot.id), take_id=str(take.id), kind=kind)


def _add(session: AsyncSession, actor: Actor, take: Take, kind: str, *, note: str, reasons: Sequence[str] = ()) -> None:
    session.add(
        Verdict(
            project_id=take.project_id,
            shot_id=take.shot_id,
            take_id=take.id,
            kind=kind,
            note=note,
            reasons=list(reasons),
            reviewer_id=actor.id,
            reviewer_name=actor.name,
        )
    )


def _checked(note: str, reasons: Sequence[str], *, need_note: bool) -> str:
    note = note.strip()[:LONGEST_NOTE]
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise Invalid("review.reason_unknown", _("Choose reasons from the list."), field="reasons", unknown=unknown)
    if need_note and not note:
        message = _("Say what should be different: the note goes into the next prompt.")
        raise Invalid("review.note_missing", message, field="note")
    return note


async def _locked_shot(session: AsyncSession, take: Take) -> Shot:
    shot = await session.get_one(Shot, take.shot_id, with_for_update=True)
    await session.refresh(take)
    if shot.locked_at is not None:
        message = _("%(name)s is locked by the director. Unlock it first, then decide.") % {"name": shot.name}
        raise Conflict("shots.locked", message)
    return shot
