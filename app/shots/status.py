"""The status of a shot, derived from what is known of it. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """Where a shot stands (the words and colours are in ``app.web.status``)."""

    PLANNED = "planned"
    WAITING = "waiting"
    GENERATING = "generating"
    REVIEW = "review"
    RETAKE = "retake"
    CIRCLED = "circled"
    STALE = "stale"
    HELD = "held"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


# Statuses in which somebody has to do something before the shot moves on.
NEEDS_SOMEONE = frozenset({Status.HELD, Status.FAILED, Status.UNKNOWN})

_BY_JOB = {
    "unknown": Status.UNKNOWN,
    "held": Status.HELD,
    "failed": Status.FAILED,
    "refused": Status.FAILED,
    "active": Status.GENERATING,
    "waiting": Status.WAITING,
}


class Facts(Protocol):
    """What the status depends on: columns of a shot."""

    @property
    def dropped_at(self) -> datetime | None: ...
    @property
    def job_state(self) -> str: ...
    @property
    def stale_parts(self) -> list[str]: ...
    @property
    def retake_note(self) -> str: ...
    @property
    def circled_take_number(self) -> int | None: ...
    @property
    def newest_take_number(self) -> int | None: ...
    @property
    def undecided_takes(self) -> int: ...
    @property
    def take_count(self) -> int: ...


def derive(shot: Facts) -> Status:
    """Return the status: a drop first, then what needs somebody, then work under way, then the verdicts."""
    if shot.dropped_at is not None:
        return Status.DROPPED
    if shot.job_state in _BY_JOB:
        return _BY_JOB[shot.job_state]
    if shot.take_count and shot.stale_parts:
        newer = (shot.newest_take_number or 0) > (shot.circled_take_number or 0)
        return Status.REVIEW if newer and shot.undecided_takes and shot.circled_take_number else Status.STALE
    if shot.retake_note:
        return Status.RETAKE
    if shot.circled_take_number is not None:
        return Status.CIRCLED
    if shot.undecided_takes:
        return Status.REVIEW
    return Status.RETAKE if shot.take_count else Status.PLANNED
