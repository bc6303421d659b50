"""The page of a shot: its takes to watch and judge, and everything it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.accounts import service as accounts
from app.accounts.links import media_links
from app.backends.chat import TextModels
from app.boards import shot_words
from app.boards.difference import word_difference
from app.boards.pages import place
from app.boards.shot_board import Dealer
from app.core.errors import NotFound, ReelroomError
from app.core.i18n import _
from app.core.money import Money
from app.discussion import service as discussion
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.jobs import paying, wishing
from app.jobs import service as jobs
from app.jobs import words as job_words
from app.media.derive import derived_keys
from app.projects.access import ProjectAccess, in_project
from app.review import service as review
from app.scenes import service as scenes
from app.scripts import assistant
from app.shots import polishing
from app.shots import service as shots
from app.shots.models import Shot
from app.takes import service as takes
from app.takes.models import Take
from app.web.database import Transaction
from app.web.templating import render

router = APIRouter()
TABS = ("shot", "prompt", "script", "notes", "history")


class Looking(BaseModel):
    """Which take is watched, which tab is open, and whether one goes through the queue."""

    take: int | None = Field(default=None, ge=1)
    tab: str = Field(default="", max_length=10)
    queue: bool = False
    fragment: Literal["", "inspector", "notes", "takes"] = ""

    def query(self, **changed: Any) -> str:
        """Return the query of this page with something changed."""
        values = {"take": self.take, "tab": self.tab, "queue": 1 if self.queue else None, **changed}
        return "&".join(f"{name}={value}" for name, value in values.items() if value)


@router.get("/projects/{project_id}/episodes/{episode_id}/shots/{shot_id}")
async def shot_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("shots.read")],
    episode_id: UUID,
    shot_id: UUID,
    looking: Annotated[Looking, Query()],
) -> Response:
    """Show a shot; ``fragment`` asks for the inspector alone."""
    episode = await episodes.get(session, access.project.id, episode_id)
    shot = await shots.get(session, access.project.id, shot_id)
    if shot.episode_id != episode.id:
        raise NotFound("shots.unknown", _("There is no such shot in this episode."))
    every = await takes.of_shot(session, shot.id)
    take = chosen(every, shot, looking.take)
    tab = (
        "notes"
        if looking.fragment == "notes"
        else looking.tab
        if looking.tab in TABS
        else ("notes" if looking.queue else "shot")
    )
    context: dict[str, Any] = {
        "shot": shot,
        "takes": every,
        "take": take,
        "looking": looking,
        "tab": tab,
        "access": access,
        "words": shot_words,
        "rate": access.project.rate,
        "money_of": Money,
        **await _inspected(request, session, access, shot, tab),
    }
    if looking.fragment == "takes":
        return _takes(request, context)
    if looking.fragment:
        return render(request, f"shots/_{looking.fragment}.html", **context)
    context |= await _around(request, session, access, episode, shot, take)
    return render(request, "shots/shot.html", **context)


def _takes(request: Request, context: dict[str, Any]) -> Response:
    """Return the strip of takes; where the page has none to show yet, the first one makes it load anew."""
    if context["take"] is None:
        return render(request, "shots/_nothing.html", **context)
    headers = {"HX-Refresh": "true"} if context["looking"].take is None else {}
    return render(request, "shots/_takes.html", headers=headers, **context)


def chosen(every: Sequence[Take], shot: Shot, number: int | None) -> Take | None:
    """Return the take to show: the one asked for, else the newest undecided one, the circled one, the newest."""
    asked = next((take for take in every if take.number == number), None)
    undecided = next(
        (take for take in every if take.verdict == "" and take.number > (shot.circled_take_number or 0)), None
    )
    circled = next((take for take in every if take.id == shot.circled_take_id), None)
    return asked or undecided or circled or (every[0] if every else None)


async def _inspected(
    request: Request, session: AsyncSession, access: ProjectAccess, shot: Shot, tab: str
) -> dict[str, Any]:
    """Return what the open tab shows, and how many notes there are."""
    threads = await discussion.on(session, access.project.id, "shot", shot.id)
    authors = {remark.author_id for each in threads for remark in each.comments if remark.author_id is not None}
    found: dict[str, Any] = {"threads": threads, "colours": await accounts.colours(session, authors)}
    if tab == "shot":
        found["edit_tag"] = shots.edit_tag(shot)
    if tab == "prompt":
        found |= await _assisted(request, session, shot)
    if tab == "script" and "text" in shot.stale_parts and shot.made_from_text:
        found["difference"] = word_difference(shot.made_from_text, shot.source_text)
    if tab == "history":
        verdicts = await review.of_shot(session, shot.id)
        found["history"] = shot_words.history(verdicts, await jobs.of_shot(session, shot.id), access.may("money.read"))
    return found


async def _assisted(request: Request, session: AsyncSession, shot: Shot) -> dict[str, Any]:
    """Return whether a text model can polish the shot's directions, at what price, and the open proposal."""
    models: TextModels = request.app.state.text_models
    if not models:
        return {"assists": False}
    open_one = await assistant.open_about(session, shot.id, polishing.KIND)
    return {"assists": True, "most": assistant.most(models, polishing.LONGEST), "proposal": open_one}


async def _around(
    request: Request, session: AsyncSession, access: ProjectAccess, episode: Episode, shot: Shot, take: Take | None
) -> dict[str, Any]:
    """Return what stands round the player: the neighbours, the place, the price of another take."""
    counts = (await shots.counts(session, [episode.id]))[episode.id]["by_status"]
    scene = await scenes.get(session, access.project.id, shot.scene_id)
    around = await shots.board(session, episode.id, after=max(shot.position - 13, -1), limit=40)
    dealer = Dealer(
        f"/projects/{access.project.id}/episodes/{episode.id}/shots", access.project.rate, media_links(request)
    )
    keys = derived_keys(take.sha256) if take else {}
    quote = None
    if access.may("jobs.generate") and shot.dropped_at is None and shot.locked_at is None:
        with suppress(ReelroomError):  # a backend that cannot be used says so when it is asked for
            offer = await wishing.offer(session, request.app.state.registry, access.project, episode, [shot])
            quote = await paying.quote(session, access.actor, access.project, episode, offer)
    before = [row for row in around if row.position < shot.position]
    behind = [row for row in around if row.position > shot.position]
    return {
        "place": await place(session, access, episode, counts),
        "episode": episode,
        "scene": scene,
        "mates": [dealer.card(row) for row in around if row.scene_id == shot.scene_id],
        "previous": before[-1] if before else None,
        "following": behind[0] if behind else None,
        "can_merge": bool([row for row in behind if row.scene_id == shot.scene_id and row.status != "dropped"]),
        "waveform": keys.get("waveform-image") if take and take.has_audio else None,
        "offer": quote.offer if quote else None,
        "price": f"{job_words.price_of(quote)} {job_words.rate_of(quote)}".strip() if quote else "",
        "alarm": job_words.alarm_of(quote) if quote else "",
    }
