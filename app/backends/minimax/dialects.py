"""The two protocols of MiniMax: what a create holds and what a look-up shows (the fact sheets, china §6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from app.backends.adapter import Wish, data_uri
from app.backends.base import Asset, Phase
from app.backends.capabilities import Frame
from app.backends.errors import BackendError, Fault, Kind
from app.backends.minimax.answers import Told, read_id, read_told

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """One task as a query or a delivery shows it; ``result`` leads to the video."""

    id: str
    status: str
    told: Told
    result: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """What differs between the two protocols."""

    create: str
    flags: frozenset[str]
    resolutions: Mapping[int, str]
    statuses: Mapping[str, Phase]

    def query(self, remote_id: str) -> tuple[str, Mapping[str, str]]:
        """Return path and parameters of the look-up of a task."""
        ...

    def job(self, body: Any) -> Job | None:
        """Return the task that an answer or a delivery shows, or None when it shows none."""
        ...

    def check(self, wish: Wish) -> None:
        """Raise ``BackendError`` (INVALID) for inputs that the protocol cannot take together."""
        ...

    async def fields(self, wish: Wish) -> dict[str, Any]:
        """Return the prompt and the inputs as fields of the create."""
        ...


class V1:
    """The protocol of the models before H3: refusals inside successful answers, results by a file's id."""

    create = "/v1/video_generation"
    flags = frozenset({"aigc_watermark", "prompt_optimizer", "fast_pretreatment"})
    resolutions: Mapping[int, str] = {512: "512P", 768: "768P", 1080: "1080P"}
    statuses: Mapping[str, Phase] = {
        "Preparing": Phase.QUEUED,
        "Queueing": Phase.QUEUED,
        "Processing": Phase.RUNNING,
        "Success": Phase.SUCCEEDED,
        "Fail": Phase.FAILED,
    }

    def query(self, remote_id: str) -> tuple[str, Mapping[str, str]]:
        """Return path and parameters of the look-up of a task."""
        return "/v1/query/video_generation", {"task_id": remote_id}

    def job(self, body: Any) -> Job | None:
        """Return the task that an answer shows; only one that failed comes with a code of failure."""
        if not isinstance(body, dict) or not read_id(body.get("task_id")) or not read_id(body.get("status")):
            return None
        told, status = read_told(body), str(body["status"])
        if told.code != 0 and status != "Fail":
            return None
        result = {"file_id": read_id(body.get("file_id"))} if body.get("file_id") else {}
        return Job(read_id(body["task_id"]), status, told, result)

    def check(self, wish: Wish) -> None:
        """Refuse inputs that no field takes."""
        for asset in wish.request.assets:
            if asset.role not in {"first", "last", "reference"}:
                raise _invalid(f"This protocol takes no {asset.role} input.")

    async def fields(self, wish: Wish) -> dict[str, Any]:
        """Return the prompt and the inputs, each in a field of its own."""
        fields: dict[str, Any] = {"prompt": wish.request.prompt}
        for role in ("first", "last"):
            if (frame := wish.asset(role)) is not None:
                fields[f"{role}_frame_image"] = await _address(frame)
        if references := wish.assets("reference"):
            pictures = [await _address(one) for one in references]
            fields["subject_reference"] = [{"type": "character", "image": pictures}]
        return fields


class V2:
    """The protocol of the H3 models: one list of content with roles, errors with their own HTTP status."""

    create = "/v2/video_generation"
    flags = frozenset({"aigc_watermark"})
    resolutions: Mapping[int, str] = {480: "480P", 768: "768P", 1440: "2K"}
    ratios = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
    roles: Mapping[str, tuple[str, str]] = {
        "first": ("image_url", "first_frame"),
        "last": ("image_url", "last_frame"),
        "reference": ("image_url", "reference_image"),
        "motion": ("video_url", "reference_video"),
        "voice": ("audio_url", "reference_audio"),
    }
    largest: Mapping[str, int] = {"image_url": 30 * MB, "video_url": 50 * MB, "audio_url": 15 * MB}
    most_files, largest_body = 12, 64 * MB
    statuses: Mapping[str, Phase] = {
        "queued": Phase.QUEUED,
        "running": Phase.RUNNING,
        "succeeded": Phase.SUCCEEDED,
        "failed": Phase.FAILED,
        "cancelled": Phase.CANCELLED,
        "expired": Phase.LOST,
    }

    def query(self, remote_id: str) -> tuple[str, Mapping[str, str]]:
        """Return path and parameters of the look-up of a task."""
        return f"/v2/query/video_generation/{quote(remote_id, safe='')}", {}

    def job(self, body: Any) -> Job | None:
        """Return the task that an answer shows; each look gives a fresh address of the result."""
        task = body.get("task") if isinstance(body, dict) else None
        if not isinstance(task, dict) or not read_id(task.get("id")) or not read_id(task.get("status")):
            return None
        content = task.get("content")
        url = content.get("url") if isinstance(content, dict) else None
        result = {"url": url} if isinstance(url, str) and url else {}
        return Job(read_id(task["id"]), str(task["status"]), read_told(task), result)

    def check(self, wish: Wish) -> None:
        """Refuse what cannot go together in one create, before it is read from disk."""
        assets = wish.request.assets
        frames = [one for one in assets if one.role in {"first", "last"}]
        if frames and len(frames) < len(assets):
            raise _invalid("First and last frames cannot be combined with references: leave out one or the other.")
        if len(assets) > self.most_files:
            raise _invalid(f"There are {len(assets)} inputs, and {self.most_files} are possible.")
        body = 0
        for asset in assets:
            size, limit = asset.path.stat().st_size, self.largest[self.roles[asset.role][0]]
            body += 0 if _is_public(asset) else size * 4 // 3
            if size > limit:
                raise _invalid(f"The {asset.role} input is larger than {limit // MB} MB.", asset)
        if body > self.largest_body - MB:
            raise _invalid(f"The inputs are larger than {self.largest_body // MB} MB together.")

    async def fields(self, wish: Wish) -> dict[str, Any]:
        """Return the prompt and the inputs as one list, and the shape of the picture."""
        content: list[dict[str, Any]] = [{"type": "text", "text": wish.request.prompt}]
        for asset in wish.request.assets:
            kind, role = self.roles[asset.role]
            content.append({"type": kind, kind: {"url": await _address(asset)}, "role": role})
        return {"content": content, "ratio": min(self.ratios, key=lambda one: _distance(one, wish.frame))}


PROFILES: Mapping[str, Dialect] = {"v2": V2(), "v1": V1()}


def short_side(frame: Frame) -> int:
    """Return the pixels that name a resolution."""
    return min(frame.width, frame.height)


def _distance(ratio: str, frame: Frame) -> float:
    width, _, height = ratio.partition(":")
    return abs(math.log(int(width) / int(height)) - math.log(frame.width / frame.height))


def _is_public(asset: Asset) -> bool:
    return asset.url is not None and asset.url.startswith("https://")


async def _address(asset: Asset) -> str:
    """Return where the provider finds an input: its public address, or the bytes themselves."""
    return asset.url if asset.url is not None and _is_public(asset) else await data_uri(asset)


def _invalid(message: str, asset: Asset | None = None) -> BackendError:
    fault = Fault.UNKNOWN if asset is None else Fault.AUDIO if asset.role == "voice" else Fault.IMAGE
    return BackendError(Kind.INVALID, message, field="assets", fault=fault, charged=False)
