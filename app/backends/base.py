"""The protocol every backend speaks: submit once, poll, fetch, cancel; and, where it can, find a lost answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from app.backends.capabilities import ModelCaps, Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError
from app.core.frames import FrameRate
from app.core.money import Money


@dataclass(frozen=True, slots=True)
class Asset:
    """An input file, as a local path a backend may read during ``submit``.

    ``role`` is "first", "last", "reference", "voice", or "motion" (a clip whose performance is copied). ``url`` is a
    public address of the same bytes for providers that fetch, where this installation can be reached from outside.
    """

    role: str
    sha256: str
    mime: str
    path: Path
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """One speech: ``voice`` is the raw OS/VO tag, ``voice_settings`` the character's voice from the bible."""

    speaker: str
    text: str
    manner: str = ""
    voice: str = ""
    voice_settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CharacterLook:
    """How a character looks, from the bible."""

    name: str
    looks: str = ""
    wardrobe: str = ""


@dataclass(frozen=True, slots=True)
class ShotFacts:
    """The structured shot behind a prompt: local backends draw from it, remote ones may ignore it.

    ``size``, ``angle``, ``movement`` and ``interior`` hold the values of ``app.scripts.breakdown.model``.
    """

    project: str = ""
    language: str = "en"
    episode: str = ""
    scene: str = ""
    shot: str = ""
    take: int = 1
    interior: str = ""
    place: str = ""
    time_of_day: str = ""
    size: str = "MS"
    angle: str = "eye"
    movement: str = "static"
    characters: tuple[CharacterLook, ...] = ()
    action: str = ""
    dialogue: tuple[SpokenLine, ...] = ()
    card: str = ""
    sound: str = ""
    flashback: bool = False


@dataclass(frozen=True, slots=True)
class GenRequest:
    """Everything a generation depends on; plain data but for the local paths of its assets."""

    task: Task
    model: str
    prompt: str
    duration_frames: int
    rate: FrameRate
    width: int
    height: int
    negative: str = ""
    seed: int | None = None
    sound: bool = True
    assets: tuple[Asset, ...] = ()
    facts: ShotFacts = ShotFacts()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """Seconds asked for."""
        return float(self.rate.seconds(self.duration_frames))


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate as a range; ``basis`` says how it was reckoned."""

    low: Money
    high: Money
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SubmitContext:
    """What surrounds one submit: the attempt's id (send it to the provider where it takes one), and its cap.

    ``known_remote_ids`` holds what other attempts of this backend already own, so that ``find`` never returns it.
    """

    attempt_id: UUID
    price_cap: Money
    submitted_at: datetime
    webhook_url: str | None = None
    known_remote_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Handle:
    """A reference to remote work that any process can poll: plain JSON, no secrets."""

    backend: str
    model: str
    remote_id: str
    attempt_id: UUID
    submitted_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the handle as JSON for the attempt's row."""
        return {
            "backend": self.backend,
            "model": self.model,
            "remote_id": self.remote_id,
            "attempt_id": str(self.attempt_id),
            "submitted_at": self.submitted_at.isoformat(),
            "data": dict(self.data),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Handle:
        """Read what ``to_json`` wrote."""
        return cls(
            backend=value["backend"],
            model=value["model"],
            remote_id=value["remote_id"],
            attempt_id=UUID(value["attempt_id"]),
            submitted_at=datetime.fromisoformat(value["submitted_at"]),
            data=value.get("data", {}),
        )


class Phase(StrEnum):
    """Where remote work stands; a status nobody knows is UNRECOGNISED, never "working"."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    LOST = "lost"
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True)
class OutputRef:
    """One result to fetch; ``data`` is the backend's own (an address, a variant), never shown."""

    index: int = 0
    kind: str = "video"
    expires_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteState:
    """The answer of one poll: one request, one state."""

    phase: Phase
    progress: float | None = None
    outputs: tuple[OutputRef, ...] = ()
    cost: Money | None = None
    error: BackendError | None = None
    retry_after: float | None = None
    raw_status: str = ""


class CancelResult(StrEnum):
    """What a cancel achieved, truthfully."""

    CANCELLED = "cancelled"
    ASKED = "asked"
    TOO_LATE = "too_late"
    UNSUPPORTED = "unsupported"


ProgressCallback = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sink:
    """Where ``fetch`` writes: a path that does not exist yet, a byte cap, and a progress callback (0 to 1).

    ``progress`` raises ``asyncio.CancelledError`` when the work was called off: a local render stops there.
    """

    path: Path
    max_bytes: int
    progress: ProgressCallback


@dataclass(frozen=True, slots=True)
class Artifact:
    """What was fetched: the file at ``sink.path``, its size and SHA-256."""

    path: Path
    size: int
    sha256: str
    mime: str


@runtime_checkable
class VideoBackend(Protocol):
    """An adapter to something that makes video.

    ``submit``, ``poll``, ``fetch`` and ``cancel`` raise ``BackendError`` and nothing else for what the provider does.
    ``name`` is the configured name; ``hosts`` every host it may talk to, as ``host``, ``host:port`` or ``*.domain``.
    """

    name: str
    hosts: frozenset[str]

    def models(self) -> tuple[ModelCaps, ...]:
        """Return the models' capabilities: data, no network."""
        ...

    def estimate(self, request: GenRequest) -> Cost:
        """Return the price range of ``request``; its high end is what gets reserved."""
        ...

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Ask for the work, with exactly one create request and no retry of it."""
        ...

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the work stands, with one request."""
        ...

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream one result to the sink; safe to repeat."""
        ...

    async def cancel(self, handle: Handle) -> CancelResult:
        """Ask the provider to stop, and tell the truth about it."""
        ...

    async def aclose(self) -> None:
        """Close what the backend holds open."""
        ...


@runtime_checkable
class Configurable(Protocol):
    """The class of a backend that has something to configure; one without is made by calling it with nothing."""

    def from_config(self, config: BackendConfig) -> VideoBackend:
        """Return the backend that ``config`` describes, without any network; raise ``ConfigError`` when it is wrong.

        A classmethod: it is the class that keeps this protocol.
        """
        ...


@runtime_checkable
class Recoverable(Protocol):
    """A backend that can find work whose answer was lost."""

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Return the handle of work already created for this attempt, or None when it provably was not.

        Raise ``BackendError`` with ``outcome_unknown`` when neither can be told: with ``retry_after`` it may be asked
        again then, without it a person decides.
        """
        ...


@runtime_checkable
class Adoptable(Protocol):
    """A backend that can go on with work of which only the provider's id is known, from a delivery."""

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle that ``submit`` would have returned for the work called ``remote_id``."""
        ...


@runtime_checkable
class Checkable(Protocol):
    """A backend whose provider can be asked something harmless that proves address, account and key."""

    async def check(self) -> str:
        """Ask once, at no cost, and return a sentence on what answered; raise ``BackendError`` when it is no use."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request as it came: ``path`` and ``query`` as they were sent, header names in lower case."""

    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class WebhookHint:
    """A verified delivery: ``event_id`` is the same on every redelivery; ``remote_id`` names the work to poll now.

    ``answer`` is what the provider wants to read, as JSON; a hint without ``remote_id`` was a handshake only.
    """

    event_id: str
    remote_id: str
    status: str = ""
    answer: Mapping[str, Any] | None = None


@runtime_checkable
class WebhookCapable(Protocol):
    """A backend whose provider announces the end of the work.

    A delivery arrives at ``SubmitContext.webhook_url``, whose secret part was checked before: where a provider signs
    nothing, that is the proof.
    """

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a delivery says; raise ``WebhookRefused`` when it is forged, stale or not understood."""
        ...


def recovery_of(backend: VideoBackend, model: str) -> Recoverable | None:
    """Return ``backend`` as one that finds lost answers of ``model``, or None where it cannot."""
    for caps in backend.models():
        if caps.model == model and caps.recover is not Recover.NONE and isinstance(backend, Recoverable):
            return backend
    return None
