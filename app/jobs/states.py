"""The states of jobs and attempts, and which may follow which. Pure (ARCHITECTURE: 5. Jobs)."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where the wish for a take stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class AttemptState(StrEnum):
    """Where one paid try stands."""

    RESERVED = "reserved"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    FETCHING = "fetching"
    CHECKING = "checking"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


A = AttemptState

FOLLOWS: dict[AttemptState, frozenset[AttemptState]] = {
    A.RESERVED: frozenset({A.SUBMITTING, A.CANCELLED, A.FAILED}),
    A.SUBMITTING: frozenset({A.SUBMITTED, A.RESERVED, A.FAILED, A.REFUSED, A.UNKNOWN, A.CANCELLED}),
    A.SUBMITTED: frozenset({A.RUNNING, A.FETCHING, A.FAILED, A.REFUSED, A.EXPIRED, A.CANCELLED, A.UNKNOWN}),
    A.RUNNING: frozenset({A.FETCHING, A.FAILED, A.REFUSED, A.EXPIRED, A.CANCELLED, A.UNKNOWN}),
    A.FETCHING: frozenset({A.CHECKING, A.RUNNING, A.FAILED, A.EXPIRED, A.CANCELLED}),
    A.CHECKING: frozenset({A.SUCCEEDED, A.FETCHING, A.FAILED, A.CANCELLED}),
    A.UNKNOWN: frozenset({A.SUBMITTED, A.FAILED, A.RESERVED, A.EXPIRED}),
    A.SUCCEEDED: frozenset(),
    A.FAILED: frozenset(),
    A.REFUSED: frozenset(),
    A.EXPIRED: frozenset(),
    A.CANCELLED: frozenset(),
}

ENDED = frozenset(state for state, following in FOLLOWS.items() if not following)
OPEN = frozenset(A) - ENDED - {A.UNKNOWN}
POLLED = frozenset({A.SUBMITTED, A.RUNNING})

JOB_AFTER: dict[AttemptState, JobState] = {
    A.SUCCEEDED: JobState.DONE,
    A.FAILED: JobState.FAILED,
    A.EXPIRED: JobState.FAILED,
    A.REFUSED: JobState.REFUSED,
    A.CANCELLED: JobState.CANCELLED,
    A.UNKNOWN: JobState.UNKNOWN,
}


class WrongTransition(Exception):
    """A step tried to move an attempt where its state does not lead; the row stays as it is."""


def check(before: AttemptState, after: AttemptState) -> None:
    """Raise ``WrongTransition`` unless ``after`` may follow ``before``."""
    if after not in FOLLOWS[before]:
        raise WrongTransition(f"An attempt that is {before} cannot become {after}.")


def backoff_seconds(faults: int) -> float:
    """Return how long to wait after the n-th fault in a row: 2, 4, 8 … up to 120 seconds."""
    return float(min(2**faults, 120))


def poll_interval(age_s: float, least_s: float) -> float:
    """Return how long to wait before asking again about work of ``age_s``: a tenth of that, half a minute at most.

    A provider's own least interval ``least_s`` is kept even where it is longer.
    """
    return max(least_s, min(age_s / 10, 30.0))
