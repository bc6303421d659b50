"""JSON API of spending: the sums of the ledger, and what an accepted second costs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.boards import spending
from app.boards.spending import Accepted
from app.core.money import Money
from app.money.spending import Asked, Sum, zone_of
from app.projects.access import ProjectAccess, in_project
from app.web.api import Amount
from app.web.database import Transaction

router = APIRouter(tags=["Money"])
Read = Annotated[ProjectAccess, in_project("money.read")]


class SumOut(BaseModel):
    """What is reserved now, what was spent less what was given back, and how many attempts were paid for."""

    reserved: Amount
    spent: Amount
    refunded: Amount
    bought: int


class EpisodeSum(SumOut):
    """The sums of an episode; ``cost_per_second`` and ``take_ratio`` are null where nothing is circled."""

    episode_id: UUID | None
    circled: int
    cost_per_second: Amount | None
    take_ratio: float | None


class ModelSum(SumOut):
    """The sums of a model."""

    backend: str
    model: str


class PersonSum(SumOut):
    """The sums of whoever wished; null for the system itself."""

    person: UUID | None
    name: str


class DaySum(SumOut):
    """The sums of a day; what was reserved then may have been freed since, so that it can be read only as a change."""

    day: date


class SpendingOut(BaseModel):
    """What was spent, on what, by whom and when.

    ``circled``, ``cost_per_second`` and ``take_ratio`` are of all time: they are null when days, a model or a person
    are asked for.
    """

    whole: SumOut
    circled: int | None
    cost_per_second: Amount | None
    take_ratio: float | None
    episodes: list[EpisodeSum]
    models: list[ModelSum]
    people: list[PersonSum]
    days: list[DaySum]


@router.get("/projects/{project_id}/money/spending")
async def get_spending(
    session: Transaction,
    access: Read,
    since: date | None = None,
    until: date | None = None,
    episode_id: UUID | None = None,
    backend: Annotated[str, Query(max_length=80)] = "",
    model: Annotated[str, Query(max_length=200)] = "",
    person: UUID | None = None,
) -> SpendingOut:
    """Read what was spent by episode, model, person and day (of your time zone), and what an accepted second costs."""
    asked = Asked(access.project.id, zone_of(access.actor.time_zone), since, until, episode_id, backend, model, person)
    return _out(await spending.report(session, access.project, asked), access.project.currency)


def _out(report: spending.Report, currency: str) -> SpendingOut:
    sums = report.spending

    def told(each: Sum) -> dict[str, Amount | int]:
        amounts = {name: Amount.of(Money(getattr(each, name), currency)) for name in ("reserved", "spent", "refunded")}
        return {**amounts, "bought": each.bought}

    def got(accepted: Accepted, each: Sum) -> dict[str, Amount | float | None]:
        cost = accepted.cost_per_second(each, currency)
        return {"cost_per_second": Amount.of(cost) if cost else None, "take_ratio": accepted.ratio(each)}

    accepted = report.accepted or {}
    return SpendingOut(
        whole=SumOut.model_validate(told(sums.whole)),
        circled=None if report.accepted is None else report.whole.circled,
        **got(report.whole, sums.whole),
        episodes=[
            EpisodeSum.model_validate(
                {
                    "episode_id": key,
                    "circled": accepted.get(key, Accepted()).circled if key else 0,
                    **told(each),
                    **got(accepted.get(key, Accepted()) if key else Accepted(), each),
                }
            )
            for key, each in sums.by_episode.items()
        ],
        models=[
            ModelSum.model_validate({"backend": backend, "model": model, **told(each)})
            for (backend, model), each in sums.by_model.items()
        ],
        people=[
            PersonSum.model_validate({"person": key, "name": report.people.get(key, "") if key else "", **told(each)})
            for key, each in sums.by_person.items()
        ],
        days=[DaySum.model_validate({"day": day, **told(each)}) for day, each in sorted(sums.by_day.items())],
    )
