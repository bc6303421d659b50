"""Buying takes while workers, Valkey, PostgreSQL and the network fail: what was lost, bought twice or paid wrongly.

A fresh installation buys from a fake provider that charges, over two accounts: one that can be asked for a lost answer
by the attempt's id, one that cannot. Some requests lose their answer on the network or end in a refusal, chosen by the
seed. Meanwhile something is killed again and again: at a named failpoint, or wherever it is. The verdict is reckoned
from the provider's own log and the database, after every job has ended.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, TypeVar
from uuid import UUID

import httpx
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, or_, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts import service as accounts
from app.accounts.schemas import SYSTEM
from app.backends.registry import Registry, parse_configs
from app.backends.testing.server import serve_in_process
from app.core import clock
from app.core.config import Settings, get_settings, read_settings
from app.core.db import Database
from app.core.failpoints import PLACES
from app.core.money import Money
from app.embedded import fleet
from app.embedded.installation import Installation, held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.embedded.readiness import tasks_go_round
from app.episodes.models import Episode
from app.jobs import wishing
from app.jobs.accounting import faults
from app.jobs.engine import SUBMIT_LEASE
from app.jobs.models import Attempt, Job
from app.money import service as money
from app.projects import service as projects
from app.projects.schemas import ProjectInput
from app.scenes.models import Scene
from app.shots import facts
from app.shots.models import Shot

T = TypeVar("T")
ENDED = ("done", "failed", "refused", "cancelled", "unknown")
SCENARIOS = {"": 16, "drop_after": 1, "500_after": 1, "busy=2": 1, "moderation_output": 1, "fail": 1, "poll_drop": 2}
SAYS_NO = {"moderation_output": "refused", "fail": "failed"}
LOSES_ITS_ANSWER = frozenset({"drop_after", "500_after"})
PATIENCE_S = 900.0
STANDS_STILL = timedelta(seconds=5)
VICTIMS = ("worker-io", "worker-media", "sweeper", "valkey", "postgres", "valkey-wiped")


@dataclass(slots=True)
class Trial:
    """One run: its services, its dice, and what was done to it."""

    installation: Installation
    dice: random.Random
    failpoints: Path
    provider: str
    killed: Counter[str] = field(default_factory=Counter)
    cut_off: set[UUID] = field(default_factory=set)

    @property
    def settings(self) -> Settings:
        """The settings with the addresses of the services."""
        return self.installation.settings

    def pass_time(self, seconds: float) -> None:
        """Let the supervisor do its work for a while: it starts again what ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.installation.supervisor.tick()
            time.sleep(0.1)

    def ask(self, question: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Return what the database says, however often it has to be asked while it restarts."""
        while True:
            try:
                return asyncio.run(self._asked(question))
            except (SQLAlchemyError, DBAPIError, OSError):
                self.pass_time(0.5)

    async def _asked(self, question: Callable[[AsyncSession], Awaitable[T]]) -> T:
        database = Database(self.settings.sqlalchemy_url, pool_size=1)
        try:
            async with database.transaction() as session:
                return await question(session)
        finally:
            await database.close()

    def kill_something(self) -> None:
        """Arm a failpoint, or kill a process or wipe the broker at once."""
        if self.dice.random() < 0.5:
            place = self.dice.choice(PLACES)
            (self.failpoints / place).touch()
            self.killed[place] += 1
            return
        victim = self.dice.choice(VICTIMS)
        self.killed[victim] += 1
        if victim == "valkey-wiped":
            try:
                Redis.from_url(self.settings.redis_url).flushall()
            except RedisError:
                self.pass_time(0.1)
            return
        pid = self.installation.supervisor.pids.get(victim)
        if pid:
            os.kill(pid, signal.SIGKILL)

    async def note_submitting(self, session: AsyncSession) -> None:
        """Remember the attempts that stand between their claim and the record of the answer: a death now loses it."""
        self.cut_off |= set(await session.scalars(select(Attempt.id).where(Attempt.state == "submitting")))

    async def note_standing_still(self, session: AsyncSession) -> None:
        """Remember the attempts whose sender was killed by a failpoint that was reached later: nobody moves them."""
        since = clock.now() + SUBMIT_LEASE - STANDS_STILL
        mine = (Attempt.state == "submitting", or_(Attempt.lease_until.is_(None), Attempt.lease_until < since))
        self.cut_off |= set(await session.scalars(select(Attempt.id).where(*mine)))


def _backends(url: str) -> str:
    account = {"kind": "fake_paid", "base_url": url, "api_key": "fake-paid-key"}
    options = {"poll_min_s": 1.0, "deadline_s": 600.0}
    return json_module.dumps(
        {
            "paid": {**account, "options": options},
            "paid-lookup": {**account, "options": {**options, "recover": True}},
        }
    )


async def _wish(session: AsyncSession, jobs: int, dice: random.Random) -> dict[UUID, str]:
    """Make a project with a shot for every job, half of them at either account, and return the scenario of each job."""
    team = await accounts.make_team(session, "Chaos")
    given = ProjectInput(title="Chaos", language="en", style="", rate="24/1")
    project = await projects.create(session, SYSTEM, team.id, given)
    project.currency, project.width, project.height = "USD", 180, 320
    episode = Episode(project_id=project.id, number=1, title="")
    session.add(episode)
    await session.flush()
    scene = Scene(project_id=project.id, episode_id=episode.id, position=0, number="1", heading="INT. ROOM - DAY")
    session.add(scene)
    await session.flush()
    await money.set_budget(session, SYSTEM, project, None, Money.of(100_000, "USD"))
    registry = Registry.load(parse_configs(get_settings().backends))
    names, weights = list(SCENARIOS), list(SCENARIOS.values())
    chosen: dict[UUID, str] = {}
    for number in range(jobs):
        scenario = dice.choices(names, weights)[0]
        shot = _shot(project.id, episode.id, scene.id, number, scenario)
        session.add(shot)
        await session.flush()
        await facts.refresh_all(session, [shot])
        backend = ("paid", "paid-lookup")[number % 2]
        (job,) = await wishing.wish(
            session, registry, SYSTEM, project, episode, [shot], backend=backend, model="paid-fast"
        )
        chosen[job.id] = scenario
    await registry.aclose()
    return chosen


def _shot(project_id: UUID, episode_id: UUID, scene_id: UUID, number: int, scenario: str) -> Shot:
    marker = f" [[fake:{scenario}]]" if scenario else ""
    return Shot(
        project_id=project_id, episode_id=episode_id, scene_id=scene_id, name=f"SH{number:04}", position=number,
        duration_frames=48, characters=[], dialogue=[], derived={}, made_from={}, stale_parts=[], conflicts={},
        take_count=0, undecided_takes=0, job_state="", retake_note="", size="MS", angle="eye", movement="static",
        action=f"A stone on a palm, number {number}.{marker}", card="", sound="", transition_out="", flashback=False,
        directions="",
    )  # fmt: skip


async def _open_jobs(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Job).where(Job.state.not_in(ENDED))) or 0


async def _verdict(
    session: AsyncSession, trial: Trial, wished: dict[UUID, str], told: dict[str, Any]
) -> dict[str, Any]:
    jobs = {job.id: job for job in await session.scalars(select(Job))}
    attempts = (await session.scalars(select(Attempt).order_by(Attempt.number))).all()
    last = {attempt.job_id: attempt for attempt in attempts}
    lost = Counter[str]()
    for job_id, scenario in wished.items():
        job, attempt = jobs.get(job_id), last.get(job_id)
        if job is None or job.state not in ENDED or (job.state == "done" and job.take_id is None):
            lost["vanished"] += 1
        elif job.state == "unknown":
            names = {"paid-lookup": "unknown_recoverable"}
            if names.get(job.backend):
                lost["unknown_recoverable"] += 1
            elif scenario not in LOSES_ITS_ANSWER:
                lost["unknown_other"] += 1
                lost["wrong_state"] += attempt is None or attempt.id not in trial.cut_off
        elif job.state != _expected(scenario, job.backend):
            lost["wrong_state"] += 1
    books = await faults(session)
    charged = told["charged"]
    overpaid = [
        one
        for one in attempts
        if one.state in ("succeeded", "failed", "refused") and one.actual_micros != charged.get(str(one.id), 0)
    ]
    return {
        "vanished": lost["vanished"],
        "creates_per_attempt_max": max(_sales(told).values(), default=0),
        "unknown_recoverable": lost["unknown_recoverable"],
        "unknown_other": lost["unknown_other"],
        "cut_off_between_send_and_commit": len(trial.cut_off),
        "wrong_state": lost["wrong_state"],
        "ledger_balanced": not books and not overpaid,
        "ended": dict(Counter(job.state for job in jobs.values())),
        "killed": dict(trial.killed),
        "ledger_faults": [one.words for one in books][:5],
    }


def _expected(scenario: str, backend: str) -> str:
    if scenario in LOSES_ITS_ANSWER and backend == "paid":
        return "unknown"
    return SAYS_NO.get(scenario, "done")


def _sales(told: dict[str, Any]) -> dict[str, int]:
    """Return how often each attempt was sold: a create that was answered "busy" sold nothing and may be repeated."""
    return {attempt: int(count) for attempt, count in told["generations"].items()}


def _broken(verdict: dict[str, Any]) -> bool:
    return bool(
        verdict["vanished"]
        or verdict["creates_per_attempt_max"] > 1
        or verdict["unknown_recoverable"]
        or verdict["unknown_other"] > verdict["cut_off_between_send_and_commit"]
        or verdict["wrong_state"]
        or not verdict["ledger_balanced"]
    )


def _run(trial: Trial, jobs: int, kills: int) -> dict[str, Any]:
    settings, supervisor = trial.settings, trial.installation.supervisor
    asyncio.run(bring_up_to_date(settings, trial.installation.folder))
    for one in fleet.services(settings, web=False):
        supervisor.keep(one, trial.installation.folder.logs)
    ready = tasks_go_round()
    while not ready():
        trial.pass_time(0.2)
    wished = trial.ask(lambda session: _wish(session, jobs, trial.dice))
    began = time.monotonic()
    for _number in range(kills):
        trial.pass_time(trial.dice.uniform(0.3, 2.5))
        trial.ask(trial.note_submitting)
        trial.kill_something()
        trial.ask(trial.note_submitting)
    while trial.ask(_open_jobs):
        if time.monotonic() - began > PATIENCE_S:
            break
        trial.ask(trial.note_standing_still)
        trial.pass_time(1.0)
    told = httpx.get(f"{trial.provider}/__fake/ledger", timeout=60, trust_env=False).json()
    verdict = trial.ask(lambda session: _verdict(session, trial, wished, told))
    return {**verdict, "seconds": round(time.monotonic() - began, 1)}


def _forget_the_installation() -> None:
    """Take every setting out of the environment: what is killed here must never be somebody's installation."""
    for name in [name for name in os.environ if name.startswith("REELROOM_") or name in ("DATABASE_URL", "REDIS_URL")]:
        del os.environ[name]


def main(*, jobs: int, kills: int, seed: int, json: bool) -> bool:
    """Run the trial, print its verdict, and return whether every promise was kept."""
    provider_settings = {"recover": True, "render_s": 3.0, "frozen": False}
    with (
        tempfile.TemporaryDirectory(prefix="reelroom-chaos-", ignore_cleanup_errors=True) as folder,
        serve_in_process("app.backends.testing.fake_paid:create_app", provider_settings) as provider,
    ):
        failpoints = Path(folder) / "failpoints"
        failpoints.mkdir()
        _forget_the_installation()
        os.environ.update(
            REELROOM_ENVIRONMENT="production",
            REELROOM_SECRET_KEY=token_urlsafe(48),
            REELROOM_BACKENDS=_backends(provider.url),
            REELROOM_FAILPOINTS=str(failpoints),
        )
        settings = read_settings(data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING")
        with held(settings, lambda _text: None) as installation:
            trial = Trial(installation, random.Random(seed), failpoints, provider.url)
            verdict = _run(trial, jobs, kills)
    if json:
        print(json_module.dumps(verdict, indent=2))
    else:
        for name, value in verdict.items():
            print(f"{name}: {value}")
    return not _broken(verdict)
