"""`reelroom produce`: from scripts to finished episodes, without a browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.cli.options import Data, chosen
from app.cli.production import OnProgress, Production
from app.core.config import read_settings
from app.core.errors import Invalid, NotFound, ReelroomError
from app.embedded import installation
from app.scripts.formats.decode import decode
from app.scripts.formats.episodes import ProjectScript, split_episodes

LARGEST_SCRIPT = 4 * 1024 * 1024
FAILED, BAD_INPUT = 1, 2


@dataclass(frozen=True, slots=True)
class Given:
    """A script that was read and holds at least one scene."""

    path: Path
    text: str
    found: ProjectScript


@dataclass(slots=True)
class Report:
    """How long each stage took, in seconds, for one episode."""

    name: str
    shots: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of the block to a stage."""
        began = time.monotonic()
        yield
        self.stages[stage] = self.stages.get(stage, 0.0) + time.monotonic() - began


def produce(
    scripts: Annotated[list[Path], typer.Argument(help="Scripts: Fountain or the Chinese micro-drama format.")],
    out: Annotated[Path, typer.Option(help="Folder for the finished files.")],
    fps: Annotated[int, typer.Option(help="Frames a second of a new project.")] = 24,
    data: Data = None,
) -> None:
    """Turn scripts into finished, labelled episodes: break down, draw animatics, circle, export."""
    console = Console(stderr=True)
    given = [read_script(path) for path in scripts]
    refuse_folder(out)
    settings = read_settings(**chosen(data_folder=data))
    with (
        installation.reached(settings, console.print) as found,
        console.status("Starting the services …"),
    ):
        from app.embedded.migration import bring_up_to_date  # Alembic and the models are slow to import

        asyncio.run(bring_up_to_date(found.settings, found.folder))
        with installation.with_workers(found, console.print):
            reports = _produce_all(console, given, out, fps)
    _print(Console(), reports)


def read_script(path: Path) -> Given:
    """Read and check a script; raises ``NotFound`` or ``Invalid`` with what is wrong with it."""
    if not path.is_file():
        raise NotFound("produce.no_file", f"There is no file {path}.")
    if path.stat().st_size > LARGEST_SCRIPT:
        raise Invalid("produce.too_large", f"{path} is larger than a script can be. Is it the right file?")
    try:
        text = decode(path.read_bytes())
        return Given(path, text, split_episodes(text))
    except ReelroomError as error:
        raise Invalid(error.code, f"{path}: {error.message}") from error


def refuse_folder(out: Path) -> None:
    """Raise ``Invalid`` when the output is a file, or lies below one."""
    for place in (out, *out.parents):
        if place.exists():
            if not place.is_dir():
                raise Invalid("produce.out", f"{place} is a file: choose a folder for the finished files.")
            return


def _produce_all(console: Console, given: list[Given], out: Path, fps: int) -> list[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as bars:
        return asyncio.run(_run(bars, given, out, fps))


async def _run(bars: Progress, given: list[Given], out: Path, fps: int) -> list[Report]:
    production, reports = await Production.open(), []
    several = sum(len(each.found.episodes) for each in given) > 1
    try:
        for each in given:
            reports += await _one_script(production, bars, each, out, fps, several=several)
    finally:
        await production.close()
    return reports


async def _one_script(
    production: Production, bars: Progress, given: Given, out: Path, fps: int, *, several: bool
) -> list[Report]:
    began = time.monotonic()
    project, episodes = await production.read_in(given.found, given.text, name=given.path.stem, rate=f"{fps}/1")
    reading = (time.monotonic() - began) / len(episodes)
    reports = []
    for episode in episodes:
        report = Report(f"{project.title} E{episode.number:02d}", stages={"break down": reading})
        drawing = bars.add_task(f"{report.name}: drawing")
        with report.timed("draw"):
            report.shots = await production.generate(project, episode, _moving(bars, drawing))
        bars.update(drawing, completed=1, total=1)
        with report.timed("circle"):
            await production.circle_newest(episode)
        exporting = bars.add_task(f"{report.name}: exporting")
        with report.timed("export"):
            export = await production.export(project, episode, _moving(bars, exporting))
        with report.timed("write"):
            stem = f"{export.cut['episode']:02d}"
            folder = out / f"{given.path.stem}-e{stem}" if several else out
            report.files = await production.write_out(export, folder)
        reports.append(report)
    return reports


def _moving(bars: Progress, task: TaskID) -> OnProgress:
    """Return what moves one bar."""
    return lambda done, total: bars.update(task, completed=done, total=total or 1)


def _print(console: Console, reports: list[Report]) -> None:
    stages = list(reports[0].stages)
    table = Table(title="Produced", title_justify="left")
    for name in ("Episode", "Shots", *(f"{stage} (s)" for stage in stages), "total (s)"):
        table.add_column(name, justify="left" if name == "Episode" else "right", no_wrap=name == "Episode")
    for report in reports:
        times = [f"{report.stages[stage]:.1f}" for stage in stages]
        table.add_row(report.name, str(report.shots), *times, f"{sum(report.stages.values()):.1f}")
    console.print(table)
    for report in reports:
        for path in report.files:
            console.print(str(path), soft_wrap=True, highlight=False)
