"""What the takes of a seeded season cost: jobs, attempts and a ledger, as if each had been bought."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.ids import new_id
from app.jobs.models import Attempt, Job
from app.money.models import LedgerEntry

MODELS = (("seeded-fast", "fast-1", 350_000), ("seeded-fast", "fast-2", 600_000), ("seeded-fine", "fine-1", 2_400_000))
SEASON_DAYS = 80
FREE = 0.1  # of the attempts cost nothing in the end


async def buy(
    session: AsyncSession, takes: Sequence[dict[str, Any]], people: Sequence[tuple[UUID, str]], dice: random.Random
) -> None:
    """Write a bought attempt for every take; the takes then say what made them, and what it cost."""
    jobs: list[dict[str, Any]] = []
    attempts: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for take in takes:
        backend, model, cap = dice.choice(MODELS)
        person, role = dice.choice(people) if people else (None, "")
        at = clock.now() - timedelta(seconds=dice.randrange(SEASON_DAYS * 86400))
        paid = 0 if dice.random() < FREE else cap * dice.randint(80, 100) // 100
        job = _job(take, backend, model, cap, person, role, at)
        attempt = _attempt(job, cap, paid, at)
        jobs.append(job)
        attempts.append(attempt)
        entries += _entries(job, attempt, role, at)
        take.update(
            backend=backend, model=model, attempt_id=attempt["id"], cost_micros=paid, currency="CNY", made_by=person
        )
    await session.execute(insert(Job), jobs)
    await session.execute(insert(Attempt), attempts)
    await session.execute(insert(LedgerEntry), entries)


def _job(
    take: dict[str, Any], backend: str, model: str, cap: int, person: UUID | None, role: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "project_id": take["project_id"],
        "episode_id": take["episode_id"],
        "shot_id": take["shot_id"],
        "state": "done",
        "request_key": str(take["id"]),
        "request": {},
        "backend": backend,
        "model": model,
        "estimate_low_micros": cap * 8 // 10,
        "estimate_high_micros": cap,
        "currency": "CNY",
        "wished_by": person,
        "wished_role": role,
        "batch_id": new_id(),
        "batch_micros": cap,
        "take_id": take["id"],
        "finished_at": at,
        "created_at": at,
    }


def _attempt(job: dict[str, Any], cap: int, paid: int, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "job_id": job["id"],
        "number": 1,
        "backend": job["backend"],
        "model": job["model"],
        "state": "succeeded",
        "request_hash": "",
        "cap_micros": cap,
        "currency": "CNY",
        "actual_micros": paid,
        "handle": {"remote_id": f"seeded_{job['id'].hex}"},
        "submitted_at": at,
        "finished_at": at,
        "created_at": at,
    }


def _entries(job: dict[str, Any], attempt: dict[str, Any], role: str, at: datetime) -> list[dict[str, Any]]:
    moves = [
        ("reserve", "available", "reserved", attempt["cap_micros"]),
        ("release", "reserved", "available", attempt["cap_micros"]),
    ]
    if attempt["actual_micros"]:
        moves.append(("settle", "available", "spent", attempt["actual_micros"]))
    same = {
        "project_id": job["project_id"],
        "episode_id": job["episode_id"],
        "attempt_id": attempt["id"],
        "currency": "CNY",
        "actor_id": job["wished_by"],
        "role": role,
        "backend": job["backend"],
        "model": job["model"],
        "created_at": at,
    }
    return [
        {**same, "id": new_id(), "kind": kind, "source": source, "target": target, "amount_micros": amount}
        for kind, source, target, amount in moves
    ]
