"""JSON API of conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.discussion import service
from app.discussion.models import Comment, Thread
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction

router = APIRouter(tags=["Comments"])
Reader = Annotated[ProjectAccess, in_project("review.read")]
Commenter = Annotated[ProjectAccess, in_project("review.comment")]


class CommentOut(BaseModel):
    """One remark; ``body`` is null once its author took it back."""

    id: UUID
    author_id: UUID | None
    author_name: str
    body: str | None
    created_at: datetime


class ThreadOut(BaseModel):
    """A conversation with its remarks in order; ``anchor`` says where in the thing it points (take, frame)."""

    id: UUID
    kind: str
    subject_id: UUID
    anchor: dict[str, Any]
    resolved_at: datetime | None
    comments: list[CommentOut]


class ThreadsOut(BaseModel):
    """The conversations about one thing, oldest first, at most 200."""

    items: list[ThreadOut]
    next: None = None


class CommentIn(BaseModel):
    """A remark."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(min_length=1, max_length=service.LONGEST)


class ThreadIn(CommentIn):
    """The first remark about a thing, such as kind "shot"."""

    kind: str = Field(max_length=40)
    subject_id: UUID
    take: int | None = Field(default=None, ge=1)
    frame: int | None = Field(default=None, ge=0, le=1_000_000)


class ResolvedIn(BaseModel):
    """Whether a conversation is done."""

    model_config = ConfigDict(extra="forbid")

    resolved: bool


def _comment(row: Comment) -> CommentOut:
    return CommentOut(
        id=row.id,
        author_id=row.author_id,
        author_name=row.author_name,
        body=None if row.deleted_at else row.body,
        created_at=row.created_at,
    )


def _thread(row: Thread, comments: list[Comment]) -> ThreadOut:
    return ThreadOut(
        id=row.id,
        kind=row.subject_kind,
        subject_id=row.subject_id,
        anchor=row.anchor,
        resolved_at=row.resolved_at,
        comments=[_comment(each) for each in comments],
    )


@router.get("/projects/{project_id}/threads")
async def threads(
    session: Transaction, access: Reader, kind: Annotated[str, Query(max_length=40)], subject_id: UUID
) -> ThreadsOut:
    """List the conversations about one thing of the project."""
    await service.find_subject(session, access.project.id, kind, subject_id)
    found = await service.on(session, access.project.id, kind, subject_id)
    return ThreadsOut(items=[_thread(each.thread, list(each.comments)) for each in found])


@router.post("/projects/{project_id}/threads", status_code=201)
async def start(session: Transaction, access: Commenter, given: ThreadIn) -> ThreadOut:
    """Start a conversation about something of the project."""
    project_id = access.project.id
    await service.find_subject(session, project_id, given.kind, given.subject_id)
    anchor = {name: value for name in ("take", "frame") if (value := getattr(given, name)) is not None}
    row = await service.start(session, access.actor, project_id, given.kind, given.subject_id, given.body, anchor)
    found = await service.on(session, project_id, given.kind, given.subject_id)
    return next(_thread(each.thread, list(each.comments)) for each in found if each.thread.id == row.id)


@router.post("/projects/{project_id}/threads/{thread_id}/comments", status_code=201)
async def reply(session: Transaction, access: Commenter, thread_id: UUID, given: CommentIn) -> CommentOut:
    """Answer in a conversation."""
    return _comment(await service.reply(session, access.actor, access.project.id, thread_id, given.body))


@router.put("/projects/{project_id}/threads/{thread_id}/resolved")
async def resolve(session: Transaction, access: Commenter, thread_id: UUID, given: ResolvedIn) -> ResolvedIn:
    """Mark a conversation as done, or open it again."""
    await service.resolve(session, access.actor, access.project.id, thread_id, resolved=given.resolved)
    return given


@router.delete("/projects/{project_id}/comments/{comment_id}", status_code=204)
async def delete(session: Transaction, access: Commenter, comment_id: UUID) -> None:
    """Take one's own remark back."""
    await service.delete_comment(session, access.actor, access.project.id, comment_id)
