"""The art of the animatic: from a shot's facts to its layers, drawn."""

from __future__ import annotations

from app.backends.animatic.art.compose import grade_of, scene_stage, tilted
from app.backends.animatic.art.reading import read_shot
from app.backends.animatic.layers import Stage
from app.backends.base import ShotFacts

__all__ = ["build_stage"]


def build_stage(facts: ShotFacts, width: int, height: int, seed: int) -> Stage:
    """Draw a shot; the same facts and seed give the same picture. Sizes are of the 1080 × 1920 frame in any case."""
    reading = read_shot(facts)
    stage = scene_stage(reading, facts, seed)
    if facts.angle == "dutch":
        stage = tilted(stage, 8.0 if seed % 2 else -8.0)
    stage.grade = grade_of(reading)
    return stage
