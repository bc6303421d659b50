"""What programs and forms read and send about proposals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.money import Money
from app.scripts.models import Proposal
from app.scripts.script_help import LONGEST_PASSAGE
from app.web.api import Amount, Input, Output

Wish = Literal["shorten", "hook", "to_zh", "to_en", "own"]
ProposalState = Literal["asking", "proposed", "accepted", "dismissed", "refused", "failed"]


class HelpForm(BaseModel):
    """A passage as it was selected, and what should be done with it."""

    model_config = ConfigDict(extra="ignore")

    passage: str = Field(default="", max_length=4 * LONGEST_PASSAGE)
    wish: str = Field(default="", max_length=20)
    instruction: str = Field(default="", max_length=1000)
    offset: int | None = Field(default=None, ge=0, le=2**31 - 1)


class HelpIn(Input):
    """A passage of the saved script, word for word, and what should be done with it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    passage: str = Field(min_length=1, max_length=4 * LONGEST_PASSAGE)
    wish: Wish
    instruction: str = Field(default="", max_length=1000, description="The writer's own wish; needed for `own`.")
    offset: int | None = Field(
        default=None, ge=0, le=2**31 - 1, description="Where the passage begins, in UTF-16 units; else it stands once."
    )


class ProposalItem(Output):
    """A proposal in a list; ``cost`` is what was charged so far, for those who may see money."""

    id: UUID
    episode_id: UUID
    kind: str
    subject_id: UUID
    state: ProposalState
    wish: str
    instruction: str
    backend: str
    model: str
    error_code: str
    error: str
    asked_by_name: str
    created_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    cost: Amount | None = None

    @classmethod
    def of(cls, row: Proposal, *, with_money: bool) -> Self:
        """Return a proposal as programs read it."""
        item = cls.model_validate(row)
        item.cost = Amount.of(Money(row.cost_micros, row.currency)) if with_money else None
        return item


class ProposalOut(ProposalItem):
    """A proposal whole: the text ``before`` and the proposed one, or suggestions by shot."""

    before: str
    text: str
    answer: dict[str, Any]
    applied: dict[str, Any]
