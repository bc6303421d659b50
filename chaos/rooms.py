"""Twenty people type into one script while web processes, Valkey and PostgreSQL are killed: what was lost of what was
said to be saved, and whether all end with one text.

A fresh installation serves from two web processes. Writers come and go between them; some have their connection reset,
some lose all that was on their machine. At the end every word that was said to be saved has to be in PostgreSQL, every
removal that was said to be saved has to hold, and the writers, PostgreSQL's log and the script's row have to agree.
"""

from __future__ import annotations

import asyncio
import json as json_module
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.core.config import Settings, read_settings
from app.core.db import Database
from app.embedded import fleet
from app.embedded.installation import Installation, held
from app.embedded.migration import bring_up_to_date
from app.embedded.ports import free_port
from app.embedded.readiness import page_answers
from app.embedded.supervisor import Service
from app.rooms import service as rooms
from app.scripts.models import Script
from benchmarks._rooms_world import RoomsWorld, make_world
from chaos._room_writer import Writer

WRITERS, ROOM = 20, "chaos-0"
SECONDS_A_WORD = 0.4
VICTIMS = ("web-1", "web-2", "valkey", "postgres", "valkey-wiped", "sweeper", "reset", "forgotten")
PATIENCE_S = 120.0


@dataclass(slots=True)
class Trial:
    """One run: its services, its dice, its writers, and what was done to them."""

    installation: Installation
    dice: random.Random
    ports: tuple[int, int]
    writers: list[Writer] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    typing: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)

    def pass_time(self, seconds: float) -> None:
        """Let the supervisor do its work for a while: it starts again what ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.installation.supervisor.tick()
            time.sleep(0.1)

    def kill_something(self) -> None:
        """Kill a process, wipe the broker, reset connections, or throw a writer's machine away."""
        victim = self.dice.choice(VICTIMS)
        self.killed[victim] += 1
        if victim == "valkey-wiped":
            with suppress(RedisError):
                Redis.from_url(self.installation.settings.redis_url).flushall()
        elif victim in ("reset", "forgotten"):
            for writer in self.dice.sample(self.writers, 3):
                writer.loop_call("reset" if victim == "reset" else "forget_everything")
        elif pid := self.installation.supervisor.pids.get(victim):
            if victim.startswith("web"):
                os.killpg(pid, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)


async def _write_all(trial: Trial) -> None:
    loop = asyncio.get_running_loop()
    for writer in trial.writers:
        writer.loop = loop
    staying = [asyncio.create_task(writer.run()) for writer in trial.writers]
    typing = [asyncio.create_task(_type(trial, writer)) for writer in trial.writers]
    while not trial.ending.is_set():
        await asyncio.sleep(0.1)
        for task in (*staying, *typing):
            if task.done():
                task.result()
    for task in (*staying, *typing):
        task.cancel()
    await asyncio.gather(*staying, *typing, return_exceptions=True)


async def _type(trial: Trial, writer: Writer) -> None:
    while True:
        await asyncio.sleep(SECONDS_A_WORD * (0.5 + writer.dice.random()))
        if trial.typing.is_set() and writer.has_begun:
            await writer.write()


async def _kept(settings: Settings, world: RoomsWorld) -> tuple[str, str]:
    """Return the text that PostgreSQL's log amounts to, and the one in the script's row."""
    database = Database(settings.sqlalchemy_url, pool_size=1)
    try:
        async with database.transaction() as session:
            script = await session.get_one(Script, world.scripts[ROOM])
            room = await rooms.by_name(session, ROOM)
            assert room is not None
            return (await rooms.opened(session, room)).document.text, script.text
    finally:
        await database.close()


def _verdict(trial: Trial, log: str, row: str) -> dict[str, Any]:
    acknowledged = {word for writer in trial.writers for word in writer.acknowledged}
    removed = {word for writer in trial.writers for word in writer.removed}
    taken_back = {word for writer in trial.writers for word in writer.taken_back}
    lost = sorted(word for word in acknowledged - removed if word not in log)
    undone = sorted(word for word in taken_back if word in log)
    texts = [str(writer.text) for writer in trial.writers]
    return {
        "acknowledged_lost": len(lost) + len(undone),
        "diverged": sum(text != log for text in [*texts, row]),
        "never_saved": sum(not writer.all_saved for writer in trial.writers),
        "acknowledged": len(acknowledged) + len(taken_back),
        "characters": len(log),
        "connections_lost": dict(Counter(code for writer in trial.writers for code in writer.closed_with)),
        "killed": dict(trial.killed),
        "lost": [*lost, *undone][:10],
    }


def _settled(trial: Trial, settings: Settings, world: RoomsWorld) -> tuple[str, str]:
    """Wait until all is saved and every text is one, or patience ends; return what PostgreSQL holds."""
    until = time.monotonic() + PATIENCE_S
    while True:
        trial.pass_time(1.0)
        try:
            log, row = asyncio.run(_kept(settings, world))
        except (SQLAlchemyError, DBAPIError, OSError):
            continue
        everybody = all(writer.all_saved and str(writer.text) == log for writer in trial.writers)
        if (everybody and row == log) or time.monotonic() > until:
            return log, row


def _web(settings: Settings, number: int, port: int) -> Service:
    own = settings.model_copy(update={"port": port})
    return Service(f"web-{number}", fleet.web_program(own), signal.SIGTERM, 5.0, fleet.environment_of(own), fleet.ROOT)


def _run(trial: Trial, minutes: float, seed: int) -> dict[str, Any]:
    installation = trial.installation
    settings, supervisor, logs = installation.settings, installation.supervisor, installation.folder.logs
    asyncio.run(bring_up_to_date(settings, installation.folder))
    world = asyncio.run(make_world(settings, [ROOM], writers=WRITERS))
    for number, port in enumerate(trial.ports, 1):
        supervisor.keep(_web(settings, number, port), logs)
    supervisor.keep(Service("sweeper", fleet.sweeper_program(), environment=fleet.environment_of(settings)), logs)
    for port in trial.ports:
        answers = page_answers(settings.model_copy(update={"port": port}))
        while not answers():
            trial.pass_time(0.2)
    for number, cookie in enumerate(world.cookies):
        dice = random.Random(seed * 1000 + number)
        trial.writers.append(
            Writer(f"w{number}", lambda dice=dice: _address(dice.choice(trial.ports)), cookie, dice)  # type: ignore[misc]
        )
    thread = threading.Thread(target=asyncio.run, args=(_write_all(trial),))
    thread.start()
    try:
        trial.typing.set()
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            trial.pass_time(min(trial.dice.uniform(2.0, 7.0), max(until - time.monotonic(), 0.1)))
            trial.kill_something()
        trial.typing.clear()
        verdict = _verdict(trial, *_settled(trial, settings, world))
    finally:
        trial.ending.set()
        thread.join(timeout=30)
    return verdict


def _address(port: int) -> str:
    return f"ws://127.0.0.1:{port}/ws/rooms/{ROOM}"


def _forget_the_installation() -> None:
    """Take every setting out of the environment: what is killed here must never be somebody's installation."""
    for name in [name for name in os.environ if name.startswith("REELROOM_") or name in ("DATABASE_URL", "REDIS_URL")]:
        del os.environ[name]


def broken(verdict: dict[str, Any]) -> bool:
    """Return whether a promise was broken."""
    return bool(verdict["acknowledged_lost"] or verdict["diverged"] or verdict["never_saved"])


def main(*, minutes: float, seed: int, json: bool) -> bool:
    """Run the trial, print its verdict, and return whether every promise was kept."""
    with tempfile.TemporaryDirectory(prefix="reelroom-chaos-", ignore_cleanup_errors=True) as folder:
        _forget_the_installation()
        os.environ.update(REELROOM_ENVIRONMENT="production", REELROOM_SECRET_KEY=token_urlsafe(48))
        settings = read_settings(data_folder=Path(folder) / "data", port=free_port(), log_level="WARNING")
        with held(settings, lambda _text: None) as installation:
            trial = Trial(installation, random.Random(seed), (settings.port, free_port()))
            verdict = _run(trial, minutes, seed)
    if json:
        print(json_module.dumps(verdict, indent=2))
    else:
        for name, value in verdict.items():
            print(f"{name}: {value}")
    return not broken(verdict)
