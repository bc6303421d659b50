"""Trying a backend for money: its cheapest generation is bought, followed, fetched and looked at, told step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.accounts.schemas import SYSTEM
from app.audit import service as audit
from app.backends.base import Cost, GenRequest, Handle, OutputRef, Phase, RemoteState, Sink, SubmitContext, VideoBackend
from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict
from app.core.frames import FrameRate
from app.core.ids import new_id
from app.media.probe import probe

RATE = FrameRate(24)
PROMPT = "A smooth grey stone lies on wet sand. Small waves come and go. The camera does not move."
ANY_FRAME = Frame(480, 832)
LARGEST = 2 * 1024**3
MOST_FAULTS = 5
PASSING = frozenset({Kind.TRANSIENT, Kind.RATE_LIMIT})

Tell = Callable[[str], None]
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Trial:
    """The generation that would be bought, and what it would cost."""

    caps: ModelCaps
    request: GenRequest
    cost: Cost


def cheapest(backend: VideoBackend, models: Sequence[ModelCaps]) -> Trial:
    """Return the cheapest generation from text; raise ``Conflict`` when no model makes one."""
    found = [_trial(backend, caps) for caps in models if Task.TEXT in caps.tasks]
    if not found:
        message = f"No model of {backend.name} makes video from text alone, so nothing can be tried without a picture."
        raise Conflict("providers.no_trial", message)
    return min(found, key=lambda trial: trial.cost.high.micros)


def _trial(backend: VideoBackend, caps: ModelCaps) -> Trial:
    seconds = min(caps.durations) if caps.durations else (caps.duration_range or (2.0, 2.0))[0]
    frame = min(caps.frames, key=lambda one: one.width * one.height) if caps.frames else ANY_FRAME
    request = GenRequest(
        task=Task.TEXT,
        model=caps.model,
        prompt=PROMPT[: caps.prompt_max],
        duration_frames=max(1, round(seconds * RATE.numerator / RATE.denominator)),
        rate=RATE,
        width=frame.width,
        height=frame.height,
        sound=False,
    )
    return Trial(caps, request, backend.estimate(request))


async def buy(
    database: Database, backend: VideoBackend, trial: Trial, folder: Path, tell: Tell, pause: Pause = asyncio.sleep
) -> None:
    """Buy a trial once and tell each step; raise ``Conflict`` saying where it ended when it did not work.

    That it is bought is in the audit before the provider is asked.
    """
    context = SubmitContext(new_id(), trial.cost.high, clock.now())
    async with database.transaction() as session:
        audit.record(
            session,
            "providers.trial_bought",
            actor_id=SYSTEM.id,
            actor_name=SYSTEM.name,
            subject_kind="attempt",
            subject_id=context.attempt_id,
            backend=backend.name,
            model=trial.caps.model,
            cap_micros=trial.cost.high.micros,
            currency=trial.cost.high.currency,
        )
    try:
        handle = await backend.submit(trial.request, context)
        tell(f"Bought: accepted as {handle.remote_id}.")
        state = await _followed(backend, handle, trial.caps, tell, pause)
        await _fetched(backend, handle, state.outputs[0], folder, tell)
    except BackendError as error:
        lost = " The answer was lost: look at the provider's own list before trying again." * error.outcome_unknown
        raise Conflict("providers.trial_failed", f"It did not work: {error.message}{lost}") from error
    tell(f"Charged: {state.cost or trial.cost.high}{'' if state.cost else ' at most'}.")


async def _followed(backend: VideoBackend, handle: Handle, caps: ModelCaps, tell: Tell, pause: Pause) -> RemoteState:
    """Return the state in which it is made, looking as often as its provider allows."""
    faults, waited, said = 0, 0.0, ""
    while waited <= caps.deadline_s:
        try:
            state = await backend.poll(handle)
        except BackendError as error:
            faults += 1
            if error.kind not in PASSING or faults > MOST_FAULTS:
                raise
            wait = error.retry_after or caps.poll_min_s
        else:
            if state.phase is Phase.SUCCEEDED and state.outputs:
                tell("Made.")
                return state
            if state.phase not in {Phase.QUEUED, Phase.RUNNING}:
                why = state.error.message if state.error else f"it ended as {state.raw_status or state.phase.value}"
                raise Conflict("providers.trial_failed", f"It did not work: {why}.")
            now = f"{state.phase.value.capitalize()}{f', {state.progress:.0%}' if state.progress else ''}."
            if now != said:
                tell(now)
            said, wait = now, state.retry_after or caps.poll_min_s
        await pause(wait)
        waited += wait
    raise Conflict("providers.trial_late", f"It was not made within {caps.deadline_s:.0f} s: {handle.remote_id}.")


async def _fetched(backend: VideoBackend, handle: Handle, output: OutputRef, folder: Path, tell: Tell) -> None:
    async def progress(_part: float) -> None:
        return

    artifact = await backend.fetch(handle, output, Sink(folder / "trial.mp4", LARGEST, progress))
    tell(f"Fetched: {artifact.size:,} bytes.")
    facts = await probe(artifact.path)
    sound = "with sound" if facts.has_audio else "silent"
    tell(f"Looked at: {facts.width}x{facts.height}, {float(facts.duration):.1f} s, {facts.codec}, {sound}.")
