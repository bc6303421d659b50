"""Forms about jobs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.jobs.bulk import MOST
from app.jobs.finding import FILTERS, Wanted
from app.jobs.policy import Policy


def _uuid_or_none(value: object) -> object:
    """Return a UUID, or None for what is none: an address somebody shortened shows everything."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


Named = Annotated[UUID | None, BeforeValidator(_uuid_or_none)]


class Asked(BaseModel):
    """What the address of the list asks for; every part may be left out or be empty."""

    model_config = ConfigDict(extra="ignore")

    state: str = ""
    backend: str = Field(default="", max_length=80)
    episode: Named = None
    person: Named = None
    shot: str = Field(default="", max_length=60)
    before: Named = None
    fragment: str = ""

    def wanted(self) -> Wanted:
        """Return the filters."""
        return Wanted(FILTERS.get(self.state, ()), self.backend, self.episode, self.person, self.shot.strip())

    def query(self, **changes: Any) -> str:
        """Return the filters as the query of an address, some of them changed and empty ones left out."""
        given = self.model_dump(exclude={"fragment", "before"}) | changes
        return urlencode({name: str(value) for name, value in given.items() if value})


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


class PolicyForm(BaseModel):
    """A project's policy; empty choices are left out."""

    model_config = ConfigDict(extra="ignore")

    choice: list[str] = Field(default_factory=list, max_length=50)
    prefer: Literal["order", "price", "quality"] = "order"
    most_per_second: Decimal | None = Field(default=None, ge=0, le=Decimal(100_000), decimal_places=6)
    regions: str = Field(default="", max_length=300)
    needs: list[Literal["sound", "lip_sync", "seed"]] = Field(default_factory=list)
    most_at_once: int | None = Field(default=None, ge=1, le=1000)
    fail_over: bool = False

    def policy(self) -> Policy | None:
        """Return the policy, or None when nothing was chosen."""
        order = tuple(dict.fromkeys(one for one in self.choice if one))
        if not order:
            return None
        return Policy(
            order=order,
            prefer=self.prefer,
            most_per_second=self.most_per_second,
            regions=tuple(dict.fromkeys(self.regions.replace(",", " ").split())),
            needs_sound="sound" in self.needs,
            needs_lip_sync="lip_sync" in self.needs,
            needs_seed="seed" in self.needs,
            most_at_once=self.most_at_once,
            fail_over=self.fail_over,
        )


class RelocationForm(BaseModel):
    """What is left for what; ``digest`` names the plan that was shown."""

    model_config = ConfigDict(extra="ignore")

    source: str = Field(max_length=80)
    target: str = Field(max_length=80)
    model: str = Field(default="", max_length=200)
    failed: bool = False
    digest: str = Field(default="", max_length=40)


class DecisionForm(BaseModel):
    """What a producer decides about a lost answer."""

    model_config = ConfigDict(extra="ignore")

    decision: Literal["look_again", "give_up", "buy_again"]


class ManyForm(BaseModel):
    """Some jobs, and whether somebody has seen what the action would do."""

    model_config = ConfigDict(extra="ignore")

    jobs: list[UUID] = Field(min_length=1, max_length=MOST)
    confirmed: bool = False
    next: str = Field(default="", max_length=600)


class DecideManyForm(ManyForm):
    """The same decision about some jobs; ``only`` names one, whatever else is selected."""

    jobs: list[UUID] = Field(default_factory=list, max_length=MOST)
    only: UUID | None = None
