"""Choosing a backend for a wish by capabilities, policy, health and price, and saying why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.backends.base import GenRequest
from app.backends.capabilities import ModelCaps
from app.backends.fit import fit_duration, fit_frame
from app.core.money import Money
from app.jobs.policy import Policy


class Verdict(StrEnum):
    """Why a candidate was taken, or was not."""

    CHOSEN = "chosen"
    FITS = "fits"
    RETIRED = "retired"
    TASK = "task"
    SIZE = "size"
    DURATION = "duration"
    PROMPT = "prompt"
    SOUND = "sound"
    LIP_SYNC = "lip_sync"
    SEED = "seed"
    REGION = "region"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    PRICE = "price"
    CURRENCY = "currency"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that could serve a wish; ``price`` is its dearest, in the project's currency, None where unknown."""

    backend: str
    caps: ModelCaps
    price: Money | None
    region: str = ""
    healthy: bool = True
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What is recorded of one candidate."""

    backend: str
    model: str
    verdict: Verdict
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the line as it is kept on a job."""
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen candidate, None when nothing fits, and a line for each one considered."""

    chosen: Candidate | None
    lines: tuple[Line, ...]


def ordered(candidates: Iterable[Candidate], order: Sequence[str]) -> tuple[list[Candidate], list[Line]]:
    """Return the candidates a policy names, in its order, and a line for each name that is not there."""
    found = list(candidates)
    listed: list[Candidate] = []
    missing: list[Line] = []
    for name in order:
        backend, _slash, model = name.partition("/")
        named = [one for one in found if one.backend == backend and model in ("", one.caps.model)]
        listed += [one for one in named if one not in listed]
        if not named:
            missing.append(Line(backend, model, Verdict.MISSING))
    return listed, missing


def route(request: GenRequest, candidates: Iterable[Candidate], policy: Policy, today: date) -> Route:
    """Return where a wish goes under a policy, with the reasons."""
    listed, lines = ordered(candidates, policy.order_of(request.task))
    fitting: list[Candidate] = []
    for one in listed:
        fault = _fault(request, one, policy, today)
        if fault is None:
            fitting.append(one)
        else:
            lines.append(Line(one.backend, one.caps.model, *fault))
    if not fitting:
        return Route(None, tuple(lines))
    best = min(enumerate(fitting), key=lambda pair: (*_rank(request, pair[1], policy), pair[0]))[1]
    for one in fitting:
        verdict = Verdict.CHOSEN if one is best else Verdict.FITS
        lines.append(Line(one.backend, one.caps.model, verdict, str(one.price or "")))
    return Route(best, tuple(lines))


def _rank(request: GenRequest, one: Candidate, policy: Policy) -> tuple[float, ...]:
    if policy.prefer == "price":
        return (float(one.price.micros) if one.price else 0.0,)
    if policy.prefer == "quality":
        frame = fit_frame(one.caps, request.width, request.height)
        return (-float(frame.width * frame.height), -float(one.caps.native_sound), -float(one.caps.lip_sync))
    return ()


def _fault(request: GenRequest, one: Candidate, policy: Policy, today: date) -> tuple[Verdict, str] | None:
    return _cannot(request, one.caps, policy, today) or _may_not(request, one, policy)


def _cannot(request: GenRequest, caps: ModelCaps, policy: Policy, today: date) -> tuple[Verdict, str] | None:
    """Return what a model cannot do of a request."""
    longest = fit_duration(caps, request.duration_s)
    checks = (
        (caps.retired(today), Verdict.RETIRED, str(caps.retires_on)),
        (request.task not in caps.tasks, Verdict.TASK, request.task.value),
        (longest < request.duration_s - 0.05, Verdict.DURATION, f"{longest:g}"),
        (len(request.prompt) > caps.prompt_max, Verdict.PROMPT, f"{caps.prompt_max}"),
        (_turned(request, caps), Verdict.SIZE, f"{request.width}x{request.height}"),
        (policy.needs_sound and not caps.native_sound, Verdict.SOUND, ""),
        (policy.needs_lip_sync and not caps.lip_sync and bool(request.facts.dialogue), Verdict.LIP_SYNC, ""),
        (policy.needs_seed and not caps.seed, Verdict.SEED, ""),
    )
    return next(((verdict, detail) for wrong, verdict, detail in checks if wrong), None)


def _may_not(request: GenRequest, one: Candidate, policy: Policy) -> tuple[Verdict, str] | None:
    """Return why a candidate that could serve is not asked."""
    if policy.regions and not one.caps.local and one.region not in policy.regions:
        return Verdict.REGION, one.region
    if one.failed:
        return Verdict.FAILED, ""
    if not one.healthy:
        return Verdict.UNHEALTHY, ""
    if one.price is None:
        return Verdict.CURRENCY, ""
    seconds = Decimal(str(max(request.duration_s, 0.001)))
    if policy.most_per_second is not None and one.price.micros > policy.most_per_second * seconds * 1_000_000:
        return Verdict.PRICE, str(one.price)
    return None


def _turned(request: GenRequest, caps: ModelCaps) -> bool:
    """Tell whether the nearest size a model makes lies where the asked one stands, or the reverse."""
    frame = fit_frame(caps, request.width, request.height)
    return (frame.width > frame.height) != (request.width > request.height) and frame.width != frame.height
