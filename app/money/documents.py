"""What programs read and send about money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

from app.core.money import Money
from app.money.models import ExchangeRate, LineCrossing
from app.money.rates import LARGEST, PLACES
from app.money.rules import Rules
from app.money.schemas import Position
from app.web.api import Amount, Input, Output

Exact = Annotated[Decimal, PlainSerializer(lambda rate: format(rate.normalize(), "f"), return_type=str)]


class PositionOut(BaseModel):
    """What is reserved and spent; ``limit`` and ``left`` are null without a budget."""

    reserved: Amount
    spent: Amount
    limit: Amount | None
    left: Amount | None

    @classmethod
    def of(cls, position: Position) -> PositionOut:
        """Return a position as programs read it; what is overdrawn has nothing left."""

        def amount(micros: int) -> Amount:
            return Amount.of(Money(micros, position.currency))

        return cls(
            reserved=amount(position.reserved),
            spent=amount(position.spent),
            limit=None if position.limit is None else amount(position.limit),
            left=None if position.left is None else amount(max(position.left, 0)),
        )


class EpisodePosition(PositionOut):
    """Where the money of an episode stands."""

    episode_id: UUID


class RolePosition(PositionOut):
    """Where the money of everybody of a role stands."""

    role: str


class CrossedOut(Output):
    """A warning line that was crossed: of an episode's budget, or (null) the project's."""

    episode_id: UUID | None
    percent: int
    created_at: datetime

    @classmethod
    def of(cls, row: LineCrossing) -> CrossedOut:
        """Return a crossing as programs read it."""
        return cls.model_validate(row)


class RulesOut(BaseModel):
    """Above which price a producer is asked (null: never), and the percentages of a budget that are warned at."""

    single: Amount | None
    batch: Amount | None
    lines: list[int]

    @classmethod
    def of(cls, rules: Rules, currency: str) -> RulesOut:
        """Return rules as programs read them."""
        single, batch = (
            None if micros is None else Amount.of(Money(micros, currency)) for micros in (rules.single, rules.batch)
        )
        return cls(single=single, batch=batch, lines=list(rules.lines))


class MoneyOut(BaseModel):
    """Where the money of a project stands, and of those episodes and roles that have a budget or spent something."""

    currency: str
    paused_at: datetime | None
    project: PositionOut
    episodes: list[EpisodePosition]
    roles: list[RolePosition]
    rules: RulesOut
    crossed: list[CrossedOut]


class BudgetIn(Input):
    """A hard cap, in the project's currency."""

    limit: Amount


class RulesIn(Input):
    """What is left out or null is not asked about; ``lines`` are whole percentages."""

    single: Amount | None = None
    batch: Amount | None = None
    lines: list[int] = Field(max_length=6)


class RateIn(Input):
    """What one unit of ``base`` is worth in ``quote`` from the day ``on``; the rate as text, so that it stays exact."""

    base: str = Field(pattern="^[A-Z]{3}$")
    quote: str = Field(pattern="^[A-Z]{3}$")
    rate: Annotated[Decimal, Field(gt=0, le=LARGEST, decimal_places=PLACES)]
    on: date


class RateOut(Output):
    """An exchange rate of the team."""

    id: UUID
    base: str
    quote: str
    rate: Exact
    on: date
    set_by: UUID | None
    set_by_name: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ExchangeRate) -> RateOut:
        """Return a rate as programs read it."""
        return cls.model_validate(row)
