"""What a board costs the web process.

A season (100 episodes, 6,000 shots, 30,000 takes) in real PostgreSQL, one web worker as it runs in production, one
director signed in. Figures are CPU-milliseconds, user and system, of the web process and its children for one request:
the page of a board with 100 shots of an episode of 500, and the JSON of all 500 with status, takes and posters. Both
are asked for compressed, as browsers and HTTP clients do.
"""

from __future__ import annotations

import argparse
import asyncio
import json as json_module
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID

import httpx
from sqlalchemy import select

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts import sessions
from app.accounts.models import Membership, User
from app.cli.seed import LONG_EPISODE, seed_season
from app.core.config import Settings, read_settings
from app.core.db import Database
from app.embedded import fleet
from app.embedded.installation import held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.embedded.processes import wait_until
from app.episodes.models import Episode
from app.projects.models import Project

WARM_UP, REQUESTS = 30, 150
MUST_SHOW = {"html_ms_cpu": 15.0, "json_ms_cpu": 15.0}
ZOU = {
    "ms_cpu": [101, 111],
    "requests_a_second": [14, 16],
    "what": "Zou, 500 shots with tasks, as measured in STACK §4",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the board is, and the secret of a session that may see it."""

    project_id: UUID
    episode_id: UUID
    secret: str


async def _seed(settings: Settings) -> Seen:
    project_id = await seed_season()
    database = Database(settings.sqlalchemy_url, pool_size=1)
    async with database.transaction() as session:
        person = User(name="Bench", email="bench@reelroom.example", password_hash="", locale="en", colour=1)
        session.add(person)
        await session.flush()
        project = await session.get_one(Project, project_id)
        session.add(Membership(team_id=project.team_id, user_id=person.id, role="director"))
        await session.flush()
        opened = await sessions.open_session(session, person, browser="bench", address="127.0.0.1")
        episode_id = await session.scalar(
            select(Episode.id).where(Episode.project_id == project_id, Episode.number == 1)
        )
    await database.close()
    assert episode_id is not None
    return Seen(project_id, episode_id, opened.secret)


@contextmanager
def _web(settings: Settings) -> Iterator[int]:
    """Run one web worker, and yield the process id of the server."""
    log = (settings.data_folder / "web.log").open("wb")
    server = subprocess.Popen(
        fleet.web_program(settings), env=fleet.environment_of(settings), cwd=fleet.ROOT, stdout=log, stderr=log
    )
    try:
        if not wait_until(lambda: _answers(settings), 60):
            raise RuntimeError("The web server did not answer within a minute.")
        yield server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _answers(settings: Settings) -> bool:
    try:
        return httpx.get(f"{settings.base_url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _family(pid: int) -> list[int]:
    """Return a process and everything it started."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(path.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _cpu_seconds(pids: list[int]) -> float:
    """Return the user and system time of some processes."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _cost(client: httpx.Client, path: str, pid: int, expected: str, count: int) -> tuple[float, int]:
    """Return the CPU-milliseconds one request costs, and the bytes of its body before compression."""
    for _number in range(WARM_UP):
        answer = client.get(path)
    answer.raise_for_status()
    found = answer.text.count(expected)
    if found < count:
        raise RuntimeError(f"{path} shows {found} shots, not {count}.")
    family = _family(pid)
    before = _cpu_seconds(family)
    for _number in range(REQUESTS):
        client.get(path)
    return 1000 * (_cpu_seconds(family) - before) / REQUESTS, len(answer.content)


def _measure(settings: Settings, seen: Seen) -> dict[str, object]:
    board = f"/projects/{seen.project_id}/episodes/{seen.episode_id}/board"
    listing = f"/api/v1/projects/{seen.project_id}/shots?episode={seen.episode_id}&limit={LONG_EPISODE}"
    with (
        _web(settings) as pid,
        httpx.Client(base_url=settings.base_url, cookies={"reelroom": seen.secret}, timeout=30) as client,
    ):
        html, page = _cost(client, board, pid, 'data-select-item="', 100)
        api, document = _cost(client, listing, pid, '"status":', LONG_EPISODE)
    return {
        "html_ms_cpu": round(html, 2),
        "json_ms_cpu": round(api, 2),
        "html_bytes": page,
        "json_bytes": document,
        "requests": REQUESTS,
        "zou": ZOU,
    }


def _figures() -> dict[str, object]:
    os.environ.update(REELROOM_ENVIRONMENT="production", REELROOM_SECRET_KEY=token_urlsafe(48))
    with tempfile.TemporaryDirectory(prefix="reelroom-bench-", ignore_cleanup_errors=True) as folder:
        settings = read_settings(
            data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING", web_workers=1
        )
        with held(settings, lambda _text: None) as installation:
            asyncio.run(bring_up_to_date(installation.settings, installation.folder))
            seen = asyncio.run(_seed(installation.settings))
            return _measure(installation.settings, seen)


def main(json: bool) -> dict[str, object]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    figures = _figures()
    if json:
        print(json_module.dumps(figures, indent=2, ensure_ascii=False))
    else:
        for name, figure in figures.items():
            most = f"  (at most {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name:16} {figure}{most}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args().json)
