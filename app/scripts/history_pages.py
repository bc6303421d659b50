"""The history of a script as pages: what was kept, any two compared, who wrote what, one scene brought back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from app.accounts import service as accounts
from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scripts import authorship, comparing, history, service
from app.scripts.authorship import Author
from app.scripts.differences import compare
from app.scripts.revision_words import colour_choices, colour_word, next_name, title
from app.web.database import Transaction
from app.web.forms import blank_form, read_form
from app.web.htmx import is_htmx, redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
BASE = "/projects/{project_id}/episodes/{episode_id}/script"
Read = Annotated[ProjectAccess, in_project("scripts.read")]
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]
PAGE = 40
KINDS = {"all": (), "named": ("named",), "automatic": ("before", "checkpoint")}


class SceneForm(BaseModel):
    """Which scene of a revision is meant, counted from 0."""

    model_config = ConfigDict(extra="ignore")

    scene: int = Field(ge=0)


@router.get(BASE + "/history")
async def history_page(
    request: Request,
    session: Transaction,
    access: Read,
    episode_id: UUID,
    show: Literal["all", "named", "automatic"] = "all",
    before: int | None = None,
) -> Response:
    """Show what was kept of a script, newest first: named revisions, and apart from them what was kept by itself."""
    episode = await episodes.get(session, access.project.id, episode_id)
    script = await service.of_episode(session, episode)
    rows = await service.revisions(session, script, before=before, limit=PAGE + 1, kinds=KINDS[show])
    colour, turn = await history.next_colour(session, script)
    return render(
        request,
        "scripts/_history.html" if is_htmx(request) else "scripts/history.html",
        place=place_of(access.project, episode),
        script=script,
        rows=rows[:PAGE],
        older=rows[PAGE - 1].number if len(rows) > PAGE else None,
        counts=await history.count(session, script),
        show=show,
        before=before,
        beside_editor=is_htmx(request),
        form=blank_form({"name": next_name(colour, turn), "colour": colour}),
        colours=colour_choices(),
        title=title,
        colour_word=colour_word,
        access=access,
    )


@router.get(BASE + "/compare")
async def compare_page(
    request: Request,
    session: Transaction,
    access: Read,
    episode_id: UUID,
    old: Annotated[str, Query(alias="from")] = "",
    new: Annotated[str, Query(alias="to")] = comparing.NOW,
    view: Literal["side", "inline"] = "side",
    lines: Literal["changed", "all"] = "changed",
) -> Response:
    """Compare two states of a script by scene, line and word."""
    episode = await episodes.get(session, access.project.id, episode_id)
    script = await service.of_episode(session, episode)
    kept = await service.revisions(session, script, limit=200)
    before = await comparing.side(session, script, old or (str(kept[0].id) if kept else comparing.NOW))
    after = await comparing.side(session, script, new or comparing.NOW)
    found = await comparing.between(before, after)
    owners = await authorship.authors(session, script, after.revision)
    return render(
        request,
        "scripts/compare.html",
        place=place_of(access.project, episode),
        before=before,
        after=after,
        found=found,
        scenes=[
            (scene, list(scene.rows) if lines == "all" else list(comparing.folded(scene)))
            for scene in found.scenes
            if lines == "all" or scene.kind != "same"
        ],
        owners=owners,
        colours=await _colours(session, owners),
        kept=kept,
        title=title,
        view=view,
        lines=lines,
        access=access,
    )


@router.post(BASE + "/revisions/{revision_id}/restore-scene")
async def restore_scene(
    request: Request, session: Transaction, access: Edit, episode_id: UUID, revision_id: UUID
) -> Response:
    """Bring one scene of a revision back; the present text becomes a revision first."""
    episode = await episodes.get(session, access.project.id, episode_id)
    form = await read_form(request, SceneForm)
    await comparing.restore_scene(session, access.actor, episode, revision_id, form.value.scene)
    path = f"/projects/{access.project.id}/episodes/{episode_id}/script/history"
    return leave_note(
        redirect(request, path), _("The scene is back. What stood there before is kept: restore it to undo.")
    )


@router.get(BASE + "/authors")
async def authors_page(request: Request, session: Transaction, access: Read, episode_id: UUID) -> Response:
    """Show the text with its authors, and how much each person wrote of each scene."""
    episode = await episodes.get(session, access.project.id, episode_id)
    script = await service.of_episode(session, episode)
    owners = await authorship.authors(session, script)
    scenes = compare(script.text, script.text).scenes
    return render(
        request,
        "scripts/authors.html",
        place=place_of(access.project, episode),
        scenes=scenes,
        owners=owners,
        totals=_totals(owners, [(row.after, row.new) for scene in scenes for row in scene.rows]),
        by_scene=[_totals(owners, [(row.after, row.new) for row in scene.rows]) for scene in scenes],
        colours=await _colours(session, owners),
    )


@router.get(BASE + "/revision-marks")
async def revision_marks(session: Transaction, access: Read, episode_id: UUID, since: UUID) -> Response:
    """Return the lines (from 1) that changed since a revision, for the margin of the editor and of exports."""
    episode = await episodes.get(session, access.project.id, episode_id)
    script = await service.of_episode(session, episode)
    row = await service.revision(session, script, since)
    marks = await comparing.marks(script, row)
    return JSONResponse(
        {"name": marks.name, "colour": marks.colour, "version": script.version, "lines": sorted(marks.lines)}
    )


def _totals(owners: Sequence[Author], lines: Sequence[tuple[int, str]]) -> list[tuple[Author, int, int]]:
    """Return author, lines and characters for each who wrote any of some lines; blank lines are nobody's."""
    counted: Counter[Author] = Counter()
    letters: Counter[Author] = Counter()
    for number, text in lines:
        if text.strip() and number <= len(owners):
            counted[owners[number - 1]] += 1
            letters[owners[number - 1]] += len(text)
    return [(author, many, letters[author]) for author, many in counted.most_common()]


async def _colours(session: AsyncSession, owners: Sequence[Author]) -> dict[Any, int]:
    return await accounts.colours(session, {user_id for user_id, _name in owners if user_id is not None})
