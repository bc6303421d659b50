"""Reading what ``/v1/videos`` servers say: envelopes, failures, jobs (the fact sheets, international §2 and §3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.backends.base import Phase, RemoteState
from app.backends.errors import BackendError, Fault, Kind
from app.backends.http import Answer, Words, error_from_status
from app.backends.openai_videos.profiles import Profile
from app.core.money import Money

MODERATION = re.compile(
    r"moderation|content.?polic|safety.?(system|polic|filter|violation|check)|sensitive.?content", re.IGNORECASE
)
NO_MONEY = re.compile(
    r"insufficient.{0,10}(quota|balance|funds|credit)|billing|budget.?exceeded|exceeded your current quota",
    re.IGNORECASE,
)
MODEL_GONE = re.compile(
    r"\bmodel\b.*(not found|not exist|not serve|not match|deprecated|retired|decommission|shut down|no longer)"
    r"|model_not_found|unknown model",
    re.IGNORECASE | re.DOTALL,
)
FAULTS = (
    (re.compile(r"image|picture|input_reference", re.IGNORECASE), Fault.IMAGE),
    (re.compile(r"audio|voice|speech", re.IGNORECASE), Fault.AUDIO),
    (re.compile(r"prompt", re.IGNORECASE), Fault.PROMPT),
)


def read_words(body: Any, safe: Callable[[str], str]) -> Words:
    """Read ``{"error": {...}}``, ``{"error": "…"}`` and ``{"detail": "…" or [{loc, msg}]}``, made ``safe`` to show."""
    told = body.get("error") or body.get("detail") or "" if isinstance(body, dict) else ""
    if isinstance(told, list) and told and isinstance(told[0], dict):
        place = [str(one) for one in told[0].get("loc", [])]
        told = {"message": f"{'.'.join(place)}: {told[0].get('msg', '')}", "param": place[-1] if place else ""}
    if not isinstance(told, dict):
        told = {"message": told}
    text = {key: safe(str(told.get(key) or "")) for key in ("message", "code", "type", "param")}
    return Words(text["message"], (text["code"] or text["type"])[:80], text["param"][:80])


def read_error(answer: Answer, words: Words) -> BackendError:
    """Return the failure an answer without success stands for: the words first, then the status."""
    error = error_from_status(answer, words)
    told = f"{words.code} {words.message}"
    if answer.status in {400, 404, 410} and MODEL_GONE.search(told):
        error.kind, error.model_gone = Kind.PERMANENT, True
    elif answer.status in {400, 403, 422} and MODERATION.search(told):
        error.kind, error.fault = Kind.MODERATION, _fault(f"{words.field} {told}", Fault.PROMPT)
    elif answer.status in {400, 403, 429} and NO_MONEY.search(told):
        error.kind, error.retry_after = Kind.QUOTA, None
    return error


def is_id(value: Any) -> bool:
    """Return whether ``value`` can be a video's id: opaque text, long where a router packs its route into it."""
    return isinstance(value, str) and 0 < len(value) <= 2048 and value.isprintable() and value not in {".", ".."}


def is_job(body: Any) -> bool:
    """Return whether an answer holds a video object, whatever its HTTP status."""
    return isinstance(body, dict) and isinstance(body.get("status"), str) and is_id(body.get("id"))


def read_state(job: Mapping[str, Any], status: int, words: Words, profile: Profile) -> RemoteState:
    """Return where a job stands, without its outputs; ``status`` is the HTTP status it came with."""
    raw = str(job["status"])
    phase = profile.statuses.get(raw, Phase.UNRECOGNISED)
    done = job.get("progress")
    progress = min(max(done / 100, 0.0), 1.0) if isinstance(done, int | float) and math.isfinite(done) else None
    error = _failure(words, status, profile) if phase is Phase.FAILED else None
    if error is not None and error.kind is Kind.MODERATION:
        phase = Phase.REFUSED
    cost = Money(0, "USD") if error is not None and error.charged is False else None
    return RemoteState(phase, progress, cost=cost, error=error, raw_status=raw[:60])


def could_be(job: Mapping[str, Any], fields: Mapping[str, Any], profile: Profile) -> bool:
    """Return whether nothing the server tells about ``job`` speaks against its being the work of ``fields``."""
    keys = ["prompt", "seconds", "size", *(["model"] if profile.echoes_model else [])]
    return all(job.get(key) is None or str(job[key]).split() == str(fields[key]).split() for key in keys)


def _failure(words: Words, status: int, profile: Profile) -> BackendError:
    """Return why a video failed; on machines of one's own nothing was charged, elsewhere nobody says."""
    told = f"{words.code} {words.message}"
    message = words.message or "The server says that it failed, and not why."
    charged = False if profile.own_machines else None
    if MODERATION.search(told):
        otherwise = Fault.PROVIDER if re.search(r"output|generated", told, re.IGNORECASE) else Fault.UNKNOWN
        fault = _fault(told, otherwise)
        return BackendError(Kind.MODERATION, message, provider_code=words.code, charged=charged, fault=fault)
    kind = Kind.INVALID if "invalid" in words.code or 400 <= status < 500 else Kind.TRANSIENT
    return BackendError(kind, message, provider_code=words.code, charged=charged, field=words.field)


def _fault(told: str, otherwise: Fault) -> Fault:
    return next((fault for pattern, fault in FAULTS if pattern.search(told)), otherwise)
