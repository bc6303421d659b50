"""A project's policy: which backends it may buy from, in which order, and at what price at most. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.backends.capabilities import Task

MOST_CHOICES = 50


Ceiling = Annotated[Decimal, Field(ge=0, le=Decimal(100_000))]
Choice = Annotated[str, Field(min_length=1, max_length=200)]


class Policy(BaseModel):
    """How a project chooses a backend for each wish.

    ``order`` names backends, or one of their models as ``backend/model``; ``order_by_task`` has an order of its own for
    some tasks. ``prefer`` takes what is first in the order, what is cheapest, or the largest picture with sound.
    ``most_per_second`` is in the project's currency; ``regions`` are words of the backends' configuration, all when
    empty. ``most_at_once`` bounds what the project has in flight at an account. ``fail_over`` lets a wish go to the
    next backend when one fails technically and nothing was charged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: tuple[Choice, ...] = Field(min_length=1, max_length=MOST_CHOICES)
    order_by_task: dict[Task, tuple[Choice, ...]] = {}
    prefer: Literal["order", "price", "quality"] = "order"
    most_per_second: Ceiling | None = None
    regions: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = Field(default=(), max_length=20)
    needs_sound: bool = False
    needs_lip_sync: bool = False
    needs_seed: bool = False
    most_at_once: Annotated[int, Field(ge=1, le=1000)] | None = None
    fail_over: bool = True

    def order_of(self, task: Task) -> tuple[str, ...]:
        """Return the order of choices for a task."""
        return self.order_by_task.get(task, self.order)
