"""From shots and takes to the snapshot of a cut: which take stands for each shot, for how long, with which words.

The snapshot is JSON and is kept with the export, so that a try after a crash conforms the very same cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.frames import FrameRate
from app.core.text import is_chinese
from app.episodes.models import Episode
from app.projects.models import Project
from app.scenes.models import Scene
from app.shots.models import Shot
from app.takes.models import Take

LEAD_SECONDS = 0.25
TAIL_SECONDS = 0.15
SHORTEST_SUBTITLE_SECONDS = 0.6
# Backends whose pictures carry the words already: burning them in again would cover one with the other.
WORDS_IN_PICTURE = frozenset({"animatic"})


def snapshot(
    project: Project,
    episode: Episode,
    scenes: Mapping[UUID, Scene],
    shots: Sequence[Shot],
    takes: Mapping[UUID, Take],
    *,
    draft: bool,
) -> dict[str, Any]:
    """Return the cut of an episode as JSON; ``takes`` holds the take that stands for each shot, by shot."""
    return {
        "project": project.title,
        "episode": episode.number,
        "title": episode.title,
        "language": project.language,
        "width": project.width,
        "height": project.height,
        "rate": [project.rate_numerator, project.rate_denominator],
        "producer": str(project.options.get("aigc_producer") or "Reelroom"),
        "draft": draft,
        "segments": [
            _segment(project.rate, scenes[shot.scene_id], shot, takes[shot.id]) for shot in shots if shot.id in takes
        ],
        "dropped": [
            {"shot": shot.name, "reason": shot.dropped_reason} for shot in shots if shot.dropped_at is not None
        ],
        "missing": [shot.name for shot in shots if shot.dropped_at is None and shot.id not in takes],
    }


def _segment(rate: FrameRate, scene: Scene, shot: Shot, take: Take) -> dict[str, Any]:
    frames = slot_frames(rate, shot, take)
    return {
        "shot_id": str(shot.id),
        "shot_name": shot.name,
        "scene": scene.number,
        "take_id": str(take.id),
        "take_number": take.number,
        "key": take.key,
        "sha256": take.sha256,
        "in_frame": 0,
        "frames": frames,
        "subtitles": subtitles(rate, frames, shot.dialogue),
        "card": shot.card,
        "burn_words": take.backend not in WORDS_IN_PICTURE,
        "fade_out": shot.transition_out == "fade_out",
        "provenance": {
            "source": take.source,
            "backend": take.backend,
            "model": take.model,
            "prompt": take.prompt,
            "seed": take.seed,
            "file_name": take.file_name,
            "made_by": take.made_by_name,
            "fingerprint": take.fingerprint,
            "action": shot.action,
            "size": shot.size,
            "characters": list(shot.characters),
        },
    }


def slot_frames(rate: FrameRate, shot: Shot, take: Take) -> int:
    """Return how many project frames a take plays for.

    A take that a person brought plays whole; a generated one is trimmed to its shot, and never held beyond its end.
    """
    whole = max(1, rate.frames(take.rate.seconds(take.frames)))
    return whole if take.source == "uploaded" else min(shot.duration_frames, whole)


def subtitles(rate: FrameRate, frames: int, dialogue: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the speeches of a shot one after the other, each for its share of the shot by its length."""
    lines = [line for line in dialogue if line["text"].strip()]
    if not lines:
        return []
    lead, tail = rate.frames(LEAD_SECONDS), rate.frames(TAIL_SECONDS)
    start, end = (lead, frames - tail) if frames > 4 * (lead + tail) else (0, frames)
    least = min(rate.frames(SHORTEST_SUBTITLE_SECONDS), (end - start) // len(lines))
    weights = [_weight(line["text"]) for line in lines]
    spare = end - start - least * len(lines)
    found: list[dict[str, Any]] = []
    passed = 0.0
    for index, line in enumerate(lines):
        first = start + least * index + round(spare * passed / sum(weights))
        passed += weights[index]
        last = start + least * (index + 1) + round(spare * passed / sum(weights))
        if last > first:
            kind = "voice" if line["voice"] else "dialogue"
            found.append({"start": first, "end": last, "text": line["text"], "speaker": line["speaker"], "kind": kind})
    return found


def _weight(text: str) -> float:
    """How long a speech takes beside others: characters of Chinese, words of anything else."""
    return len(text) / 4.5 if is_chinese(text) else len(text.split()) / 2.7
