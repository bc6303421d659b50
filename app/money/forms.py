"""Forms about money."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.core.i18n import _
from app.money.rates import LARGEST, PLACES

Limit = Annotated[Decimal, Field(ge=0, le=Decimal(10_000_000), decimal_places=2)]


class BudgetForm(BaseModel):
    """A hard cap in the project's currency, for the project or one episode."""

    model_config = ConfigDict(extra="ignore")

    limit: Limit
    episode: UUID | None = None


class RoleBudgetForm(BaseModel):
    """A hard cap of a role in the project's currency; nothing lifts it."""

    model_config = ConfigDict(extra="ignore")

    role: str = Field(max_length=20)
    limit: Limit | None = None


class RulesForm(BaseModel):
    """From which amounts a producer is asked (nothing: never), and the percentages to warn at, as "50, 80, 100"."""

    model_config = ConfigDict(extra="ignore")

    single: Limit | None = None
    batch: Limit | None = None
    lines: list[int] = Field(default_factory=list)

    @field_validator("lines", mode="before")
    @classmethod
    def _percentages(cls, given: list[str]) -> list[int]:
        parts = [part for text in given for part in re.split(r"[\s,;，、%％]+", text) if part]
        if not all(part.isascii() and part.isdecimal() and len(part) <= 3 for part in parts):
            raise ValueError(_("Write whole percentages apart by commas, such as 50, 80, 100."))
        return [int(part) for part in parts]


class RateForm(BaseModel):
    """What one unit of a currency is worth in another, from a day on."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    base: str = Field(min_length=3, max_length=3)
    quote: str = Field(min_length=3, max_length=3)
    rate: Decimal = Field(gt=0, le=LARGEST, decimal_places=PLACES)
    on: date
