"""Fitting a request to a model: what it can do instead, and what it must refuse before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from unicodedata import category

from app.backends.base import GenRequest
from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.errors import BackendError, Fault, Kind
from app.core import clock

MAX_ASSET_BYTES = 50 * 1024 * 1024
MIME_OF_ROLE: Mapping[str, str] = {
    "first": "image/",
    "last": "image/",
    "reference": "image/",
    "voice": "audio/",
    "motion": "video/",
}
FAULT_OF_ROLE: Mapping[str, Fault] = {"voice": Fault.AUDIO}
NEEDED_ROLES: Mapping[Task, frozenset[str]] = {
    Task.FIRST_FRAME: frozenset({"first"}),
    Task.FIRST_AND_LAST: frozenset({"first", "last"}),
    Task.REFERENCES: frozenset({"reference"}),
    Task.PERFORMANCE: frozenset({"reference", "motion"}),
    Task.AUDIO: frozenset({"voice"}),
}


def fit_duration(caps: ModelCaps, seconds: float) -> float:
    """Return the shortest offered duration in seconds that covers ``seconds``, or the longest when none does."""
    if caps.durations:
        return min((one for one in caps.durations if one >= seconds - 1e-6), default=max(caps.durations))
    if caps.duration_range is None:
        return seconds
    low, high = caps.duration_range
    if caps.duration_step:
        seconds = math.ceil((seconds - 1e-6) / caps.duration_step) * caps.duration_step
    return min(max(seconds, low), high)


def fit_frame(caps: ModelCaps, width: int, height: int) -> Frame:
    """Return the offered size nearest in shape to ``width`` × ``height``, and among equals nearest in area."""
    if caps.any_frame or not caps.frames:
        return Frame(width, height)

    def distance(frame: Frame) -> tuple[float, float]:
        shape = abs(math.log(frame.width / frame.height) - math.log(width / height))
        return round(shape, 2), abs(math.log(frame.width * frame.height) - math.log(width * height))

    return min(caps.frames, key=distance)


def check_request(caps: ModelCaps, request: GenRequest) -> None:
    """Raise ``BackendError`` (INVALID with the field, or ``model_gone``) for what ``caps`` cannot serve."""
    if caps.retired(clock.now().date()):
        message = f"The model {caps.model} was withdrawn on {caps.retires_on}: choose another."
        raise BackendError(Kind.PERMANENT, message, model_gone=True, charged=False)
    if request.task not in caps.tasks:
        raise _invalid("task", f"The model {caps.model} cannot do {request.task.value}.")
    if request.duration_frames <= 0:
        raise _invalid("duration_frames", "A shot lasts at least one frame.")
    if request.width <= 0 or request.height <= 0:
        raise _invalid("size", "A picture has a positive width and height.")
    _check_text("prompt", request.prompt, caps.prompt_max)
    _check_text("negative", request.negative, caps.prompt_max)
    if not request.prompt.strip():
        raise _invalid("prompt", "The prompt is empty: describe the shot.", Fault.PROMPT)
    _check_assets(caps, request)


def _check_text(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        message = f"The {field} has {len(text)} characters and the model takes {longest}: shorten it."
        raise _invalid(field, message, Fault.PROMPT)
    if any(category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in text):
        raise _invalid(field, f"The {field} holds control characters: remove them.", Fault.PROMPT)


def _check_assets(caps: ModelCaps, request: GenRequest) -> None:
    roles = [asset.role for asset in request.assets]
    missing = sorted(NEEDED_ROLES.get(request.task, frozenset()) - set(roles))
    if missing:
        raise _invalid("assets", f"{request.task.value} needs a {missing[0]} input.")
    if request.task is Task.TEXT and {"first", "last"} & set(roles):
        raise _invalid("assets", "A generation from text alone takes no first or last frame.")
    for role in ("first", "last", "motion"):
        if roles.count(role) > 1:
            raise _invalid("assets", f"There are {roles.count(role)} {role} inputs, and one is possible.")
    for role, most in (("reference", caps.max_images), ("voice", caps.max_voices), ("motion", caps.max_clips)):
        if roles.count(role) > most:
            raise _invalid("assets", f"The model {caps.model} takes {most} {role} inputs, not {roles.count(role)}.")
    for asset in request.assets:
        fault = FAULT_OF_ROLE.get(asset.role, Fault.IMAGE)
        if asset.role not in MIME_OF_ROLE or not asset.mime.startswith(MIME_OF_ROLE[asset.role]):
            raise _invalid("assets", f"An input of type {asset.mime} cannot be a {asset.role}.", fault)
        if not asset.path.is_file():
            raise _invalid("assets", f"The {asset.role} input is missing from storage.", fault)
        if not 0 < asset.path.stat().st_size <= MAX_ASSET_BYTES:
            limit = MAX_ASSET_BYTES // 1024 // 1024
            raise _invalid("assets", f"The {asset.role} input is empty or larger than {limit} MB.", fault)


def _invalid(field: str, message: str, fault: Fault = Fault.UNKNOWN) -> BackendError:
    return BackendError(Kind.INVALID, message, field=field, fault=fault, charged=False)
