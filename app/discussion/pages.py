"""Talking about things: start, answer, settle, take back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.discussion import service
from app.discussion.forms import ReplyForm, StartForm
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import current_path, redirect
from app.web.nav import local_path

router = APIRouter()
Commenter = Annotated[ProjectAccess, in_project("review.comment")]


def _back(request: Request, given: ReplyForm) -> Response:
    return redirect(request, local_path(given.next, local_path(current_path(request))))


@router.post("/projects/{project_id}/threads")
async def start(request: Request, session: Transaction, access: Commenter) -> Response:
    """Start a conversation about something of the project."""
    given = (await read_form(request, StartForm)).value
    await service.find_subject(session, access.project.id, given.kind, given.subject_id)
    await service.start(
        session, access.actor, access.project.id, given.kind, given.subject_id, given.body, given.anchor()
    )
    return _back(request, given)


@router.post("/projects/{project_id}/threads/{thread_id}/comments")
async def reply(request: Request, session: Transaction, access: Commenter, thread_id: UUID) -> Response:
    """Answer in a conversation."""
    given = (await read_form(request, ReplyForm)).value
    await service.reply(session, access.actor, access.project.id, thread_id, given.body)
    return _back(request, given)


@router.post("/projects/{project_id}/threads/{thread_id}/resolve")
async def resolve(request: Request, session: Transaction, access: Commenter, thread_id: UUID) -> Response:
    """Mark a conversation as done."""
    given = (await read_form(request, ReplyForm)).value
    await service.resolve(session, access.actor, access.project.id, thread_id, resolved=True)
    return _back(request, given)


@router.post("/projects/{project_id}/threads/{thread_id}/reopen")
async def reopen(request: Request, session: Transaction, access: Commenter, thread_id: UUID) -> Response:
    """Open a conversation again."""
    given = (await read_form(request, ReplyForm)).value
    await service.resolve(session, access.actor, access.project.id, thread_id, resolved=False)
    return _back(request, given)


@router.post("/projects/{project_id}/comments/{comment_id}/delete")
async def delete(request: Request, session: Transaction, access: Commenter, comment_id: UUID) -> Response:
    """Take one's own comment back."""
    given = (await read_form(request, ReplyForm)).value
    await service.delete_comment(session, access.actor, access.project.id, comment_id)
    return _back(request, given)
