"""The request of a job: built from the shot as it is now, kept as JSON, read back by any process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
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

# What a job remembers beside the request itself; "inputs" are all the shot has, of which a model may take a part.
EXTRAS = frozenset({"assets", "inputs", "fingerprint", "source_text", "retake_note"})
ROLES: Mapping[Task, frozenset[str]] = {
    Task.FIRST_FRAME: frozenset({"first"}),
    Task.FIRST_AND_LAST: frozenset({"first", "last"}),
    Task.REFERENCES: frozenset({"reference"}),
}


def wanted(shot: Shot, episode: Episode, around: facts.Surroundings, *, seed: int | None = None) -> dict[str, Any]:
    """Return the whole request for one take of a shot, with everything it depends on, for no model yet."""
    project, scene = around.project, around.scenes[shot.scene_id]
    inputs = [{"role": "first", "key": shot.reference_key, "mime": shot.reference_type}] if shot.reference_key else []
    prompt = shot.prompt if not shot.retake_note else f"{shot.prompt} {shot.retake_note}".strip()
    return {
        "task": wanted_task([one["role"] for one in inputs]).value,
        "model": "",
        "prompt": prompt,
        "duration_frames": shot.duration_frames,
        "rate": {"numerator": project.rate_numerator, "denominator": project.rate_denominator},
        "width": project.width,
        "height": project.height,
        "seed": seed,
        "sound": True,
        "facts": msgspec.to_builtins(_shot_facts(shot, episode, scene, around)),
        "assets": inputs,
        "inputs": inputs,
        "fingerprint": dict(shot.fingerprint),
        "source_text": shot.source_text,
        "retake_note": shot.retake_note,
    }


def wanted_task(roles: Sequence[str], tasks: Collection[Task] = tuple(Task)) -> Task:
    """Return the task that makes most of inputs of these roles, among ``tasks``."""
    fitting = (task for task in (Task.FIRST_AND_LAST, Task.FIRST_FRAME, Task.REFERENCES) if task in tasks)
    return next((task for task in fitting if ROLES[task] <= set(roles)), Task.TEXT)


def unplaced(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request as it was wanted, before a model was chosen."""
    inputs = request.get("inputs", request["assets"])
    return {**request, "task": wanted_task([one["role"] for one in inputs]).value, "assets": inputs}


def for_model(request: Mapping[str, Any], caps: ModelCaps) -> dict[str, Any]:
    """Return a request as a model can serve it: with the inputs it takes, and no others."""
    inputs = request.get("inputs", request["assets"])
    task = wanted_task([one["role"] for one in inputs], caps.tasks)
    taken = [one for one in inputs if one["role"] in ROLES.get(task, ())]
    if task is Task.REFERENCES:
        taken = taken[: caps.max_images]
    return {**request, "model": caps.model, "task": task.value, "assets": taken}


def build(
    shot: Shot, episode: Episode, around: facts.Surroundings, caps: ModelCaps, *, seed: int | None = None
) -> dict[str, Any]:
    """Return the whole request for one take of a shot by a model."""
    return for_model(wanted(shot, episode, around, seed=seed), caps)


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
    """Return what makes two wishes the same wish: everything but the take number and a random seed.

    Without a ``backend`` the project's policy chooses, and the model makes no other wish of it.
    """
    apart = {"seed", "facts", "source_text"} | (set() if backend else {"model", "task", "assets"})
    same = {key: value for key, value in request.items() if key not in apart}
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
