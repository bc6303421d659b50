"""What it costs to follow ten thousand generations that are being rendered elsewhere.

Real PostgreSQL and Valkey, the real sweeper in a process of its own, and a provider in another that is asked with one
GET a generation, each due every 30 seconds, without batching. Lateness is reckoned from the provider's own log: the
time between two questions about one generation, less the 30 seconds. In a second run every question brings news of
progress, which goes on to the shots and the pages.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID

import httpx
from sqlalchemy import insert, select

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.backends.testing.server import serve_in_process
from app.cli.seed import seed_season
from app.core import clock
from app.core.config import Settings, read_settings
from app.core.db import Database
from app.core.ids import new_id
from app.embedded import fleet
from app.embedded.installation import held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.jobs.models import Attempt, Job
from app.shots.models import Shot

RUNNING, EVERY_S = 10_000, 30.0
WARM_UP_S, MEASURED_S = 45.0, 60.0
LONG_S, BRISK_S = 1e6, 500.0
MUST_SHOW = {"cpu_percent_of_core": 90.0, "p99_poll_lateness_s": 5.0, "rss_mb": 400.0}


async def _seed(settings: Settings, project_id: UUID) -> None:
    database = Database(settings.sqlalchemy_url, pool_size=1)
    now = clock.now()
    async with database.transaction() as session:
        shots = (await session.execute(select(Shot.id, Shot.episode_id).where(Shot.project_id == project_id))).all()
        jobs, attempts = [], []
        for number in range(RUNNING):
            shot_id, episode_id = shots[number % len(shots)]
            job_id, attempt_id = new_id(), new_id()
            jobs.append(
                {
                    "id": job_id, "project_id": project_id, "episode_id": episode_id, "shot_id": shot_id,
                    "state": "active", "request_key": str(number), "request": {}, "backend": "paid",
                    "model": "paid-fast", "currency": "USD",
                }
            )  # fmt: skip
            handle = {
                "backend": "paid", "model": "paid-fast", "remote_id": f"gen_{number}", "attempt_id": str(attempt_id),
                "submitted_at": now.isoformat(), "data": {},
            }  # fmt: skip
            attempts.append(
                {
                    "id": attempt_id, "job_id": job_id, "number": 1, "backend": "paid", "model": "paid-fast",
                    "state": "running", "request_hash": "", "cap_micros": 0, "currency": "USD", "handle": handle,
                    "next_due_at": now + timedelta(seconds=EVERY_S * number / RUNNING), "submitted_at": now,
                    "deadline_at": now + timedelta(days=1),
                }
            )  # fmt: skip
        await session.execute(insert(Job), jobs)
        await session.execute(insert(Attempt), attempts)
    await database.close()


@contextmanager
def _sweeper(settings: Settings) -> Iterator[int]:
    with (settings.data_folder / "sweeper.log").open("wb") as log:
        process = subprocess.Popen(
            fleet.sweeper_program(), env=fleet.environment_of(settings), cwd=fleet.ROOT, stdout=log, stderr=log
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def _lateness(log: list[dict[str, object]], since: float) -> list[float]:
    """Return how late every question after ``since`` was, sorted."""
    asked: dict[object, list[float]] = defaultdict(list)
    for entry in log:
        asked[entry["path"]].append(float(str(entry["at"])))
    late = [
        max(second - first - EVERY_S, 0.0)
        for times in asked.values()
        for first, second in pairwise(times)
        if second >= since
    ]
    return sorted(late)


def _run(settings: Settings, url: str) -> dict[str, float]:
    with _sweeper(settings) as pid:
        time.sleep(WARM_UP_S)
        since, before = time.time(), _cpu_seconds(pid)
        time.sleep(MEASURED_S)
        cpu, rss = _cpu_seconds(pid) - before, _rss_mb(pid)
    log = httpx.get(f"{url}/__fake/requests", timeout=120, trust_env=False).json()
    late = _lateness(log, since)
    asked = sum(1 for entry in log if entry["at"] >= since)
    return {
        "cpu_percent_of_core": round(100 * cpu / MEASURED_S, 1),
        "p99_poll_lateness_s": round(late[int(len(late) * 0.99)], 2),
        "rss_mb": round(rss, 1),
        "polls_a_second": round(asked / MEASURED_S, 1),
        "cpu_ms_a_poll": round(1000 * cpu / asked, 2),
    }


def _measured(render_s: float) -> dict[str, float]:
    fake = {"stock": RUNNING, "render_s": render_s, "frozen": False}
    with (
        tempfile.TemporaryDirectory(prefix="reelroom-bench-", ignore_cleanup_errors=True) as folder,
        serve_in_process("app.backends.testing.fake_paid:create_app", fake) as provider,
    ):
        backend = {"kind": "fake_paid", "base_url": provider.url, "api_key": "fake-paid-key"}
        os.environ["REELROOM_BACKENDS"] = json_module.dumps({"paid": {**backend, "options": {"poll_min_s": EVERY_S}}})
        settings = read_settings(data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING")
        with held(settings, lambda _text: None) as installation:
            asyncio.run(bring_up_to_date(installation.settings, installation.folder))
            project_id = asyncio.run(seed_season())
            asyncio.run(_seed(installation.settings, project_id))
            return _run(installation.settings, provider.url)


def main(json: bool) -> dict[str, object]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    os.environ.update(REELROOM_ENVIRONMENT="production", REELROOM_SECRET_KEY=token_urlsafe(48))
    figures: dict[str, object] = {**_measured(LONG_S), "with_progress": _measured(BRISK_S)}
    if json:
        print(json_module.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            most = f"  (at most {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name}: {figure}{most}")
    return figures
