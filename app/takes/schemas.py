"""Plain data about takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core.frames import FrameRate
from app.core.money import Money


@dataclass(frozen=True, slots=True)
class Intake:
    """A video that was checked, stored and derived from: its facts and the keys of everything kept."""

    sha256: str
    key: str
    content_type: str
    bytes: int
    width: int
    height: int
    rate: FrameRate
    frames: int
    has_audio: bool
    proxy_key: str | None
    poster_key: str | None
    filmstrip_key: str | None
    filmstrip_tiles: int
    waveform_key: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a take came from."""

    source: str
    backend: str = ""
    model: str = ""
    attempt_id: UUID | None = None
    prompt: str = ""
    seed: int | None = None
    fingerprint: dict[str, Any] = field(default_factory=dict)
    source_text: str = ""
    file_name: str = ""
    cost: Money | None = None
    made_by: UUID | None = None
    made_by_name: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
