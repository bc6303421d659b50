"""The manifest of an export: every input it was made from, how, with which tools, and the hash of what came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.core import clock
from app.exports import conform, segments, sound, typesetting
from app.exports.cut import Cut
from app.exports.processes import ffmpeg_version

FORMAT = 1
_REELROOM, _AV = version("reelroom"), version("av")


def manifest(
    cut: Cut, conformed: Sequence[conform.Conformed], outputs: Iterable[Path], report: dict[str, Any]
) -> dict[str, Any]:
    """Return the manifest, JSON-able: the cut, its shots and takes with their provenance, settings, tools, outputs."""
    return {
        "format": FORMAT,
        "created": clock.now().isoformat(),
        "project": cut.project,
        "episode": cut.episode,
        "title": cut.title,
        "language": cut.language,
        "draft": cut.draft,
        "producer": cut.producer,
        "produce_id": cut.produce_id,
        "fingerprint": fingerprint(conformed),
        "settings": settings(cut),
        "tools": tool_versions(),
        "provenance": dict(cut.provenance),
        "shots": [_shot(cut, start, one) for start, one in zip(cut.starts, conformed, strict=True)],
        "outputs": [_output(path) for path in outputs],
        "check": report,
    }


def fingerprint(conformed: Sequence[conform.Conformed]) -> str:
    """Return the hash of everything the pictures were made from; it stands in the AIGC metadata too."""
    keys = [one.plan.key for one in conformed]
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


def settings(cut: Cut) -> dict[str, Any]:
    """Return what was asked of the encoders."""
    return {
        "width": cut.width,
        "height": cut.height,
        "rate": str(cut.rate),
        "frames": cut.total_frames,
        "target_lufs": cut.target_lufs,
        "encoder": " ".join(segments.encoder_arguments(cut.rate)),
        "segment_recipe": segments.CODE_VERSION,
        "sound_recipe": sound.CODE_VERSION,
    }


def tool_versions() -> dict[str, str]:
    """Return the version of each tool that shaped the files."""
    return {
        "reelroom": _REELROOM,
        "ffmpeg": ffmpeg_version(),
        "av": _AV,
        "font_sha256": typesetting.font_sha256(),
    }


def _shot(cut: Cut, start: int, one: conform.Conformed) -> dict[str, Any]:
    segment = one.plan.segment
    return {
        "shot_id": segment.shot_id,
        "shot": segment.shot_name,
        "scene": segment.scene,
        "take": segment.take_number,
        "take_sha256": segment.source_sha256,
        "in_frame": segment.in_frame,
        "start_frame": start,
        "frames": segment.frames,
        "timecode": cut.rate.timecode(start),
        "fit": segment.fit.value,
        "fade_out": segment.fade_out,
        "burn_words": segment.burn_words,
        "card": segment.card,
        "subtitles": [
            {
                "start_frame": line.start_frame,
                "end_frame": line.end_frame,
                "speaker": line.speaker,
                "kind": line.kind.value,
                "text": line.text,
            }
            for line in segment.subtitles
        ],
        "segment": one.plan.key,
        "provenance": dict(segment.provenance),
    }


def _output(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "size": path.stat().st_size, "sha256": digest}
