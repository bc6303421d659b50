"""Discussion: threads of comments on any subject; the subject's owner has checked that it may be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core import clock
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.i18n import _
from app.discussion.models import Comment, Thread
from app.events import service as events

LONGEST = 4000
Finder = Callable[[AsyncSession, UUID, UUID], Awaitable[object]]
_finders: dict[str, Finder] = {}


def subject(kind: str, find: Finder) -> None:
    """Let people talk about a kind of thing: ``find(session, project_id, id)`` raises when it is not the project's."""
    _finders[kind] = find


async def find_subject(session: AsyncSession, project_id: UUID, kind: str, subject_id: UUID) -> None:
    """Raise ``NotFound`` unless the thing exists in this very project and may be talked about."""
    if kind not in _finders:
        raise NotFound("discussion.kind_unknown", _("There is no conversation about such a thing."))
    await _finders[kind](session, project_id, subject_id)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread with its comments in order."""

    thread: Thread
    comments: Sequence[Comment]


async def on(session: AsyncSession, project_id: UUID, kind: str, subject_id: UUID) -> list[Conversation]:
    """Return the conversations about one subject, oldest first (at most 200)."""
    query = (
        select(Thread)
        .where(Thread.project_id == project_id, Thread.subject_kind == kind, Thread.subject_id == subject_id)
        .order_by(Thread.created_at)
        .limit(200)
    )
    threads = (await session.scalars(query)).all()
    remarks = (
        await session.scalars(
            select(Comment).where(Comment.thread_id.in_([thread.id for thread in threads])).order_by(Comment.created_at)
        )
    ).all()
    return [Conversation(thread, [one for one in remarks if one.thread_id == thread.id]) for thread in threads]


async def start(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    kind: str,
    subject_id: UUID,
    body: str,
    anchor: dict[str, Any] | None = None,
) -> Thread:
    """Start a conversation with its first comment."""
    thread = Thread(project_id=project_id, subject_kind=kind, subject_id=subject_id, anchor=anchor or {})
    session.add(thread)
    await session.flush()
    await reply(session, actor, project_id, thread.id, body)
    return thread


async def reply(session: AsyncSession, actor: Actor, project_id: UUID, thread_id: UUID, body: str) -> Comment:
    """Add a comment to a conversation of this very project."""
    thread = await _thread(session, project_id, thread_id)
    body = body.strip()
    if not body or len(body) > LONGEST:
        message = _("Write a comment of at most %(most)d characters.") % {"most": LONGEST}
        raise Invalid("discussion.body", message, field="body")
    row = Comment(thread_id=thread.id, author_id=actor.id, author_name=actor.name, body=body)
    session.add(row)
    await session.flush()
    await events.emit(
        session,
        "discussion.commented",
        project_id,
        subject_kind=thread.subject_kind,
        subject_id=str(thread.subject_id),
        thread_id=str(thread.id),
    )
    return row


async def resolve(session: AsyncSession, actor: Actor, project_id: UUID, thread_id: UUID, *, resolved: bool) -> Thread:
    """Mark a conversation as done, or open it again."""
    thread = await _thread(session, project_id, thread_id)
    thread.resolved_at, thread.resolved_by = (clock.now(), actor.id) if resolved else (None, None)
    await session.flush()
    return thread


async def delete_comment(session: AsyncSession, actor: Actor, project_id: UUID, comment_id: UUID) -> Comment:
    """Take one's own comment back; the others' answers stay."""
    row = await session.get(Comment, comment_id)
    if row is None:
        raise NotFound("discussion.comment_unknown", _("There is no such comment in this project."))
    await _thread(session, project_id, row.thread_id)
    if row.author_id != actor.id:
        raise Forbidden("discussion.not_yours", _("Only the author can delete a comment."))
    row.deleted_at = clock.now()
    return row


async def _thread(session: AsyncSession, project_id: UUID, thread_id: UUID) -> Thread:
    row = await session.get(Thread, thread_id)
    if row is None or row.project_id != project_id:
        raise NotFound("discussion.unknown", _("There is no such conversation in this project."))
    return row
