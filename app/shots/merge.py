"""The three-way merge of a shot's fields: last derived, human, new. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.scripts.breakdown.model import ShotPlan

FIELDS = (
    "size",
    "angle",
    "movement",
    "duration_frames",
    "characters",
    "action",
    "dialogue",
    "card",
    "sound",
    "transition_out",
    "flashback",
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The values after a merge, what changed, and the newer derived values that a person's own stand against."""

    values: dict[str, Any]
    changed: tuple[str, ...]
    conflicts: dict[str, Any] = field(default_factory=dict)


def plan_values(plan: ShotPlan) -> dict[str, Any]:
    """Return a planned shot as plain JSON values, field by field."""
    return {
        "size": plan.size.value,
        "angle": plan.angle.value,
        "movement": plan.movement.value,
        "duration_frames": plan.duration_frames,
        "characters": list(plan.characters),
        "action": plan.action,
        "dialogue": [
            {"speaker": line.speaker, "text": line.text, "manner": line.manner, "voice": line.voice}
            for line in plan.dialogue
        ],
        "card": plan.card,
        "sound": plan.sound,
        "transition_out": plan.transition_out,
        "flashback": plan.flashback,
    }


def merge(derived: Mapping[str, Any], current: Mapping[str, Any], new: Mapping[str, Any]) -> Merged:
    """Merge field by field: what no person touched follows the script; what a person changed stays.

    A field that both changed keeps the person's value, and the script's new value is told as a conflict.
    """
    values: dict[str, Any] = {}
    changed: list[str] = []
    conflicts: dict[str, Any] = {}
    for name in FIELDS:
        touched = name in derived and current[name] != derived[name]
        if not touched:
            values[name] = new[name]
        else:
            values[name] = current[name]
            if new[name] not in (derived[name], current[name]):
                conflicts[name] = new[name]
        if values[name] != current[name]:
            changed.append(name)
    return Merged(values, tuple(changed), conflicts)
