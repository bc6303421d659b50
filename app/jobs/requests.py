"""The request of a job: built from the shot as it is now, kept as JSON, read back by any process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import msgspec

from app.accounts import links
from app.backends.base import Asset, CharacterLook, GenRequest, ShotFacts, SpokenLine
from app.backends.capabilities import ModelCaps, Task
from app.episodes.models import Episode
from app.media.storage import Storage
from app.shots import facts
from app.shots.models import Shot

# What a job remembers beside the request itself.
EXTRAS = frozenset({"assets", "fingerprint", "source_text", "retake_note"})


def build(
    shot: Shot, episode: Episode, around: facts.Surroundings, caps: ModelCaps, *, seed: int | None = None
) -> dict[str, Any]:
    """Return the whole request for one take of a shot, with everything it depends on."""
    project, scene = around.project, around.scenes[shot.scene_id]
    assets = [{"role": "first", "key": shot.reference_key, "mime": shot.reference_type}] if shot.reference_key else []
    usable = bool(assets) and Task.FIRST_FRAME in caps.tasks
    prompt = shot.prompt if not shot.retake_note else f"{shot.prompt} {shot.retake_note}".strip()
    return {
        "task": (Task.FIRST_FRAME if usable else Task.TEXT).value,
        "model": caps.model,
        "prompt": prompt,
        "duration_frames": shot.duration_frames,
        "rate": {"numerator": project.rate_numerator, "denominator": project.rate_denominator},
        "width": project.width,
        "height": project.height,
        "seed": seed,
        "sound": True,
        "facts": msgspec.to_builtins(_shot_facts(shot, episode, scene, around)),
        "assets": assets if usable else [],
        "fingerprint": dict(shot.fingerprint),
        "source_text": shot.source_text,
        "retake_note": shot.retake_note,
    }


def _shot_facts(shot: Shot, episode: Episode, scene: Any, around: facts.Surroundings) -> ShotFacts:
    people = {name: around.characters.get(name.casefold()) for name in shot.characters}
    voices = {line["speaker"]: around.characters.get(line["speaker"].casefold()) for line in shot.dialogue}
    return ShotFacts(
        project=around.project.title,
        language=around.project.language,
        episode=str(episode.number),
        scene=scene.number,
        shot=shot.name,
        take=(shot.newest_take_number or 0) + 1,
        interior=scene.interior,
        place=scene.place,
        time_of_day=scene.time_of_day,
        size=shot.size,
        angle=shot.angle,
        movement=shot.movement,
        characters=tuple(
            CharacterLook(name, row.looks if row else "", row.wardrobe if row else "") for name, row in people.items()
        ),
        action=shot.action,
        dialogue=tuple(
            SpokenLine(
                line["speaker"],
                line["text"],
                line["manner"],
                line["voice"],
                dict(row.voice) if (row := voices[line["speaker"]]) else {},
            )
            for line in shot.dialogue
        ),
        card=shot.card,
        sound=shot.sound,
        flashback=shot.flashback,
    )


def request_key(request: Mapping[str, Any], backend: str) -> str:
    """Return what makes two wishes the same wish: everything but the take number and a random seed."""
    same = {key: value for key, value in request.items() if key not in ("seed", "facts", "source_text")}
    return hashlib.sha256(json.dumps([backend, same], sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def request_hash(request: Mapping[str, Any]) -> str:
    """Return the hash of a whole request, kept on the attempt."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read(request: Mapping[str, Any]) -> GenRequest:
    """Read a kept request back, without its assets."""
    plain = {key: value for key, value in request.items() if key not in EXTRAS}
    return msgspec.convert(plain, GenRequest)


async def with_assets(stack: AsyncExitStack, request: Mapping[str, Any], storage: Storage) -> GenRequest:
    """Read a kept request back with its assets lent as local files for as long as ``stack`` is open."""
    plain = read(request)
    assets = []
    for asset in request["assets"]:
        path = await stack.enter_async_context(storage.local(asset["key"]))
        sha256 = asset["key"].rsplit("/", 1)[-1]
        assets.append(Asset(asset["role"], sha256, asset["mime"], path, links.lent_url(asset["key"])))
    return replace(plain, assets=tuple(assets)) if assets else plain
