"""An episode with shots and takes, for the tests of the rooms where shots are made and judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from uuid import UUID

import pytest

from app.accounts.schemas import Actor
from app.core.db import Database
from app.media import ffmpeg
from app.media.hashing import hash_file
from app.media.storage import Storage, open_storage
from app.shots import importing
from app.shots import service as shots
from app.shots.models import Shot
from app.takes import service as takes
from app.takes.intake import take_in
from app.takes.models import Take
from app.takes.schemas import Intake, Origin

SCRIPT = """1-1 日 外 东海之滨
人物：女娃、炎帝
△海浪拍在黑色的礁石上，碎成白沫。
女娃（仰头）：爹，海的那一边有什么？
炎帝（沉声）：有回不来的人。
△女娃把一枚白石子握在手心。

1-2 夜 外 海面
人物：女娃
△小船在浪里起落。
女娃：我不怕。
"""


@cache
def clip(colour: str = "teal") -> Path:
    """Return a video of one second with sound, made once a run."""
    path = Path(mkdtemp(prefix="reel-clip-")) / f"{colour}.mp4"
    picture = ("-f", "lavfi", "-i", f"color={colour}:size=180x320:rate=24:duration=1")
    sound = ("-f", "lavfi", "-i", "sine=330:duration=1")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg.run([*picture, *sound, *coded, str(path)])
    return path


async def take_of(storage: Storage, colour: str) -> Intake:
    """Return the intake of a clip, stored."""
    path = clip(colour)
    with TemporaryDirectory() as folder:
        return await take_in(storage, path, Path(folder), sha256=await hash_file(path), content_type="video/mp4")


@dataclass(frozen=True, slots=True)
class Shoot:
    """An episode that was broken down: addresses, and what is in it now."""

    database: Database
    storage: Storage
    project_id: UUID
    episode_id: UUID
    director: Actor
    intake: Intake

    @property
    def project(self) -> str:
        """The project's address."""
        return f"/projects/{self.project_id}"

    @property
    def episode(self) -> str:
        """The episode's address."""
        return f"{self.project}/episodes/{self.episode_id}"

    async def shots(self) -> list[Shot]:
        """Return the episode's shots in order."""
        async with self.database.transaction() as session:
            return list(await shots.of_episode(session, self.episode_id))

    async def shot(self, index: int = 0) -> Shot:
        """Return one of them."""
        return (await self.shots())[index]

    async def takes(self, shot: Shot) -> list[Take]:
        """Return a shot's takes, newest first."""
        async with self.database.transaction() as session:
            return list(await takes.of_shot(session, shot.id))

    async def arrive(self, shot: Shot, count: int = 1) -> list[Take]:
        """Let takes arrive for a shot, as if a backend had made them, and return them in order."""
        made = []
        for _number in range(count):
            async with self.database.transaction() as session:
                origin = Origin(source="generated", backend="animatic", model="animatic-1", prompt=shot.prompt)
                made.append(await takes.arrive(session, shot.id, self.intake, origin))
        return made


@pytest.fixture
async def shoot(database, settings, world) -> AsyncIterator[Shoot]:
    """An episode of two scenes, broken down."""
    storage = open_storage(settings.storage_url)
    async with database.transaction() as session:
        await importing.import_episode(
            session, world.actors["director"], await session.merge(world.project),
            await session.merge(world.episode), SCRIPT, name="test",
        )  # fmt: skip
    intake = await take_of(storage, "teal")
    yield Shoot(database, storage, world.project.id, world.episode.id, world.actors["director"], intake)
