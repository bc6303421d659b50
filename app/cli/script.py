"""`reelroom script parse|breakdown FILE`: what the parser sees in a script, and the shots that come of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.options import AsJson, Data, chosen, tell
from app.core.config import read_settings
from app.core.errors import Invalid, PayloadTooLarge
from app.core.frames import FrameRate
from app.scripts.breakdown import plan_script
from app.scripts.breakdown.model import CharacterFound, EpisodePlan, ParseWarning, ScenePlan, ShotPlan
from app.scripts.formats import Script, parse
from app.scripts.formats.ast import Element, Field, Kind, SceneHeading, Speech
from app.scripts.formats.decode import LIMIT_BYTES, decode
from app.scripts.formats.episodes import EpisodeText, ProjectScript, split_episodes
from app.scripts.formats.plain import plain

script_app = typer.Typer(no_args_is_help=True, help="Look at a script as the program sees it.")

File = Annotated[Path, typer.Argument(help="A script: Fountain or the Chinese micro-drama format.")]
Fps = Annotated[int, typer.Option("--fps", min=1, max=240, help="Frames a second.")]


@script_app.command("parse")
def parse_command(file: File, as_json: AsJson = False) -> None:
    """Print the scenes, elements, characters and warnings of a script."""
    _show(file, as_json, FrameRate(24), with_shots=False)


@script_app.command("breakdown")
def breakdown_command(file: File, as_json: AsJson = False, fps: Fps = 24) -> None:
    """Print the shots of a script, with their sizes, durations, characters, action and dialogue."""
    _show(file, as_json, FrameRate(fps), with_shots=True)


@script_app.command("check")
def check_command(
    project: Annotated[UUID | None, typer.Option(help="Only the scripts of this project.", show_default=False)] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Compare log, snapshot and text of every script; exit with 1 and say which do not agree."""
    # loaded here: the other commands need no database
    import app.models  # noqa: F401
    from app.core.db import Database
    from app.embedded.installation import reached
    from app.scripts.checking import Disagreement, disagreements

    async def look(url: str) -> tuple[int, list[Disagreement]]:
        database = Database(url, pool_size=1)
        try:
            return await disagreements(database, project)
        finally:
            await database.close()

    with reached(read_settings(**chosen(data_folder=data)), tell_nothing) as installation:
        looked_at, found = asyncio.run(look(installation.settings.sqlalchemy_url))
    listed = [{"script": str(one.script_id), "episode": one.episode, "found": one.found} for one in found]
    if as_json:
        print(json.dumps({"scripts": looked_at, "disagreeing": listed}, indent=2))
    else:
        for one in found:
            tell(f"project {one.project_id}, episode {one.episode}: {one.found}")
        tell(f"{looked_at} scripts, {len({one.script_id for one in found})} that do not agree")
    if found:
        raise typer.Exit(1)


def tell_nothing(_line: str) -> None:
    """Keep what services say while they start out of the answer."""


def read_script(file: Path) -> ProjectScript:
    """Return the script in a file; raises ``Invalid`` when there is no such file, or it holds no script."""
    try:
        with file.open("rb") as source:
            data = source.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise Invalid("script.unreadable", f"Cannot read {file}: {error.strerror}. Check the name.") from error
    if len(data) > LIMIT_BYTES:
        size = file.stat().st_size / 1024 / 1024
        raise PayloadTooLarge("script.too_large", f"{file} has {size:.1f} MiB; a script may have 2 MiB. Split it.")
    return split_episodes(decode(data))


def _show(file: Path, as_json: bool, rate: FrameRate, *, with_shots: bool) -> None:
    project = read_script(file)
    known = {name: CharacterFound(name, description) for name, description in project.characters}
    views: list[dict[str, Any]] = []
    for episode in project.episodes:
        script = parse(episode.text)
        plan = plan_script(script, episode.text, rate=rate, known=tuple(known.values()))
        known |= {character.name: character for character in plan.characters if character.name not in known}
        if as_json:
            views.append(_episode(episode, script, plan, with_shots=with_shots))
        else:
            _print_episode(episode, plan, rate, with_shots=with_shots)
    if as_json:
        whole = {"title": project.title, "language": project.language, "episodes": views}
        whole["characters"] = _all_characters(views, project)
        whole["warnings"] = [warning for view in views for warning in view.pop("warnings")]
        for view in views:
            view.pop("characters")
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))


def _episode(episode: EpisodeText, script: Script, plan: EpisodePlan, *, with_shots: bool) -> dict[str, Any]:
    headings = list(script.scenes)
    return {
        "number": episode.number,
        "title": episode.title,
        "fields": [_field(field) for field in script.fields],
        "scenes": [
            _scene(scene, heading, with_shots=with_shots) for scene, heading in zip(plan.scenes, headings, strict=True)
        ],
        "elements": [_element(element) for element in script.elements],
        "characters": [_character(character) for character in plan.characters],
        "warnings": [_warning(warning, episode.number) for warning in plan.warnings],
    }


def _field(field: Field) -> dict[str, Any]:
    return {"key": field.key, "value": field.value, "line": field.line}


def _scene(scene: ScenePlan, heading: SceneHeading, *, with_shots: bool) -> dict[str, Any]:
    view: dict[str, Any] = {
        "number": scene.number,
        "interior": scene.interior.value,
        "place": scene.place,
        "time": scene.time_of_day,
        "characters": list(scene.characters),
        "heading": scene.heading,
        "line": heading.line,
    }
    return {**view, "shots": [_shot(shot) for shot in scene.shots]} if with_shots else view


def _shot(shot: ShotPlan) -> dict[str, Any]:
    return {
        "size": shot.size.value,
        "angle": shot.angle.value,
        "movement": shot.movement.value,
        "duration_frames": shot.duration_frames,
        "characters": list(shot.characters),
        "action": shot.action,
        "dialogue": [
            {"speaker": line.speaker, "manner": line.manner, "voice": line.voice, "text": line.text}
            for line in shot.dialogue
        ],
        "card": shot.card,
        "sound": shot.sound,
        "transition_out": shot.transition_out,
        "flashback": shot.flashback,
        "source": {"start": shot.source.start, "end": shot.source.end},
    }


def _element(element: Element) -> dict[str, Any]:
    view: dict[str, Any] = {"kind": element.kind.value, "text": element.text, "line": element.line}
    if element.label:
        view["label"] = element.label
    if isinstance(element, SceneHeading):
        view |= {"number": element.scene_number, "place": element.place, "time": element.time}
    if isinstance(element, Speech):
        view |= {"speaker": element.speaker, "manner": element.manner, "voice": element.voice, "dual": element.dual}
    if element.kind is Kind.EPISODE:
        view["number"] = element.number
    return {**view, "start": element.start, "end": element.end}


def _character(character: CharacterFound) -> dict[str, Any]:
    return {
        "name": character.name,
        "description": character.description,
        "lines": character.lines,
        "scenes": list(character.scenes),
    }


def _all_characters(views: list[dict[str, Any]], project: ProjectScript) -> list[dict[str, Any]]:
    """Return the characters of all episodes, each once, its lines counted together."""
    found: dict[str, dict[str, Any]] = {}
    several = len(project.episodes) > 1
    for view in views:
        for character in view["characters"]:
            name = character["name"]
            where = [f"{view['number']}/{scene}" if several else scene for scene in character["scenes"]]
            one = found.setdefault(name, {**character, "lines": 0, "scenes": []})
            one["description"] = one["description"] or character["description"]
            one["lines"] += character["lines"]
            one["scenes"] += where
    return list(found.values())


def _warning(warning: ParseWarning, episode: int) -> dict[str, Any]:
    return {"episode": episode, "line": warning.line, "code": warning.code, "message": warning.message}


def _print_episode(episode: EpisodeText, plan: EpisodePlan, rate: FrameRate, *, with_shots: bool) -> None:
    console = Console()
    shots = [shot for scene in plan.scenes for shot in scene.shots]
    seconds = float(sum(rate.seconds(shot.duration_frames) for shot in shots))
    title = f"Episode {episode.number} {escape(episode.title)}".strip()
    summary = f"{len(plan.scenes)} scenes, {len(shots)} shots, {seconds:.0f} s, {len(plan.characters)} characters"
    console.print(f"[bold]{title}[/bold]: {summary}")
    console.print(_shot_table(plan, rate) if with_shots else _scene_table(plan))
    for warning in plan.warnings:
        console.print(f"line {warning.line}: {escape(warning.message)} ({warning.code})")


def _scene_table(plan: EpisodePlan) -> Table:
    table = Table("Scene", "In/out", "Place", "Time", "Characters", "Shots")
    for scene in plan.scenes:
        cells = (scene.number, scene.interior.value, scene.place, scene.time_of_day, ", ".join(scene.characters))
        table.add_row(*map(escape, cells), str(len(scene.shots)))
    return table


def _shot_table(plan: EpisodePlan, rate: FrameRate) -> Table:
    table = Table("Scene", "Shot", "Size", "Angle", "Move", "s", "Characters", "Action and words", show_lines=True)
    number = 0
    for scene in plan.scenes:
        for shot in scene.shots:
            number += 1
            seconds = f"{float(rate.seconds(shot.duration_frames)):.1f}"
            words = [shot.action, *(f"{line.speaker}: {plain(line.text)}" for line in shot.dialogue)]
            words += [f"[{shot.card}]"] if shot.card else []
            cells = (scene.number, str(number), shot.size.value, shot.angle.value, shot.movement.value, seconds)
            text = "\n".join(word for word in words if word)
            table.add_row(*map(escape, (*cells, ", ".join(shot.characters), text)))
    return table
