"""All that an animatic is made from, as plain JSON: any process can render it, at any time, to the same picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.backends.base import CharacterLook, GenRequest, ShotFacts, SpokenLine
from app.core.frames import FrameRate


@dataclass(frozen=True, slots=True)
class Order:
    """One animatic to render: the shot, the frame's size, its length in frames of ``rate``, with sound or without."""

    facts: ShotFacts
    width: int
    height: int
    frames: int
    rate: FrameRate
    seed: int
    sound: bool = True

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.rate.seconds(self.frames))

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.rate.fraction)

    @classmethod
    def of(cls, request: GenRequest) -> Order:
        """Return the order of ``request``; one without a seed gets its own from the shot, the same each time."""
        seed = request.seed if request.seed is not None else _seed(request.facts)
        size = request.width, request.height
        return cls(request.facts, *size, request.duration_frames, request.rate, seed, request.sound)

    def to_json(self) -> dict[str, Any]:
        """Return the order as JSON."""
        return {
            "facts": json.loads(json.dumps(asdict(self.facts))),
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "rate": [self.rate.numerator, self.rate.denominator],
            "seed": self.seed,
            "sound": self.sound,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Order:
        """Read what ``to_json`` wrote; raise KeyError, TypeError or ValueError when it is something else."""
        facts = dict(value["facts"])
        facts["characters"] = tuple(CharacterLook(**look) for look in facts["characters"])
        facts["dialogue"] = tuple(SpokenLine(**line) for line in facts["dialogue"])
        return cls(
            facts=ShotFacts(**facts),
            width=int(value["width"]),
            height=int(value["height"]),
            frames=int(value["frames"]),
            rate=FrameRate(*value["rate"]),
            seed=int(value["seed"]),
            sound=bool(value["sound"]),
        )


def _seed(facts: ShotFacts) -> int:
    """Return a number of 31 bits that stays the same while the shot and its take do."""
    words = "\n".join((facts.project, facts.episode, facts.scene, facts.shot, str(facts.take), facts.place))
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") >> 1
