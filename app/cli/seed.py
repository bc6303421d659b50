"""`reelroom seed`: data of the size people work at, for every list and every benchmark."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.accounts.models import Membership
from app.accounts.schemas import SYSTEM
from app.cli import seed_money
from app.cli.options import Data, chosen, tell
from app.core import clock
from app.core.config import get_settings, read_settings
from app.core.db import Database
from app.core.ids import new_id
from app.embedded import installation
from app.episodes.models import Episode
from app.media.ffmpeg import run_async
from app.media.hashing import hash_file
from app.media.storage import Storage, open_storage
from app.projects import service as projects
from app.projects.models import Project
from app.projects.schemas import ProjectInput
from app.scenes.models import Scene
from app.shots.models import Shot
from app.takes.intake import take_in
from app.takes.models import Take
from app.takes.schemas import Intake

seed_app = typer.Typer(help="Fill an installation with data of the size people work at.", no_args_is_help=True)

EPISODES, SHOTS, TAKES_A_SHOT = 100, 6000, 5
LONG_EPISODE = 500
SHOTS_A_SCENE = 8
CLIPS = 8
COLOURS = ("slateblue", "seagreen", "indianred", "goldenrod", "steelblue", "darkorchid", "olive", "teal")
PLACES = ("东海之滨", "Harbour tower, lobby", "画室", "Rooftop", "海底石路", "Archive")
SIZES = ("ELS", "LS", "FS", "MS", "MCU", "CU", "INS")
CHARACTERS = ("阿砚", "季渡", "精卫", "Mara", "Adrian", "Lin")


@seed_app.callback()
def _seed() -> None:
    """Fill an installation with data of the size people work at."""


@seed_app.command()
def season(
    data: Data = None,
    owner: Annotated[str, typer.Option(help="E-mail address of somebody who shall see it.")] = "",
) -> None:
    """Make a season: 100 episodes, 6,000 shots and 30,000 takes, each bought, over tiny real media."""
    with installation.reached(read_settings(**chosen(data_folder=data)), tell) as found:
        from app.embedded.migration import bring_up_to_date  # Alembic and the models are slow to import

        asyncio.run(bring_up_to_date(found.settings, found.folder))
        project_id = asyncio.run(seed_season(owner))
    tell(f"Seeded {EPISODES} episodes, {SHOTS:,} shots and {SHOTS * TAKES_A_SHOT:,} takes: project {project_id}.")


async def seed_season(owner: str = "") -> UUID:
    """Write the season in one transaction and return its project's id; the same every time but for the ids."""
    settings = get_settings()
    database, storage = Database(settings.sqlalchemy_url, pool_size=2), open_storage(settings.storage_url)
    try:
        clips = await _clips(storage)
        async with database.transaction() as session:
            return await _write(session, clips, owner)
    finally:
        await database.close()


async def _clips(storage: Storage) -> list[Intake]:
    made = []
    with TemporaryDirectory(prefix="reelroom-seed-") as name:
        for index in range(CLIPS):
            path, folder = Path(name) / f"{index}.mp4", Path(name) / f"d{index}"
            folder.mkdir()
            picture = f"color={COLOURS[index]}:size=180x320:rate=24:duration=2"
            await run_async(
                ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine={220 + 40 * index}:duration=2",
                 "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)]
            )  # fmt: skip
            sha256 = await hash_file(path)
            made.append(await take_in(storage, path, folder, sha256=sha256, content_type="video/mp4"))
    return made


async def _write(session: AsyncSession, clips: Sequence[Intake], owner: str) -> UUID:
    team = await accounts.make_team(session, "Season")
    people: list[tuple[UUID, str]] = []
    if owner:
        person = await accounts.user_by_email(session, owner)
        session.add(Membership(team_id=team.id, user_id=person.id, role="admin"))
        people = [(person.id, role) for role in ("admin", "director", "producer")]
    given = ProjectInput(title="百集季 · The long season", language="zh", width=180, height=320)
    project = await projects.create(session, SYSTEM, team.id, given)
    dice = random.Random(20_26)  # noqa: S311  # repeatable data, not a secret
    lengths = [LONG_EPISODE] + [SHOTS // EPISODES] * (EPISODES - 1)
    lengths[1:] = _spread(SHOTS - LONG_EPISODE, EPISODES - 1)
    for number, length in enumerate(lengths, 1):
        await _episode(session, project, number, length, clips, people, dice)
    return project.id


def _spread(total: int, parts: int) -> list[int]:
    return [total // parts + (index < total % parts) for index in range(parts)]


async def _episode(
    session: AsyncSession,
    project: Project,
    number: int,
    length: int,
    clips: Sequence[Intake],
    people: Sequence[tuple[UUID, str]],
    dice: random.Random,
) -> None:
    episode = Episode(project_id=project.id, number=number, title=f"第{number}集", broken_down_at=clock.now())
    session.add(episode)
    await session.flush()
    scenes = [_scene(episode, index) for index in range(-(-length // SHOTS_A_SCENE))]
    await session.execute(insert(Scene), scenes)
    shots, takes = [], []
    for position in range(length):
        shot = _shot(episode, scenes[position // SHOTS_A_SCENE]["id"], position, dice)
        mine = list(_takes(shot, clips, dice))
        circled = mine[dice.randrange(TAKES_A_SHOT)] if dice.random() < 0.6 else None
        _settle(shot, mine, circled)
        shots.append(shot)
        takes += mine
    await session.execute(insert(Shot), shots)
    await seed_money.buy(session, takes, people, random.Random(number))  # noqa: S311  # repeatable data
    await session.execute(insert(Take), takes)


def _scene(episode: Episode, index: int) -> dict[str, Any]:
    place = PLACES[(episode.number + index) % len(PLACES)]
    heading = f"{episode.number}-{index + 1} 夜 外 {place}"
    return {
        "id": new_id(),
        "project_id": episode.project_id,
        "episode_id": episode.id,
        "position": index,
        "number": f"{episode.number}-{index + 1}",
        "heading": heading,
        "interior": "ext",
        "place": place,
        "time_of_day": "夜",
        "characters": list(CHARACTERS[:2]),
        "text": heading,
    }


def _shot(episode: Episode, scene_id: UUID, position: int, dice: random.Random) -> dict[str, Any]:
    who = dice.choice(CHARACTERS)
    return {
        "id": new_id(),
        "project_id": episode.project_id,
        "episode_id": episode.id,
        "scene_id": scene_id,
        "name": f"SH{(position + 1) * 10:04d}",
        "position": position,
        "size": dice.choice(SIZES),
        "duration_frames": dice.randint(48, 200),
        "characters": [who],
        "action": f"{who}站在黑色的礁石上，海浪拍碎成白沫，风把衣角扯得笔直。",
        "dialogue": [{"speaker": who, "text": "海的那一边有什么？", "manner": "", "voice": ""}],
        "prompt": f"外景，{who}，礁石。",
    }


def _takes(shot: dict[str, Any], clips: Sequence[Intake], dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, TAKES_A_SHOT + 1):
        clip = dice.choice(clips)
        yield {
            "id": new_id(),
            "project_id": shot["project_id"],
            "episode_id": shot["episode_id"],
            "shot_id": shot["id"],
            "number": number,
            "source": "generated",
            "backend": "animatic",
            "model": "animatic-1",
            "prompt": shot["prompt"],
            "seed": dice.randrange(2**31),
            "sha256": clip.sha256,
            "key": clip.key,
            "bytes": clip.bytes,
            "width": clip.width,
            "height": clip.height,
            "rate_numerator": clip.rate.numerator,
            "rate_denominator": clip.rate.denominator,
            "frames": clip.frames,
            "has_audio": clip.has_audio,
            "proxy_key": clip.proxy_key,
            "poster_key": clip.poster_key,
            "filmstrip_key": clip.filmstrip_key,
            "filmstrip_tiles": clip.filmstrip_tiles,
            "waveform_key": clip.waveform_key,
            "verdict": "",
        }


def _settle(shot: dict[str, Any], takes: list[dict[str, Any]], circled: dict[str, Any] | None) -> None:
    if circled is not None:
        circled["verdict"] = "circled"
    stands = circled or takes[-1]
    shot.update(
        status="circled" if circled else "review",
        take_count=len(takes),
        undecided_takes=len(takes) - (circled is not None),
        newest_take_number=len(takes),
        circled_take_id=circled["id"] if circled else None,
        circled_take_number=circled["number"] if circled else None,
        poster_key=stands["poster_key"],
    )
