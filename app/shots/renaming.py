"""A character is called otherwise: the shots follow, and nothing is made again for a name alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.shots import facts, repository
from app.shots.models import Shot

Fingerprints = dict[UUID, tuple[Mapping[str, Any], Mapping[str, Any]]]


async def concerned(
    session: AsyncSession, project_id: UUID, episode_ids: Sequence[UUID], names: Sequence[str]
) -> list[Shot]:
    """Return the shots of some episodes, and those of the project in which any of some characters appears."""
    rows = {shot.id: shot for shot in await repository.showing(session, project_id, names)}
    for episode_id in episode_ids:
        rows |= {shot.id: shot for shot in await repository.of_episode(session, episode_id)}
    return list(rows.values())


def rename(shots: Sequence[Shot], old: str, new: str, say: Callable[[str], str]) -> None:
    """Say the new name in what shots derived and in what people wrote; ``say`` returns a text with the name changed."""
    key = old.casefold()

    def person(name: str) -> str:
        return new if name.casefold() == key else name

    def line(given: Mapping[str, Any]) -> dict[str, Any]:
        return {**given, "speaker": person(given["speaker"]), "text": say(given["text"])}

    for shot in shots:
        shot.characters = list(dict.fromkeys(person(name) for name in shot.characters))
        shot.action, shot.card, shot.directions = say(shot.action), say(shot.card), say(shot.directions)
        shot.dialogue = [line(each) for each in shot.dialogue]
        if shot.derived:
            derived = dict(shot.derived)
            derived["characters"] = list(dict.fromkeys(person(name) for name in derived.get("characters", [])))
            derived["dialogue"] = [line(each) for each in derived.get("dialogue", [])]
            shot.derived = derived | {part: say(derived.get(part, "")) for part in ("action", "card")}
        shot.source_text, shot.made_from_text = say(shot.source_text), say(shot.made_from_text)


async def carry(session: AsyncSession, shots: Sequence[Shot], before: Mapping[UUID, Mapping[str, Any]]) -> Fingerprints:
    """Reckon fingerprints anew and carry them over: what a take was true to before, it is true to now.

    ``before`` holds the fingerprint each shot had. Returns old and new by shot for the takes. What was stale stays so.
    """
    await facts.refresh_all(session, shots)
    moved: Fingerprints = {}
    for shot in shots:
        old = before.get(shot.id)
        if old is None or old == shot.fingerprint:
            continue
        moved[shot.id] = (old, shot.fingerprint)
        shot.made_from = carried(shot.made_from, old, shot.fingerprint)
        facts.settle(shot)
    await session.flush()
    return moved


def carried(made_from: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a take's fingerprint with the parts that were those of ``old`` as they are in ``new``."""
    return {part: new.get(part, value) if value == old.get(part) else value for part, value in made_from.items()}
