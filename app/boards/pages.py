"""The board of an episode: its scenes, its shots as cards, what waits, and what to do next."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.accounts.links import media_links
from app.boards import shot_board
from app.boards.shot_board import ABOVE, FILTERS, PAGE, Dealer, Tally, blocks, cut, links
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.jobs import choosing, paying, wishing
from app.jobs import words as job_words
from app.money import service as money
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.shots import service as shots
from app.web.database import Transaction
from app.web.nav import Count, Place
from app.web.templating import render

router = APIRouter()
Reader = Annotated[ProjectAccess, in_project("shots.read")]
MOST_IDS = 100


class Wanted(BaseModel):
    """Which part of a board is asked for."""

    status: str = Field(default="", max_length=20)
    who: str = Field(default="", max_length=80)
    view: Literal["cards", "list"] = "cards"
    after: int | None = Field(default=None, ge=-1)
    limit: int = Field(default=PAGE, ge=1, le=500)
    fragment: Literal["", "board", "more"] = ""

    @property
    def query(self) -> str:
        """The query that keeps filter and view."""
        parts = [
            f"status={self.status}" if self.status in FILTERS else "",
            f"who={quote(self.who)}" if self.who else "",
        ]
        parts.append("view=list" if self.view == "list" else "")
        return "&".join(part for part in parts if part)


class WantedCards(Wanted):
    """Some cards of a board: the ids of their shots, separated by commas."""

    ids: str = Field(max_length=37 * MOST_IDS)


async def place(session: AsyncSession, access: ProjectAccess, episode: Episode, by_status: dict[str, int]) -> Place:
    """Return the top bar of an episode in the rooms where shots are made: what runs, what waits, what it cost."""
    position = await money.position(session, access.project, episode.id) if access.may("money.read") else None
    counts = {
        "shoot": Count(by_status.get("generating", 0) + by_status.get("waiting", 0), "generating"),
        "review": Count(by_status.get("review", 0), "review"),
    }
    project = access.project
    return Place(
        project_id=project.id,
        project_title=project.title,
        episode_id=episode.id,
        episode_code=f"E{episode.number:02d}",
        episode_title=episode.title,
        counts=counts,
        spent=Money(position.spent, position.currency) if position else None,
        budget=Money(position.limit, position.currency) if position and position.limit is not None else None,
    )


@router.get("/projects/{project_id}/episodes/{episode_id}/board")
async def board(
    request: Request, session: Transaction, access: Reader, episode_id: UUID, wanted: Annotated[Wanted, Query()]
) -> Response:
    """Show an episode's shots, a hundred or so at a time; ``fragment`` asks for the board alone, or for more of it."""
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await shots.board(
        session,
        episode.id,
        statuses=FILTERS.get(wanted.status, ()),
        character=wanted.who,
        after=wanted.after,
        limit=wanted.limit + ABOVE,
    )
    shown, following = cut(rows, wanted.limit, wanted.limit + ABOVE)
    every = await scenes.headings(session, episode.id)
    tally = Tally.of(await shots.tally(session, episode.id))
    dealer = _dealer(request, access, episode)
    context: dict[str, Any] = {
        "blocks": blocks(shown, every, tally, dealer),
        "following": following,
        "wanted": wanted,
        "path": _path(access, episode),
        "tally": tally,
        "access": access,
        "assists": bool(request.app.state.text_models),
        "episode": episode,
        "is_free": await wishing.is_free(session, request.app.state.registry, access.project),
    }
    if wanted.fragment == "more":
        return render(request, "boards/_more.html", **context)
    context["scenes"] = links(every, tally)
    context["numbers_locked"] = any(scene.number_locked for scene in every)
    context |= await _around(session, access, episode, tally)
    return render(request, "boards/_board.html" if wanted.fragment else "boards/board.html", **context)


async def _around(session: AsyncSession, access: ProjectAccess, episode: Episode, tally: Tally) -> dict[str, Any]:
    return {
        "place": await place(session, access, episode, tally.by_status),
        "cast": await shots.cast(session, episode.id),
        "filters": FILTERS,
    }


def _path(access: ProjectAccess, episode: Episode) -> str:
    return f"/projects/{access.project.id}/episodes/{episode.id}"


def _dealer(request: Request, access: ProjectAccess, episode: Episode) -> Dealer:
    return Dealer(f"{_path(access, episode)}/shots", access.project.rate, media_links(request))


@router.get("/projects/{project_id}/episodes/{episode_id}/board/cards")
async def cards(
    request: Request,
    session: Transaction,
    access: Reader,
    episode_id: UUID,
    wanted: Annotated[WantedCards, Query()],
) -> Response:
    """Return some cards, and what the episode counts now, each to be put in its place on an open board."""
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await shots.board_some(session, episode.id, _ids(wanted.ids))
    dealer = _dealer(request, access, episode)
    tally = Tally.of(await shots.tally(session, episode.id))
    touched = {row.scene_id for row in rows}
    every = [scene for scene in await scenes.headings(session, episode.id) if scene.id in touched]
    return render(
        request,
        "boards/_changed.html",
        cards=[dealer.card(row) for row in rows],
        heads=[shot_board.head(scene, tally, dealer) for scene in every],
        view=wanted.view,
        wanted=wanted,
        path=_path(access, episode),
        tally=tally,
        filters=FILTERS,
        access=access,
        is_free=await wishing.is_free(session, request.app.state.registry, access.project),
        assists=bool(request.app.state.text_models),
    )


def _ids(text: str) -> list[UUID]:
    found = []
    for part in text.split(",")[:MOST_IDS]:
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


@router.get("/projects/{project_id}/episodes/{episode_id}/board/price")
async def price(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("jobs.generate")],
    episode_id: UUID,
    chosen: Annotated[list[UUID], Query(alias="shots", max_length=500)] = [],  # noqa: B006  # FastAPI copies it
    scene: UUID | None = None,
    which: Literal["planned", "stale"] = "planned",
) -> Response:
    """Return what generating some shots would cost and do to the budget, for the button that spends it.

    Meant are the chosen shots, else those of a scene, else all that are planned or stale.
    """
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await choosing.chosen(session, episode, ids=chosen, scene=scene, which="" if chosen or scene else which)
    offer = await wishing.offer(session, request.app.state.registry, access.project, episode, rows)
    quote = await paying.quote(session, access.actor, access.project, episode, offer)
    said: dict[str, Any] = {
        "price": job_words.price_of(quote),
        "rate": job_words.rate_of(quote),
        "alarm": job_words.alarm_of(quote),
    }
    return render(request, "boards/_price.html", **said)
