"""Forms about jobs."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class GenerateForm(BaseModel):
    """What to generate: some shots, a scene, or all shots of an episode that are planned or stale."""

    model_config = ConfigDict(extra="ignore")

    shots: list[UUID] = Field(default_factory=list, max_length=6000)
    scene: UUID | None = None
    which: Literal["", "planned", "stale", "all"] = ""
    backend: str = Field(default="", max_length=80)
    model: str = Field(default="", max_length=120)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    next: str = Field(default="", max_length=300)


class DecisionForm(BaseModel):
    """What a producer decides about a lost answer."""

    model_config = ConfigDict(extra="ignore")

    decision: Literal["look_again", "give_up", "buy_again"]
