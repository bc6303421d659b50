"""From a cut to a folder of delivered files: everything arrives together, or nothing does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.core.ids import new_id
from app.exports import labels, typesetting
from app.exports.check import check
from app.exports.conform import SegmentCache, conform
from app.exports.cut import Cut
from app.exports.errors import ExportCancelled, disk_full_named
from app.exports.manifest import fingerprint, manifest
from app.exports.mux import mux
from app.exports.processes import Cancelled
from app.exports.sound import make_sound
from app.exports.subtitles import Cue, episode_cues, srt, vtt
from app.exports.table import shots_csv


class Stage(StrEnum):
    """What an export is doing; in this order."""

    CONFORM = "conform"
    SOUND = "sound"
    JOIN = "join"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: ``done`` of ``total`` steps."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """The delivered files and the report of the check, whose ``warnings`` a person should read."""

    video: Path
    srt: Path
    vtt: Path
    csv: Path
    manifest: Path
    report: dict[str, Any]


def assemble(
    cut: Cut,
    out_folder: Path,
    cache: SegmentCache,
    on_progress: Callable[[Progress], None],
    cancelled: Cancelled,
    workers: int = 2,
) -> Result:
    """Deliver ``cut`` into ``out_folder`` as video, SRT, VTT, shots.csv and manifest.json, and return where they are.

    Files of the same names are replaced, all at the end. ``on_progress`` is called in this thread; ``cancelled`` is
    asked often and from several. Raises ``ExportError`` (``ExportCancelled``, ``DiskFull`` among them): then nothing
    of this export is in ``out_folder``, while segments already finished wait in ``cache`` for the next try.
    """
    with disk_full_named(), _workshop(out_folder) as folder:
        result = _make(cut, folder, cache, on_progress, cancelled, workers)
        if cancelled():
            raise ExportCancelled
        return _deliver(result, out_folder)


def _make(
    cut: Cut,
    folder: Path,
    cache: SegmentCache,
    on_progress: Callable[[Progress], None],
    cancelled: Cancelled,
    workers: int,
) -> Result:
    def at(stage: Stage) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(Progress(stage, done, total))

    conformed = conform(cut, cache, folder, workers=workers, cancelled=cancelled, on_done=at(Stage.CONFORM))
    sound = make_sound(cut, cache, folder, cancelled=cancelled, on_done=at(Stage.SOUND))
    label = labels.aigc(cut.producer, cut.produce_id, fingerprint(conformed))
    video = folder / f"{cut.stem}.mp4"
    at(Stage.JOIN)(0, 1)
    mux(cut, [one.path for one in conformed], sound, label, video, cancelled=cancelled)
    at(Stage.JOIN)(1, 1)
    at(Stage.CHECK)(0, 1)
    cues = episode_cues(cut)
    report = check(cut, conformed, video, label, cancelled=cancelled)
    report["warnings"] = _warnings(cut, cues, report)
    at(Stage.CHECK)(1, 1)
    result = Result(
        video=video,
        srt=_write(folder / f"{cut.stem}.srt", srt(cues, cut.rate)),
        vtt=_write(folder / f"{cut.stem}.vtt", vtt(cues, cut.rate, cut.language)),
        csv=_write(folder / "shots.csv", shots_csv(cut)),
        manifest=folder / "manifest.json",
        report=report,
    )
    whole = manifest(cut, conformed, (result.video, result.srt, result.vtt, result.csv), report)
    _write(result.manifest, json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
    return result


def _warnings(cut: Cut, cues: tuple[Cue, ...], report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what does not stop the export but should be looked at, each with a stable code."""
    warnings: list[dict[str, Any]] = []
    missing = typesetting.undrawable("".join(cue.text for cue in cues))
    if missing:
        warnings.append({"code": "export.characters_without_drawing", "characters": list(missing)})
    loudness = report["loudness"]
    warnings += [
        {"code": f"export.loudness_{fact}", "lufs": loudness["integrated_lufs"]}
        for fact in ("left_alone", "peak_limited")
        if loudness[fact]
    ]
    if cut.rate.seconds(cut.total_frames) < labels.REQUIRED_SECONDS:
        warnings.append({"code": "export.shorter_than_label", "seconds": labels.REQUIRED_SECONDS})
    return warnings


def _write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="")
    return path


@contextmanager
def _workshop(out_folder: Path) -> Iterator[Path]:
    """Lend a hidden folder on the same disk as ``out_folder``; afterwards leave no trace but what was delivered."""
    made = [folder for folder in (out_folder, *out_folder.parents) if not folder.exists()]
    out_folder.mkdir(parents=True, exist_ok=True)
    folder = (out_folder / f".export-{new_id()}").resolve()
    folder.mkdir()
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for empty in made:
            if any(empty.iterdir()):
                break
            empty.rmdir()
        raise
    shutil.rmtree(folder)


def _deliver(result: Result, out_folder: Path) -> Result:
    """Move the files to their places, the manifest last: where it is, the others are whole."""

    def moved(path: Path) -> Path:
        return path.replace(out_folder / path.name)

    return Result(
        video=moved(result.video),
        srt=moved(result.srt),
        vtt=moved(result.vtt),
        csv=moved(result.csv),
        manifest=moved(result.manifest),
        report=result.report,
    )
