"""A fake of fal's queue, written from the providers' fact sheets (international §1.2, §8, §16) alone.

It shares no code with the adapter. A request that ended is COMPLETED whether it went well or not: only its result, an
HTTP error where the model failed, tells. Status, result and cancel drop an endpoint's sub-path.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S, RENDERED_S = 2.0, 12.0
SEED = bytes([1]) * 32
SEEDANCE = "prompt resolution duration aspect_ratio generate_audio seed"
H3 = "prompt prompt_expansion_mode duration resolution seed enable_safety_checker sync_mode"
# endpoint: (required fields, all fields)
ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "bytedance/seedance-2.0/text-to-video": ("prompt", SEEDANCE),
    "bytedance/seedance-2.0/image-to-video": ("prompt image_url", f"{SEEDANCE} image_url end_image_url"),
    "minimax/h3-max/image-to-video": ("prompt prompt_expansion_mode", f"{H3} image_url end_image_url"),
    "minimax/h3-max/reference-to-video": (
        "prompt prompt_expansion_mode",
        f"{H3} reference_image_urls reference_video_urls reference_audio_urls aspect_ratio",
    ),
    "fal-ai/kling-video/motion-control": (
        "image_url video_url character_orientation",
        "image_url video_url character_orientation keep_original_sound mode",
    ),
    "workflows/team/shot/variant": ("prompt", "prompt"),
}
HEADERS = {"x-fal-no-retry", "x-fal-object-lifecycle-preference", "x-fal-request-timeout", "x-fal-queue-priority"}
# scenario: (HTTP status of the result, its type, what it says, whose place it names)
FAILURES: Mapping[str, tuple[int, str, str, str]] = {
    "fail": (500, "internal_server_error", "The model failed.", ""),
    "downstream": (422, "downstream_service_error", "The model's provider failed.", ""),
    "moderation_output": (422, "content_policy_violation", "The content was flagged by a checker.", "prompt"),
    "moderation_picture": (422, "content_policy_violation", "The content was flagged by a checker.", "image_url"),
    "small_image": (422, "image_too_small", "The image is too small.", "image_url"),
    "runner": (503, "runner_disconnected", "The runner went away.", "infrastructure"),
}


@dataclass(slots=True)
class Queued:
    """One request in the queue."""

    id: str
    endpoint: str
    app: str
    body: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    results: int = 0

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class FalFake(Fake):
    """The queue, its content network and its published keys; ``key`` is what clients must present."""

    def __init__(self, *, key: str = "fake-id:fake-secret", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self._key = key
        self._private = Ed25519PrivateKey.from_private_bytes(SEED)
        self._requests_by_id: dict[str, Queued] = {}
        self.app.get("/.well-known/jwks.json")(self._jwks)
        self.app.get("/files/{request_id}.mp4")(self._file)
        self.app.get("/__fake/webhook/{request_id}")(self._webhook)
        self.app.get("/{app:path}/requests/{request_id}/status")(self._status_route)
        self.app.get("/{app:path}/requests/{request_id}")(self._result_route)
        self.app.put("/{app:path}/requests/{request_id}/cancel")(self._cancel)
        self.app.post("/{endpoint:path}")(self._submit)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every request."""
        return [{"request_id": one.id, "status": self._status(one)} for one in self._requests_by_id.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._requests_by_id[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"detail"}``: a list for what a model says, with ``error_type`` for what the platform says."""
        if refusal.status == 422:
            place = ["body", refusal.param] if refusal.param else ["body"]
            return {"detail": [{"loc": place, "msg": refusal.message, "type": refusal.code, "input": None}]}
        return {"detail": refusal.message, **({"error_type": refusal.code} if refusal.status >= 500 else {})}

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Key {self._key}":
            raise Refusal(401, "auth", f"Cannot authenticate {request.headers.get('authorization', 'nobody')}.")

    async def _submit(self, request: Request, endpoint: str) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        self._check(request, endpoint, body)
        scenario = self.scenario(str(body.get("prompt", "")))
        try:
            before_creating(request, scenario, self.clock.now(), self._key)
        except Refusal as refusal:
            raise _in_dialect(refusal) from None
        parts = endpoint.split("/")
        app = "/".join(parts[: 3 if parts[0] in {"workflows", "comfy"} else 2])
        one = Queued(str(uuid.uuid4()), endpoint, app, body, self.clock.now(), scenario)
        self._requests_by_id[one.id] = one
        return await after_creating(request, scenario) or plain(200, self._told(request, one))

    def _check(self, request: Request, endpoint: str, body: Any) -> None:
        if endpoint not in ENDPOINTS:
            raise Refusal(404, "not_found", f"Application '{endpoint[:80]}' not found")
        if set(request.query_params) - {"fal_webhook"}:
            raise Refusal(422, "extra_forbidden", "Unknown query parameter.")
        unknown = {name for name in request.headers if name.startswith("x-fal-")} - HEADERS
        if unknown:
            raise Refusal(422, "extra_forbidden", f"Unknown header {unknown.pop()}.")
        required, known = (set(one.split()) for one in ENDPOINTS[endpoint])
        for key in body:
            if key not in known:
                raise Refusal(422, "extra_forbidden", "Extra inputs are not permitted.", key)
        for key in sorted(required - set(body)):
            raise Refusal(422, "missing", "Field required.", key)
        wanted = str if endpoint.startswith("bytedance/") else int
        if not isinstance(body.get("duration", wanted()), wanted):
            raise Refusal(422, "enum", "The duration is of another type.", "duration")
        for key in ("image_url", "end_image_url", "video_url"):
            if key in body and not str(body[key]).startswith(("https://", "data:")):
                raise Refusal(422, "file_download_error", "The file could not be downloaded.", key)

    def _told(self, request: Request, one: Queued) -> dict[str, Any]:
        base = f"{request.url.scheme}://{request.url.netloc}/{one.app}/requests/{one.id}"
        if "foreign_places" in one.scenario:
            base = f"https://elsewhere.example/{one.app}/requests/{one.id}"
        return {
            "request_id": one.id,
            "gateway_request_id": one.id,
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
            "status": "IN_QUEUE",
            "queue_position": 0,
        }

    def _status(self, one: Queued) -> str:
        age = self.clock.now() - one.created
        if age < QUEUED_S:
            return "IN_QUEUE"
        if "unknown_status" in one.scenario:
            return "HIBERNATING"
        return "IN_PROGRESS" if age < one.duration or "stuck" in one.scenario else "COMPLETED"

    def _found(self, request: Request, app: str, request_id: str) -> Queued:
        self._authorise(request)
        one = self._requests_by_id.get(request_id)
        if one is None or one.app != app:
            raise Refusal(404, "not_found", "Request not found.")
        return one

    async def _status_route(self, request: Request, app: str, request_id: str) -> Response:
        one = self._found(request, app, request_id)
        one.polls += 1
        polling(request, one.scenario, one.polls)
        told: dict[str, Any] = {"status": self._status(one), "request_id": one.id}
        if told["status"] == "IN_QUEUE":
            told["queue_position"] = 0
        elif told["status"] == "COMPLETED":
            told |= {"logs": None, "metrics": {"inference_time": one.duration}}
            failed = next((FAILURES[name] for name in one.scenario if name in FAILURES), None)
            if failed:
                told |= {"error": failed[2], "error_type": failed[1]}
        return plain(200, told | ({"region": "eu"} if "extra_fields" in one.scenario else {}))

    async def _result_route(self, request: Request, app: str, request_id: str) -> Response:
        one = self._found(request, app, request_id)
        if self._status(one) != "COMPLETED":
            raise Refusal(400, "in_progress", "Request is still in progress")
        one.results += 1
        if "result_429" in one.scenario and one.results == 1:
            raise Refusal(429, "rate_limit_exceeded", "Rate limit reached.", **{"retry-after": "3"})
        if "result_down" in one.scenario and one.results == 1:
            return Response("<html>502</html>", 502, media_type="text/html")
        for name, (status, kind, words, place) in FAILURES.items():
            if name in one.scenario and place == "infrastructure":
                return plain(status, {"detail": words, "error_type": kind})
            if name in one.scenario:
                loc = ["body", place] if place else ["body"]
                return plain(status, {"detail": [{"loc": loc, "msg": words, "type": kind, "input": {}}]})
        url = f"http://localhost:{request.url.port}/files/{one.id}.mp4"
        file = {"url": url, "content_type": "video/mp4", "file_name": "output.mp4", "file_size": None}
        told = {"videos": [file]} if "several" in one.scenario else {"video": file, "seed": 7}
        return plain(200, told)

    async def _cancel(self, request: Request, app: str, request_id: str) -> Response:
        self._authorise(request)
        one = self._requests_by_id.get(request_id)
        if one is None or one.app != app:
            return plain(404, {"status": "NOT_FOUND"})
        if self._status(one) == "COMPLETED":
            return plain(400, {"status": "ALREADY_COMPLETED"})
        return plain(202, {"status": "CANCELLATION_REQUESTED"})

    async def _file(self, request: Request, request_id: str) -> Response:
        """The content network: anyone with the address, nobody with a key."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        one = self._requests_by_id.get(request_id)
        if one is None or "url_expired" in one.scenario:
            return Response("Not Found", 404)
        return downloading(request, one.scenario, await self._video(one), one.id)

    async def _video(self, one: Queued) -> bytes:
        return await result_video("180x320", float(one.body.get("duration", 5)))

    async def _jwks(self) -> dict[str, Any]:
        public = base64.urlsafe_b64encode(self._private.public_key().public_bytes_raw()).decode().rstrip("=")
        other = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
        return {"keys": [other, {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "1"}]}

    async def _webhook(self, request_id: str, form: str = "genuine") -> Response:
        """Return the delivery fal would make: ``genuine``, ``forged``, ``stale``, or of a ``failed`` request."""
        told: dict[str, Any] = {"request_id": request_id, "gateway_request_id": request_id, "status": "OK"}
        told |= {"status": "ERROR", "error": "Failed"} if form == "failed" else {"payload": {"seed": 7}}
        body = json.dumps(told)
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        headers = sign(request_id, "user", stamp, body.encode(), self._private)
        if form == "forged":
            headers["X-Fal-Webhook-Signature"] = headers["X-Fal-Webhook-Signature"][::-1]
        return plain(200, {"headers": headers, "body": body})


def sign(request: str, user: str, stamp: str, body: bytes, key: Ed25519PrivateKey) -> dict[str, str]:
    """Return the headers of a delivery."""
    message = "\n".join([request, user, stamp, hashlib.sha256(body).hexdigest()]).encode()
    return {
        "X-Fal-Webhook-Request-Id": request,
        "X-Fal-Webhook-User-Id": user,
        "X-Fal-Webhook-Timestamp": stamp,
        "X-Fal-Webhook-Signature": key.sign(message).hex(),
    }


def _in_dialect(refusal: Refusal) -> Refusal:
    """Return a shared fault as fal says it."""
    if refusal.code in {"payment_required", "insufficient_quota"}:
        return Refusal(403, "forbidden", "User is locked. Reason: Exhausted balance.")
    if refusal.code == "moderation_blocked":
        place = "image_url" if refusal.param == "input_reference" else "prompt"
        return Refusal(422, "content_policy_violation", refusal.message, place)
    if refusal.code == "invalid_value":
        return Refusal(422, "enum", refusal.message, "resolution")
    return refusal


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``FalFake`` for the arguments."""
    return FalFake(**arguments).app
