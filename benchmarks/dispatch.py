"""How many steps of short jobs a worker does a second, beside tasks of bare Celery that do nothing.

A step is what ARCHITECTURE calls one: a move of an attempt that is committed before the next begins (decision 0018).
One message ``jobs.advance`` to the real I/O worker makes three: the price is reserved in the ledger; it is written down
that the one create request goes out; the request is sent to a provider in another process, which answers at once, and
the answer is written down. Each has its line in the attempt's story, its events and the state of its shot, and steps of
several jobs may share a transaction. The lines are counted, not assumed. Fetching is left out, because the video tools
take nearly all of its time.

Bare Celery is the same worker program over the same Valkey, with our settings (late acknowledgement, one task
prefetched, as many threads) and a task without a body. In every round each of the two finds its messages waiting, one
after the other; the time runs until the broker holds nothing unacknowledged. The ratios are medians of the rounds;
``jobs_ratio_to_bare_celery`` compares message with message.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID

from redis import Redis
from sqlalchemy import func, select

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts.schemas import SYSTEM
from app.backends.registry import Registry, parse_configs
from app.backends.testing.server import serve_in_process
from app.cli.seed import seed_season
from app.core import queue
from app.core.config import Settings, read_settings
from app.core.db import Database, take_nudges
from app.core.money import Money
from app.embedded import fleet
from app.embedded.installation import held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.episodes.models import Episode
from app.jobs import wishing
from app.jobs.models import Attempt, AttemptEvent, Job
from app.money import service as money
from app.projects.models import Project
from app.shots.models import Shot
from benchmarks._bare_celery import QUEUE

ROUNDS, STEPS, NOTHINGS = 5, 300, 1500
PATIENCE_S = 300.0
MUST_SHOW = {"steps_ratio_to_bare_celery": 0.35}


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process, and the queue it empties."""

    pid: int
    queue: str
    broker: Redis

    def seconds_for(self, task: str, arguments: list[str]) -> float:
        """Return how long it takes for tasks that all wait when it begins."""
        os.kill(self.pid, signal.SIGSTOP)
        for argument in arguments:
            queue.producer().send_task(task, args=[argument], queue=self.queue)
        began = time.perf_counter()
        os.kill(self.pid, signal.SIGCONT)
        while self.broker.llen(self.queue) or self.broker.hlen("unacked"):
            if time.perf_counter() - began > PATIENCE_S:
                raise TimeoutError(f"{len(arguments)} tasks {task} did not end within {PATIENCE_S:g} s.")
            time.sleep(0.002)
        return time.perf_counter() - began


def _bare_program(settings: Settings) -> list[str]:
    """Return the program of the I/O worker, with the bare application and its queue."""
    program = fleet.worker_program("io", settings)
    for said, instead in {"worker.celery_app": "benchmarks._bare_celery", "io": QUEUE, "io@%h": "bare@%h"}.items():
        program[program.index(said)] = instead
    return program


@contextmanager
def _working(program: list[str], name: str, settings: Settings) -> Iterator[Worker]:
    broker = Redis.from_url(settings.redis_url)
    environment = fleet.environment_of(settings)
    with (settings.data_folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(program, env=environment, cwd=fleet.ROOT, stdout=log, stderr=log)
        try:
            yield Worker(process.pid, program[program.index("-Q") + 1], broker)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=60)
            broker.close()


async def _wish(settings: Settings, project_id: UUID) -> list[str]:
    """Wish for takes of as many shots as all rounds need, and return the jobs, without their messages."""
    database = Database(settings.sqlalchemy_url, pool_size=1)
    registry = Registry.load(parse_configs(settings.backends))
    async with database.transaction() as session:
        project = await session.get_one(Project, project_id)
        project.currency = "USD"
        await money.set_budget(session, SYSTEM, project, None, Money.of(100_000, "USD"))
        shots = (await session.scalars(select(Shot).limit((ROUNDS + 1) * STEPS).order_by(Shot.id))).all()
        jobs: list[str] = []
        for episode in await session.scalars(select(Episode).order_by(Episode.number)):
            mine = [shot for shot in shots if shot.episode_id == episode.id]
            if mine:
                made = await wishing.wish(session, registry, SYSTEM, project, episode, mine, backend="paid")
                jobs += [str(job.id) for job in made]
        take_nudges(session)
    await registry.aclose()
    await database.close()
    return jobs


async def _steps_a_job(settings: Settings, jobs: int) -> float:
    """Return how many committed steps a job took; raises unless every job that was measured bought a take."""
    database = Database(settings.sqlalchemy_url, pool_size=1)
    async with database.transaction() as session:
        bought = await session.scalar(select(func.count()).select_from(Attempt).where(Attempt.state == "submitted"))
        waiting = await session.scalar(select(func.count()).select_from(Job).where(Job.state == "waiting"))
        mine = select(Attempt.id).where(Attempt.state == "submitted")
        lines = select(func.count()).select_from(AttemptEvent).where(AttemptEvent.attempt_id.in_(mine))
        steps = await session.scalar(lines) or 0
    await database.close()
    if bought != jobs or waiting:
        raise RuntimeError(f"Of {jobs} jobs {bought} bought a take, and {waiting} wait.")
    return steps / jobs


def _measure(settings: Settings, jobs: list[str]) -> list[tuple[float, float]]:
    """Return of each round how many bare tasks and how many jobs were done a second."""
    with (
        _working(_bare_program(settings), "bare", settings) as bare,
        _working(fleet.worker_program("io", settings), "io", settings) as ours,
    ):
        rates: list[tuple[float, float]] = []
        for number in range(ROUNDS + 1):  # the first warms up
            mine = jobs[number * STEPS : (number + 1) * STEPS]
            plain = NOTHINGS / bare.seconds_for("bare.nothing", [str(one) for one in range(NOTHINGS)])
            rates.append((plain, len(mine) / ours.seconds_for("jobs.advance", mine)))
    return rates[1:]


def _figures(rates: list[tuple[float, float]], steps_a_job: float) -> dict[str, object]:
    ratio = statistics.median(jobs / plain for plain, jobs in rates)
    return {
        "steps_ratio_to_bare_celery": round(steps_a_job * ratio, 3),
        "jobs_ratio_to_bare_celery": round(ratio, 3),
        "steps_a_job": round(steps_a_job, 2),
        "jobs_a_second": round(statistics.median(jobs for _plain, jobs in rates), 1),
        "bare_tasks_a_second": round(statistics.median(plain for plain, _jobs in rates), 1),
        "rounds": [round(steps_a_job * jobs / plain, 3) for plain, jobs in rates],
    }


def main(json: bool) -> dict[str, object]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    os.environ.update(REELROOM_ENVIRONMENT="production", REELROOM_SECRET_KEY=token_urlsafe(48))
    with (
        tempfile.TemporaryDirectory(prefix="reelroom-bench-", ignore_cleanup_errors=True) as folder,
        serve_in_process("app.backends.testing.fake_paid:create_app", {"render_s": 0.0, "frozen": False}) as provider,
    ):
        backend = {"kind": "fake_paid", "base_url": provider.url, "api_key": "fake-paid-key"}
        os.environ["REELROOM_BACKENDS"] = json_module.dumps({"paid": backend})
        settings = read_settings(data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING")
        with held(settings, lambda _text: None) as installation:
            asyncio.run(bring_up_to_date(installation.settings, installation.folder))
            project_id = asyncio.run(seed_season())
            jobs = asyncio.run(_wish(installation.settings, project_id))
            queue.producer.cache_clear()
            rates = _measure(installation.settings, jobs)
            figures = _figures(rates, asyncio.run(_steps_a_job(installation.settings, len(jobs))))
    if json:
        print(json_module.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            least = f"  (at least {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name}: {figure}{least}")
    return figures
