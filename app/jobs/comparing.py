"""What a shot gains and loses when another model makes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.backends.base import GenRequest
from app.backends.capabilities import ModelCaps
from app.backends.fit import fit_duration, fit_frame


class Change(StrEnum):
    """What differs; the last three make a move impossible."""

    LONGER = "longer"
    SHORTER = "shorter"
    CUT = "cut"
    FRAME = "frame"
    INPUT = "input"
    SOUND = "sound"
    LIP_SYNC = "lip_sync"
    SEED = "seed"
    NEGATIVE = "negative"
    TASK = "task"
    PROMPT = "prompt"
    RETIRED = "retired"


IMPOSSIBLE = frozenset({Change.TASK, Change.PROMPT, Change.RETIRED})
HARMLESS = frozenset({Change.LONGER, Change.SHORTER})


@dataclass(frozen=True, slots=True)
class Difference:
    """One change, with what there was and what there will be."""

    change: Change
    before: str = ""
    after: str = ""


def differences(
    request: GenRequest, roles: frozenset[str], source: ModelCaps | None, target: ModelCaps, taken: frozenset[str]
) -> tuple[Difference, ...]:
    """Return what changes when ``target`` makes a request instead of ``source``.

    ``source`` is None when nobody knows any more what it could do: then the request itself is compared. ``roles`` are
    the inputs the request has now, ``taken`` those that the target takes.
    """
    found = [*_lengths(request, source, target), *_picture(request, source, target)]
    found += [Difference(Change.INPUT, role) for role in sorted(roles - taken)]
    found += [Difference(change) for change, lost in _features(request, source, target) if lost]
    return tuple(found)


def obstacles(request: GenRequest, target: ModelCaps, today: date) -> tuple[Difference, ...]:
    """Return why a model cannot make a request at all."""
    checks = (
        (target.retired(today), Difference(Change.RETIRED, after=str(target.retires_on))),
        (request.task not in target.tasks, Difference(Change.TASK, before=request.task.value)),
        (
            len(request.prompt) > target.prompt_max,
            Difference(Change.PROMPT, str(len(request.prompt)), str(target.prompt_max)),
        ),
    )
    return tuple(difference for wrong, difference in checks if wrong)


def _lengths(request: GenRequest, source: ModelCaps | None, target: ModelCaps) -> list[Difference]:
    asked = request.duration_s
    before = fit_duration(source, asked) if source else asked
    after = fit_duration(target, asked)
    told = (f"{before:g}", f"{after:g}")
    if after < asked - 0.05 and after < before:
        return [Difference(Change.CUT, *told)]
    if abs(after - before) < 0.005:
        return []
    return [Difference(Change.LONGER if after > before else Change.SHORTER, *told)]


def _picture(request: GenRequest, source: ModelCaps | None, target: ModelCaps) -> list[Difference]:
    sizes = [fit_frame(caps, request.width, request.height) for caps in (source or target, target)]
    before, after = (f"{frame.width}x{frame.height}" for frame in sizes)
    return [] if before == after else [Difference(Change.FRAME, before, after)]


def _features(request: GenRequest, source: ModelCaps | None, target: ModelCaps) -> tuple[tuple[Change, bool], ...]:
    had = source or target
    return (
        (Change.SOUND, request.sound and had.native_sound and not target.native_sound),
        (Change.LIP_SYNC, bool(request.facts.dialogue) and had.lip_sync and not target.lip_sync),
        (Change.SEED, had.seed and not target.seed),
        (Change.NEGATIVE, bool(request.negative) and had.negative_prompt and not target.negative_prompt),
    )
