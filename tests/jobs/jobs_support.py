"""Jobs in every state, written as the engine would leave them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.ids import new_id
from app.jobs.models import Attempt, Job
from app.scenes.models import Scene
from app.shots.models import Shot


async def shot_in(session: AsyncSession, world: Any, name: str, position: int) -> Shot:
    """Return a new shot of the world's episode, in a scene of its own."""
    at = {"project_id": world.project.id, "episode_id": world.episode.id}
    scene = Scene(**at, position=position, number=str(position), heading="INT. ROOM")
    session.add(scene)
    await session.flush()
    shot = Shot(
        **at, scene_id=scene.id, name=name, position=position, duration_frames=48, characters=[], dialogue=[],
        derived={}, made_from={}, stale_parts=[], conflicts={}, take_count=0, undecided_takes=0, job_state="",
        retake_note="", size="MS", angle="eye", movement="static", action="A stone.", card="", sound="",
        transition_out="", flashback=False, directions="",
    )  # fmt: skip
    session.add(shot)
    await session.flush()
    return shot


async def job_of(session: AsyncSession, shot: Shot, state: str, *, backend: str = "animatic", **more: Any) -> Job:
    """Return a new job of a shot."""
    job = Job(
        project_id=shot.project_id, episode_id=shot.episode_id, shot_id=shot.id, state=state, backend=backend,
        request_key=str(new_id()), request={}, model=f"{backend}-1", currency="USD", routing=[], **more,
    )  # fmt: skip
    session.add(job)
    await session.flush()
    return job


async def lost(session: AsyncSession, shot: Shot, *, backend: str = "paid", cap: int = 500_000, **more: Any) -> Job:
    """Return a new job of a shot whose answer was lost two minutes ago."""
    job = await job_of(session, shot, "unknown", backend=backend, estimate_high_micros=cap, **more)
    attempt = Attempt(
        job_id=job.id, number=1, backend=backend, model=job.model, state="unknown", request_hash="", cap_micros=cap,
        currency="USD", submitted_at=clock.now() - timedelta(minutes=2),
    )  # fmt: skip
    session.add(attempt)
    await session.flush()
    return job


def ids_of(*jobs: Job) -> list[UUID]:
    """Return the ids of some jobs."""
    return [job.id for job in jobs]
