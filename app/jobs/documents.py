"""What programs read and send about jobs and backends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.backends.capabilities import ModelCaps
from app.core.money import Money
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.paying import Quote
from app.jobs.unknowns import Lost
from app.money.schemas import Rate
from app.shots.models import Shot
from app.web.api import Amount, Input, Output


class GenerateIn(Input):
    """What to generate: named shots, a scene, or all shots of the episode that are planned or stale."""

    shots: list[UUID] = Field(default_factory=list, max_length=6000)
    scene: UUID | None = None
    which: Literal["", "planned", "stale", "all"] = ""
    backend: str = Field(default="", max_length=80, description="Else the project's.")
    model: str = Field(default="", max_length=120, description="Else the project's, or the backend's first.")
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)


class DecisionIn(Input):
    """What a producer decides about a lost answer."""

    decision: Literal["look_again", "give_up", "buy_again"]


class Wished(Output):
    """One job of a wish."""

    id: UUID
    shot_id: UUID
    state: str


class WishedOut(BaseModel):
    """The open jobs that answer a wish, one a shot; a wish that was open already is among them."""

    jobs: list[Wished]


class CrossingOut(Output):
    """A warning line that would be crossed: of the episode's budget, or (null) the project's."""

    episode_id: UUID | None
    percent: int


class RateOut(Output):
    """The exchange rate a price was changed at, as text, and the day it was set for."""

    base: str
    quote: str
    rate: str
    on: date

    @classmethod
    def of(cls, rate: Rate) -> RateOut:
        """Return a rate as programs read it."""
        return cls(base=rate.base, quote=rate.quote, rate=format(rate.rate.normalize(), "f"), on=rate.on)


class HoldOut(Output):
    """Why all or some of a wish would wait."""

    code: str
    message: str


class OfferOut(BaseModel):
    """What generating would cost, as a range, where, and what it would do to the budgets.

    ``low`` and ``high`` are in the project's currency where there is a rate, ``priced_low`` and ``priced_high`` in the
    provider's. ``approval`` tells whether a producer would be asked.
    """

    backend: str
    model: str
    shots: int
    low: Amount
    high: Amount
    priced_low: Amount
    priced_high: Amount
    rate: RateOut | None
    crosses: list[CrossingOut]
    hold: HoldOut | None
    approval: bool

    @classmethod
    def of(cls, quote: Quote) -> OfferOut:
        """Return a quote as programs read it."""
        offer, told = quote.offer, quote.forecast
        return cls(
            backend=offer.backend,
            model=offer.model,
            shots=offer.shots,
            low=Amount.of(told.low),
            high=Amount.of(told.high),
            priced_low=Amount.of(offer.low),
            priced_high=Amount.of(offer.high),
            rate=RateOut.of(told.rate) if told.rate else None,
            crosses=[CrossingOut.model_validate(line) for line in told.lines],
            hold=HoldOut.model_validate(told.hold) if told.hold else None,
            approval=told.asks,
        )


class JobItem(Output):
    """A job; ``estimate_low`` and ``estimate_high`` are what one take was expected to cost when it was wished for."""

    id: UUID
    episode_id: UUID
    shot_id: UUID
    shot_name: str
    state: str
    reason_code: str
    reason: str
    backend: str
    model: str
    estimate_low: Amount
    estimate_high: Amount
    progress: float | None
    wished_by: UUID | None
    wished_by_name: str
    take_id: UUID | None
    cancel_asked_at: datetime | None
    dismissed_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, job: Job, shot: Shot, **more: Any) -> JobItem:
        """Return a job as programs read it."""
        more |= {
            "shot_name": shot.name,
            "estimate_low": Amount.of(Money(job.estimate_low_micros, job.currency)),
            "estimate_high": Amount.of(Money(job.estimate_high_micros, job.currency)),
        }
        return cls(**{name: more[name] if name in more else getattr(job, name) for name in cls.model_fields})


class AttemptOut(BaseModel):
    """One paid try: the cap that was reserved, and what was charged once that is known, in the provider's currency.

    ``rate`` is the exchange rate that was frozen when it was reserved, and ``booked`` what the ledger says was paid;
    both are null where the project has the provider's currency.
    """

    id: UUID
    number: int
    backend: str
    model: str
    state: str
    cap: Amount
    actual: Amount | None
    rate: str | None
    rate_on: date | None
    booked: Amount | None
    cancel_result: str
    progress: float | None
    submitted_at: datetime | None
    finished_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptOut:
        """Return an attempt as programs read it."""
        paid = attempt.actual_micros
        booked = attempt.actual_ledger_micros
        more = {
            "rate": None if attempt.rate is None else format(attempt.rate.normalize(), "f"),
            "booked": None if booked is None else Amount.of(Money(booked, attempt.ledger_currency or "")),
            "cap": Amount.of(Money(attempt.cap_micros, attempt.currency)),
            "actual": None if paid is None else Amount.of(Money(paid, attempt.currency)),
        }
        return cls(**{name: more[name] if name in more else getattr(attempt, name) for name in cls.model_fields})


class StoryLine(BaseModel):
    """One step of an attempt."""

    attempt: int
    state: str
    note: str
    created_at: datetime


class JobOut(JobItem):
    """A job with its attempts and every line of their story, in order."""

    attempts: list[AttemptOut]
    story: list[StoryLine]

    @classmethod
    def whole(cls, job: Job, shot: Shot, attempts: Sequence[Attempt], lines: Sequence[AttemptEvent]) -> JobItem:
        """Return a job with its story."""
        numbers = {attempt.id: attempt.number for attempt in attempts}
        story = [
            StoryLine(attempt=numbers[line.attempt_id], state=line.state, note=line.note, created_at=line.created_at)
            for line in lines
        ]
        return cls.of(job, shot, attempts=[AttemptOut.of(each) for each in attempts], story=story)


class FrameOut(Output):
    """A size in pixels."""

    width: int
    height: int


class ModelOut(Output):
    """What a model can do; durations in seconds."""

    model: str
    tasks: list[str]
    durations: list[float]
    duration_range: tuple[float, float] | None
    duration_step: float
    frames: list[FrameOut]
    any_frame: bool
    max_images: int
    native_sound: bool
    lip_sync: bool
    seed: bool
    negative_prompt: bool
    prompt_max: int
    cancel: str
    progress: bool
    free: bool
    local: bool
    retires_on: date | None

    @classmethod
    def of(cls, caps: ModelCaps) -> ModelOut:
        """Return a model as programs read it."""
        sorted_tasks = sorted(task.value for task in caps.tasks)
        return cls.model_validate({name: getattr(caps, name) for name in cls.model_fields} | {"tasks": sorted_tasks})


class BackendOut(BaseModel):
    """A backend that can be used now, with its models."""

    name: str
    models: list[ModelOut]


class LostItem(JobItem):
    """A job whose answer was lost: its last attempt, whose id is the external id where a provider takes one."""

    project_id: UUID
    attempt_id: UUID
    sent_at: datetime | None
    price: Amount
    remote_id: str
    can_be_looked_up: bool

    @classmethod
    def lost(cls, row: Lost) -> LostItem:
        """Return a lost answer as programs read it."""
        more = {
            "attempt_id": row.attempt.id,
            "sent_at": row.attempt.submitted_at,
            "price": Amount.of(row.price),
            "remote_id": row.remote_id,
            "can_be_looked_up": row.can_be_looked_up,
        }
        item = cls.of(row.job, row.shot, **more)
        assert isinstance(item, cls)
        return item
