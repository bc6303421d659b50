"""Plain data about money: positions, holds, purchases, and amounts changed into another currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from uuid import UUID

from app.core.money import Money

AVAILABLE, RESERVED, SPENT = "available", "reserved", "spent"
LINES = (50, 80, 100)
"""The percentages of a budget a project warns at unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the money of a project, an episode or a role stands, in micro-units; ``limit`` is None without a budget."""

    currency: str
    reserved: int
    spent: int
    limit: int | None

    @property
    def used(self) -> int:
        """What is reserved or spent."""
        return self.reserved + self.spent

    @property
    def left(self) -> int | None:
        """What may still be reserved, or None without a budget."""
        return None if self.limit is None else self.limit - self.used


@dataclass(frozen=True, slots=True)
class Hold:
    """Why money cannot be reserved now: a stable code, and words that say what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as it is frozen on an attempt: what one unit of ``base`` is worth in ``quote``, set for the day ``on``."""

    base: str
    quote: str
    rate: Decimal
    on: date

    def convert(self, amount: Money) -> Money:
        """Return an amount of ``base`` in ``quote``, rounded up to a micro-unit, exactly."""
        if amount.currency != self.base:
            raise ValueError(f"This rate changes {self.base}, not {amount.currency}.")
        return Money(ceil(amount.micros * Fraction(self.rate)), self.quote)


@dataclass(frozen=True, slots=True)
class Spender:
    """Whoever wished for what is bought, and the role they had in the project then ("" for none)."""

    actor_id: UUID | None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One attempt that is about to be bought.

    ``cap`` and ``batch`` (what all jobs of the same wish cost at most) are in the provider's currency; ``approved`` is
    the most a producer agreed to, None where nobody was asked.
    """

    attempt_id: UUID
    episode_id: UUID
    backend: str
    model: str
    spender: Spender
    cap: Money
    batch: Money
    approved: Money | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside, in the project's currency, and the rate it was changed at (None for the same currency)."""

    amount: Money
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A warning line: a percentage of the budget of a project, or of one of its episodes."""

    episode_id: UUID | None
    percent: int


def crossed(before: int, after: int, limit: int | None, lines: tuple[int, ...]) -> list[int]:
    """Return the percentages of ``limit`` that lie above ``before`` and at or below ``after``, in order."""
    if not limit:
        return []
    return [percent for percent in sorted(lines) if before * 100 < percent * limit <= after * 100]
