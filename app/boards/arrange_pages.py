"""Moving scenes between episodes, splitting and merging episodes: asked, shown, confirmed."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.boards import moving
from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.web.database import Transaction
from app.web.forms import blank_form, read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]
EPISODE = "/projects/{project_id}/episodes/{episode_id}"


class MoveForm(BaseModel):
    """Which scenes go where; ``versions`` is what was looked at, and only with it anything moves."""

    model_config = ConfigDict(extra="ignore")

    scenes: list[UUID] = Field(default_factory=list, max_length=2000)
    target: UUID
    place: Literal["end", "start"] | UUID = "end"
    versions: str = Field(default="", max_length=40)


class SplitForm(BaseModel):
    """Before which scene an episode is split, and where what follows goes."""

    model_config = ConfigDict(extra="ignore")

    at: UUID
    title: str = Field(default="", max_length=120)
    where: Literal["behind", "last"] = "behind"


class MergeForm(BaseModel):
    """The episode that takes the scenes in."""

    model_config = ConfigDict(extra="ignore")

    target: UUID


@router.get(EPISODE + "/arrange")
async def arrange_page(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Show an episode's scenes to move, and where it can be split or merged."""
    episode = await episodes.get(session, access.project.id, episode_id)
    every = await episodes.of_project(session, access.project.id)
    return render(
        request,
        "boards/arrange.html",
        place=place_of(access.project, episode),
        episode=episode,
        scenes=await scenes.of_episode(session, episode.id),
        omitted=[row for row in await scenes.of_episode(session, episode.id, omitted=True) if row.omitted_at],
        others=[row for row in every if row.id != episode.id],
        form=blank_form({"where": "behind"}),
        access=access,
    )


@router.post(EPISODE + "/arrange/move")
async def move(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Show what would move; sent again with ``versions``, move it."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, MoveForm)).value
    target = await episodes.get(session, access.project.id, given.target)
    if not given.versions:
        seen = await moving.preview(session, access.project, episode, given.scenes, target)
        there = await scenes.of_episode(session, target.id)
        return render(
            request,
            "boards/arrange_move.html",
            place=place_of(access.project, episode),
            seen=seen,
            there=there,
            form=blank_form({"place": "end"}),
            access=access,
        )
    after = given.place if isinstance(given.place, UUID) else None
    await moving.move(
        session, access.actor, access.project, episode, given.scenes, target,
        after=after, at_start=given.place == "start", versions=given.versions,
    )  # fmt: skip
    note = _("The scenes are in E%(number)02d now. Both scripts keep how they were.") % {"number": target.number}
    return leave_note(redirect(request, f"/projects/{access.project.id}/episodes/{target.id}/script/history"), note)


@router.post(EPISODE + "/arrange/split")
async def split(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Split an episode before a scene."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, SplitForm)).value
    made = await moving.split(
        session, access.actor, access.project, episode, given.at, title=given.title, last=given.where == "last"
    )
    note = _("What followed is E%(number)02d now, with its shots and takes.") % {"number": made.number}
    return leave_note(redirect(request, f"/projects/{access.project.id}/episodes/{made.id}/script/history"), note)


@router.post(EPISODE + "/arrange/merge")
async def merge(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Move every scene of an episode to the end of another."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, MergeForm)).value
    target = await episodes.get(session, access.project.id, given.target)
    await moving.merge(session, access.actor, access.project, episode, target)
    note = _("All scenes are in E%(number)02d now. The emptied episode stays, with its revisions.")
    path = f"/projects/{access.project.id}/episodes/{target.id}/script/history"
    return leave_note(redirect(request, path), note % {"number": target.number})
