"""Forms of comments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ReplyForm(BaseModel):
    """An answer in a conversation; ``next`` is where the page goes on."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    body: str = Field(default="", max_length=4000)
    next: str = Field(default="", max_length=300)


class StartForm(ReplyForm):
    """The first comment about a thing; for a take, its number and the frame it speaks of."""

    kind: str = Field(max_length=40)
    subject_id: UUID
    take: int | None = Field(default=None, ge=1)
    frame: int | None = Field(default=None, ge=0, le=1_000_000)

    def anchor(self) -> dict[str, Any]:
        """Return where in the thing the comment points, as its owner reads it."""
        return {name: value for name, value in (("take", self.take), ("frame", self.frame)) if value is not None}
